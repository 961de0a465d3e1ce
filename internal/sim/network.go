package sim

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"brevdue"
	"brevdue/kalender"
	"brevdue/medcom"
	"brevdue/receipt"
	"brevdue/vans"
)

// Network carries files between the folders of installations, as a VANS operator
// does: by the receiver's location number, never looking at the letter itself. A
// letter to a number nobody has is answered with CTL01 or XCTL01.
type Network struct {
	Delay time.Duration // how long a file is under way, in real time
	Now   func() time.Time
	Log   *slog.Logger

	mu     sync.Mutex
	routes map[brevdue.GLN]string // location number to the folder its letters go in
	outs   []string               // folders letters come from
	serial int
	twice  int // deliver this many of the next letters a second time
	moved  int
}

// Join connects an installation: its out folder is emptied, and letters to its
// numbers are put in its in folder.
func (n *Network) Join(in, out string, numbers ...brevdue.GLN) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.routes == nil {
		n.routes = map[brevdue.GLN]string{}
	}
	for _, gln := range numbers {
		n.routes[gln] = in
	}
	n.outs = append(n.outs, out)
}

// Twice makes the network deliver the next letter a second time.
func (n *Network) Twice() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.twice++
}

// Moved returns how many files were carried.
func (n *Network) Moved() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.moved
}

// Run carries files until the context ends.
func (n *Network) Run(ctx context.Context) {
	for {
		n.round(ctx, n.Delay)
		select {
		case <-ctx.Done():
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// round carries every file that has been under way for so long.
func (n *Network) round(ctx context.Context, delay time.Duration) {
	for _, out := range n.outs {
		n.empty(ctx, out, delay)
	}
}

func (n *Network) empty(ctx context.Context, out string, delay time.Duration) {
	entries, err := os.ReadDir(out)
	if err != nil {
		n.Log.Error("network folder cannot be read", "error", err)
		return
	}
	for _, e := range entries {
		if ctx.Err() != nil || e.IsDir() || strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), ".tmp") {
			continue
		}
		path := filepath.Join(out, e.Name())
		info, err := e.Info()
		if err != nil || time.Since(info.ModTime()) < delay {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			continue // it is taken at the next round
		}
		if err := n.carry(data); err != nil {
			n.Log.Error("a file could not be carried", "error", err)
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			n.Log.Error("a carried file could not be removed", "error", err)
		}
	}
}

// Put delivers bytes as if somebody outside had sent them.
func (n *Network) Put(data []byte) error { return n.carry(data) }

// PutTo delivers bytes to the installation of a number, whatever they say.
func (n *Network) PutTo(gln brevdue.GLN, data []byte) error {
	n.mu.Lock()
	in, ok := n.routes[gln]
	n.mu.Unlock()
	if !ok {
		return fmt.Errorf("no installation has %s", gln)
	}
	return n.drop(in, data)
}

// carry puts a file where its receiver is.
func (n *Network) carry(data []byte) error {
	to, kind := receiverOf(data)
	n.mu.Lock()
	in, known := n.routes[to]
	again := known && !kind.IsReceipt() && n.twice > 0
	if again {
		n.twice--
	}
	n.moved++
	n.mu.Unlock()
	if !known {
		return n.refuse(data, kind)
	}
	if err := n.drop(in, data); err != nil || !again {
		return err
	}
	return n.drop(in, data)
}

// refuse answers what cannot be delivered. Receipts to nobody are dropped: a
// receipt is never answered.
func (n *Network) refuse(data []byte, kind brevdue.Kind) error {
	if kind.IsReceipt() {
		return nil
	}
	original, ok := receipt.OriginalOf(data)
	if !ok {
		return nil
	}
	n.mu.Lock()
	n.serial++
	ids := receipt.IDs{Envelope: fmt.Sprintf("NET%011d", n.serial), Letter: fmt.Sprintf("NEB%011d", n.serial)}
	n.mu.Unlock()
	m := receipt.Build(original, receipt.Verdict{
		Outcome: brevdue.NegativeVANS, Code: brevdue.RefuseUnknownLocation, Text: "Lokationsnummeret er ukendt på nettet.",
	}, ids, kalender.LocalOf(n.Now()))
	answer, findings := receipt.Encode(m, m.Kind)
	if brevdue.HasErrors(findings) {
		return fmt.Errorf("the network's answer cannot be written: %s", findings[0].TextEN)
	}
	return n.carry(answer)
}

// drop puts bytes in a folder whole: a temporary name first.
func (n *Network) drop(in string, data []byte) error {
	n.mu.Lock()
	n.serial++
	name := fmt.Sprintf("n%08d", n.serial)
	n.mu.Unlock()
	tmp := filepath.Join(in, "."+name)
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(in, name+".txt"))
}

// receiverOf reads the address of a message, whatever is around it.
func receiverOf(data []byte) (to brevdue.GLN, kind brevdue.Kind) {
	t := medcom.Sniff(data)
	switch {
	case t.Format == brevdue.VANS:
		e, _ := vans.Read(data)
		if e.Message == nil {
			return brevdue.GLN(e.Receiver.ID), brevdue.XCTL03 // the envelope's own receipt
		}
		return brevdue.GLN(e.Receiver.ID), e.Message.Meta.Document.Kind()
	case t.Kind.IsReceipt():
		m, _ := receipt.Read(data)
		return m.Envelope.Receiver, t.Kind
	}
	original, _ := receipt.OriginalOf(data)
	return original.Envelope.Receiver, t.Kind
}

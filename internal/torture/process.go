package torture

import (
	"bufio"
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"brevdue/internal/gateway"
)

// process is a running installation.
type process struct {
	cmd   *exec.Cmd
	ended chan error
}

// fate draws what happens to the next process of a side: the flags it is started
// with, and how long it lives at most.
//
// With a broken order of commits they die where it shows: a receipt that left before
// the commit is built anew afterwards, and is another one unless the minute is the same.
func (n *node) fate(life int, premature bool) (flags []string, patience time.Duration) {
	patience = 150*time.Millisecond + time.Duration(n.rng.IntN(1500))*time.Millisecond
	if life == 0 {
		patience += time.Second // to have something to lose
	}
	if premature {
		return []string{"--die", gateway.Before(gateway.PointOpened), "--die-nth", strconv.Itoa(1 + n.rng.IntN(10))}, patience + 3*time.Second
	}
	if n.rng.IntN(2) == 0 {
		points := gateway.Points()
		point := points[n.rng.IntN(len(points))]
		moment := gateway.Before(point)
		if n.rng.IntN(2) == 0 {
			moment = gateway.After(point)
		}
		flags = append(flags, "--die", moment, "--die-nth", strconv.Itoa(1+n.rng.IntN(30)))
		patience += 3 * time.Second
	}
	if n.rng.IntN(12) == 0 {
		flags = append(flags, "--full")
	}
	// A disk that is slow: every commit takes its time, and everybody waits for it.
	if n.rng.IntN(8) == 0 {
		flags = append(flags, "--slow")
		patience += time.Second
	}
	// A clock that is wrong, or was put right.
	if n.rng.IntN(6) == 0 {
		flags = append(flags, "--clock="+(time.Duration(n.rng.IntN(30)-15)*time.Minute).String())
	}
	return flags, patience
}

// start starts a process of a side.
func (t *torture) start(n *node, flags []string) (*process, error) {
	n.mu.Lock()
	n.quiet = 0
	n.mu.Unlock()
	args := append([]string{}, t.Program[1:]...)
	args = append(args, "--dir", filepath.Join(t.Dir, sides[n.side]), "--side", strconv.Itoa(n.side), "--letters", strconv.Itoa(t.Letters/2),
		"--began", strconv.FormatInt(t.began.UnixMilli(), 10), "--from", strconv.Itoa(n.told()), "--share", strconv.Itoa(t.share()))
	if t.Premature {
		args = append(args, "--premature")
	}
	t.mu.Lock()
	if slices.Contains(flags, "--full") {
		t.report.Full++
	}
	if slices.Contains(flags, "--slow") {
		t.report.Slow++
	}
	t.mu.Unlock()
	cmd := exec.Command(t.Program[0], append(args, flags...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	// The process ends when this program does: it reads until its input ends.
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, ended: make(chan error, 1)}
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			n.hear(lines.Text())
		}
		err := cmd.Wait()
		in.Close()
		if cmd.ProcessState.Exited() && !cmd.ProcessState.Success() && err != nil {
			err = fmt.Errorf("%w: %.2000s", err, said.String())
		}
		p.ended <- err
	}()
	return p, nil
}

// share is how many letters people write during one life of a process, so that there
// is something to lose until the last kill; 0 for as many as they can.
func (t *torture) share() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.Kills == 0 || t.report.Kills >= t.Kills {
		return 0
	}
	return t.Letters/t.Kills + 1
}

// hear takes down what a process says.
func (n *node) hear(line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	what, rest, _ := strings.Cut(line, " ")
	switch what {
	case "said": // a person was told that the letter is on its way
		n.said[rest] = true
	case "done":
		n.done = true
	case "quiet":
		n.quiet++
	case "busy":
		n.quiet = 0
	}
}

// told is how many letters people were told of; they are written one after the other.
func (n *node) told() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.said)
}

// rests tells that nothing was left to do for a while.
func (n *node) rests() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.quiet >= 2
}

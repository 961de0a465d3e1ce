package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/audit"
	"brevdue/internal/pgtest"
	"brevdue/internal/store"
	"brevdue/internal/store/postgres"
	"brevdue/medcom"
)

// TestRollingUpgrade (F76): two nodes of the version before the newest migration are
// replaced one by one while letters come. BREVDUE_PREVIOUS is that version's program;
// ./check builds it from the history of this repository.
func TestRollingUpgrade(t *testing.T) {
	previous := os.Getenv("BREVDUE_PREVIOUS")
	if previous == "" {
		t.Skip("BREVDUE_PREVIOUS names no program of the version before: the upgrade of nodes one by one is not tried here")
	}
	address := pgtest.Database(t)
	current := filepath.Join(t.TempDir(), "brevdue")
	if out, err := exec.Command("go", "build", "-o", current, "brevdue/cmd/brevdue").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r := &rolling{t: t, dir: filepath.Join(t.TempDir(), "data"), unit: "5790000000005"}
	if out, err := exec.Command(previous, "init", "--unit", r.unit+"=municipal-health:Hjemmesygeplejen", "--database", address, "--gyldig-fra", "2026-01-01", r.dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	a, b := r.start(previous), r.start(previous)
	r.drop(40)
	r.answered(40)
	a.stop()
	r.drop(40)
	a = r.start(current) // brings the tables up to date; b goes on on them
	r.drop(40)
	r.answered(120)
	b.stop()
	if out := r.refused(previous); !strings.Contains(out, "newer Brevdue") {
		t.Errorf("the version before starts again, or does not say why not: %s", out)
	}
	r.drop(40)
	b = r.start(current)
	r.drop(40)
	r.answered(200)
	st, err := postgres.Open(t.Context(), address, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	a.stop()
	r.eventually("what the version before wrote can be searched as well", func() bool {
		n := 0
		err := st.View(t.Context(), func(tx store.Tx) error {
			rows, err := tx.Letters().Search(t.Context(), brevdue.GLN(r.unit), store.Search{Text: "prøvetekst berg", Limit: 1000})
			n = len(rows)
			return err
		})
		return err == nil && n == 200
	})
	b.stop()

	err = st.View(t.Context(), func(tx store.Tx) error {
		total, err := tx.Letters().Total(t.Context())
		if err != nil {
			return err
		}
		dead, err := tx.Jobs().Count(t.Context(), store.JobDead)
		if err != nil {
			return err
		}
		if total != 200 || dead != 0 {
			t.Errorf("%d letters of 200, %d jobs given up", total, dead)
		}
		if _, at, err := audit.Verify(t.Context(), tx); err != nil || at != 0 {
			t.Errorf("the chain of the audit log is broken at %d: %v", at, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rolling is an installation whose nodes are processes.
type rolling struct {
	t       *testing.T
	dir     string
	unit    string
	dropped int
}

// member is one process.
type member struct {
	t   *testing.T
	cmd *exec.Cmd
	log *bytes.Buffer
}

// start starts a node and waits until it is ready.
func (r *rolling) start(program string) *member {
	r.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	m := &member{t: r.t, cmd: exec.Command(program, "serve", "--data", r.dir, "--listen", address), log: &bytes.Buffer{}}
	m.cmd.Stderr = m.log
	if err := m.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = m.cmd.Process.Kill() })
	r.eventually("a node is ready", func() bool {
		ctx, cancel := context.WithTimeout(r.t.Context(), time.Second)
		defer cancel()
		q, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
		if err != nil {
			return false
		}
		answer, err := http.DefaultClient.Do(q)
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return m
}

// stop ends it in order.
func (m *member) stop() {
	m.t.Helper()
	if err := m.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		m.t.Fatal(err)
	}
	if err := m.cmd.Wait(); err != nil {
		m.t.Errorf("a node ended with %v:\n%s", err, m.log)
	}
}

// refused starts a node that must not start, and returns what it said.
func (r *rolling) refused(program string) string {
	out, err := exec.Command(program, "serve", "--data", r.dir, "--listen", "127.0.0.1:0").CombinedOutput()
	if err == nil {
		r.t.Error("it ran")
	}
	return string(out)
}

// drop puts n letters into the network folder.
func (r *rolling) drop(n int) {
	r.t.Helper()
	for range n {
		r.dropped++
		l := brevdue.Letter{ID: fmt.Sprintf("B%09d", r.dropped), StatisticalCode: "XDIS91", Authorised: "2026-11-24T09:40", Status: brevdue.NewLetter, Subject: "Medicin",
			Sender:   brevdue.Party{GLN: "5790000120420", ID: "5790000120420", IDCode: brevdue.IDLocation, Organisation: "Afsenderhospitalet", Phone: "79990001"},
			Receiver: brevdue.Party{GLN: brevdue.GLN(r.unit), ID: r.unit, IDCode: brevdue.IDLocation, Organisation: "Modtageren"},
			Patient:  brevdue.Patient{CPR: "2512489996", Surname: "Berggren", Given: "Nancy Ann Test", Episode: brevdue.EpisodeInpatient},
			Segments: []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText("Prøvetekst")}}}}
		data, findings := medcom.Encode(medcom.Message{Kind: brevdue.XDIS91, Letters: []brevdue.Letter{l}, Envelope: brevdue.Envelope{ID: fmt.Sprintf("K%09d", r.dropped), Sent: "2026-11-24T09:40",
			Sender: l.Sender.GLN, Receiver: l.Receiver.GLN, WantsReceipt: true}}, brevdue.XDIS91)
		if brevdue.HasErrors(findings) {
			r.t.Fatal(findings)
		}
		if err := os.WriteFile(filepath.Join(r.dir, "network", "in", fmt.Sprintf("%05d.xml", r.dropped)), data, 0o600); err != nil {
			r.t.Fatal(err)
		}
	}
}

// answered waits until so many positive receipts lie in the network folder.
func (r *rolling) answered(n int) {
	r.t.Helper()
	r.eventually(fmt.Sprintf("%d receipts", n), func() bool {
		files, err := filepath.Glob(filepath.Join(r.dir, "network", "out", "XCTL03-*"))
		if err != nil {
			r.t.Fatal(err)
		}
		return len(files) == n
	})
}

func (r *rolling) eventually(what string, ok func() bool) {
	r.t.Helper()
	for end := time.Now().Add(60 * time.Second); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			r.t.Fatalf("waited in vain for: %s", what)
		}
	}
}

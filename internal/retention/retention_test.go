package retention_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/audit"
	"brevdue/internal/gateway"
	"brevdue/internal/retention"
	"brevdue/internal/store"
	"brevdue/internal/store/sqlite"
	"brevdue/internal/store/storetest"
)

// TestMain is also the program that is killed: with an archive and a step in the
// environment it applies the rules and ends itself there, as a power cut would.
func TestMain(m *testing.M) {
	path, step := os.Getenv("BREVDUE_RETENTION_ARCHIVE"), os.Getenv("BREVDUE_RETENTION_KILL")
	if path == "" {
		os.Exit(m.Run())
	}
	s, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		panic(err)
	}
	me, err := os.FindProcess(os.Getpid())
	if err != nil {
		panic(err)
	}
	_, err = keeper(s, rules(), func(done string) {
		if done == step {
			_ = me.Kill()
			select {} // until it comes
		}
	}).Run(context.Background())
	panic(fmt.Sprint("not killed: ", err))
}

var now = time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC)

const ours, theirs, other = brevdue.GLN("5799999000010"), brevdue.GLN("5799999000119"), brevdue.GLN("5799999000027")

// rules keep content for 30 days.
func rules() retention.Rules { return retention.Rules{Content: 30} }

func keeper(s store.Store, r retention.Rules, hook func(string)) *retention.Keeper {
	return retention.New(retention.Config{Store: s, Rules: r, Now: func() time.Time { return now }, Print: gateway.Print, Hook: hook})
}

// What must be gone, and what must be there, of the two test persons.
var (
	secrets = []string{"0104909989", "010490-9989", "Mosebryggersen", "Fortrolig", "hemmeligsted"}
	living  = []string{"0107729995", "Berggren", "Levende", "granskoven"}
)

// house is an archive with letters in every state.
type house struct {
	t   *testing.T
	ctx context.Context
	s   store.Store
	n   int
}

func (h *house) update(f func(store.Tx) error) {
	h.t.Helper()
	if err := h.s.Update(h.ctx, f); err != nil {
		h.t.Fatal(err)
	}
}

// letter keeps a letter with everything that can hang on it, and lets it be worked on, so
// that rows move about in the file.
func (h *house) letter(unit brevdue.GLN, direction store.Direction, status brevdue.Status, days int, person int) (id int64) {
	h.t.Helper()
	h.n++
	cpr, name, text := brevdue.CPR("0104909989"), "Mosebryggersen", "Fortrolig prøvetekst. "
	place := "HEMMELIGSTED" // small in the index of words alone
	if person == 2 {
		cpr, name, text = "0107729995", "Berggren", "Levende prøvetekst. "
		place = "GRANSKOVEN"
	}
	at := now.AddDate(0, 0, -days)
	body := brevdue.Letter{ID: fmt.Sprintf("B%d", h.n), Version: "XD9134L", Status: brevdue.NewLetter, Subject: "Medicin", Sender: brevdue.Party{GLN: theirs, Organisation: "Prøvekøbing Kommune"},
		Receiver: brevdue.Party{GLN: unit, Organisation: "Prøvehospitalet"}, Patient: brevdue.Patient{CPR: cpr, Given: "Torre Test", Surname: name, Episode: brevdue.EpisodeInpatient},
		Segments: []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText(strings.Repeat(text, 400) + place)}}}}
	if direction == store.Out {
		body.Sender, body.Receiver = body.Receiver, body.Sender
	}
	l := &store.Letter{Direction: direction, Unit: unit, Status: status, Format: brevdue.OIOXML, Kind: brevdue.XDIS91, Envelope: brevdue.Envelope{ID: fmt.Sprintf("K%d", h.n), Sender: theirs, Receiver: unit},
		Body: body, Group: "Medicin", Sent: at, Arrived: at, Note: "Afvist: " + text + name, Record: &store.Record{Basis: &store.Basis{Weighing: text + name}},
		Findings: []brevdue.Finding{{Rule: "X", Text: name}}}
	h.update(func(tx store.Tx) (err error) {
		bytes := fmt.Sprintf("<brev nr=%d>%s %s %s</brev>", h.n, cpr.Reveal(), name, strings.Repeat(text, 500))
		sha, err := tx.Originals().Put(h.ctx, []byte(bytes), at)
		if err != nil {
			return err
		}
		receipt := &store.StoredReceipt{Direction: store.Out, Outcome: brevdue.Positive, Kind: brevdue.XCTL03, Envelope: "R" + l.Envelope.ID, Other: theirs, Original: l.Envelope.ID, At: at}
		answer := "<kvittering for=" + l.Envelope.ID + "/>"
		if direction == store.In {
			l.Original = sha
			if l.Arrival, err = tx.Arrivals().Add(h.ctx, store.Arrival{SHA: sha, Network: "folder", At: at, State: store.ArrivalOpened, Findings: l.Findings}); err != nil {
				return err
			}
			receipt.Arrival = l.Arrival
		} else {
			receipt.Direction, receipt.Outcome, answer = store.In, brevdue.Negative, "<kvittering>"+text+name+"</kvittering>"
		}
		if id, err = tx.Letters().Insert(h.ctx, l); err != nil {
			return err
		}
		if direction == store.Out {
			if err := tx.Attempts().Add(h.ctx, store.Attempt{Letter: id, N: 1, Envelope: l.Envelope.ID, SHA: sha, At: at}); err != nil {
				return err
			}
			if err := tx.Letters().SetSent(h.ctx, id, l.Envelope, l.Format, l.Kind, sha); err != nil {
				return err
			}
		}
		if receipt.SHA, err = tx.Originals().Put(h.ctx, []byte(answer), at); err != nil {
			return err
		}
		if receipt.ID, err = tx.Receipts().Insert(h.ctx, receipt); err != nil {
			return err
		}
		if err := tx.Receipts().Link(h.ctx, receipt.ID, id); err != nil {
			return err
		}
		// A copy that came later, and a file.
		copied, err := tx.Originals().Put(h.ctx, []byte(bytes+"<kopi/>"), at)
		if err != nil {
			return err
		}
		file := store.Object{Unit: unit, Sender: theirs, MessageID: fmt.Sprintf("M%d", h.n), Key: fmt.Sprintf("o%d", h.n), Code: "tekstfil", Extension: "txt", Size: 9, Patient: cpr, At: at}
		if file.SHA, err = tx.Originals().Put(h.ctx, []byte(fmt.Sprintf("fil %d %s%s", h.n, strings.Repeat(text, 300), name)), at); err != nil {
			return err
		}
		message, err := tx.Originals().Put(h.ctx, []byte(fmt.Sprintf("<bilag nr=%d>%s</bilag>", h.n, name)), at)
		if err != nil {
			return err
		}
		if file.Arrival, err = tx.Arrivals().Add(h.ctx, store.Arrival{SHA: message, At: at, State: store.ArrivalOpened}); err != nil {
			return err
		}
		if _, err := tx.Objects().Add(h.ctx, file); err != nil {
			return err
		}
		for _, e := range []store.Event{{At: at, What: "duplicate", SHA: copied}, {At: at, What: "rejected", Detail: text + name}, {At: at, What: "resent", Who: "Anne", Detail: name}} {
			if err := tx.Letters().AddEvent(h.ctx, id, e); err != nil {
				return err
			}
		}
		if err := tx.UnitFacts().PutServices(h.ctx, store.Services{Unit: unit, Citizen: cpr, Value: "yes", By: "Anne", At: at}); err != nil {
			return err
		}
		task, err := tx.Tasks().Add(h.ctx, store.Task{Unit: unit, Letter: id, Kind: store.TaskInform, Due: at, At: at})
		if err != nil {
			return err
		}
		if err := tx.Tasks().Done(h.ctx, task, at, "Anne", name); err != nil {
			return err
		}
		if err := tx.Objects().Refer(h.ctx, id, unit, theirs, file.Key); err != nil {
			return err
		}
		if _, err := tx.Notes().Add(h.ctx, store.NewNote{Letter: id, Unit: unit, User: 1, Name: "Anne", At: at, Text: text + name, Mentions: []int64{2}}); err != nil {
			return err
		}
		if direction == store.Out {
			if err := h.enclose(tx, id, file.SHA, name, at); err != nil {
				return err
			}
		}
		if status == brevdue.Read || status == brevdue.Answered || status == brevdue.Delivered {
			if err := tx.Journals().Put(h.ctx, id, store.Journal{At: at, By: "Anne"}); err != nil {
				return err
			}
		}
		return audit.Append(h.ctx, tx, audit.Entry{At: at, Actor: "system", Action: "letter.received", Unit: unit, Letter: id})
	})
	for range 3 {
		h.update(func(tx store.Tx) error {
			if status == brevdue.Read || status == brevdue.Answered {
				if err := tx.Letters().MarkRead(h.ctx, id, at, "Anne"); err != nil {
					return err
				}
			}
			if err := tx.Letters().SetNote(h.ctx, id, l.Note+strings.Repeat("x", int(id))); err != nil {
				return err
			}
			return tx.Letters().SetTeam(h.ctx, id, strings.Repeat("Nord", int(id)))
		})
	}
	return id
}

// enclose lets two files go with a letter of ours, one of which was received, and keeps the
// message that carried them.
func (h *house) enclose(tx store.Tx, letter int64, received, name string, at time.Time) error {
	own, err := tx.Originals().Put(h.ctx, []byte(fmt.Sprintf("vedlagt %d om %s", letter, name)), at)
	if err != nil {
		return err
	}
	for n, sha := range []string{own, received} {
		if err := tx.Files().Enclose(h.ctx, store.Enclosure{Letter: letter, N: n, ObjectID: fmt.Sprint(letter, n), Code: "tekstfil", Extension: "txt", SHA: sha}); err != nil {
			return err
		}
	}
	message, err := tx.Originals().Put(h.ctx, []byte(fmt.Sprintf("<filer nr=%d>%s</filer>", letter, name)), at)
	if err != nil {
		return err
	}
	return tx.Files().Start(h.ctx, store.FileMessage{Letter: letter, Message: fmt.Sprint("F", letter), Envelope: fmt.Sprint("FK", letter), Kind: brevdue.XBIN01, SHA: message, At: at})
}

// grown fills an archive; the ids are of a letter that is held and of one that lives.
func grown(t *testing.T, path string, held bool) (h *house, heldID, livingID int64) {
	t.Helper()
	s := open(t, path)
	h = &house{t: t, ctx: t.Context(), s: s}
	h.update(func(tx store.Tx) error { return tx.Units().Put(h.ctx, store.Unit{GLN: ours, Name: "Klinik"}) })
	for range 5 {
		h.letter(ours, store.In, brevdue.Read, 40, 1)
		h.letter(ours, store.Out, brevdue.Delivered, 50, 1)
		h.letter(ours, store.In, brevdue.Refused, 60, 1)
	}
	livingID = h.letter(ours, store.In, brevdue.Read, 20, 2)
	h.letter(ours, store.In, brevdue.Unread, 400, 2)
	h.letter(ours, store.Out, brevdue.Unconfirmed, 400, 2)
	if held {
		heldID = h.letter(other, store.In, brevdue.Read, 90, 2)
		h.update(func(tx store.Tx) error {
			return tx.Retention().Hold(h.ctx, store.Hold{Letter: heldID, Reason: "klagesag", By: "Revi", At: now})
		})
	}
	return h, heldID, livingID
}

func open(t *testing.T, path string) store.Store {
	t.Helper()
	s, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// inFile tells which of the words a file holds; a file that is not there holds none.
func inFile(t *testing.T, path string, words []string) (found []string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, w := range words {
		if bytes.Contains(data, []byte(w)) {
			found = append(found, w)
		}
	}
	return found
}

// gone fails when the archive's files or a fresh copy of it hold anything of the citizen,
// or have lost what must stay.
func gone(t *testing.T, path string) {
	t.Helper()
	if err := sqlite.Copy(t.Context(), path, nil, path+".copy", nil); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{path, path + "-wal", path + ".copy"} {
		if found := inFile(t, file, secrets); len(found) > 0 {
			t.Errorf("%s still holds %q", filepath.Base(file), found)
		}
	}
	if found := inFile(t, path+".copy", living); len(found) != len(living) {
		t.Errorf("of the others only %q is left", found)
	}
}

// After a run nothing of a letter's text, its citizen's name or number is in the file, the
// log beside it, or a fresh backup; what is held or at work is there whole.
func TestNothingIsLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "brevdue.db")
	h, held, alive := grown(t, path, true)
	if found := slices.Concat(inFile(t, path, secrets), inFile(t, path+"-wal", secrets)); len(found) < 3 || !slices.Contains(found, "hemmeligsted") {
		t.Fatalf("the files hold only %q before", found)
	}
	k := keeper(h.s, rules(), nil)
	plan, err := k.Plan(h.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if want := []retention.Count{{Unit: ours, Days: 30, Clear: 15, Working: 2, Waiting: 1}, {Unit: other, Days: 30, Held: 1}}; !slices.Equal(plan.Units, want) {
		t.Errorf("planned %+v, want %+v", plan.Units, want)
	}
	if found := slices.Concat(inFile(t, path, secrets), inFile(t, path+"-wal", secrets)); len(found) < 3 {
		t.Error("a plan has deleted something")
	}
	did, err := k.Run(h.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(did.Units, plan.Units) || did.Erased < 60 {
		t.Errorf("planned %+v, did %+v", plan, did)
	}
	gone(t, path)
	again, err := k.Run(h.ctx)
	if err != nil || again.Cleared() != 0 || again.Erased != 0 {
		t.Errorf("once more: %+v, %v", again, err)
	}
	if err := h.s.View(h.ctx, func(tx store.Tx) error {
		l, err := tx.Letters().Get(h.ctx, 1)
		if err != nil || l.Body.Subject != "Medicin" || l.Body.ID != "B1" || l.Body.Sender.GLN != theirs || l.ReadBy != "Anne" || l.Original != "" || len(l.Body.Segments) != 0 {
			t.Errorf("what stays of a letter: %+v, %v", l, err)
		}
		for _, id := range []int64{held, alive} {
			l, err := tx.Letters().Get(h.ctx, id)
			if err != nil || l.Body.Patient.Surname != "Berggren" || len(l.Body.Segments) != 1 {
				t.Errorf("letter %d: %v, %v", id, l, err)
				continue
			}
			if data, err := tx.Originals().Get(h.ctx, l.Original); err != nil || len(data) == 0 {
				t.Errorf("the bytes of letter %d: %d, %v", id, len(data), err)
			}
		}
		c, err := tx.Retention().Cleared(h.ctx, 1)
		if err != nil || c.Days != 30 || !c.At.Equal(now) || len(c.Print) != 64 {
			t.Errorf("%+v, %v", c, err)
		}
		if _, broken, err := audit.Verify(h.ctx, tx); broken != 0 || err != nil {
			t.Errorf("the chain is broken at %d, %v", broken, err)
		}
		entries, err := tx.Audit().Search(h.ctx, store.AuditQuery{Action: "letter.cleared"})
		if err != nil || len(entries) != 15 || entries[0].Detail != "after 30 days" || entries[0].Unit != ours {
			t.Errorf("%d letters are on record, %v", len(entries), err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// Killed after any step, the next run ends what was begun.
func TestKilledAndRunAgain(t *testing.T) {
	for _, step := range []string{"letter", "spared", "bytes", "erased", "merge"} {
		t.Run(step, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "brevdue.db")
			h, _, _ := grown(t, path, false)
			if err := h.s.Close(); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), "BREVDUE_RETENTION_ARCHIVE="+path, "BREVDUE_RETENTION_KILL="+step)
			if out, err := cmd.CombinedOutput(); err == nil || bytes.Contains(out, []byte("panic")) {
				t.Fatalf("%v: %s", err, out)
			}
			s := open(t, path)
			if _, err := keeper(s, rules(), nil).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			gone(t, path)
			if err := s.View(t.Context(), func(tx store.Tx) error {
				_, broken, err := audit.Verify(t.Context(), tx)
				if broken != 0 {
					t.Errorf("the chain is broken at %d", broken)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// The same bytes can be a letter one unit sent and another received: they stay until
// both are cleared. Bytes that come again meanwhile are kept.
func TestBytesThatAreNeeded(t *testing.T) {
	s := storetest.Open(t, filepath.Join(t.TempDir(), "brevdue.db"))
	t.Cleanup(func() { s.Close() })
	h := &house{t: t, ctx: t.Context(), s: s}
	in := h.letter(ours, store.In, brevdue.Read, 40, 1)
	out := h.letter(ours, store.Out, brevdue.Sent, 40, 1)
	var sha string
	h.update(func(tx store.Tx) error {
		l, err := tx.Letters().Get(h.ctx, in)
		if err != nil {
			return err
		}
		sha = l.Original
		return tx.Attempts().Add(h.ctx, store.Attempt{Letter: out, N: 2, Envelope: "K99", SHA: sha, At: now})
	})
	size := func() (n int) {
		err := s.View(h.ctx, func(tx store.Tx) error {
			data, err := tx.Originals().Get(h.ctx, sha)
			n = len(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	run := func(hook func(string)) {
		t.Helper()
		if _, err := keeper(s, rules(), hook).Run(h.ctx); err != nil {
			t.Fatal(err)
		}
	}
	if run(nil); size() == 0 {
		t.Fatal("bytes of a letter on its way are gone")
	}
	h.update(func(tx store.Tx) error {
		if err := tx.Journals().Put(h.ctx, out, store.Journal{At: now.AddDate(0, 0, -40), By: "Anne"}); err != nil {
			return err
		}
		return tx.Letters().Move(h.ctx, out, brevdue.Sent, brevdue.Delivered)
	})
	whole := []byte(nil)
	run(func(step string) {
		if step == "spared" { // they come once more, just before they go
			h.update(func(tx store.Tx) (err error) {
				if whole, err = tx.Originals().Get(h.ctx, sha); err != nil {
					return err
				}
				_, err = tx.Originals().Put(h.ctx, whole, now)
				return err
			})
		}
	})
	if size() == 0 {
		t.Fatal("bytes that came again are gone")
	}
	h.update(func(tx store.Tx) error { return tx.Retention().Mark(h.ctx, sha) })
	if run(nil); size() != 0 {
		t.Fatal("bytes nobody needs are there")
	}
	h.update(func(tx store.Tx) error { _, err := tx.Originals().Put(h.ctx, whole, now); return err })
	if size() != len(whole) {
		t.Errorf("%d bytes came back, want %d", size(), len(whole))
	}
}

// What is left of a letter goes later, the oldest lines of the log later still; the chain
// begins behind them, and what is held stays.
func TestMetadataAndLog(t *testing.T) {
	s := storetest.Open(t, filepath.Join(t.TempDir(), "brevdue.db"))
	t.Cleanup(func() { s.Close() })
	h := &house{t: t, ctx: t.Context(), s: s}
	old := h.letter(ours, store.In, brevdue.Read, 700, 1)
	held := h.letter(ours, store.In, brevdue.Read, 690, 1)
	own := h.letter(other, store.In, brevdue.Read, 600, 1)
	kept := h.letter(theirs, store.In, brevdue.Read, 20, 2)
	h.update(func(tx store.Tx) error {
		return tx.Retention().Clear(h.ctx, store.Cleared{Letter: held, At: now.AddDate(0, 0, -500), Days: 30})
	})
	h.update(func(tx store.Tx) error {
		return tx.Retention().Hold(h.ctx, store.Hold{Letter: held, Reason: "klagesag", By: "Revi", At: now})
	})
	r := retention.Rules{Content: 30, Metadata: 365, Log: 396, Units: map[brevdue.GLN]int{other: 0}}
	did, err := keeper(s, r, nil).Run(h.ctx)
	if err != nil || did.Cleared() != 1 || did.Forgotten() != 0 || did.Lines != 3 {
		t.Fatalf("%+v, %v", did, err)
	}
	h.update(func(tx store.Tx) error { return tx.Retention().Release(h.ctx, held) })
	did, err = keeper(s, r, nil).Run(h.ctx)
	if err != nil || did.Forgotten() != 1 {
		t.Fatalf("%+v, %v", did, err)
	}
	if err := s.View(h.ctx, func(tx store.Tx) error {
		if _, err := tx.Letters().Get(h.ctx, held); !errors.Is(err, brevdue.ErrNotFound) {
			t.Errorf("a forgotten letter: %v", err)
		}
		for _, id := range []int64{old, own, kept} {
			if _, err := tx.Letters().Get(h.ctx, id); err != nil {
				t.Errorf("letter %d: %v", id, err)
			}
		}
		if l, err := tx.Letters().Get(h.ctx, own); err != nil || len(l.Body.Segments) == 0 {
			t.Errorf("a unit that keeps its letters: %v", err)
		}
		first, err := tx.Audit().First(h.ctx)
		if err != nil || first.Seq != 4 {
			t.Errorf("the log begins with %d, %v", first.Seq, err)
		}
		n, broken, err := audit.Verify(h.ctx, tx)
		if broken != 0 || n < 3 {
			t.Errorf("%d lines, broken at %d", n, broken)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// Work on a letter has ended when nobody has anything left to do for it.
func TestEnded(t *testing.T) {
	read, answered := now.Add(-2*time.Hour), now.Add(-time.Hour)
	for _, c := range []struct {
		kept  store.Kept
		ended time.Time
	}{
		{store.Kept{Status: brevdue.Unread, Arrived: read}, time.Time{}},
		{store.Kept{Status: brevdue.Read, ReadAt: read}, read},
		{store.Kept{Status: brevdue.Answered, ReadAt: read, AnsweredAt: answered}, answered},
		{store.Kept{Status: brevdue.Answered, ReadAt: read, AnsweredAt: answered, OpenTasks: 1}, time.Time{}},
		{store.Kept{Status: brevdue.Refused, Arrived: read}, read},
		{store.Kept{Status: brevdue.Received, Arrived: read}, time.Time{}},
		{store.Kept{Status: brevdue.Queued, Sent: read}, time.Time{}},
		{store.Kept{Status: brevdue.Sent, Sent: read}, time.Time{}},
		{store.Kept{Status: brevdue.Unconfirmed, Sent: read}, time.Time{}},
		{store.Kept{Status: brevdue.Delivered, Sent: read}, read},
		{store.Kept{Status: brevdue.Rejected, Sent: read, OpenTasks: 1}, time.Time{}},
	} {
		if at, has := retention.Ended(c.kept); !at.Equal(c.ended) || has == c.ended.IsZero() {
			t.Errorf("%+v: %v, %t", c.kept, at, has)
		}
	}
}

package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/pgtest"
	"brevdue/internal/store"
	"brevdue/internal/store/postgres"
	"brevdue/internal/store/sqlite"
	"brevdue/internal/store/sqlstore"
)

var moment = time.Date(2026, 11, 24, 13, 5, 30, 123e6, time.UTC)

func closing(t *testing.T, s *sqlstore.Store, err error) *sqlstore.Store {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func file(t *testing.T) *sqlstore.Store {
	t.Helper()
	s, err := sqlite.Open(filepath.Join(t.TempDir(), "brevdue.db"), sqlite.Options{})
	return closing(t, s, err)
}

func database(t *testing.T) *sqlstore.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), pgtest.Database(t), postgres.Options{})
	return closing(t, s, err)
}

// fill writes rows into every table.
func fill(t *testing.T, s *sqlstore.Store, letters int) {
	t.Helper()
	ctx := t.Context()
	err := s.Update(ctx, func(tx store.Tx) error {
		var errs []error
		ok := func(_ any, err error) { errs = append(errs, err) }
		note := func(err error) { errs = append(errs, err) }
		note(tx.Settings().Set(ctx, store.KeyTag, "AAA"))
		ok(tx.Settings().NextNumber(ctx, "letter"))
		note(tx.Units().Put(ctx, store.Unit{GLN: "5790000000005", Kind: brevdue.Ward, Name: "Sengeafsnit Å"}))
		user, err := tx.Users().Put(ctx, store.User{Login: "anne", Name: "Anne", Operator: true, Units: []brevdue.GLN{"5790000000005"}, Created: moment})
		note(err)
		note(tx.Users().PutSession(ctx, store.Session{TokenHash: "h", User: user, Created: moment, LastSeen: moment, Expires: moment}))
		note(tx.Users().AddFailure(ctx, "k", moment))
		note(tx.Users().Spend(ctx, "k", moment))
		note(tx.Audit().Append(ctx, store.Entry{Seq: 1, At: moment, Actor: "a", Hash: "h"}))
		for i := range letters {
			sha, err := tx.Originals().Put(ctx, fmt.Appendf(nil, "original %d \xe6\x00", i), moment)
			note(err)
			arrival, err := tx.Arrivals().Add(ctx, store.Arrival{SHA: sha, At: moment})
			note(err)
			l := &store.Letter{Direction: store.In, Unit: "5790000000005", Status: brevdue.Unread, Arrival: arrival, Original: sha, Arrived: moment,
				Duty: &brevdue.Duty{Due: moment, Soft: i%2 == 0}}
			l.Body.ID = fmt.Sprint(i)
			id, err := tx.Letters().Insert(ctx, l)
			note(err)
			note(tx.Letters().AddEvent(ctx, id, store.Event{At: moment, What: "read"}))
			note(tx.Letters().AddReader(ctx, id, user, "Anne", moment))
			ok(tx.Notes().Add(ctx, store.NewNote{Letter: id, Unit: "5790000000005", User: user, Name: "Anne", At: moment, Text: "Ring", Mentions: []int64{user}}))
			ok(tx.Presence().Here(ctx, store.Present{Letter: id, User: user, Unit: "5790000000005", Name: "Anne", Doing: store.DoingRead, At: moment}, moment))
			d, err := tx.Drafts().Put(ctx, store.Draft{Unit: "5790000000005", Token: fmt.Sprint("t", i), Form: "text=x", Author: user, At: moment})
			note(err)
			ok(tx.Drafts().AddFile(ctx, store.DraftFile{Draft: d.ID, Name: "Foto.png", Extension: "png", SHA: sha, At: moment}))
			note(tx.Choices().Set(ctx, user, fmt.Sprint("choice", i), "x"))
			receipt, err := tx.Receipts().Insert(ctx, &store.StoredReceipt{Direction: store.Out, SHA: sha, At: moment})
			note(err)
			note(tx.Receipts().Link(ctx, receipt, id))
			note(tx.Attempts().Add(ctx, store.Attempt{Letter: id, N: 1, Envelope: fmt.Sprint("K", i), SHA: sha, At: moment}))
			note(tx.Jobs().Add(ctx, store.Job{Kind: store.JobOpen, Key: fmt.Sprint("k", i), RunAt: moment, Created: moment}))
			ok(tx.Objects().Add(ctx, store.Object{Arrival: arrival, Unit: "5790000000005", Sender: "s", Key: "k", SHA: sha, Odd: true, At: moment}))
			note(tx.Objects().Refer(ctx, id, "5790000000005", "s", "k"))
			note(tx.Files().Enclose(ctx, store.Enclosure{Letter: id, ObjectID: "o", SHA: sha}))
			note(tx.Files().Start(ctx, store.FileMessage{Letter: id, Envelope: fmt.Sprint("F", i), SHA: sha, At: moment}))
			ok(tx.Tasks().Add(ctx, store.Task{Unit: "5790000000005", Letter: id, Kind: "call", Due: moment, At: moment}))
		}
		if letters > 1 {
			note(tx.Retention().Clear(ctx, store.Cleared{Letter: 1, At: moment, Days: 30, Print: "p"}))
			ok(tx.Glasses().Add(ctx, store.Glass{User: user, Login: "anne", Name: "Anne", Letter: 2, Unit: "5790000000005", Reason: "æ", At: moment, Until: moment}))
			note(tx.Retention().Hold(ctx, store.Hold{Letter: 2, Reason: "æ", By: "Anne", At: moment}))
		}
		facts := tx.UnitFacts()
		ok(facts.AddClosed(ctx, store.Closed{Unit: "5790000000005", From: "2026-12-24", To: "2026-12-26", Notice: true, At: moment}))
		ok(facts.Noticed(ctx, "5790000000005", 1, "2026-12-24"))
		note(facts.PutServices(ctx, store.Services{Unit: "5790000000005", Citizen: "2512489996", Value: "yes", At: moment}))
		note(facts.PutRoutes(ctx, "5790000000005", []store.Route{{}}))
		ok(facts.AddArrangement(ctx, store.Arrangement{Unit: "5790000000005", Other: "o", At: moment}))
		ok(facts.PutPhrase(ctx, store.Phrase{Unit: "5790000000005", Name: "æ", Text: "Kære {borger}", At: moment}))
		note(facts.PutSubjectReceiver(ctx, store.SubjectReceiver{Municipality: "751", Subject: "Medicin", GLN: "5790000000005", At: moment}))
		ok(tx.Agreements().Add(ctx, store.AgreementText{Agreement: "a", Version: "1", Content: []byte("x: æ"), ImportedAt: moment}))
		ok(tx.Names().Propose(ctx, store.DisplayName{GLN: "5790000000005", Name: "Æblegården", ProposedAt: moment}))
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func setting(t *testing.T, s *sqlstore.Store, key string) (value string) {
	t.Helper()
	err := s.View(t.Context(), func(tx store.Tx) (err error) {
		value, err = tx.Settings().Get(t.Context(), key)
		return err
	})
	if err != nil && !errors.Is(err, brevdue.ErrNotFound) {
		t.Fatal(err)
	}
	return value
}

// searched is how many letters a search for everything finds.
func searched(t *testing.T, s *sqlstore.Store) (n int) {
	t.Helper()
	err := s.View(t.Context(), func(tx store.Tx) error {
		rows, err := tx.Letters().Search(t.Context(), "5790000000005", store.Search{Limit: 1 << 20})
		n = len(rows)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestMove carries every table over into PostgreSQL and back into a file, and both
// times nothing is missing, added or changed; new rows get new ids.
func TestMove(t *testing.T) {
	from, over, back := file(t), database(t), file(t)
	const letters = 1100 // more than two pages
	fill(t, from, letters)
	there, err := sqlstore.Move(t.Context(), from, over, sqlstore.MoveOptions{To: "over"})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range there {
		if m.Rows == 0 {
			t.Errorf("the test puts nothing into %s", m.Table)
		}
	}
	if n := searched(t, over); n != 0 || setting(t, over, store.KeyIndexed) != "" {
		t.Errorf("%d letters can be searched at once, and the archive says %q", n, setting(t, over, store.KeyIndexed))
	}
	for more := true; more; {
		err := over.Update(t.Context(), func(tx store.Tx) (err error) {
			more, err = tx.Letters().Index(t.Context(), 300)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := searched(t, over); n != letters-1 { // the content of one has gone
		t.Errorf("%d letters can be searched", n)
	}
	if setting(t, from, store.KeyMoved) != "over" || setting(t, over, store.KeyMoving) != "" || setting(t, over, store.KeyTag) != "AAA" {
		t.Error("the archives do not say what they are")
	}
	again, err := sqlstore.Move(t.Context(), over, back, sqlstore.MoveOptions{To: "back"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(there, again) {
		t.Errorf("there %v\nback %v", there, again)
	}
	// Ids go on behind those that were carried over.
	err = over.Update(t.Context(), func(tx store.Tx) error {
		l := &store.Letter{Direction: store.In, Unit: "5790000000005", Status: brevdue.Unread}
		id, err := tx.Letters().Insert(t.Context(), l)
		if id != letters+1 {
			t.Errorf("the next letter is %d", id)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	// What was moved away may come back to where it was.
	if _, err := sqlstore.Move(t.Context(), back, from, sqlstore.MoveOptions{}); err != nil {
		t.Errorf("home again: %v", err)
	}
}

// TestMoveBrokenOff: a move that is broken off leaves a target that says so, and goes
// on without sending the originals again.
func TestMoveBrokenOff(t *testing.T) {
	from, over := file(t), database(t)
	fill(t, from, 700)
	ctx, stop := context.WithCancel(t.Context())
	_, err := sqlstore.Move(ctx, from, over, sqlstore.MoveOptions{Tell: func(table string, rows int64) {
		if table == "letters" {
			stop()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("broken off: %v", err)
	}
	if setting(t, over, store.KeyMoving) != "AAA" || setting(t, from, store.KeyMoved) != "" {
		t.Error("the archives do not say that it is unfinished")
	}
	// Meanwhile the installation went on.
	err = from.Update(t.Context(), func(tx store.Tx) error { return tx.Letters().Move(t.Context(), 1, brevdue.Unread, brevdue.Read) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sqlstore.Move(t.Context(), from, over, sqlstore.MoveOptions{}); err != nil {
		t.Fatal(err)
	}
	err = over.View(t.Context(), func(tx store.Tx) error {
		l, err := tx.Letters().Get(t.Context(), 1)
		if err == nil && l.Status != brevdue.Read {
			t.Errorf("what changed meanwhile is %s", l.Status)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestMoveSeesDifference: what is not the same afterwards is told, and the target
// stays unfinished.
func TestMoveSeesDifference(t *testing.T) {
	from, over := file(t), database(t)
	fill(t, from, 3)
	_, err := sqlstore.Move(t.Context(), from, over, sqlstore.MoveOptions{Tell: func(table string, _ int64) {
		if table == "agreements" { // the last one
			err := over.Update(t.Context(), func(tx store.Tx) error { return tx.Letters().SetNote(t.Context(), 2, "x") })
			if err != nil {
				t.Error(err)
			}
		}
	}})
	if !errors.Is(err, sqlstore.ErrDiffers) || !strings.Contains(err.Error(), "letters has 3 rows") {
		t.Errorf("%v", err)
	}
	if setting(t, over, store.KeyMoving) == "" || setting(t, from, store.KeyMoved) != "" {
		t.Error("a move that failed is said to be done")
	}
}

// TestMoveTaken: an installation is not written over, and nothing comes of nothing.
func TestMoveTaken(t *testing.T) {
	from, over := file(t), database(t)
	if _, err := sqlstore.Move(t.Context(), from, over, sqlstore.MoveOptions{}); err == nil {
		t.Error("an archive that was never started was moved")
	}
	fill(t, from, 1)
	fill(t, over, 2)
	if _, err := sqlstore.Move(t.Context(), from, over, sqlstore.MoveOptions{}); !errors.Is(err, sqlstore.ErrTaken) {
		t.Errorf("%v", err)
	}
}

// TestMoveKnowsEveryTable: a table of a later migration must be carried over as well.
func TestMoveKnowsEveryTable(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		files, err := filepath.Glob(filepath.Join("..", engine, "migrations", "*.sql"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		made := map[string]bool{}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`(?m)^(CREATE|DROP) TABLE (\w+)`).FindAllStringSubmatch(string(text), -1) {
				made[m[2]] = m[1] == "CREATE"
			}
		}
		delete(made, "letter_words") // made anew at the target
		known := sqlstore.TableNames()
		for name, there := range made {
			if there != slices.Contains(known, name) {
				t.Errorf("%s: table %s is there: %v; move carries %v", engine, name, there, known)
			}
		}
		if len(made) < len(known) {
			t.Errorf("%s: move knows %d tables, the migrations make %d", engine, len(known), len(made))
		}
	}
}

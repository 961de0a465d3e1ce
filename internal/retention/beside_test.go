package retention_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/retention"
	"brevdue/internal/store"
	"brevdue/internal/store/storetest"
)

// Content goes so long after the letter was handed over to the record; one that was not
// waits, however old, unless the rules say otherwise. One that reached nobody does not.
func TestHandedOver(t *testing.T) {
	s := storetest.Open(t, filepath.Join(t.TempDir(), "brevdue.db"))
	t.Cleanup(func() { s.Close() })
	h := &house{t: t, ctx: t.Context(), s: s}
	old, late, never := h.letter(ours, store.In, brevdue.Read, 90, 1), h.letter(ours, store.In, brevdue.Read, 90, 1), h.letter(ours, store.Out, brevdue.Delivered, 90, 1)
	refused, withdrawn := h.letter(ours, store.In, brevdue.Refused, 90, 1), h.letter(ours, store.Out, brevdue.Withdrawn, 90, 1)
	h.update(func(tx store.Tx) error {
		at := now.AddDate(0, 0, -90)
		err := errors.Join(tx.Journals().TakeBack(h.ctx, late, at), tx.Journals().TakeBack(h.ctx, never, at))
		return errors.Join(err, tx.Journals().Put(h.ctx, late, store.Journal{At: now.AddDate(0, 0, -29), By: "Anne"}))
	})
	plan, err := keeper(s, rules(), nil).Plan(h.ctx)
	if want := []retention.Count{{Unit: ours, Days: 30, Clear: 3, Journal: 1, Waiting: 1}}; err != nil || !slices.Equal(plan.Units, want) {
		t.Errorf("planned %+v, %v; want %+v", plan.Units, err, want)
	}
	cleared := func() (ids []int64) {
		t.Helper()
		if err := s.View(h.ctx, func(tx store.Tx) error {
			for _, id := range []int64{old, late, never, refused, withdrawn} {
				_, err := tx.Retention().Cleared(h.ctx, id)
				if err == nil {
					ids = append(ids, id)
				} else if !errors.Is(err, brevdue.ErrNotFound) {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return ids
	}
	run := func(r retention.Rules) {
		t.Helper()
		if _, err := keeper(s, r, nil).Run(h.ctx); err != nil {
			t.Fatal(err)
		}
	}
	run(rules())
	if got := cleared(); !slices.Equal(got, []int64{old, refused, withdrawn}) {
		t.Errorf("cleared %d", got)
	}
	r := rules()
	r.WithoutJournal = true
	run(r)
	if got := cleared(); !slices.Equal(got, []int64{old, never, refused, withdrawn}) {
		t.Errorf("without the record, cleared %d", got)
	}
}

// A file that was received and goes along with a letter of ours stays until both letters
// are cleared, whichever goes first.
func TestFileOfTwoLetters(t *testing.T) {
	for name, first := range map[string]store.Direction{"received first": store.In, "sent first": store.Out} {
		t.Run(name, func(t *testing.T) {
			s := storetest.Open(t, filepath.Join(t.TempDir(), "brevdue.db"))
			t.Cleanup(func() { s.Close() })
			h := &house{t: t, ctx: t.Context(), s: s}
			days := map[store.Direction]int{store.In: 20, store.Out: 20}
			days[first] = 40
			in := h.letter(ours, store.In, brevdue.Read, days[store.In], 1)
			out := h.letter(ours, store.Out, brevdue.Delivered, days[store.Out], 1)
			var sha string
			h.update(func(tx store.Tx) error {
				o, err := tx.Objects().Find(h.ctx, ours, theirs, "o1")
				if err != nil {
					return err
				}
				sha = o[0].SHA
				return tx.Files().Enclose(h.ctx, store.Enclosure{Letter: out, N: 2, ObjectID: "again", SHA: sha})
			})
			run := func(days int) (size int) {
				t.Helper()
				if _, err := keeper(s, retention.Rules{Content: days}, nil).Run(h.ctx); err != nil {
					t.Fatal(err)
				}
				if err := s.View(h.ctx, func(tx store.Tx) error {
					data, err := tx.Originals().Get(h.ctx, sha)
					size = len(data)
					return err
				}); err != nil {
					t.Fatal(err)
				}
				return size
			}
			if run(30) == 0 {
				t.Error("a file that a letter needs is gone")
			}
			if size := run(10); size != 0 {
				t.Errorf("%d bytes of a file nobody needs are there", size)
			}
			if err := s.View(h.ctx, func(tx store.Tx) error {
				for _, id := range []int64{in, out} {
					notes, err1 := tx.Notes().OfLetter(h.ctx, id)
					files, err2 := tx.Files().Enclosed(h.ctx, id)
					if len(notes) > 0 || len(files) > 0 || err1 != nil || err2 != nil {
						t.Errorf("letter %d: notes %v, files %v, %v, %v", id, notes, files, err1, err2)
					}
				}
				mentions, err := tx.Notes().CountMentions(h.ctx, 2)
				if mentions != 0 {
					t.Errorf("%d mentions", mentions)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// Drafts go when nobody has changed them for so long, and so does what could be taken back
// of them; the file holds nothing of either.
func TestDraftsThatWereLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "brevdue.db")
	s := open(t, path)
	h := &house{t: t, ctx: t.Context(), s: s}
	var young, kept store.Draft
	h.update(func(tx store.Tx) error {
		if err := tx.Units().Put(h.ctx, store.Unit{GLN: ours, Name: "Klinik"}); err != nil {
			return err
		}
		user, err := tx.Users().Put(h.ctx, store.User{Login: "anne", Name: "Anne", Units: []brevdue.GLN{ours}, Created: now})
		if err != nil {
			return err
		}
		for i, days := range []int{9, 8, 6} {
			d := store.Draft{Unit: ours, Token: string(rune('a' + i)), Form: "cpr=0104909989&text=Fortrolig", Patient: "Mosebryggersen", Author: user, At: now.AddDate(0, 0, -days)}
			if days == 6 {
				d.Form, d.Patient = "cpr=0107729995&text=Levende", "Berggren"
			}
			if young, err = tx.Drafts().Put(h.ctx, d); err != nil {
				return err
			}
		}
		return nil
	})
	clock := now.Add(-2 * time.Hour)
	box := mailbox.New(mailbox.Config{Store: s, Now: func() time.Time { return clock }})
	anne := mailbox.Person{ID: 1, Name: "Anne", Units: []brevdue.GLN{ours}}
	if _, err := box.DeleteDraft(h.ctx, anne, ours, 1); err != nil {
		t.Fatal(err)
	}
	run := func(days int) retention.Outcome {
		t.Helper()
		k := retention.New(retention.Config{Store: s, Rules: retention.Rules{Drafts: days}, Now: func() time.Time { return now }, Settle: mailbox.Settle})
		plan, err := k.Plan(h.ctx)
		if err != nil {
			t.Fatal(err)
		}
		did, err := k.Run(h.ctx)
		if err != nil || did.Drafts != plan.Drafts {
			t.Fatalf("planned %d, did %d, %v", plan.Drafts, did.Drafts, err)
		}
		return did
	}
	if did := run(0); did.Drafts != 0 {
		t.Errorf("without a rule %d drafts went", did.Drafts)
	}
	if did := run(7); did.Drafts != 1 {
		t.Errorf("%d drafts went", did.Drafts)
	}
	if err := s.View(context.Background(), func(tx store.Tx) (err error) {
		kept, err = tx.Drafts().Get(h.ctx, young.ID)
		return err
	}); err != nil || kept != young {
		t.Errorf("the young draft is %+v, %v", kept, err)
	}
	for _, file := range []string{path, path + "-wal"} {
		if found := inFile(t, file, secrets); len(found) > 0 {
			t.Errorf("%s still holds %q", filepath.Base(file), found)
		}
	}
}

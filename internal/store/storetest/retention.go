package storetest

import (
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// The content of a letter goes, what is known of it stays; then that goes, too. What is
// held is left alone.
func testRetention(t *testing.T, b *bench) {
	l, held := letter("u1", "B1"), letter("u1", "B2")
	var sha, answer, file, message string
	var object int64
	var enclosed, files string
	b.update(func(tx store.Tx) error {
		enclosed, files = b.original(tx, "enclosed"), b.original(tx, "files")
		return nil
	})
	b.update(func(tx store.Tx) (err error) {
		sha, answer, file, message = b.original(tx, "letter"), b.original(tx, "receipt of ours"), b.original(tx, "file"), b.original(tx, "message")
		l.Original = sha
		if l.Arrival, err = tx.Arrivals().Add(b.ctx, store.Arrival{SHA: sha, At: now, Findings: l.Findings}); err != nil {
			return err
		}
		l.Status = brevdue.Read
		for _, v := range []*store.Letter{l, held} {
			if _, err := tx.Letters().Insert(b.ctx, v); err != nil {
				return err
			}
		}
		r := &store.StoredReceipt{Direction: store.Out, SHA: answer, At: now}
		if r.ID, err = tx.Receipts().Insert(b.ctx, r); err != nil {
			return err
		}
		if err := tx.Receipts().Link(b.ctx, r.ID, l.ID); err != nil {
			return err
		}
		o := store.Object{Unit: "u1", Sender: l.Body.Sender.GLN, MessageID: "M1", Key: "k", SHA: file, Size: 4, Patient: "2512489996", At: now}
		if o.Arrival, err = tx.Arrivals().Add(b.ctx, store.Arrival{SHA: message, At: now}); err != nil {
			return err
		}
		if object, err = tx.Objects().Add(b.ctx, o); err != nil {
			return err
		}
		return tx.Letters().AddEvent(b.ctx, l.ID, store.Event{At: now, What: "resent", Who: "Ida", Detail: "in her own words"})
	})
	b.view(func(tx store.Tx) error {
		orphans, err := tx.Retention().Orphans(b.ctx, now.Add(time.Hour), 0, 0)
		b.is("orphans", err, nil)
		b.equal("orphans", 1, len(orphans))
		orphans, err = tx.Retention().Orphans(b.ctx, now, 0, 0)
		b.is("orphans", err, nil)
		b.equal("young orphans", 0, len(orphans))
		return nil
	})
	b.update(func(tx store.Tx) error {
		if err := tx.Objects().Refer(b.ctx, l.ID, "u1", l.Body.Sender.GLN, "k"); err != nil {
			return err
		}
		for _, id := range []int64{l.ID, held.ID} {
			if _, err := tx.Notes().Add(b.ctx, store.NewNote{Letter: id, Unit: "u1", User: 1, Name: "Ida", At: now, Text: "note", Mentions: []int64{2}}); err != nil {
				return err
			}
			if err := tx.Files().Enclose(b.ctx, store.Enclosure{Letter: id, ObjectID: "o", SHA: b.original(tx, "enclosed")}); err != nil {
				return err
			}
		}
		if err := tx.Files().Start(b.ctx, store.FileMessage{Letter: l.ID, Envelope: "K7", SHA: b.original(tx, "files"), At: now}); err != nil {
			return err
		}
		if err := tx.Journals().Put(b.ctx, held.ID, store.Journal{At: now.Add(time.Minute), By: "Ida"}); err != nil {
			return err
		}
		if _, err := tx.Tasks().Add(b.ctx, store.Task{Unit: "u1", Letter: l.ID, Kind: store.TaskInform, Due: now, At: now, Note: "note"}); err != nil {
			return err
		}
		if err := tx.UnitFacts().PutServices(b.ctx, store.Services{Unit: "u1", Citizen: "2512489996", Value: "yes", At: now}); err != nil {
			return err
		}
		return tx.Retention().Hold(b.ctx, store.Hold{Letter: held.ID, Reason: "klagesag", By: "Ida", At: now})
	})
	hold := store.Hold{Letter: held.ID, Reason: "klagesag", By: "Ida", At: now}
	b.is("held twice", b.Update(b.ctx, func(tx store.Tx) error { return tx.Retention().Hold(b.ctx, hold) }), brevdue.ErrConflict)
	b.is("clearing what is held", b.Update(b.ctx, func(tx store.Tx) error { return tx.Retention().Clear(b.ctx, store.Cleared{Letter: held.ID, At: now}) }), brevdue.ErrConflict)
	b.is("forgetting what is there", b.Update(b.ctx, func(tx store.Tx) error { return tx.Retention().Forget(b.ctx, l.ID) }), brevdue.ErrConflict)
	b.finds("before", "u1", store.Search{Subject: "Medicin"}, held.ID, l.ID)
	cleared := store.Cleared{Letter: l.ID, At: now.Add(time.Hour), Days: 30, Print: "p"}
	b.update(func(tx store.Tx) error { return tx.Retention().Clear(b.ctx, cleared) })
	b.is("cleared twice", b.Update(b.ctx, func(tx store.Tx) error { return tx.Retention().Clear(b.ctx, cleared) }), brevdue.ErrConflict)
	b.reopen()
	b.view(func(tx store.Tx) error {
		k := tx.Retention()
		got, err := k.Cleared(b.ctx, l.ID)
		b.is("cleared", err, nil)
		b.equal("cleared", cleared, got)
		_, err = k.Cleared(b.ctx, held.ID)
		b.is("not cleared", err, brevdue.ErrNotFound)
		h, err := k.HoldOf(b.ctx, held.ID)
		b.is("hold", err, nil)
		b.equal("hold", hold, h)
		_, err = k.HoldOf(b.ctx, l.ID)
		b.is("not held", err, brevdue.ErrNotFound)
		holds, err := k.Holds(b.ctx, 0)
		b.is("holds", err, nil)
		b.equal("holds", []store.Hold{hold}, holds)
		kept, err := k.Kept(b.ctx, 0, 0)
		b.is("kept", err, nil)
		b.equal("kept", []store.Kept{
			{ID: l.ID, Direction: store.In, Unit: "u1", Status: brevdue.Read, Sent: l.Sent, Arrived: l.Arrived, OpenTasks: 1, ClearedAt: cleared.At},
			{ID: held.ID, Direction: store.In, Unit: "u1", Status: brevdue.Unread, Sent: held.Sent, Arrived: held.Arrived, HandedAt: now.Add(time.Minute), Held: true},
		}, kept)
		left, err := tx.Letters().Get(b.ctx, l.ID)
		b.is("letter", err, nil)
		b.equal("what is left", brevdue.Letter{ID: "B1", Version: "D9134L", Authorised: l.Body.Authorised, Status: brevdue.NewLetter, Sender: l.Body.Sender, Receiver: l.Body.Receiver, Subject: "Medicin", Priority: brevdue.HighPriority}, left.Body)
		b.equal("note and bytes", "", left.Note+left.Original)
		b.equal("duty", l.Duty, left.Duty)
		events, err := tx.Letters().Events(b.ctx, l.ID)
		b.is("events", err, nil)
		b.equal("in her own words", "", events[0].Detail)
		_, err = tx.UnitFacts().Services(b.ctx, "u1", "2512489996")
		b.is("another letter is about the citizen", err, nil)
		o, err := tx.Objects().Get(b.ctx, object)
		b.is("file", err, nil)
		b.equal("file's citizen", brevdue.CPR(""), o.Patient)
		marked, err := k.Marked(b.ctx, "", 0)
		b.is("marked", err, nil)
		b.equal("letter, its files and messages, not our receipt", 5, len(marked))
		for _, m := range marked {
			if m != sha && m != file && m != message && m != enclosed && m != files {
				t.Errorf("marked %s", m)
			}
		}
		needed, err := k.Needed(b.ctx, 0, 1<<40)
		b.is("needed", err, nil)
		b.equal("needed by the other letter", []string{enclosed}, needed)
		for id, want := range map[int64]int{l.ID: 0, held.ID: 1} {
			notes, err := tx.Notes().OfLetter(b.ctx, id)
			b.is("notes", err, nil)
			b.equal("notes", want, len(notes))
			e, err := tx.Files().Enclosed(b.ctx, id)
			b.is("files that go along", err, nil)
			b.equal("files that go along", want, len(e))
		}
		mentions, err := tx.Notes().CountMentions(b.ctx, 2)
		b.is("mentions", err, nil)
		b.equal("mentions", 1, mentions)
		return nil
	})
	b.finds("what has gone", "u1", store.Search{Subject: "Medicin"}, held.ID)
	b.update(func(tx store.Tx) error { // a program that starts looks for letters without words
		err := tx.Settings().Set(b.ctx, store.KeyIndexed, "0 all")
		if err != nil {
			return err
		}
		_, err = tx.Letters().Index(b.ctx, 10)
		return err
	})
	b.finds("what has gone, looked for anew", "u1", store.Search{Subject: "Medicin"}, held.ID)
	for more := true; more; {
		b.update(func(tx store.Tx) (err error) {
			more, err = tx.Retention().MergeWords(b.ctx)
			return err
		})
	}
	b.finds("what is left, merged", "u1", store.Search{Subject: "Medicin"}, held.ID)
	b.update(func(tx store.Tx) error {
		k := tx.Retention()
		if err := k.Unmark(b.ctx, message); err != nil {
			return err
		}
		b.original(tx, "file") // it comes again
		for _, c := range []struct {
			sha  string
			gone bool
		}{{sha, true}, {file, false}, {message, false}, {"nothing", false}} {
			gone, err := k.Erase(b.ctx, c.sha)
			if gone != c.gone || err != nil {
				t.Errorf("erased %t, %v", gone, err)
			}
		}
		return nil
	})
	b.update(func(tx store.Tx) error {
		for text, sha := range map[string]string{"": sha, "file": file, "message": message, "receipt of ours": answer} {
			if got, err := tx.Originals().Get(b.ctx, sha); err != nil || string(got) != text {
				t.Errorf("%q is there, %v; want %q", got, err, text)
			}
		}
		b.equal("bytes that come back", sha, b.original(tx, "letter"))
		got, err := tx.Originals().Get(b.ctx, sha)
		b.equal("bytes that come back", "letter", string(got))
		return err
	})
	b.is("no such hold", b.Update(b.ctx, func(tx store.Tx) error { return tx.Retention().Release(b.ctx, l.ID) }), brevdue.ErrNotFound)
	b.update(func(tx store.Tx) error {
		k := tx.Retention()
		if err := k.Release(b.ctx, held.ID); err != nil {
			return err
		}
		if err := k.Clear(b.ctx, store.Cleared{Letter: held.ID, At: now}); err != nil {
			return err
		}
		return k.Forget(b.ctx, l.ID)
	})
	b.view(func(tx store.Tx) error {
		_, err := tx.Letters().Get(b.ctx, l.ID)
		b.is("forgotten", err, brevdue.ErrNotFound)
		events, err := tx.Letters().Events(b.ctx, l.ID)
		b.is("events", err, nil)
		b.equal("events", 0, len(events))
		_, err = tx.Files().Get(b.ctx, l.ID)
		b.is("the message of its files", err, brevdue.ErrNotFound)
		_, err = tx.UnitFacts().Services(b.ctx, "u1", "2512489996")
		b.is("nothing about the citizen is left", err, brevdue.ErrNotFound)
		return nil
	})
	b.is("scrub", b.Scrub(b.ctx), nil)
}

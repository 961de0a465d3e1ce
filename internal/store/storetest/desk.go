package storetest

import (
	"slices"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// testDesk: the views and orders of the inbox, and what was put away.
func testDesk(t *testing.T, b *bench) {
	names := []string{"Ågade", "Byhuset", "Åben", "Byhuset"}
	var all []*store.Letter
	b.update(func(tx store.Tx) error {
		for i, name := range names {
			l := letter("u1", "D"+string(rune('0'+i)))
			l.Body.Sender.Organisation, l.Body.Sender.Department, l.Body.Sender.Unit = name, "", ""
			duty := *l.Duty
			duty.Due = now.Add(time.Duration(4-i) * time.Hour)
			l.Duty = &duty
			if i == 3 {
				l.Stage = store.StageWaiting
			}
			if _, err := tx.Letters().Insert(b.ctx, l); err != nil {
				return err
			}
			all = append(all, l)
		}
		if err := tx.Letters().Assign(b.ctx, all[0].ID, 7, "Ida"); err != nil {
			return err
		}
		if err := tx.Letters().Assign(b.ctx, all[1].ID, 8, "Bo"); err != nil {
			return err
		}
		return tx.Letters().SetStage(b.ctx, all[2].ID, store.StageWorking)
	})
	list := func(q store.Query) (ids []int64) {
		b.view(func(tx store.Tx) error {
			rows, err := tx.Letters().Inbox(b.ctx, "u1", q)
			for _, r := range rows {
				ids = append(ids, r.ID)
			}
			return err
		})
		return ids
	}
	id := func(at ...int) (ids []int64) {
		for _, i := range at {
			ids = append(ids, all[i].ID)
		}
		return ids
	}
	for _, order := range []store.Order{store.OrderSubject, store.OrderDue, store.OrderSender} {
		b.equal("mine by "+string(order), id(0), list(store.Query{View: store.ViewMine, Person: 7, Order: order}))
		b.equal("free by "+string(order), 2, len(list(store.Query{View: store.ViewFree, Order: order})))
		b.equal("waiting by "+string(order), id(3), list(store.Query{View: store.ViewWaiting, Order: order}))
		b.equal("unread by "+string(order), 4, len(list(store.Query{View: store.ViewUnread, Order: order})))
		b.equal("urgent by "+string(order), 2, len(list(store.Query{View: store.ViewUrgent, UrgentBefore: now.Add(2 * time.Hour), Order: order})))
		b.equal("read by "+string(order), 0, len(list(store.Query{View: store.ViewReadSince, ReadSince: now, Order: order})))
	}
	b.equal("by deadline", id(3, 2, 1, 0), list(store.Query{Order: store.OrderDue}))
	by := list(store.Query{Order: store.OrderSender})
	b.equal("by sender, together and by deadline", id(3, 1), by[:2])
	b.update(func(tx store.Tx) error {
		total, own, err := tx.Letters().Taken(b.ctx, "u1", 7)
		b.equal("taken", [2]int{2, 1}, [2]int{total, own})
		if err != nil {
			return err
		}
		b.is("a stage of no letter", tx.Letters().SetStage(b.ctx, 4711, store.StageWorking), brevdue.ErrNotFound)
		for _, l := range all[1:3] {
			for _, step := range [][2]brevdue.Status{{brevdue.Unread, brevdue.Read}, {brevdue.Read, brevdue.Filed}} {
				if err := tx.Letters().Move(b.ctx, l.ID, step[0], step[1]); err != nil {
					return err
				}
			}
		}
		return nil
	})
	b.update(func(tx store.Tx) error {
		if err := tx.Letters().MarkAnswered(b.ctx, all[3].ID, now); err != nil {
			return err
		}
		if err := tx.Letters().ClearAnswered(b.ctx, all[3].ID); err != nil {
			return err
		}
		l, err := tx.Letters().Get(b.ctx, all[3].ID)
		if err == nil && !l.AnsweredAt.IsZero() {
			t.Error("an answer that was taken back stands")
		}
		return err
	})
	b.reopen()
	b.equal("left in the inbox", id(3, 0), list(store.Query{Order: store.OrderDue}))
	b.view(func(tx store.Tx) error {
		rows, err := tx.Letters().Filed(b.ctx, "u1", 0, 1)
		b.is("filed", err, nil)
		if len(rows) != 1 || rows[0].ID != all[2].ID || rows[0].Stage != store.StageWorking {
			t.Errorf("filed: %+v", rows)
		}
		rows, err = tx.Letters().Filed(b.ctx, "u1", all[2].ID, 9)
		b.is("filed before it", err, nil)
		b.equal("filed before it", 1, len(rows))
		rows, err = tx.Letters().Filed(b.ctx, "u2", 0, 9)
		b.is("filed elsewhere", err, nil)
		b.equal("filed elsewhere", 0, len(rows))
		return nil
	})
	b.update(func(tx store.Tx) error { return tx.Letters().Move(b.ctx, all[1].ID, brevdue.Filed, brevdue.Read) })
}

// testNotes: notes on a letter, and who is named in them until they have seen it.
func testNotes(t *testing.T, b *bench) {
	l := letter("u1", "N1")
	var first, second int64
	b.update(func(tx store.Tx) (err error) {
		if _, err = tx.Letters().Insert(b.ctx, l); err != nil {
			return err
		}
		n := store.NewNote{Letter: l.ID, Unit: "u1", User: 7, Name: "Ida", At: now, Text: "Ring til datteren.\nHun er hjemme efter 15.", Mentions: []int64{8, 9, 8}}
		if first, err = tx.Notes().Add(b.ctx, n); err != nil {
			return err
		}
		n.User, n.Name, n.Text, n.Mentions = 8, "Bo", "Gjort", []int64{7}
		second, err = tx.Notes().Add(b.ctx, n)
		return err
	})
	b.reopen()
	b.view(func(tx store.Tx) error {
		got, err := tx.Notes().OfLetter(b.ctx, l.ID)
		b.is("notes", err, nil)
		b.equal("notes", []store.Note{{ID: first, User: 7, Name: "Ida", At: now, Text: "Ring til datteren.\nHun er hjemme efter 15."}, {ID: second, User: 8, Name: "Bo", At: now, Text: "Gjort"}}, got)
		mentions, err := tx.Notes().Mentions(b.ctx, 8, 0)
		b.is("mentions", err, nil)
		b.equal("mentions", []store.Mention{{Note: got[0], Letter: l.ID, Unit: "u1"}}, mentions)
		return nil
	})
	count := func(user int64) (n int) {
		b.view(func(tx store.Tx) (err error) {
			n, err = tx.Notes().CountMentions(b.ctx, user)
			return err
		})
		return n
	}
	b.equal("new ones", [4]int{1, 1, 1, 0}, [4]int{count(7), count(8), count(9), count(10)})
	b.update(func(tx store.Tx) error {
		n, err := tx.Notes().SeeMentions(b.ctx, 8, l.ID, now)
		b.equal("seen", 1, n)
		return err
	})
	b.is("somebody else's note", b.Update(b.ctx, func(tx store.Tx) error { return tx.Notes().Remove(b.ctx, first, 8) }), brevdue.ErrNotFound)
	b.update(func(tx store.Tx) error { return tx.Notes().Remove(b.ctx, first, 7) })
	b.equal("after one was taken away", [3]int{1, 0, 0}, [3]int{count(7), count(8), count(9)})
	b.view(func(tx store.Tx) error {
		got, err := tx.Notes().OfLetter(b.ctx, l.ID)
		b.is("notes", err, nil)
		b.equal("notes left", 1, len(got))
		return nil
	})
}

// testPresence: who is at a letter, and who was.
func testPresence(t *testing.T, b *bench) {
	here := func(user int64, doing store.Doing, at time.Duration) (fresh bool) {
		b.update(func(tx store.Tx) (err error) {
			fresh, err = tx.Presence().Here(b.ctx, store.Present{Letter: 5, User: user, Unit: "u1", Name: "Ida", Doing: doing, At: now.Add(at)}, now.Add(at-10*time.Second))
			return err
		})
		return fresh
	}
	b.equal("fresh", [4]bool{true, false, true, true}, [4]bool{here(7, store.DoingRead, 0), here(7, store.DoingRead, 4*time.Second), here(7, store.DoingWrite, 5*time.Second), here(8, store.DoingRead, 0)})
	at := func(since time.Duration) (n int) {
		b.view(func(tx store.Tx) error {
			there, err := tx.Presence().At(b.ctx, 5, now.Add(since))
			b.is("at the letter", err, nil)
			in, err := tx.Presence().In(b.ctx, "u1", now.Add(since))
			b.is("in the unit", err, nil)
			b.equal("in the unit as at the letter", len(there), len(in))
			n = len(there)
			return nil
		})
		return n
	}
	b.equal("known lately", [2]int{3, 2}, [2]int{at(0), at(time.Second)})
	b.update(func(tx store.Tx) error { return tx.Presence().Gone(b.ctx, 5, 7, store.DoingWrite) })
	b.equal("one has stopped writing", 1, at(time.Second))
	b.update(func(tx store.Tx) error { return tx.Presence().Sweep(b.ctx, now.Add(time.Second)) })
	b.equal("swept", 1, at(0))
	b.equal("back again", true, here(8, store.DoingRead, time.Minute))
}

// testChoices: what people have chosen.
func testChoices(t *testing.T, b *bench) {
	set := func(user int64, name, value string) {
		b.update(func(tx store.Tx) error { return tx.Choices().Set(b.ctx, user, name, value) })
	}
	set(7, "group", "due")
	set(7, "density", "compact")
	set(8, "group", "sender")
	set(7, "group", "none")
	set(7, "density", "")
	b.reopen()
	b.view(func(tx store.Tx) error {
		for user, want := range map[int64]map[string]string{7: {"group": "none"}, 8: {"group": "sender"}, 9: {}} {
			got, err := tx.Choices().Get(b.ctx, user)
			b.is("choices", err, nil)
			b.equal("choices", want, got)
		}
		return nil
	})
}

// testDrafts: a draft is changed by who knows its newest version, and by nobody else.
func testDrafts(t *testing.T, b *bench) {
	d := store.Draft{Unit: "u1", Token: "t1", ReplyTo: 4, Form: "text=Kære&cpr=1", Subject: "Medicin", Receiver: "Åbyhøj", Patient: "Nancy", Author: 7, AuthorName: "Ida", ChangedBy: 7, ChangedName: "Ida", At: now}
	put := func(v store.Draft, want error) (out store.Draft) {
		err := b.Update(b.ctx, func(tx store.Tx) (err error) {
			out, err = tx.Drafts().Put(b.ctx, v)
			return err
		})
		b.is("put", err, want)
		return out
	}
	kept := put(d, nil)
	put(d, brevdue.ErrConflict) // the token is taken
	changed := kept
	changed.Form, changed.ChangedBy, changed.ChangedName, changed.At = "text=Ny", 8, "Bo", now.Add(time.Minute)
	newer := put(changed, nil)
	b.equal("versions", [2]int64{1, 2}, [2]int64{kept.Version, newer.Version})
	put(kept, brevdue.ErrConflict) // who knows the old version changes nothing
	other := d
	other.Token, other.ReplyTo = "t2", 0
	put(other, nil)
	other.Token, other.Unit = "t3", "u2"
	put(other, nil)
	b.reopen()
	b.view(func(tx store.Tx) error {
		got, err := tx.Drafts().ByToken(b.ctx, "t1")
		b.is("by token", err, nil)
		b.equal("draft", newer, got)
		_, err = tx.Drafts().Get(b.ctx, 4711)
		b.is("no draft", err, brevdue.ErrNotFound)
		list, err := tx.Drafts().OfUnit(b.ctx, "u1", 0)
		b.is("list", err, nil)
		if len(list) != 2 || list[0].ID != newer.ID {
			t.Errorf("drafts: %+v", list)
		}
		n, err := tx.Drafts().Count(b.ctx, "u1")
		b.equal("count", 2, n)
		return err
	})
	b.update(func(tx store.Tx) error {
		if err := tx.Drafts().Delete(b.ctx, newer.ID); err != nil {
			return err
		}
		return tx.Drafts().Delete(b.ctx, newer.ID)
	})
	b.view(func(tx store.Tx) error {
		_, err := tx.Drafts().ByToken(b.ctx, "t1")
		b.is("deleted", err, brevdue.ErrNotFound)
		return nil
	})
	// A change of what was deleted meanwhile is told.
	put(newer, brevdue.ErrConflict)
}

// testDraftFiles: files come and go with their draft, and bytes are erased only when
// nothing else has them.
func testDraftFiles(t *testing.T, b *bench) {
	shas := map[string]string{}
	var draft, second store.Draft
	var first int64
	want := []store.DraftFile{{Name: "Foto æ.png", Code: "billede", Extension: "png", Size: 3, By: "Ida", At: now}, {Name: "Brev.pdf", Code: "vektor_grafik", Extension: "pdf", Size: 4, By: "Bo", At: now}}
	l := letter("u1", "B1") // has a file with the same bytes as the second
	l.Direction, l.Status = store.Out, brevdue.Queued
	b.update(func(tx store.Tx) (err error) {
		if _, err := tx.Letters().Insert(b.ctx, l); err != nil {
			return err
		}
		for _, name := range []string{"own", "shared", "twice"} {
			if shas[name], err = tx.Originals().Put(b.ctx, []byte(name), now); err != nil {
				return err
			}
		}
		if draft, err = tx.Drafts().Put(b.ctx, store.Draft{Unit: "u1", Token: "t1", At: now}); err != nil {
			return err
		}
		if second, err = tx.Drafts().Put(b.ctx, store.Draft{Unit: "u1", Token: "t2", At: now}); err != nil {
			return err
		}
		for i, sha := range []string{"own", "shared"} {
			want[i].Draft, want[i].SHA = draft.ID, shas[sha]
			if want[i].ID, err = tx.Drafts().AddFile(b.ctx, want[i]); err != nil {
				return err
			}
		}
		for _, d := range []int64{draft.ID, second.ID} {
			if first, err = tx.Drafts().AddFile(b.ctx, store.DraftFile{Draft: d, SHA: shas["twice"], At: now}); err != nil {
				return err
			}
		}
		return tx.Files().Enclose(b.ctx, store.Enclosure{Letter: l.ID, ObjectID: "o", SHA: shas["shared"]})
	})
	b.reopen()
	b.view(func(tx store.Tx) error {
		got, err := tx.Drafts().Files(b.ctx, draft.ID)
		b.is("files", err, nil)
		b.equal("files", want, got[:2])
		f, err := tx.Drafts().File(b.ctx, want[1].ID)
		b.is("file", err, nil)
		b.equal("file", want[1], f)
		_, err = tx.Drafts().File(b.ctx, 4711)
		b.is("no file", err, brevdue.ErrNotFound)
		return nil
	})
	marked := func(want ...string) {
		t.Helper()
		b.view(func(tx store.Tx) error {
			got, err := tx.Retention().Marked(b.ctx, "", 0)
			b.is("marked", err, nil)
			for _, name := range want {
				if !slices.Contains(got, shas[name]) {
					t.Errorf("%s is not marked", name)
				}
			}
			b.equal("marked", len(want), len(got))
			return nil
		})
	}
	b.update(func(tx store.Tx) error { return tx.Drafts().Delete(b.ctx, draft.ID) })
	marked("own")
	b.update(func(tx store.Tx) error { return tx.Retention().Mark(b.ctx, shas["twice"]) })
	erased := func(name string, want bool) {
		t.Helper()
		b.update(func(tx store.Tx) error {
			gone, err := tx.Retention().Erase(b.ctx, shas[name])
			b.equal(name+" erased", want, gone)
			return err
		})
	}
	erased("own", true)
	erased("twice", false) // a draft has it
	b.update(func(tx store.Tx) error { return tx.Drafts().RemoveFile(b.ctx, first) })
	erased("twice", true)
	b.update(func(tx store.Tx) error { return tx.Retention().Mark(b.ctx, shas["shared"]) })
	erased("shared", false) // a letter has it
	b.update(func(tx store.Tx) error {
		if err := tx.Retention().Clear(b.ctx, store.Cleared{Letter: l.ID, At: now}); err != nil {
			return err
		}
		return tx.Drafts().RemoveFile(b.ctx, first)
	})
	erased("shared", true)
	b.update(func(tx store.Tx) error { return tx.Retention().Forget(b.ctx, l.ID) })
}

// testPhrases: a unit's texts are listed by name and are changed by that unit alone.
func testPhrases(t *testing.T, b *bench) {
	one := store.Phrase{Unit: "u1", Name: "Ringetid", Text: "Ring {telefon}\næøå", By: "Ida", At: now}
	two := store.Phrase{Unit: "u1", Name: "Besøg", Text: "x", By: "Ida", At: now}
	b.update(func(tx store.Tx) (err error) {
		for _, v := range []*store.Phrase{&one, &two} {
			if v.ID, err = tx.UnitFacts().PutPhrase(b.ctx, *v); err != nil {
				return err
			}
		}
		two.Text, two.By, two.At = "y", "Bo", now.Add(time.Minute)
		_, err = tx.UnitFacts().PutPhrase(b.ctx, two)
		return err
	})
	list := func(want ...store.Phrase) {
		t.Helper()
		b.view(func(tx store.Tx) error {
			got, err := tx.UnitFacts().Phrases(b.ctx, "u1")
			b.equal("phrases", want, got)
			return err
		})
	}
	b.reopen()
	list(two, one)
	theirs := one
	theirs.Unit = "u2"
	b.is("change another unit's", b.Update(b.ctx, func(tx store.Tx) error { _, err := tx.UnitFacts().PutPhrase(b.ctx, theirs); return err }), brevdue.ErrNotFound)
	b.is("delete another unit's", b.Update(b.ctx, func(tx store.Tx) error { return tx.UnitFacts().DeletePhrase(b.ctx, "u2", one.ID) }), brevdue.ErrNotFound)
	b.update(func(tx store.Tx) error { return tx.UnitFacts().DeletePhrase(b.ctx, "u1", two.ID) })
	list(one)
}

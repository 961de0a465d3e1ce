package mailbox_test

import (
	"fmt"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// first does the second only when the first was refused for no other reason than
// that there is nothing to do it to.
func first(err, nothing error, then func() (any, error)) (any, error) {
	if !is(err, nothing) {
		return nil, err
	}
	return then()
}

// workCalls are the methods about a unit's own affairs.
func workCalls() []call {
	return []call{
		{"Board", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) { return w.box.Board(w.ctx, p, u) }},
		{"TakeAll", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.TakeAll(w.ctx, p, u)
		}},
		{"OpenWall", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.OpenWall(w.ctx, p, u)
		}},
		{"CloseWalls", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.CloseWalls(w.ctx, p, u)
		}},
		{"Filed", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.Filed(w.ctx, p, u, 0, 10)
		}},
		{"KeepDraft", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.KeepDraft(w.ctx, p, u, mailbox.DraftForm{Token: "a", Form: "text=x"})
		}},
		{"Drafts", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.Drafts(w.ctx, p, u, 0)
		}},
		{"CountDrafts", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.CountDrafts(w.ctx, p, u)
		}},
		{"OpenDraft", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.OpenDraft(w.ctx, p, u, w.draft(clinic))
		}},
		{"DeleteDraft", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.DeleteDraft(w.ctx, p, u, w.draft(clinic))
		}},
		{"Attach", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			got, err := w.box.Attach(w.ctx, p, u, mailbox.DraftForm{Token: "a"}, []mailbox.Upload{{Name: "Foto.png", Data: []byte(png)}})
			return got.DraftKept, err
		}},
		{"Detach", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.Detach(w.ctx, p, u, w.draftFile(clinic))
		}},
		{"DraftFile", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			_, data, err := w.box.DraftFile(w.ctx, p, u, w.draftFile(clinic))
			return data, err
		}},
		{"AtLetters", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.AtLetters(w.ctx, p, u, mailbox.Beat)
		}},
		{"Undo", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return first(w.box.Undo(w.ctx, p, u, "x"), brevdue.ErrConflict, func() (any, error) {
				t, err := w.box.AddRoute(w.ctx, p, u, store.Route{Subject: "Medicin", Team: "A"})
				if err != nil {
					return nil, err
				}
				return nil, w.box.Undo(w.ctx, p, u, t)
			})
		}},
		{"Routing", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.Routing(w.ctx, p, u)
		}},
		{"AddRoute", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.AddRoute(w.ctx, p, u, store.Route{Subject: "Medicin", Team: "A"})
		}},
		{"RemoveRoute", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			_, err := w.box.RemoveRoute(w.ctx, p, u, "", 0)
			return first(err, brevdue.ErrConflict, func() (any, error) { return nil, nil })
		}},
		{"MoveRoute", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			_, err := w.box.MoveRoute(w.ctx, p, u, "", 0, 1)
			return first(err, brevdue.ErrConflict, func() (any, error) { return nil, nil })
		}},
		{"TryRoutes", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			t, err := w.box.TryRoutes(w.ctx, p, u, nil)
			return t, err
		}},
		{"ClosedDays", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.ClosedDays(w.ctx, p, u)
		}},
		{"AddClosed", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return nil, w.box.AddClosed(w.ctx, p, u, store.Closed{From: "2026-12-24", Contact: "87654321"})
		}},
		{"RemoveClosed", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			var there []store.Closed
			if p.In(u) {
				if err := w.box.AddClosed(w.ctx, p, u, store.Closed{From: "2026-12-24", Contact: "87654321"}); err != nil {
					return nil, err
				}
				there, _ = w.box.ClosedDays(w.ctx, p, u)
			}
			id := int64(1)
			for _, c := range there {
				id = c.ID
			}
			return w.box.RemoveClosed(w.ctx, p, u, id)
		}},
		{"UnitView", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.UnitView(w.ctx, p, u)
		}},
		{"SetFacts", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.SetFacts(w.ctx, p, u, mailbox.OwnDraft{Phone: "87650000"})
		}},
		{"SubjectReceivers", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.SubjectReceivers(w.ctx, p, u)
		}},
		{"SetSubjectReceivers", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.SetSubjectReceivers(w.ctx, p, u, map[string]brevdue.GLN{"Medicin": outHome})
		}},
		{"Phrases", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.Phrases(w.ctx, p, u)
		}},
		{"SavePhrase", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return nil, w.box.SavePhrase(w.ctx, p, u, store.Phrase{ID: w.phrase(clinic), Name: "Besøg", Text: "Vi kommer {dato}."})
		}},
		{"DeletePhrase", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.DeletePhrase(w.ctx, p, u, w.phrase(clinic))
		}},
		{"Arrangements", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.Arrangements(w.ctx, p, u)
		}},
		{"AddArrangement", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return nil, w.box.AddArrangement(w.ctx, p, u, store.Arrangement{Other: outHome, Text: "Aftalt"})
		}},
		{"EndArrangement", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			id := w.arrangement(clinic)
			return w.box.EndArrangement(w.ctx, p, u, id)
		}},
		{"Unjournaled", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.Unjournaled(w.ctx, p, u, 0, 0)
		}},
		{"Tasks", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.Tasks(w.ctx, p, u, 0)
		}},
		{"CompleteTask", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return nil, w.box.CompleteTask(w.ctx, p, u, w.task(clinic, id), "")
		}},
		{"ReopenTask", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			t := w.task(clinic, id)
			w.update(func(tx store.Tx) error { return tx.Tasks().Done(w.ctx, t, w.clock(), "Anne", "") })
			return nil, w.box.ReopenTask(w.ctx, p, u, t)
		}},
	}
}

// letterWorkCalls are the methods about one letter besides reading and answering.
func letterWorkCalls() []call {
	return []call{
		{"Take", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.Take(w.ctx, p, u, id)
		}},
		{"TakeSome", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.TakeSome(w.ctx, p, u, []int64{id})
		}},
		{"AssignSome", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			if w.ida.ID == 0 {
				w.ida, _, _ = w.colleagues()
			}
			return w.box.AssignSome(w.ctx, p, u, []int64{id}, w.ida.ID)
		}},
		{"MoveSome", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.MoveSome(w.ctx, p, u, []int64{id}, "Nord")
		}},
		{"ReadSome", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.ReadSome(w.ctx, p, u, []int64{id})
		}},
		{"File", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.File(w.ctx, p, u, []int64{id})
		}},
		{"Unfile", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			_, err := w.box.Unfile(w.ctx, p, u, id)
			return first(err, brevdue.ErrConflict, func() (any, error) {
				if _, err := w.box.ReadSome(w.ctx, p, u, []int64{id}); err != nil {
					return nil, err
				}
				if _, err := w.box.File(w.ctx, p, u, []int64{id}); err != nil {
					return nil, err
				}
				return w.box.Unfile(w.ctx, p, u, id)
			})
		}},
		{"SetStage", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.SetStage(w.ctx, p, u, id, store.StageWaiting)
		}},
		{"AddNote", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			n, _, err := w.box.AddNote(w.ctx, p, u, id, "Ring")
			return n, err
		}},
		{"PhoneForm", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.PhoneForm(w.ctx, p, u, id)
		}},
		{"AddCall", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.AddCall(w.ctx, p, u, id, phoned(w))
		}},
		{"RemoveNote", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			note := int64(1)
			if p.In(u) && u == clinic {
				note, _, _ = w.box.AddNote(w.ctx, p, u, id, "Ring")
			}
			return nil, w.box.RemoveNote(w.ctx, p, u, id, note)
		}},
		{"Here", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.Here(w.ctx, p, u, id, store.DoingRead, mailbox.Beat)
		}},
		{"Gone", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return nil, w.box.Gone(w.ctx, p, u, id, store.DoingRead)
		}},
		{"AnswersSince", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			got, _, err := w.box.AnswersSince(w.ctx, p, u, id, 0)
			return got, err
		}},
		{"Leave", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.Leave(w.ctx, p, u, id)
		}},
		{"Journal", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.Journal(w.ctx, p, u, []int64{id}, "")
		}},
		{"Unjournal", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return first(w.box.Unjournal(w.ctx, p, u, id), brevdue.ErrConflict, func() (any, error) {
				if _, err := w.box.Journal(w.ctx, p, u, []int64{id}, ""); err != nil {
					return nil, err
				}
				return nil, w.box.Unjournal(w.ctx, p, u, id)
			})
		}},
		{"Printout", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.Printout(w.ctx, p, u, id)
		}},
		{"SetTeam", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.SetTeam(w.ctx, p, u, id, "Nord")
		}},
		{"SetServices", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			n, err := w.box.SetServices(w.ctx, p, u, id, "yes")
			if is(err, brevdue.ErrConflict) { // a clinic is not asked
				return nil, nil
			}
			return n, err
		}},
	}
}

func (w *world) draft(unit brevdue.GLN) (id int64) {
	w.update(func(tx store.Tx) error {
		d, err := tx.Drafts().Put(w.ctx, store.Draft{Unit: unit, Token: fmt.Sprint(w.drafts), Form: "text=Fortrolig", At: w.clock()})
		id = d.ID
		w.drafts++
		return err
	})
	return id
}

// png is how a picture begins.
const png = "\x89PNG\r\n\x1a\nx"

func (w *world) draftFile(unit brevdue.GLN) (id int64) {
	draft := w.draft(unit)
	w.update(func(tx store.Tx) error {
		sha, err := tx.Originals().Put(w.ctx, []byte(png), w.clock())
		if err != nil {
			return err
		}
		id, err = tx.Drafts().AddFile(w.ctx, store.DraftFile{Draft: draft, Name: "Foto.png", Code: "billede", Extension: "png", Size: int64(len(png)), SHA: sha, At: w.clock()})
		return err
	})
	return id
}

func (w *world) phrase(unit brevdue.GLN) (id int64) {
	w.update(func(tx store.Tx) (err error) {
		id, err = tx.UnitFacts().PutPhrase(w.ctx, store.Phrase{Unit: unit, Name: "Ringetid", Text: "Ring", At: w.clock()})
		return err
	})
	return id
}

func (w *world) arrangement(unit brevdue.GLN) (id int64) {
	w.update(func(tx store.Tx) (err error) {
		id, err = tx.UnitFacts().AddArrangement(w.ctx, store.Arrangement{Unit: unit, Other: outHome, Text: "Aftalt", At: w.clock()})
		return err
	})
	return id
}

func (w *world) task(unit brevdue.GLN, letter int64) (id int64) {
	w.update(func(tx store.Tx) (err error) {
		id, err = tx.Tasks().Add(w.ctx, store.Task{Unit: unit, Letter: letter, Kind: store.TaskInform, Due: w.clock(), At: w.clock()})
		return err
	})
	return id
}

// phoned is a complete record of a call.
func phoned(w *world) mailbox.CallDraft {
	return mailbox.CallDraft{At: string(kalender.LocalOf(w.clock())), Organisation: "Hjemmesygeplejen Nord", Number: "11 22 33 44", Who: "Sygeplejerske", Agreed: "Fortrolig aftale."}
}

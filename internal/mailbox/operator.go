package mailbox

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"brevdue"
	"brevdue/internal/store"
)

// operatorRows is how many of each list the operator's page shows.
const operatorRows = 200

// Operator lists what the machine could not settle alone. Others than operators
// get ErrForbidden.
func (b *Box) Operator(ctx context.Context, p Person) (Operator, error) {
	var o Operator
	err := b.view(ctx, p, func(tx store.Tx) error {
		o = Operator{Now: b.cfg.Now()}
		err := may(p, RightOperate, "")
		if err != nil {
			return err
		}
		if o.Quarantine, err = tx.Arrivals().List(ctx, store.ArrivalQuarantined, operatorRows); err != nil {
			return err
		}
		if o.Unmatched, err = tx.Arrivals().List(ctx, store.ArrivalUnmatched, operatorRows); err != nil {
			return err
		}
		if o.Refused, err = tx.Letters().RefusedList(ctx, operatorRows); err != nil {
			return err
		}
		for i := range o.Refused {
			// The list needs no citizen; opening one is logged.
			o.Refused[i].CPR, o.Refused[i].PatientName, o.Refused[i].FirstLine, o.Refused[i].Subject = "", "", "", ""
		}
		for _, state := range []store.JobState{store.JobDead, store.JobHeld} {
			jobs, err := tx.Jobs().List(ctx, state, operatorRows)
			if err != nil {
				return err
			}
			o.DeadJobs = append(o.DeadJobs, jobs...)
		}
		if o.Retried, err = tx.Jobs().Retried(ctx, operatorRows); err != nil {
			return err
		}
		if o.Alerts, err = store.Alerts(ctx, tx); err != nil {
			return err
		}
		o.Waiting, err = tx.Jobs().Count(ctx, store.JobWaiting)
		return err
	})
	if err != nil {
		return Operator{}, err
	}
	return o, nil
}

// OperatorArrival shows a received file with its bytes and the receipts it got; the look
// is logged.
func (b *Box) OperatorArrival(ctx context.Context, p Person, id int64) (a store.Arrival, data []byte, answers []*store.StoredReceipt, err error) {
	err = b.update(ctx, p, func(tx store.Tx) (err error) {
		if err = may(p, RightOperate, ""); err != nil {
			return err
		}
		if a, err = tx.Arrivals().Get(ctx, id); err != nil {
			return err
		}
		if data, err = tx.Originals().Get(ctx, a.SHA); err != nil {
			return err
		}
		of, err := tx.Receipts().ByArrival(ctx, id)
		if err != nil {
			return err
		}
		for _, r := range of {
			if r.Direction == store.Out {
				answers = append(answers, r)
			}
		}
		return b.note(ctx, tx, p, "arrival.seen", "", 0, fmt.Sprintf("arrival %d", id))
	})
	if err != nil {
		return store.Arrival{}, nil, nil, err
	}
	return a, data, answers, nil
}

// OperatorLetter shows a letter that is in no unit's care: one that was refused,
// or whose receiver is not known here. The look is logged.
func (b *Box) OperatorLetter(ctx context.Context, p Person, id int64) (Opened, error) {
	var o Opened
	err := b.update(ctx, p, func(tx store.Tx) error {
		if err := may(p, RightOperate, ""); err != nil {
			return err
		}
		l, err := tx.Letters().Get(ctx, id)
		if err != nil {
			return err
		}
		if l.Direction != store.In || accepted(l.Status) {
			return &denied{unit: l.Unit, letter: id, why: "letter in a unit's care", as: brevdue.ErrNotFound}
		}
		if o, err = b.opened(ctx, tx, store.Unit{}, id); err != nil {
			return err
		}
		return b.note(ctx, tx, p, "letter.seen", l.Unit, id, "operator")
	})
	if err != nil {
		return Opened{}, err
	}
	return o, nil
}

// RetryArrival lets the gateway look again at a received file it could make
// nothing of; ErrConflict when it is not in that state any more.
func (b *Box) RetryArrival(ctx context.Context, p Person, id int64) error {
	return b.update(ctx, p, func(tx store.Tx) error {
		if err := may(p, RightOperate, ""); err != nil {
			return err
		}
		a, err := tx.Arrivals().Get(ctx, id)
		if err != nil {
			return err
		}
		if a.State != store.ArrivalQuarantined && a.State != store.ArrivalUnmatched && a.State != store.ArrivalClosed {
			return fmt.Errorf("arrival %d is %s: %w", id, a.State, brevdue.ErrConflict)
		}
		a.State, a.Reason, a.Findings, a.Note = store.ArrivalNew, "", nil, ""
		if err := tx.Arrivals().Update(ctx, a); err != nil {
			return err
		}
		now := b.cfg.Now()
		job := store.Job{Kind: store.JobOpen, Key: fmt.Sprintf("open:%d", id), Subject: id, RunAt: now, Created: now}
		if err := tx.Jobs().AddOrRelease(ctx, job); err != nil { // an earlier try may have been given up
			return err
		}
		tx.Notify(store.TopicOperator)
		return b.note(ctx, tx, p, "arrival.retried", "", 0, fmt.Sprintf("arrival %d", id))
	})
}

// longestReason is how long an operator's reason may be: what a receipt has room for.
const longestReason = 350 // characters

// CloseArrival puts a received file aside that nothing can be made of, with a reason; its
// bytes stay, and RetryArrival opens it again. With answer its sender gets a negative
// receipt that holds the reason. [Faults] when the reason is missing or too long,
// ErrConflict when the file is not in that state any more.
func (b *Box) CloseArrival(ctx context.Context, p Person, id int64, reason string, answer bool) error {
	reason = strings.TrimSpace(reason)
	return b.update(ctx, p, func(tx store.Tx) error {
		if err := may(p, RightOperate, ""); err != nil {
			return err
		}
		if reason == "" || utf8.RuneCountInString(reason) > longestReason {
			return Faults{{Field: "reason", Text: "Skriv en begrundelse (højst 350 tegn).", TextEN: "Write a reason (at most 350 characters)."}}
		}
		a, err := tx.Arrivals().Get(ctx, id)
		if err != nil {
			return err
		}
		if a.State != store.ArrivalQuarantined && a.State != store.ArrivalUnmatched {
			return fmt.Errorf("arrival %d is %s: %w", id, a.State, brevdue.ErrConflict)
		}
		a.State, a.Note = store.ArrivalClosed, reason
		if err := tx.Arrivals().Update(ctx, a); err != nil {
			return err
		}
		action := "arrival.closed"
		if answer {
			action = "arrival.refused"
			now := b.cfg.Now()
			job := store.Job{Kind: store.JobRefuse, Key: fmt.Sprintf("refuse:%d", id), Subject: id, RunAt: now, Created: now}
			if err := tx.Jobs().Add(ctx, job); err != nil {
				return err
			}
		}
		tx.Notify(store.TopicOperator)
		return b.note(ctx, tx, p, action, "", 0, fmt.Sprintf("arrival %d", id))
	})
}

// HoldJob stops a waiting job until ReleaseJob; ErrConflict when it is not waiting.
func (b *Box) HoldJob(ctx context.Context, p Person, job int64) error {
	return b.update(ctx, p, func(tx store.Tx) error {
		if err := may(p, RightOperate, ""); err != nil {
			return err
		}
		if err := tx.Jobs().Hold(ctx, job); err != nil {
			return err
		}
		tx.Notify(store.TopicOperator)
		return b.note(ctx, tx, p, "job.held", "", 0, fmt.Sprintf("job %d", job))
	})
}

// GiveUpJob ends the tries to send a letter: it becomes a task of its unit, which can put
// it right or send it again. Other jobs cannot be given up, as somebody would wait for
// what they do. ErrConflict when the job is at work, is another one, or is not there.
func (b *Box) GiveUpJob(ctx context.Context, p Person, job int64) error {
	return b.update(ctx, p, func(tx store.Tx) error {
		if err := may(p, RightOperate, ""); err != nil {
			return err
		}
		j, err := tx.Jobs().Get(ctx, job)
		if err != nil {
			return err
		}
		if j.Kind != store.JobSend {
			return fmt.Errorf("job %d is of kind %s: %w", job, j.Kind, brevdue.ErrConflict)
		}
		if err := tx.Jobs().Remove(ctx, job); err != nil {
			return err
		}
		l, err := tx.Letters().Get(ctx, j.Subject)
		if err != nil {
			return err
		}
		now := b.cfg.Now()
		if err := tx.Letters().Move(ctx, l.ID, brevdue.Queued, brevdue.Unconfirmed); err != nil {
			return err
		}
		if err := tx.Letters().SetNote(ctx, l.ID, "Driften har opgivet at sende brevet. Ring til modtageren, eller send det igen."); err != nil {
			return err
		}
		if err := tx.Letters().AddEvent(ctx, l.ID, store.Event{At: now, What: eventGivenUp, Who: p.Name}); err != nil {
			return err
		}
		if _, err := tx.Tasks().Add(ctx, store.Task{Unit: l.Unit, Letter: l.ID, Kind: store.TaskUnconfirmed, Due: now, At: now}); err != nil {
			return err
		}
		tx.Notify(store.TopicUnit(l.Unit))
		tx.Notify(store.TopicOperator)
		return b.note(ctx, tx, p, "job.given-up", l.Unit, l.ID, fmt.Sprintf("job %d", job))
	})
}

// ReleaseJob lets a job that was given up or held run again; ErrConflict when it
// is neither.
func (b *Box) ReleaseJob(ctx context.Context, p Person, job int64) error {
	return b.update(ctx, p, func(tx store.Tx) error {
		if err := may(p, RightOperate, ""); err != nil {
			return err
		}
		if err := tx.Jobs().Release(ctx, job, b.cfg.Now()); err != nil {
			return err
		}
		tx.Notify(store.TopicOperator)
		return b.note(ctx, tx, p, "job.released", "", 0, fmt.Sprintf("job %d", job))
	})
}

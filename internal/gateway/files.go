package gateway

import (
	"context"
	"errors"
	"fmt"

	"brevdue"
	"brevdue/internal/queue"
	"brevdue/internal/store"
	"brevdue/medcom"
	"brevdue/vans"
)

// Words of the timeline of a letter of ours for its files.
const (
	eventFilesSent        = "files-sent"
	eventFilesDelivered   = "files-delivered"
	eventFilesRejected    = "files-rejected"
	eventFilesUnconfirmed = "files-unconfirmed"
	eventFilesFailed      = "files-failed" // they cannot be written
)

// sendFiles hands the files of a letter to the network, in one message of their own
// (std:xdis91 §6). Like a letter it is a fact before any byte leaves, and a repeated try
// has the same envelope and bytes.
func (g *Gateway) sendFiles(ctx context.Context, job store.Job) error {
	var m store.FileMessage
	var data []byte
	var bad []brevdue.Finding
	err := g.commit(ctx, PointAttempt, func(tx store.Tx) (err error) {
		m, err = tx.Files().Get(ctx, job.Subject)
		if isNotFound(err) {
			m, data, bad, err = g.startFiles(ctx, tx, job.Subject)
			return err
		}
		if err != nil || !m.HandedAt.IsZero() {
			return err
		}
		data, err = tx.Originals().Get(ctx, m.SHA)
		return err
	})
	if errors.Is(err, errUnwritable) {
		return g.giveUpFiles(ctx, job, bad)
	}
	if err != nil {
		return fmt.Errorf("send files of letter %d: %w", job.Subject, err)
	}
	if data == nil {
		return nil // handed over already
	}
	if err := g.handOver(ctx, PointHandOver, fileName(m.Kind, m.Envelope, data), data, job.Attempts); err != nil {
		return err
	}
	err = g.commit(ctx, PointSent, func(tx store.Tx) error {
		now := g.Now()
		l, err := tx.Letters().Get(ctx, job.Subject)
		if err != nil {
			return err
		}
		if err := tx.Files().MarkHanded(ctx, l.ID, now); err != nil {
			return err
		}
		if err := tx.Letters().AddEvent(ctx, l.ID, store.Event{At: now, What: eventFilesSent, Detail: string(m.Kind) + " · Kuvert " + m.Envelope, SHA: m.SHA}); err != nil {
			return err
		}
		if err := g.note(ctx, tx, "files.sent", l.Unit, l.ID, "Kuvert "+m.Envelope); err != nil {
			return err
		}
		notify(tx, l.Unit)
		return tx.Jobs().Finish(ctx, job.ID)
	})
	if err != nil {
		return fmt.Errorf("note that the files of letter %d were sent: %w", job.Subject, err)
	}
	return queue.ErrFinished
}

// startFiles records the message that carries a letter's files, and the job that waits
// for its receipt.
func (g *Gateway) startFiles(ctx context.Context, tx store.Tx, letter int64) (m store.FileMessage, data []byte, bad []brevdue.Finding, err error) {
	l, err := tx.Letters().Get(ctx, letter)
	if err != nil {
		return m, nil, nil, err
	}
	enclosed, err := tx.Files().Enclosed(ctx, letter)
	if err != nil {
		return m, nil, nil, err
	}
	out := medcom.BinaryLetter{StatisticalCode: "XBIN01", Authorised: l.Body.Authorised, Sender: l.Body.Sender, Receiver: l.Body.Receiver, Patient: l.Body.Patient}
	for _, e := range enclosed {
		file, err := tx.Originals().Get(ctx, e.SHA)
		if err != nil {
			return m, nil, nil, err
		}
		out.Objects = append(out.Objects, medcom.Object{ObjectID: e.ObjectID, Code: e.Code, Extension: e.Extension, Size: e.Size, Data: file})
	}
	if out.ID, err = g.number(ctx, tx, store.SeriesLetter); err != nil {
		return m, nil, nil, err
	}
	m = store.FileMessage{Letter: letter, Message: out.ID, Kind: g.entry(l.Body.Receiver.GLN).Files(l.Kind), At: g.Now()}
	if m.Envelope, err = g.number(ctx, tx, store.SeriesEnvelope); err != nil {
		return m, nil, nil, err
	}
	envelope := brevdue.Envelope{ID: m.Envelope, Sent: local(m.At), Sender: l.Body.Sender.GLN, Receiver: l.Body.Receiver.GLN, WantsReceipt: true}
	data, bad = medcom.EncodeBinary(medcom.BinaryMessage{Envelope: envelope, Letters: []medcom.BinaryLetter{out}}, m.Kind)
	if data == nil || brevdue.HasErrors(bad) {
		return m, nil, bad, errUnwritable
	}
	_, enveloped, err := answers(ctx, tx, l)
	if err != nil {
		return m, nil, nil, err
	}
	if g.Network.Wrap || enveloped {
		version := "B0131X"
		if m.Kind == brevdue.XBIN01 {
			version = "XB0131X"
		}
		data = g.wrap(data, m.Kind, version, envelope, out.ID, true)
	}
	if m.SHA, err = tx.Originals().Put(ctx, data, m.At); err != nil {
		return m, nil, nil, err
	}
	if err := tx.Files().Start(ctx, m); err != nil {
		return m, nil, nil, err
	}
	due := m.At.Add(g.Network.Await)
	return m, data, nil, tx.Jobs().Add(ctx, store.Job{Kind: store.JobAwaitFiles, Key: fmt.Sprintf("await-files:%d", letter), Subject: letter, RunAt: due, Created: m.At})
}

// giveUpFiles leaves files that cannot be written where people see it: the letter
// refers to what will not come.
func (g *Gateway) giveUpFiles(ctx context.Context, job store.Job, findings []brevdue.Finding) error {
	err := g.Store.Update(ctx, func(tx store.Tx) error {
		l, err := tx.Letters().Get(ctx, job.Subject)
		if err != nil {
			return err
		}
		return g.filesTrouble(ctx, tx, l, store.Event{What: eventFilesFailed, Detail: firstErrors(findings)})
	})
	if err != nil {
		return fmt.Errorf("send files of letter %d: %w", job.Subject, err)
	}
	return queue.GiveUp(fmt.Errorf("files: %w", errUnwritable))
}

// filesTrouble tells on the letter that its files did not get through, and makes it
// somebody's task.
func (g *Gateway) filesTrouble(ctx context.Context, tx store.Tx, l *store.Letter, e store.Event) error {
	e.At = g.Now()
	if err := tx.Letters().AddEvent(ctx, l.ID, e); err != nil {
		return err
	}
	if err := g.mustAct(ctx, tx, l, store.TaskFiles); err != nil {
		return err
	}
	notify(tx, l.Unit)
	return g.note(ctx, tx, "letter."+e.What, l.Unit, l.ID, "")
}

// awaitFiles runs when the receipt for a letter's files is overdue.
func (g *Gateway) awaitFiles(ctx context.Context, job store.Job) error {
	again := false
	err := g.commit(ctx, PointUnconfirmed, func(tx store.Tx) error {
		m, err := tx.Files().Get(ctx, job.Subject)
		if err != nil {
			return err
		}
		if m.AnsweredAt.IsZero() {
			l, err := tx.Letters().Get(ctx, job.Subject)
			if err != nil {
				return err
			}
			if again = m.HandedAt.IsZero() || g.Now().Before(m.HandedAt.Add(g.Network.Await)); again {
				return nil
			}
			if err := g.filesTrouble(ctx, tx, l, store.Event{What: eventFilesUnconfirmed, Detail: "Kuvert " + m.Envelope}); err != nil {
				return err
			}
		}
		return tx.Jobs().Finish(ctx, job.ID)
	})
	if err != nil {
		return fmt.Errorf("await receipt for files of letter %d: %w", job.Subject, err)
	}
	if again {
		return queue.Later(g.Network.Await)
	}
	return queue.ErrFinished
}

// settleFiles takes in a receipt for a message that carried files; known tells whether
// it was one. What the receipt says of the files never moves their letter.
func (g *Gateway) settleFiles(ctx context.Context, tx store.Tx, a *store.Arrival, s *store.StoredReceipt, envelope, reason string) (known bool, err error) {
	m, err := tx.Files().ByEnvelope(ctx, envelope)
	if isNotFound(err) {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	l, err := tx.Letters().Get(ctx, m.Letter)
	if err != nil {
		return true, err
	}
	a.State = store.ArrivalOpened
	if s.Kind == vansKind(vans.PositiveMessage) {
		return true, nil // it arrived; whether it was accepted is still to come
	}
	err = tx.Files().Answer(ctx, m.Letter, s.Outcome, a.At)
	if errors.Is(err, brevdue.ErrConflict) {
		a.State, a.Reason = store.ArrivalDuplicate, "Bilagene til "+l.Number()+" er kvitteret før."
		return true, nil
	}
	if err != nil {
		return true, err
	}
	s.Original, s.SHA, s.Arrival, s.At = envelope, a.SHA, a.ID, g.Now()
	if s.ID, err = tx.Receipts().Insert(ctx, s); err != nil {
		return true, fmt.Errorf("keep receipt: %w", err)
	}
	if s.Outcome != brevdue.Positive {
		return true, g.filesTrouble(ctx, tx, l, store.Event{What: eventFilesRejected, Detail: reason, SHA: a.SHA})
	}
	if err := g.settleTasks(ctx, tx, l, "Kvitteringen for bilagene er kommet.", store.TaskFiles); err != nil {
		return true, err
	}
	notify(tx, l.Unit)
	return true, tx.Letters().AddEvent(ctx, l.ID, store.Event{At: a.At, What: eventFilesDelivered, Detail: string(s.Kind) + " · Kuvert " + s.Envelope, SHA: a.SHA})
}

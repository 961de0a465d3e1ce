package mailbox_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// returned sends a letter and lets it come back refused, as the gateway does.
func (w *world) returned(p mailbox.Person, unit brevdue.GLN, d mailbox.Draft) int64 {
	w.t.Helper()
	id := w.sent(p, unit, d)
	w.refuse(id)
	return id
}

// refuse is the gateway's work when a negative receipt comes.
func (w *world) refuse(id int64) {
	w.t.Helper()
	w.update(func(tx store.Tx) error {
		jobs, err := tx.Jobs().Claim(w.ctx, w.clock(), 1, 10) // the job that sent it
		if err != nil {
			return err
		}
		for _, j := range jobs {
			if err := tx.Jobs().Finish(w.ctx, j.ID); err != nil {
				return err
			}
		}
		for _, to := range []brevdue.Status{brevdue.Sent, brevdue.Rejected} {
			l, err := tx.Letters().Get(w.ctx, id)
			if err != nil {
				return err
			}
			if err := tx.Letters().Move(w.ctx, id, l.Status, to); err != nil {
				return err
			}
		}
		if err := tx.Letters().SetNote(w.ctx, id, "Afvist af modtageren."); err != nil {
			return err
		}
		l, err := tx.Letters().Get(w.ctx, id)
		if err != nil {
			return err
		}
		_, err = tx.Tasks().Add(w.ctx, store.Task{Unit: l.Unit, Letter: id, Kind: store.TaskRejected, Due: w.clock(), At: w.clock()})
		return err
	})
}

// F5, F81: a letter that was refused is sent again as it is, with its number, a reason
// and one job, and its task is closed; once.
func TestResend(t *testing.T) {
	w := newWorld(t)
	id := w.returned(anne(), clinic, draft())
	number := w.letter(id).Body.ID
	if err := w.box.Resend(w.ctx, anne(), clinic, id, " "); faults(t, err) != "reason" {
		t.Errorf("without a reason: %v", err)
	}
	if err := w.box.Resend(w.ctx, anne(), clinic, id, "om 010490-9989"); faults(t, err) != "reason" {
		t.Errorf("with a citizen's number: %v", err)
	}
	if tasks, err := w.box.Tasks(w.ctx, anne(), clinic, 0); err != nil || len(tasks) != 1 || w.jobs() != "" {
		t.Fatalf("before: %d tasks, jobs %q, %v", len(tasks), w.jobs(), err)
	}
	if err := w.box.Resend(w.ctx, anne(), clinic, id, "modtageren har rettet sit nummer"); err != nil {
		t.Fatal(err)
	}
	l := w.letter(id)
	if l.Status != brevdue.Queued || l.Body.ID != number || l.Note != "" || w.jobs() != fmt.Sprintf("send:%d", id) {
		t.Errorf("now %s, number %s, note %q, jobs %q", l.Status, l.Body.ID, l.Note, w.jobs())
	}
	if tasks, err := w.box.Tasks(w.ctx, anne(), clinic, 0); err != nil || len(tasks) != 0 {
		t.Errorf("open tasks %+v, %v", tasks, err)
	}
	if got := w.events(id); got != "created resent" {
		t.Errorf("timeline %s", got)
	}
	if err := w.box.Resend(w.ctx, anne(), clinic, id, "en gang til"); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("twice: %v", err)
	}
	w.sound()
}

// An operator holds a letter that the network does not take, lets it go on, and gives it
// up: then it is its unit's task, and can be sent again with its number.
func TestOperatorGivesUpSending(t *testing.T) {
	w := newWorld(t)
	id := w.sent(anne(), clinic, draft())
	var job store.Job
	w.update(func(tx store.Tx) error { // tried once, in vain
		jobs, err := tx.Jobs().Claim(w.ctx, w.clock(), 1, 1, store.JobSend)
		if err != nil {
			return err
		}
		job = jobs[0]
		return tx.Jobs().Again(w.ctx, job.ID, w.clock().Add(time.Minute), "the network is away")
	})
	if o, err := w.box.Operator(w.ctx, olga()); err != nil || len(o.Retried) != 1 || o.Retried[0].ID != job.ID {
		t.Fatalf("retried: %+v, %v", o.Retried, err)
	}
	if err := w.box.HoldJob(w.ctx, olga(), job.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.box.HoldJob(w.ctx, olga(), job.ID); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("held twice: %v", err)
	}
	if err := w.box.ReleaseJob(w.ctx, olga(), job.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.box.GiveUpJob(w.ctx, olga(), job.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.box.GiveUpJob(w.ctx, olga(), job.ID); !errors.Is(err, brevdue.ErrNotFound) {
		t.Errorf("given up twice: %v", err)
	}
	if tasks, err := w.box.Tasks(w.ctx, anne(), clinic, 0); err != nil || len(tasks) != 1 || w.letter(id).Status != brevdue.Unconfirmed || w.jobs() != "" {
		t.Errorf("%d tasks, letter %s, jobs %q, %v", len(tasks), w.letter(id).Status, w.jobs(), err)
	}
	if err := w.box.Resend(w.ctx, anne(), clinic, id, "netværket virker igen"); err != nil {
		t.Fatal(err)
	}
	if got := w.events(id); !strings.HasSuffix(got, "given-up resent") || w.jobs() != fmt.Sprintf("send:%d", id) {
		t.Errorf("timeline %s, jobs %q", got, w.jobs())
	}
	w.sound()
}

// F5: Ret og gensend begins with all that was written, without the old signature; the
// new letter says what it takes the place of, the old one's task is closed, and a letter
// that got through meanwhile is not written a second time.
func TestCorrection(t *testing.T) {
	w := newWorld(t)
	d := draft()
	d.Text = "Fortrolig første del.\n\nAnden del."
	d.Episode = brevdue.EpisodeInpatient
	d.Discharging, d.Discharge, d.Services, d.Need, d.Exempt = "yes", "2026-11-27", "no", "2026-12-01", true
	d.Basis, d.Weighing = "43-2-2", "Oplysningerne kan ikke vente til i morgen."
	d.Call = mailbox.CallDraft{At: "2026-11-24T09:30", Organisation: "Visitationen", Number: "87651234", Who: "Visitator", Agreed: "Besøg"}
	id := w.returned(anne(), clinic, d)
	got, answers, err := w.box.Correction(w.ctx, anne(), clinic, id)
	if err != nil || answers != 0 {
		t.Fatal(answers, err)
	}
	want := d
	want.Corrects, want.Exempt, want.Health = id, false, "" // a call was made, and nobody asked for the rest
	if !reflect.DeepEqual(got, want) {
		t.Errorf("begins with %+v, want %+v", got, want)
	}
	got.Token = "form"
	fresh, err := w.box.SendLetter(w.ctx, anne(), clinic, got)
	if err != nil {
		t.Fatal(faults(t, err))
	}
	if l := w.letter(fresh); l.Body.ID == w.letter(id).Body.ID || l.Body.Text() != "Fortrolig første del.\n\nAnden del.\n\n24.11.2026\nSygeplejerske\nAnne Prøve\nTlf. 87654321" {
		t.Errorf("sent as %s, %q", l.Body.ID, l.Body.Text())
	}
	if old, now := w.events(id), w.events(fresh); old != "created call corrected" || now != "created call corrects" {
		t.Errorf("timelines %q and %q", old, now)
	}
	tasks, err := w.box.Tasks(w.ctx, anne(), clinic, 0)
	for _, task := range tasks {
		if task.Kind == store.TaskRejected {
			t.Errorf("open: %+v, %v", task, err)
		}
	}
	if w.letter(id).Status != brevdue.Rejected {
		t.Error("the old letter is not what it was")
	}

	// It got through after all while the form was open.
	late := w.returned(anne(), clinic, draft())
	got, _, err = w.box.Correction(w.ctx, anne(), clinic, late)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.box.Resend(w.ctx, anne(), clinic, late, "en kollega sendte det igen"); err != nil {
		t.Fatal(err)
	}
	before := w.jobs()
	if _, err := w.box.SendLetter(w.ctx, anne(), clinic, got); !strings.Contains(faults(t, err), "token") || w.jobs() != before {
		t.Errorf("sent a second time: %v", err)
	}
	if _, _, err := w.box.Correction(w.ctx, anne(), clinic, late); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("a letter on its way: %v", err)
	}
	w.sound()
}

// A reply that came back is put right as a reply.
func TestCorrectionOfAReply(t *testing.T) {
	w := newWorld(t)
	in := w.arrive(incoming{})
	id, err := w.box.Reply(w.ctx, anne(), clinic, in, answer())
	if err != nil {
		t.Fatal(err)
	}
	w.refuse(id)
	d, answers, err := w.box.Correction(w.ctx, anne(), clinic, id)
	if err != nil || answers != in || d.Text != "Fortrolig svar." || d.Subject != "Medicin" {
		t.Errorf("answers %d, %+v, %v", answers, d, err)
	}
	d.Discharging = "no"
	fresh, err := w.box.Reply(w.ctx, anne(), clinic, in, d)
	if err != nil || w.letter(fresh).ReplyTo != in {
		t.Errorf("%v", faults(t, err))
	}
}

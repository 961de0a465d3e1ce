package mailbox_test

import (
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// One legal basis to a letter, with what the law asks of it (AGR-901..907).
func TestLegalBasis(t *testing.T) {
	w := newWorld(t)
	const weighing = "Borgeren er i fare, og bostedet skal vide det." // 46 characters
	for _, c := range []struct {
		name   string
		to     brevdue.GLN
		change func(*mailbox.Draft)
		want   string
		task   store.TaskKind
		due    time.Time
	}{
		{name: "AGR-907 none chosen", change: func(d *mailbox.Draft) { d.Basis = "" }, want: "basis"},
		{name: "AGR-907 one that is not the agreement's", change: func(d *mailbox.Draft) { d.Basis = "42-1" }, want: "basis"},
		{name: "AGR-901 consent", change: func(d *mailbox.Draft) { d.Basis = "samtykke" }},
		{name: "AGR-902 current course", change: func(d *mailbox.Draft) { d.Basis = "41-2-1" }},
		{name: "AGR-903 without a weighing", change: func(d *mailbox.Draft) { d.Basis = "41-2-4" }, want: "weighing"},
		{name: "AGR-903 with a weighing", change: func(d *mailbox.Draft) { d.Basis, d.Weighing = "41-2-4", weighing }, task: store.TaskInform, due: time.Date(2026, 11, 25, 15, 0, 0, 0, kalender.Copenhagen())},
		{name: "AGR-905 without a weighing", change: func(d *mailbox.Draft) { d.Basis = "43-2-2" }, want: "weighing"},
		{name: "AGR-906 19 characters", change: func(d *mailbox.Draft) { d.Basis, d.Weighing = "43-2-2", strings.Repeat("x", 19)+"  " }, want: "weighing"},
		{name: "AGR-906 20 characters", change: func(d *mailbox.Draft) { d.Basis, d.Weighing = "43-2-2", strings.Repeat("æ", 20) }, task: store.TaskInform, due: time.Date(2026, 11, 25, 15, 0, 0, 0, kalender.Copenhagen())},
		{name: "AGR-906 2001 characters", change: func(d *mailbox.Draft) { d.Basis, d.Weighing = "43-2-2", strings.Repeat("x", 2001) }, want: "weighing"},
		{name: "AGR-904 without a date", change: func(d *mailbox.Draft) { d.Basis = "43-1" }, want: "consentdate"},
		{name: "AGR-904 dated tomorrow", change: func(d *mailbox.Draft) { d.Basis, d.ConsentDate = "43-1", "2026-11-25" }, want: "consentdate"},
		{name: "AGR-904 dated today", change: func(d *mailbox.Draft) { d.Basis, d.ConsentDate = "43-1", "2026-11-24" }, task: store.TaskConsent, due: time.Date(2027, 11, 24, 0, 0, 0, 0, kalender.Copenhagen())},
		{name: "AGR-904 a year less a day old", change: func(d *mailbox.Draft) { d.Basis, d.ConsentDate = "43-1", "2025-11-25" }, task: store.TaskConsent, due: time.Date(2026, 11, 25, 0, 0, 0, 0, kalender.Copenhagen())},
		{name: "AGR-904 a year old", change: func(d *mailbox.Draft) { d.Basis, d.ConsentDate = "43-1", "2025-11-24" }, want: "consentdate"},
		{name: "Amb-23 social area, § 41", to: outSoc, change: func(d *mailbox.Draft) { d.Health = "" }, want: "health"},
		{name: "Amb-23 social area, consent", to: outSoc, change: func(d *mailbox.Draft) { d.Basis, d.Health = "samtykke", "" }, want: "health"},
		{name: "Amb-23 nonsense", to: outSoc, change: func(d *mailbox.Draft) { d.Health = "x" }, want: "health"},
		{name: "Amb-23 not a health person", to: outSoc, change: func(d *mailbox.Draft) { d.Health = "no" }},
		{name: "Amb-23 social area, § 43", to: outSoc, change: func(d *mailbox.Draft) { d.Basis, d.ConsentDate, d.Health = "43-1", "2026-11-24", "" }, task: store.TaskConsent, due: time.Date(2027, 11, 24, 0, 0, 0, 0, kalender.Copenhagen())},
		{name: "AGR-204 not covered is asked all the same", to: outWard, change: func(d *mailbox.Draft) { d.Basis = "" }, want: "basis"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := draft()
			if c.to != "" {
				d.Receiver = c.to
			}
			c.change(&d)
			if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != c.want {
				t.Fatalf("faults %q, want %q", got, c.want)
			}
			if c.want != "" {
				return
			}
			id := w.sent(anne(), clinic, d)
			l := w.letter(id)
			if l.Record.Basis == nil || l.Record.Basis.Code != d.Basis || l.Record.Basis.By != "Anne Prøve" || !l.Record.Basis.At.Equal(w.clock()) {
				t.Errorf("kept %+v", l.Record.Basis)
			}
			var tasks []store.Task
			w.view(func(tx store.Tx) (err error) { tasks, err = tx.Tasks().OfLetter(w.ctx, id); return err })
			switch {
			case c.task == "" && len(tasks) == 0:
			case len(tasks) != 1 || tasks[0].Kind != c.task || !tasks[0].Due.Equal(c.due) || tasks[0].Unit != clinic || tasks[0].DoneAt != (time.Time{}):
				t.Errorf("tasks %+v, want %s due %s", tasks, c.task, c.due)
			}
		})
	}
	w.sound()
}

// The duty to tell the citizen falls on the next working day: over a weekend, over
// Christmas with the days the agreement closes, and across the night the clock changes.
func TestTheDutyToTellHasATime(t *testing.T) {
	w := newWorld(t)
	day := func(y int, m time.Month, d, h, min int) time.Time {
		return time.Date(y, m, d, h, min, 0, 0, kalender.Copenhagen())
	}
	for _, c := range []struct{ sent, due time.Time }{
		{day(2026, 11, 27, 16, 0), day(2026, 11, 30, 15, 0)},
		{day(2026, 11, 28, 9, 0), day(2026, 11, 30, 15, 0)},
		{day(2026, 12, 23, 10, 0), day(2026, 12, 28, 15, 0)},
		{day(2026, 12, 30, 10, 0), day(2027, 1, 4, 15, 0)},
		{day(2026, 10, 23, 15, 0), day(2026, 10, 26, 15, 0)},
		{day(2026, 3, 27, 15, 0), day(2026, 3, 30, 15, 0)},
	} {
		w.at(c.sent)
		d := draft()
		d.Basis, d.Weighing = "43-2-2", "Oplysningerne kan ikke vente til et samtykke."
		id := w.sent(anne(), clinic, d)
		w.view(func(tx store.Tx) error {
			tasks, err := tx.Tasks().OfLetter(w.ctx, id)
			if err == nil && (len(tasks) != 1 || !tasks[0].Due.Equal(c.due)) {
				t.Errorf("sent %s: %+v", c.sent, tasks)
			}
			return err
		})
	}
}

// A consent of 29 February holds a whole year.
func TestConsentOfALeapDay(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ now, want string }{{"2029-02-28", ""}, {"2029-03-01", "consentdate"}} {
		on, err := kalender.ParseDay(c.now)
		if err != nil {
			t.Fatal(err)
		}
		w.at(on.At(10 * 60))
		d := draft()
		d.Basis, d.ConsentDate = "43-1", "2028-02-29"
		if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != c.want {
			t.Errorf("on %s: faults %q, want %q", c.now, got, c.want)
		}
	}
}

// An answer begins with the basis the unit last used in the thread, and nothing is
// chosen in the first letter.
func TestAnAnswerBeginsWithTheLastBasis(t *testing.T) {
	w := newWorld(t)
	in := w.arrive(incoming{})
	f, err := w.box.ReplyForm(w.ctx, anne(), clinic, in, mailbox.Draft{})
	if err != nil || f.LastBasis != "" {
		t.Errorf("first answer begins with %q, %v", f.LastBasis, err)
	}
	d := answer()
	d.Basis = "samtykke"
	if _, err := w.box.Reply(w.ctx, anne(), clinic, in, d); err != nil {
		t.Fatal(err)
	}
	f, err = w.box.ReplyForm(w.ctx, anne(), clinic, in, mailbox.Draft{})
	if err != nil || f.LastBasis != "samtykke" {
		t.Errorf("the next begins with %q, %v", f.LastBasis, err)
	}
}

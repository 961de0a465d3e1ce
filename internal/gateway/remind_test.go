package gateway

import (
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
)

// AGR-601..607, Amb-13, Amb-14: a letter is spoken of half an hour before each of
// its times and at it; expected and owed are told apart, and a guide is no deadline.
func TestReminderMarks(t *testing.T) {
	w := worldB(t)
	a, _ := w.gw.Books().At(tuesday, aftale.Parties{})
	say := func(in aftale.DutyInput) string {
		in.Sent, in.Arrived = danish(24, 14, 0), danish(24, 14, 0)
		var out []string
		for _, m := range marks(a.Duty(in)) {
			out = append(out, m.at.In(danish(24, 0, 0).Location()).Format("02 15.04 ")+m.what)
		}
		return strings.Join(out, ", ")
	}
	for _, c := range []struct {
		in   aftale.DutyInput
		want string
	}{
		{aftale.DutyInput{Receiver: brevdue.Clinic}, "24 14.30 due-soon, 24 15.00 overdue"},
		{aftale.DutyInput{Receiver: brevdue.MunicipalHealth, Services: aftale.ServicesYes, Shifts: []int{420, 900, 1380}},
			"24 14.30 shift-soon, 24 15.00 shift-over, 24 22.30 due-soon, 24 23.00 overdue"},
		{aftale.DutyInput{Receiver: brevdue.GP}, "27 16.00 soft-past"},
	} {
		if got := say(c.in); got != c.want {
			t.Errorf("%s: %s, want %s", c.in.Receiver, got, c.want)
		}
	}
}

// AGR-604, Amb-13: the queue wakes at the end of the shift of arrival and at the
// end of the next, in this order and once each.
func TestRemindersOfAShift(t *testing.T) {
	u := homecareUnit()
	u.Services, u.Shifts = "yes", []int{7 * 60, 15 * 60, 23 * 60}
	w := newWorld(t, "BBB", Network{}, u)
	w.receive(draft{from: clinic, to: homecare}.bytes(t)) // 10.00
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{danish(24, 14, 29), "received judged"},
		{danish(24, 14, 30), "received judged shift-soon"},
		{danish(24, 15, 0), "received judged shift-soon shift-over"},
		{danish(24, 22, 29), "received judged shift-soon shift-over"},
		{danish(24, 22, 30), "received judged shift-soon shift-over due-soon"},
		{danish(24, 23, 0), "received judged shift-soon shift-over due-soon overdue"},
		{danish(26, 8, 0), "received judged shift-soon shift-over due-soon overdue"},
	} {
		w.setClock(c.at)
		w.drain()
		if got := w.events(1); got != c.want {
			t.Errorf("at %s: %s, want %s", c.at.Format("15.04"), got, c.want)
		}
	}
	w.sound()
}

func (w *world) setClock(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = at
}

// Amb-20: when the deadline moves, only the new one is spoken of, whether it moved
// forward or back, and an archive of before the keys named the deadline goes on.
func TestRemindersFollowTheDeadline(t *testing.T) {
	for _, c := range []struct {
		name string
		due  time.Time
		old  bool // the waiting job is of an older program
		want []string
	}{
		{"later", danish(24, 23, 0), false, []string{"", "", "due-soon", "due-soon overdue"}},
		{"earlier", danish(24, 12, 0), false, []string{"due-soon", "due-soon overdue", "due-soon overdue", "due-soon overdue"}},
		{"the same", danish(24, 15, 0), true, []string{"", "due-soon overdue", "due-soon overdue", "due-soon overdue"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldA(t)
			w.receive(draft{}.bytes(t))
			w.update(func(tx store.Tx) error {
				l, err := tx.Letters().Get(w.ctx, 1)
				if err != nil {
					return err
				}
				d := *l.Duty
				d.Due = c.due
				if err := tx.Letters().SetDuty(w.ctx, 1, &d); err != nil {
					return err
				}
				job := store.Reminder(1, d, w.now)
				if c.old {
					job.Key = "remind:1"
				}
				err = tx.Jobs().Add(w.ctx, job)
				return err
			})
			for i, at := range []time.Time{danish(24, 11, 45), danish(24, 14, 30), danish(24, 22, 30), danish(25, 0, 0)} {
				if i == 1 && c.due.Equal(danish(24, 15, 0)) {
					w.setClock(at)
					w.drain()
					at = danish(24, 15, 0)
				}
				w.setClock(at)
				w.drain()
				if got := strings.TrimSpace(strings.TrimPrefix(w.events(1), "received judged")); got != c.want[i] {
					t.Errorf("at %s: %q, want %q", at.Format("15.04"), got, c.want[i])
				}
			}
			w.sound()
		})
	}
}

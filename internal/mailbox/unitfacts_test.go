package mailbox_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// F63: a time away needs dates that make sense and somebody to call.
func TestClosedDays(t *testing.T) {
	w := newWorld(t)
	good := store.Closed{From: "2026-12-24", To: "2026-12-31", Text: "Juleferie", Contact: "Vagttelefonen, 87654321", Notice: true}
	for _, c := range []struct {
		name   string
		change func(*store.Closed)
		want   string
	}{
		{"nothing", func(c *store.Closed) { *c = store.Closed{} }, "from contact"},
		{"no one to call", func(c *store.Closed) { c.Contact = "" }, "contact"},
		{"no number to call", func(c *store.Closed) { c.Contact = "Vagttelefonen" }, "contact"},
		{"a citizen's number", func(c *store.Closed) { c.Contact, c.Text = testCPR, testCPR }, "text contact"},
		{"backwards", func(c *store.Closed) { c.To = "2026-12-23" }, "to"},
		{"over", func(c *store.Closed) { c.From, c.To = "2026-11-20", "2026-11-23" }, "to"},
		{"for two years", func(c *store.Closed) { c.To = "2028-12-31" }, "to"},
		{"no date", func(c *store.Closed) { c.To = "24/12" }, "to"},
		{"too long a text", func(c *store.Closed) { c.Text = strings.Repeat("x", 201) }, "text"},
		{"good", func(c *store.Closed) {}, ""},
		{"over another", func(c *store.Closed) { c.From, c.To = "2026-12-31", "2027-01-02" }, "from"},
		{"after another, one day", func(c *store.Closed) { c.From, c.To = "2027-01-01", "" }, ""},
	} {
		v := good
		c.change(&v)
		if got := faults(t, w.box.AddClosed(w.ctx, anne(), clinic, v)); got != c.want {
			t.Errorf("%s: faults in %q, want %q", c.name, got, c.want)
		}
	}
	list, err := w.box.ClosedDays(w.ctx, anne(), clinic)
	if err != nil || len(list) != 2 || list[0].Contact != good.Contact || !list[0].Notice || list[0].By != "Anne Prøve" || list[1].To != "2027-01-01" {
		t.Fatalf("%+v, %v", list, err)
	}
	token, err := w.box.RemoveClosed(w.ctx, anne(), clinic, list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.box.RemoveClosed(w.ctx, anne(), clinic, list[0].ID); !is(err, brevdue.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	if _, err := w.box.RemoveClosed(w.ctx, clara(), ward, list[1].ID); !is(err, brevdue.ErrNotFound) {
		t.Errorf("another unit's: %v", err)
	}
	if err := w.box.Undo(w.ctx, anne(), clinic, token); err != nil {
		t.Fatal(err)
	}
	if list, err := w.box.ClosedDays(w.ctx, anne(), clinic); err != nil || len(list) != 2 || list[0].From != "2026-12-24" {
		t.Errorf("after undo: %+v, %v", list, err)
	}
	w.at(tuesday(60*24, 0, 0))
	if list, err := w.box.ClosedDays(w.ctx, anne(), clinic); err != nil || len(list) != 0 {
		t.Errorf("what is over is listed: %+v, %v", list, err)
	}
	w.sound()
}

// A unit's own facts lie over the file's; empty gives the file its word back.
func TestUnitFacts(t *testing.T) {
	w := newWorld(t)
	view := func() mailbox.UnitView {
		t.Helper()
		v, err := w.box.UnitView(w.ctx, bo(), homecare)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	v := view()
	if !v.AskShifts || v.AskCloses || v.Unit.Phone != "87654323" || !slices.Equal(v.Shifts, v.AgreementShifts) || len(v.Reading) != 2 {
		t.Errorf("%+v", v)
	}
	for _, c := range []struct {
		draft mailbox.OwnDraft
		want  string
	}{
		{mailbox.OwnDraft{Phone: "ring"}, "phone"},
		{mailbox.OwnDraft{Shifts: "7.00, 7.00"}, "shifts"},
		{mailbox.OwnDraft{Shifts: "15.00, 7.00"}, "shifts"},
		{mailbox.OwnDraft{Shifts: "7.00, 25.00"}, "shifts"},
		{mailbox.OwnDraft{Shifts: "1,2,3,4,5,6,7,8,9,10,11,12,13"}, "shifts"},
		{mailbox.OwnDraft{Closes: "sent"}, "closes"},
	} {
		_, err := w.box.SetFacts(w.ctx, bo(), homecare, c.draft)
		if got := faults(t, err); got != c.want {
			t.Errorf("%+v: faults in %q, want %q", c.draft, got, c.want)
		}
	}
	token, err := w.box.SetFacts(w.ctx, bo(), homecare, mailbox.OwnDraft{Phone: "87 65 43 99", Shifts: "kl. 6, 14.30, 22:00"})
	if err != nil {
		t.Fatal(err)
	}
	v = view()
	if v.Unit.Phone != "87 65 43 99" || !slices.Equal(v.Shifts, []int{360, 870, 1320}) || v.Unit.Own.By != "Bo Prøve" || mailbox.ShiftsText(v.Shifts) != "6–14.30, 14.30–22, 22–6" {
		t.Errorf("%+v, %s", v.Unit, mailbox.ShiftsText(v.Shifts))
	}
	// The next start writes the file again, and the unit's word stays.
	w.update(func(tx store.Tx) error {
		return tx.Units().Put(w.ctx, store.Unit{GLN: homecare, Kind: brevdue.MunicipalHealth, Name: "Nyt navn", Phone: "11111111", Services: "no", Sends: brevdue.DIS91})
	})
	if v = view(); v.Unit.Name != "Nyt navn" || v.Unit.Phone != "87 65 43 99" || v.Unit.File.Phone != "11111111" {
		t.Errorf("%+v", v.Unit)
	}
	// Letters that come from now on are due by the unit's shifts (AGR-604).
	if !strings.Contains(v.Reading[0].Text+v.Reading[1].Text, "6–14.30") {
		t.Errorf("reading: %+v", v.Reading)
	}
	if err := w.box.Undo(w.ctx, bo(), homecare, token); err != nil {
		t.Fatal(err)
	}
	if v = view(); v.Unit.Phone != "11111111" || v.Unit.Own.Phone != "" || v.Unit.Own.Shifts != nil {
		t.Errorf("after undo: %+v", v.Unit)
	}
	if undo, err := w.box.SetFacts(w.ctx, bo(), homecare, mailbox.OwnDraft{Phone: "11111111"}); err != nil || undo != "" {
		t.Errorf("what the file says is not the unit's own: %q, %v", undo, err)
	}
	w.sound()
}

// AGR-302, Amb-4: concrete agreements are listed, ended and brought back.
func TestArrangements(t *testing.T) {
	w := newWorld(t)
	good := store.Arrangement{Other: outWard, Citizen: testCPR, Text: "Aftalt med afdelingssygeplejersken", Until: "2026-12-31"}
	for _, c := range []struct {
		name   string
		change func(*store.Arrangement)
		want   string
	}{
		{"nothing", func(a *store.Arrangement) { *a = store.Arrangement{} }, "other text"},
		{"nobody knows them", func(a *store.Arrangement) { a.Other = nobody }, "other"},
		{"with oneself", func(a *store.Arrangement) { a.Other = clinic }, "other"},
		{"no citizen has it", func(a *store.Arrangement) { a.Citizen = "3399999999" }, "citizen"},
		{"over already", func(a *store.Arrangement) { a.Until = "2026-11-23" }, "until"},
		{"a number in the text", func(a *store.Arrangement) { a.Text = "om " + testCPR }, "text"},
		{"good", func(a *store.Arrangement) {}, ""},
		{"for everybody, without end", func(a *store.Arrangement) { a.Citizen, a.Until = "", "" }, ""},
	} {
		v := good
		c.change(&v)
		if got := faults(t, w.box.AddArrangement(w.ctx, anne(), clinic, v)); got != c.want {
			t.Errorf("%s: faults in %q, want %q", c.name, got, c.want)
		}
	}
	list, err := w.box.Arrangements(w.ctx, anne(), clinic)
	if err != nil || len(list) != 2 || list[1].Name != "Nabohospitalet, Sengeafsnit" || list[1].Over || list[1].Citizen != testCPR {
		t.Fatalf("%+v, %v", list, err)
	}
	if _, err := w.box.EndArrangement(w.ctx, clara(), ward, list[0].ID); !is(err, brevdue.ErrNotFound) {
		t.Errorf("another unit's: %v", err)
	}
	token, err := w.box.EndArrangement(w.ctx, anne(), clinic, list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := w.box.Arrangements(w.ctx, anne(), clinic); len(left) != 1 {
		t.Errorf("%d left", len(left))
	}
	if err := w.box.Undo(w.ctx, anne(), clinic, token); err != nil {
		t.Fatal(err)
	}
	w.at(time.Date(2027, 1, 1, 10, 0, 0, 0, time.UTC))
	if list, _ = w.box.Arrangements(w.ctx, anne(), clinic); len(list) != 2 || !list[1].Over || list[0].Over {
		t.Errorf("%+v", list)
	}
	w.sound()
}

// F20: open tasks are listed with their letter, done with a note, and taken back.
func TestTasks(t *testing.T) {
	w := newWorld(t)
	id, err := w.box.SendLetter(w.ctx, anne(), clinic, draft())
	if err != nil {
		t.Fatal(err)
	}
	var task int64
	w.update(func(tx store.Tx) (err error) {
		task, err = tx.Tasks().Add(w.ctx, store.Task{Unit: clinic, Letter: id, Kind: store.TaskInform, Due: tuesday(9, 0, 0), At: tuesday(8, 0, 0)})
		return err
	})
	list, err := w.box.Tasks(w.ctx, anne(), clinic, 0)
	if err != nil || len(list) != 1 || !list[0].Late || list[0].Number != store.LetterNumber(id) || list[0].Direction != store.Out || list[0].PatientName == "" {
		t.Fatalf("%+v, %v", list, err)
	}
	if counts, _ := w.box.CountsFor(w.ctx, anne()); counts[clinic].Tasks != 1 {
		t.Errorf("%+v", counts)
	}
	if got := faults(t, w.box.CompleteTask(w.ctx, anne(), clinic, task, "Ringet til "+testCPR)); got != "note" {
		t.Errorf("a number in the note: %q", got)
	}
	if err := w.box.CompleteTask(w.ctx, clara(), ward, task, "x"); !is(err, brevdue.ErrNotFound) {
		t.Errorf("another unit's task: %v", err)
	}
	if err := w.box.CompleteTask(w.ctx, anne(), clinic, task, "Fortrolig note"); err != nil {
		t.Fatal(err)
	}
	if err := w.box.CompleteTask(w.ctx, anne(), clinic, task, ""); !is(err, brevdue.ErrConflict) {
		t.Errorf("done twice: %v", err)
	}
	if list, _ := w.box.Tasks(w.ctx, anne(), clinic, 0); len(list) != 0 {
		t.Errorf("%d open", len(list))
	}
	if err := w.box.ReopenTask(w.ctx, anne(), clinic, task); err != nil {
		t.Fatal(err)
	}
	if err := w.box.ReopenTask(w.ctx, anne(), clinic, task); !is(err, brevdue.ErrConflict) {
		t.Errorf("reopened twice: %v", err)
	}
	if got := w.events(id); got != "created task-done task-reopened" {
		t.Errorf("timeline %q", got)
	}
	if got := strings.Join(w.audited(), " "); !strings.Contains(got, fmt.Sprintf("anne:task.done:%d", id)) {
		t.Errorf("audit %s", got)
	}
	w.sound()
}

// A region that reads by hours has pages too: nothing of the first region's
// agreement is code.
func TestUnitOfAnotherRegion(t *testing.T) {
	w := newWorld(t)
	content, err := os.ReadFile("../../aftale/testdata/fiktivland-2027.yaml")
	if err != nil {
		t.Fatal(err)
	}
	a, findings := aftale.Load(bytes.Replace(content, []byte(`gyldig_fra: "2027-01-01"`), []byte(`gyldig_fra: "2026-01-01"`), 1))
	if a == nil {
		t.Fatal(findings)
	}
	w.book, _ = aftale.NewBook(a)
	v, err := w.box.UnitView(w.ctx, anne(), clinic)
	if err != nil {
		t.Fatal(err)
	}
	want := []mailbox.ReadingRule{{Rule: "F-2", Paragraph: "punkt 4", Text: "Læses inden 48 timer på hverdage.", TextEN: "Read within 48 hours of working days."}}
	if !slices.Equal(v.Reading, want) {
		t.Errorf("reads %+v", v.Reading)
	}
	w.arrive(incoming{})
	if _, err := w.box.Board(w.ctx, anne(), clinic); err != nil {
		t.Error(err)
	}
	in, err := w.box.Inbox(w.ctx, anne(), clinic, store.Query{})
	if err != nil || in.NextWindow == "" {
		t.Errorf("inbox: %v, next window %q", err, in.NextWindow)
	}
}

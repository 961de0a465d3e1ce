package mailbox_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// The two people of the secretariat; a version takes both.
func rita() mailbox.Person {
	return mailbox.Person{ID: 5, Login: "rita", Name: "Rita Prøve", Title: "Konsulent", Lang: "da", Secretariat: true}
}

func svend() mailbox.Person {
	return mailbox.Person{ID: 6, Login: "svend", Name: "Svend Prøve", Title: "Konsulent", Lang: "da", Secretariat: true}
}

// agreementCalls are the methods of the agreement's pages. Those that change
// something are the secretariat's alone.
func agreementCalls() []call {
	var calls []call
	for name, do := range map[string]func(w *world, p mailbox.Person) (any, error){
		"Agreements": func(w *world, p mailbox.Person) (any, error) { return w.box.Agreements(w.ctx, p) },
		"Version":    func(w *world, p mailbox.Person) (any, error) { return w.box.Version(w.ctx, p, currentKey(w)) },
		"Try": func(w *world, p mailbox.Person) (any, error) {
			_, trial, err := w.box.Try(w.ctx, p, currentKey(w), mailbox.TrialInput{From: brevdue.Ward, To: brevdue.Clinic, Sent: w.clock()})
			return trial, err
		},
		"Rejudge": func(w *world, p mailbox.Person) (any, error) {
			_, _, err := w.box.Rejudge(w.ctx, p, currentKey(w), tuesday(0, 0, 0), tuesday(23, 0, 0))
			return nil, err
		},
		"OutsideSubjects": func(w *world, p mailbox.Person) (any, error) {
			_, _, err := w.box.OutsideSubjects(w.ctx, p, tuesday(0, 0, 0), tuesday(23, 0, 0))
			return nil, err
		},
		"ImportAgreement": func(w *world, p mailbox.Person) (any, error) {
			return w.box.ImportAgreement(w.ctx, p, newVersion("2027"))
		},
		"ProposeAgreement": func(w *world, p mailbox.Person) (any, error) {
			return nil, w.box.ProposeAgreement(w.ctx, p, "x", "2027-01-01")
		},
		"ApproveAgreement":  func(w *world, p mailbox.Person) (any, error) { return nil, w.box.ApproveAgreement(w.ctx, p, "x") },
		"WithdrawAgreement": func(w *world, p mailbox.Person) (any, error) { return nil, w.box.WithdrawAgreement(w.ctx, p, "x") },
	} {
		calls = append(calls, call{name, func(w *world, p mailbox.Person, _ brevdue.GLN, _ int64) (any, error) { return do(w, p) }})
	}
	return calls
}

func currentKey(w *world) string { return w.book.All()[0].SHA256[:16] }

// newVersion is the shipped text as a new version, still older in kind so that
// it need not name receivers.
func newVersion(version string) []byte {
	_, content := aftale.Shipped()
	return bytes.Replace(content, []byte(`version: "2022"`), []byte(`version: "`+version+`"`), 1)
}

// TestAgreementAccess: everybody reads the agreement; only the secretariat
// prepares one, and nobody learns more from a refusal.
func TestAgreementAccess(t *testing.T) {
	for _, c := range agreementCalls() {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			_, err := c.do(w, anne(), "", 0)
			switch c.name {
			case "Agreements", "Version", "Try":
				if err != nil {
					t.Errorf("reading the agreement: %v", err)
				}
			default:
				if !errors.Is(err, brevdue.ErrForbidden) {
					t.Errorf("got %v", err)
				}
				if !strings.Contains(strings.Join(w.audited(), "\n"), "operator.denied") {
					t.Error("the attempt is not on record")
				}
			}
		})
	}
}

// A version goes from draft over proposal to force, by two people and on a date
// in the future (AGR-504, AGR-1003).
func TestVersionIsPutInForceByTwo(t *testing.T) {
	w := newWorld(t)
	v, err := w.box.ImportAgreement(w.ctx, rita(), newVersion("2027"))
	if err != nil {
		t.Fatal(err)
	}
	states := func(want ...mailbox.VersionState) {
		t.Helper()
		all, err := w.box.Agreements(w.ctx, svend())
		if err != nil {
			t.Fatal(err)
		}
		var got []mailbox.VersionState
		for _, v := range all {
			got = append(got, v.State)
		}
		if len(got) != len(want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("got %v, want %v", got, want)
			}
		}
	}
	states(mailbox.VersionDraft, mailbox.VersionCurrent)

	for _, date := range []string{"", "i morgen", "2026-11-23", "2026-11-24"} { // today is the 24th
		var faults mailbox.Faults
		if err := w.box.ProposeAgreement(w.ctx, rita(), v.Key, date); !errors.As(err, &faults) || faults[0].Field != "date" {
			t.Errorf("from %q: %v", date, err)
		}
	}
	if err := w.box.ApproveAgreement(w.ctx, svend(), v.Key); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("approved without a proposal: %v", err)
	}
	if err := w.box.ProposeAgreement(w.ctx, rita(), v.Key, "2026-11-25"); err != nil {
		t.Fatal(err)
	}
	states(mailbox.VersionProposed, mailbox.VersionCurrent)
	if err := w.box.ApproveAgreement(w.ctx, rita(), v.Key); !errors.Is(err, brevdue.ErrForbidden) {
		t.Errorf("one person did both: %v", err)
	}
	all, _ := w.box.Agreements(w.ctx, rita())
	if all[0].MayApprove {
		t.Error("the page offers the one who proposed to approve")
	}
	if all, _ = w.box.Agreements(w.ctx, svend()); !all[0].MayApprove {
		t.Error("the second person is not offered to approve")
	}
	if err := w.box.ApproveAgreement(w.ctx, svend(), v.Key); err != nil {
		t.Fatal(err)
	}
	states(mailbox.VersionComing, mailbox.VersionCurrent)

	// The book with it judges from the date on, and not a second before.
	var activated []*aftale.Agreement
	w.view(func(tx store.Tx) (err error) {
		activated, err = mailbox.ActivatedAgreements(w.ctx, tx)
		return err
	})
	book, findings := aftale.NewBook(append(w.book.All(), activated...)...)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	w.book = book
	midnight := time.Date(2026, 11, 25, 0, 0, 0, 0, kalender.Copenhagen())
	for at, want := range map[time.Time]string{midnight.Add(-time.Second): "2022", midnight: "2027"} {
		if a, ok := book.At(at, aftale.Parties{}); !ok || a.Version != want {
			t.Errorf("at %s version %s", at, a.Version)
		}
	}
	states(mailbox.VersionComing, mailbox.VersionCurrent)
	w.at(midnight)
	states(mailbox.VersionCurrent, mailbox.VersionEnded)
	key := keyOfVersion(t, w, "2027")
	if err := w.box.WithdrawAgreement(w.ctx, rita(), key); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("a version in force was withdrawn: %v", err)
	}
	for _, action := range []string{"agreement.imported", "agreement.proposed", "agreement.activated"} {
		if !strings.Contains(strings.Join(w.audited(), "\n"), action) {
			t.Errorf("%s is not on record", action)
		}
	}
}

func keyOfVersion(t *testing.T, w *world, version string) string {
	t.Helper()
	all, err := w.box.Agreements(w.ctx, rita())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if v.Agreement.Version == version {
			return v.Key
		}
	}
	t.Fatalf("no version %s", version)
	return ""
}

func TestVersionsThatCannotComeIn(t *testing.T) {
	w := newWorld(t)
	tests := []struct {
		name, rule string
		content    []byte
	}{
		{"the same version again", "AFT-IMPORT-03", newVersion("2022")},
		{"with a date", "AFT-IMPORT-02", bytes.Replace(newVersion("2028"), []byte("region:"), []byte("gyldig_fra: 2027-01-01\nregion:"), 1)},
		{"too large", "AFT-IMPORT-01", bytes.Repeat([]byte("# hej\n"), 100_000)},
	}
	for _, tt := range tests {
		var findings mailbox.Findings
		if _, err := w.box.ImportAgreement(w.ctx, rita(), tt.content); !errors.As(err, &findings) || findings[0].Rule != tt.rule {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	var findings mailbox.Findings
	if _, err := w.box.ImportAgreement(w.ctx, rita(), []byte("aftale: [")); !errors.As(err, &findings) || findings[0].Pos.Line == 0 {
		t.Errorf("broken: %v", err)
	}
}

func TestWithdraw(t *testing.T) {
	w := newWorld(t)
	v, err := w.box.ImportAgreement(w.ctx, rita(), newVersion("2027"))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.box.ProposeAgreement(w.ctx, rita(), v.Key, "2027-01-01"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []mailbox.VersionState{mailbox.VersionDraft, mailbox.VersionWithdrawn} {
		if err := w.box.WithdrawAgreement(w.ctx, svend(), v.Key); err != nil {
			t.Fatal(err)
		}
		if got, _ := w.box.Version(w.ctx, rita(), v.Key); got.State != want {
			t.Errorf("got %s, want %s", got.State, want)
		}
	}
	if err := w.box.WithdrawAgreement(w.ctx, svend(), v.Key); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("withdrawn twice: %v", err)
	}
	if err := w.box.WithdrawAgreement(w.ctx, rita(), currentKey(w)); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("a file of the installation was withdrawn: %v", err)
	}
}

// What a changed rule would have meant for last month's letters, counted and
// listed without a citizen (F25).
func TestRejudge(t *testing.T) {
	w := newWorld(t)
	first := w.arrive(incoming{subject: "Medicin"})
	second := w.arrive(incoming{subject: "Noget helt andet"})
	content := bytes.Replace(newVersion("2027"), []byte(`til: "15:00"`), []byte(`til: "14:45"`), 2)
	v, err := w.box.ImportAgreement(w.ctx, rita(), content)
	if err != nil {
		t.Fatal(err)
	}
	_, same, err := w.box.Rejudge(w.ctx, rita(), currentKey(w), tuesday(0, 0, 0), tuesday(23, 59, 0))
	if err != nil || same.Letters != 2 || same.Judged != 2 || same.Changed != 0 {
		t.Errorf("by the version that judged them: %+v, %v", same, err)
	}
	_, got, err := w.box.Rejudge(w.ctx, rita(), v.Key, tuesday(0, 0, 0), tuesday(23, 59, 0))
	if err != nil {
		t.Fatal(err)
	}
	if got.Letters != 2 || got.Changed != 2 || got.Earlier != 2 || got.Later != 0 || len(got.Rows) != 2 {
		t.Errorf("%+v", got)
	}
	for i, id := range []int64{first, second} {
		if got.Rows[i].Number != store.LetterNumber(id) || !got.Rows[i].Would.Equal(tuesday(14, 45, 0)) || !got.Rows[i].Was.Equal(tuesday(15, 0, 0)) {
			t.Errorf("%+v", got.Rows[i])
		}
	}
	_, none, err := w.box.Rejudge(w.ctx, rita(), v.Key, tuesday(-48, 0, 0), tuesday(0, 0, 0))
	if err != nil || none.Letters != 0 {
		t.Errorf("another period: %+v, %v", none, err)
	}
}

func TestTry(t *testing.T) {
	w := newWorld(t)
	try := func(in mailbox.TrialInput) mailbox.Trial {
		t.Helper()
		_, got, err := w.box.Try(w.ctx, anne(), currentKey(w), in)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	got := try(mailbox.TrialInput{From: brevdue.Ward, To: brevdue.MunicipalHealth, Services: "no", Sent: tuesday(14, 30, 0)})
	if !got.Covered || got.Duty.Rule != "AGR-605" || len(got.Categories) == 0 || len(got.Standards) == 0 || len(got.Bases) != 5 || got.StartText != "" {
		t.Errorf("%+v", got)
	}
	if got := try(mailbox.TrialInput{From: brevdue.MunicipalHealth, To: brevdue.Ward, Sent: tuesday(8, 0, 0)}); got.StartRule != "AGR-302" {
		t.Errorf("%+v", got)
	}
	if got := try(mailbox.TrialInput{From: brevdue.Ward, To: brevdue.Clinic, Sent: tuesday(8, 0, 0)}); got.Covered {
		t.Errorf("%+v", got)
	}
}

// A letter is late when it was not read before its deadline, at the instant itself as
// on the board; one with a guide for a deadline is never late (AGR-607); and each
// citizen's services count, not the unit's rule of thumb (AGR-604, AGR-605).
func TestRejudgeJudgesAsTheBoardDoes(t *testing.T) {
	w := newWorld(t)
	w.at(tuesday(9, 0, 0))
	before, at := w.arrive(incoming{sent: tuesday(8, 30, 0)}), w.arrive(incoming{sent: tuesday(8, 30, 0)})
	known := w.arrive(incoming{unit: homecare, sent: tuesday(8, 30, 0)})
	due := tuesday(15, 0, 0)
	w.update(func(tx store.Tx) error {
		if err := tx.UnitFacts().PutServices(w.ctx, store.Services{Unit: homecare, Citizen: testCPR, Value: "yes", By: "Bo", At: w.clock()}); err != nil {
			return err
		}
		if err := tx.Letters().MarkRead(w.ctx, before, due.Add(-time.Millisecond), "Anne"); err != nil {
			return err
		}
		return tx.Letters().MarkRead(w.ctx, at, due, "Anne")
	})
	var a *aftale.Agreement
	for _, x := range w.book.All() {
		a = x
	}
	content := bytes.Replace(a.File, []byte(`{fra: "8:00", til: "15:00", dage: hverdage, afsendt_før: "14:30"}`), []byte(`{fra: "8:00", til: "16:00", dage: hverdage, afsendt_før: "14:30"}`), 1) // clinics read until 16
	later, findings := aftale.Load(content)
	if later == nil {
		t.Fatal(findings)
	}
	w.view(func(tx store.Tx) error {
		r, err := mailbox.RejudgePeriod(w.ctx, tx, later, w.book, testDirectory(), tuesday(0, 0, 0), tuesday(23, 0, 0), tuesday(9, 0, 0))
		if err != nil {
			return err
		}
		if r.Letters != 3 || r.LessLate != 1 || r.MoreLate != 0 {
			t.Errorf("%+v", r)
		}
		for _, row := range r.Rows {
			switch row.Number {
			case store.LetterNumber(before):
				if row.LateWas {
					t.Error("read just before the deadline is late")
				}
			case store.LetterNumber(at):
				if !row.LateWas || row.LateWould {
					t.Errorf("read at the deadline: %+v", row)
				}
			case store.LetterNumber(known):
				if row.Rule != "AGR-604" {
					t.Errorf("a served citizen is judged by %s", row.Rule)
				}
			}
		}
		return nil
	})
}

package mailbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/audit"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/internal/store/storetest"
	"brevdue/kalender"
	"brevdue/medcom"
	"brevdue/sor"
)

// The parties of the tests: plainly synthetic location numbers.
var (
	clinic   = gln("579999900001") // ours, a hospital clinic
	homecare = gln("579999900002") // ours, a municipal unit
	ward     = gln("579999900003") // ours, a hospital ward
	outHome  = gln("579999900011") // the directory: home care elsewhere
	outSoc   = gln("579999900012") // the directory: social area elsewhere
	outGP    = gln("579999900013") // the directory: a practice
	outWard  = gln("579999900014") // the directory: a ward elsewhere
	outFHIR  = gln("579999900015") // the directory: takes none of our kinds
	outNone  = gln("579999900016") // the directory: of no known kind
	nobody   = gln("579999900099") // nowhere
)

func gln(s string) brevdue.GLN {
	d, ok := brevdue.GLNCheckDigit(s)
	if !ok {
		panic(s)
	}
	return brevdue.GLN(s + string(d))
}

// Two of MedCom's official test persons.
const (
	testCPR   = "0104909989"
	secondCPR = "0107729995"
)

// The persons of the tests.
func anne() mailbox.Person {
	return mailbox.Person{ID: 1, Login: "anne", Name: "Anne Prøve", Title: "Sygeplejerske", Lang: "da", Units: []brevdue.GLN{clinic}}
}

func bo() mailbox.Person {
	return mailbox.Person{ID: 2, Login: "bo", Name: "Bo Prøve", Title: "Hjemmesygeplejerske", Lang: "da", Units: []brevdue.GLN{homecare}}
}

func clara() mailbox.Person {
	return mailbox.Person{ID: 3, Login: "clara", Name: "Clara Prøve", Title: "Læge", Lang: "da", Units: []brevdue.GLN{clinic, ward}}
}

func olga() mailbox.Person {
	return mailbox.Person{ID: 4, Login: "olga", Name: "Olga Prøve", Title: "Driftsleder", Lang: "da", Operator: true}
}

// tuesday is an ordinary working day; Danish time is an hour ahead.
func tuesday(hour, minute, second int) time.Time {
	return time.Date(2026, 11, 24, hour, minute, second, 0, kalender.Copenhagen())
}

// world is one installation with a real database and a clock that stands still
// until the test moves it.
type world struct {
	drafts int            // that were made
	ida    mailbox.Person // a colleague of the clinic the archive knows, once one was needed
	t      testing.TB
	ctx    context.Context
	path   string
	store  store.Store
	box    *mailbox.Box
	book   *aftale.Book
	dir    *sor.Directory // nil: the one of testDirectory

	mu  sync.Mutex
	now time.Time
	log bytes.Buffer
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), now: tuesday(10, 0, 0), path: filepath.Join(t.TempDir(), "brevdue.db"), book: testBook(t)}
	w.open()
	t.Cleanup(func() {
		if err := w.store.Close(); err != nil {
			t.Error(err)
		}
	})
	w.update(func(tx store.Tx) error {
		for _, u := range []store.Unit{
			{GLN: clinic, Kind: brevdue.Clinic, Name: "Prøvehospitalet, Medicinsk Klinik", Phone: "87654321", Sends: brevdue.XDIS91, Organisation: "Prøvehospitalet", Department: "Medicinsk Klinik"},
			{GLN: homecare, Kind: brevdue.MunicipalHealth, Name: "Hjemmesygeplejen, Prøvekøbing Kommune", Phone: "87654323", Services: "no", Sends: brevdue.DIS91},
			{GLN: ward, Kind: brevdue.Ward, Name: "Prøvehospitalet, Sengeafsnit", Phone: "87654322", Sends: brevdue.DIS91},
		} {
			if err := tx.Units().Put(w.ctx, u); err != nil {
				return err
			}
		}
		return tx.Settings().Set(w.ctx, store.KeyTag, "TST")
	})
	return w
}

// open opens the database and puts a Box on it; again after close.
func (w *world) open() {
	w.t.Helper()
	w.store = storetest.Open(w.t, w.path)
	w.rebox(true)
}

// glassOff switches emergencies off.
func (w *world) glassOff() { w.rebox(false) }

func (w *world) rebox(glass bool) {
	dir := w.dir
	if dir == nil {
		dir = testDirectory()
	}
	w.box = mailbox.New(mailbox.Config{
		Store: w.store, Books: func() *aftale.Book { return w.book }, Directory: func() *sor.Directory { return dir }, Now: w.clock, Glass: glass,
		Log: slog.New(slog.NewTextHandler(&lockedWriter{w: w}, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
}

type lockedWriter struct{ w *world }

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	return l.w.log.Write(p)
}

func (w *world) reopen() {
	w.t.Helper()
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.open()
}

func testBook(t testing.TB) *aftale.Book {
	t.Helper()
	_, content := aftale.Shipped()
	content, err := aftale.WithValidFrom(content, kalender.Day{Year: 2022, Month: 1, Date: 1})
	if err != nil {
		t.Fatal(err)
	}
	a, findings := aftale.Load(content)
	if a == nil {
		t.Fatal(findings)
	}
	b, findings := aftale.NewBook(a)
	if brevdue.HasErrors(findings) {
		t.Fatal(findings)
	}
	return b
}

func testDirectory() *sor.Directory {
	both := []brevdue.Kind{brevdue.DIS91, brevdue.XDIS91}
	return sor.New([]sor.Entry{
		{GLN: outHome, Name: "Hjemmesygeplejen Nord, Aarhus Kommune", Kind: brevdue.MunicipalHealth, Place: "Aarhus", Takes: append(both[:2:2], brevdue.XBIN01)},
		{GLN: outSoc, Name: "Socialafdelingen, Aarhus Kommune", Kind: brevdue.MunicipalSocial, Place: "Aarhus", Takes: []brevdue.Kind{brevdue.DIS91}},
		{GLN: outGP, Name: "Lægerne Prøvegade", Kind: brevdue.GP, Place: "Aarhus", Takes: both},
		{GLN: outWard, Name: "Nabohospitalet, Sengeafsnit", Kind: brevdue.Ward, Place: "Nabohospitalet", Takes: both},
		{GLN: outFHIR, Name: "Fremtidens Klinik", Kind: brevdue.Clinic, Takes: []brevdue.Kind{"CareCommunication"}},
		{GLN: outNone, Name: "Apoteket Prøvegade", Place: "Aarhus", Takes: both},
		{GLN: clinic, Name: "Prøvehospitalet, Medicinsk Klinik", Kind: brevdue.Clinic, Takes: both},
	})
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) at(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = now
}

func (w *world) update(f func(store.Tx) error) {
	w.t.Helper()
	if err := w.store.Update(w.ctx, f); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) view(f func(store.Tx) error) {
	w.t.Helper()
	if err := w.store.View(w.ctx, f); err != nil {
		w.t.Fatal(err)
	}
}

// incoming is a letter that arrived, with what a test wants different.
type incoming struct {
	unit    brevdue.GLN // default clinic
	subject string      // default Medicin
	status  brevdue.Status
	kind    brevdue.Kind // default XDIS91
	sent    time.Time    // default half an hour ago
	arrived time.Time    // default now
	arrival int64
	episode string
	file    bool // an attachment, and its file with it
	id      string
}

// arrive keeps a letter as the gateway would and returns its id.
func (w *world) arrive(in incoming) int64 {
	w.t.Helper()
	now := w.clock()
	if in.unit == "" {
		in.unit = clinic
	}
	if in.subject == "" {
		in.subject = "Medicin"
	}
	if in.status == "" {
		in.status = brevdue.Unread
	}
	if in.kind == "" {
		in.kind = brevdue.XDIS91
	}
	if in.sent.IsZero() {
		in.sent = now.Add(-30 * time.Minute)
	}
	if in.arrived.IsZero() {
		in.arrived = now
	}
	a, _ := w.book.At(in.sent, aftale.Parties{})
	sorted := a.SortSubject(in.subject)
	kinds := map[brevdue.GLN]brevdue.UnitKind{clinic: brevdue.Clinic, homecare: brevdue.MunicipalHealth, ward: brevdue.Ward}
	l := &store.Letter{Direction: store.In, Unit: in.unit, Status: in.status, Kind: in.kind, Format: brevdue.OIOXML, Sent: in.sent, Arrived: in.arrived, Arrival: in.arrival,
		Group: sorted.Subject, GroupOrder: sorted.Row, Category: sorted.Category, Body: brevdue.Letter{
			ID: in.id, Version: "XD9134L", Authorised: kalender.LocalOf(in.sent), Status: brevdue.NewLetter, EpisodeOfCare: in.episode, Subject: in.subject,
			Sender:   brevdue.Party{GLN: outHome, ID: string(outHome), IDCode: brevdue.IDLocation, Organisation: "Aarhus Kommune", Department: "Hjemmesygeplejen Nord", Phone: "11223344", Specialty: "kirurgi_sygehus"},
			Receiver: brevdue.Party{GLN: in.unit, ID: string(in.unit), IDCode: brevdue.IDLocation, Organisation: "Prøvehospitalet"},
			Patient:  brevdue.Patient{CPR: testCPR, Given: "Torre Test", Surname: "Mosebryggersen", Episode: brevdue.EpisodeInpatient},
			Segments: []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText("Fortrolig prøvetekst.\nAnden linje.")}}},
		}}
	if in.file {
		l.Body.Attachments = []brevdue.Attachment{{Kind: brevdue.BinaryAttachment, Description: "Foto", ObjectID: "0f", ObjectCode: "tekstfil", Extension: "txt", Size: 3}}
	}
	if sorted.Row < 0 {
		l.GroupOrder = 1 << 16
	}
	if kind := kinds[in.unit]; kind != "" && in.status != brevdue.Refused {
		duty := a.Duty(aftale.DutyInput{Receiver: kind, Sent: in.sent, Arrived: in.arrived, Services: aftale.ServicesNo})
		l.Duty = &duty
	}
	var id int64
	w.update(func(tx store.Tx) (err error) {
		m := medcom.Message{Letters: []brevdue.Letter{l.Body}, Envelope: brevdue.Envelope{ID: "K1", Sent: l.Body.Authorised, Sender: outHome, Receiver: in.unit}}
		m.Letters[0].ID = "B1"
		data, findings := medcom.Encode(m, in.kind)
		if data == nil {
			return fmt.Errorf("test letter: %v", findings)
		}
		if l.Original, err = tx.Originals().Put(w.ctx, data, in.arrived); err != nil {
			return err
		}
		if l.Body.ID == "" {
			n, err := tx.Settings().NextNumber(w.ctx, "test")
			if err != nil {
				return err
			}
			l.Body.ID = fmt.Sprintf("IN%d", n)
		}
		if in.file {
			o := store.Object{Unit: in.unit, Sender: outHome, Key: "0f", Code: "tekstfil", Extension: "txt", Size: 3, Patient: testCPR, At: in.arrived}
			if o.SHA, err = tx.Originals().Put(w.ctx, []byte("abc"), in.arrived); err != nil {
				return err
			}
			if o.Arrival, err = tx.Arrivals().Add(w.ctx, store.Arrival{SHA: o.SHA, At: in.arrived}); err != nil {
				return err
			}
			if _, err = tx.Objects().Add(w.ctx, o); err != nil {
				return err
			}
		}
		id, err = tx.Letters().Insert(w.ctx, l)
		return err
	})
	return id
}

func (w *world) letter(id int64) *store.Letter {
	w.t.Helper()
	var l *store.Letter
	w.view(func(tx store.Tx) (err error) { l, err = tx.Letters().Get(w.ctx, id); return err })
	return l
}

// events says the timeline of a letter, e.g. "read replied".
func (w *world) events(id int64) string {
	w.t.Helper()
	var words []string
	w.view(func(tx store.Tx) error {
		events, err := tx.Letters().Events(w.ctx, id)
		for _, e := range events {
			words = append(words, e.What)
		}
		return err
	})
	return strings.Join(words, " ")
}

// audited says what the audit log holds, e.g. "anne:letter.read:1".
func (w *world) audited() []string {
	w.t.Helper()
	var out []string
	w.view(func(tx store.Tx) error {
		list, err := tx.Audit().List(w.ctx, 0, 10000)
		for _, e := range list {
			out = append(out, fmt.Sprintf("%s:%s:%d", e.Actor, e.Action, e.Letter))
		}
		return err
	})
	return out
}

// details says what the audit log adds to the newest entry of an action.
func (w *world) details(action string) string {
	w.t.Helper()
	detail := ""
	w.view(func(tx store.Tx) error {
		list, err := tx.Audit().List(w.ctx, 0, 10000)
		for _, e := range list {
			if e.Action == action {
				detail = e.Detail
			}
		}
		return err
	})
	return detail
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// jobs says the waiting jobs, e.g. "send:2".
func (w *world) jobs() string {
	w.t.Helper()
	var keys []string
	w.view(func(tx store.Tx) error {
		jobs, err := tx.Jobs().List(w.ctx, store.JobWaiting, 100)
		for _, j := range jobs {
			keys = append(keys, j.Key)
		}
		return err
	})
	return strings.Join(keys, " ")
}

// sound checks what must hold after every test: an unbroken audit log, and no
// patient in it or in what was logged.
func (w *world) sound() {
	w.t.Helper()
	w.view(func(tx store.Tx) error {
		_, broken, err := audit.Verify(w.ctx, tx)
		if broken != 0 {
			w.t.Errorf("audit log is broken at %d", broken)
		}
		list, err2 := tx.Audit().List(w.ctx, 0, 10000)
		for _, e := range list {
			w.noPatient("audit entry", fmt.Sprintf("%+v", e))
		}
		return errors.Join(err, err2)
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.noPatient("log", w.log.String())
}

func (w *world) noPatient(where, s string) {
	w.t.Helper()
	for _, secret := range []string{testCPR, testCPR[:6] + "-" + testCPR[6:], secondCPR, "Mosebryggersen", "Berggren", "Fortrolig"} {
		if strings.Contains(s, secret) {
			w.t.Errorf("%s holds a patient's data: %s", where, s)
		}
	}
}

// draft is a complete new letter from the clinic to home care elsewhere.
func draft() mailbox.Draft {
	return mailbox.Draft{CPR: testCPR, Surname: "Mosebryggersen", Given: "Torre Test", Episode: brevdue.EpisodeOutpatient, Receiver: outHome,
		Category: "Medicin", Subject: "Medicin", Text: "Fortrolig prøvetekst.", Phone: "87654321", Basis: "41-2-1", Health: "yes", Discharging: "no"}
}

// answer is a complete reply.
func answer() mailbox.Draft {
	return mailbox.Draft{Text: "Fortrolig svar.", Phone: "87654321", Basis: "41-2-1", Discharging: "no"}
}

// faults says which fields are wrong, e.g. "cpr text"; "" when nothing is.
func faults(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var fs mailbox.Faults
	if !errors.As(err, &fs) {
		t.Fatalf("not Faults: %v", err)
	}
	var fields []string
	for _, f := range fs {
		if f.Text == "" || f.TextEN == "" {
			t.Errorf("fault of %s has no words: %+v", f.Field, f)
		}
		fields = append(fields, f.Field)
	}
	return strings.Join(fields, " ")
}

// verdict is what a check says about a draft.
func verdict(_ mailbox.Preview, err error) error { return err }

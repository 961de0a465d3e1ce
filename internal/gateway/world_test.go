package gateway

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/audit"
	"brevdue/internal/logtest"
	"brevdue/internal/queue"
	"brevdue/internal/store"
	"brevdue/internal/store/storetest"
	"brevdue/medcom"
	"brevdue/receipt"
	"brevdue/sor"
	"brevdue/vans"
)

// The parties of the tests: plainly synthetic location numbers.
var (
	clinic   = gln("579999900001") // a hospital clinic of installation A
	homecare = gln("579999900002") // a municipal unit of installation B
	ward     = gln("579999900003") // another unit of installation A
	nobody   = gln("579999900099") // belongs to no installation
)

func gln(s string) brevdue.GLN {
	d, ok := brevdue.GLNCheckDigit(s)
	if !ok {
		panic(s)
	}
	return brevdue.GLN(s + string(d))
}

// testCPR belongs to one of MedCom's official test persons.
const testCPR = brevdue.CPR("0104909989")

// world is one installation with a real database, a network that is a map, and
// a clock that stands still until the test moves it.
type world struct {
	t     *testing.T
	ctx   context.Context
	store store.Store
	gw    *Gateway
	queue *queue.Queue

	mu    sync.Mutex
	now   time.Time
	out   []sent
	block error // what the network says to a hand-over
	log   *logtest.Buffer
}

// sent is one hand-over to the network.
type sent struct {
	name string
	data []byte
}

// tuesday is an ordinary working day before noon, Danish time 10:00.
var tuesday = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func newWorld(t *testing.T, tag string, network Network, units ...store.Unit) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), now: tuesday, log: &logtest.Buffer{}}
	w.store = openStore(t, filepath.Join(t.TempDir(), "brevdue.db"))
	w.update(func(tx store.Tx) error {
		for _, u := range units {
			if err := tx.Units().Put(w.ctx, u); err != nil {
				return err
			}
		}
		return tx.Settings().Set(w.ctx, store.KeyTag, tag)
	})
	book := testBook(t)
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if network.Name == "" {
		network.Name = "folder"
	}
	w.gw = New(Config{
		Store: w.store, Books: func() *aftale.Book { return book }, Directory: testDirectory,
		Network: network, Deliver: w.deliver, Now: w.clock, Log: log,
	})
	w.queue = newQueue(w.store, w.clock, log, w.gw)
	return w
}

// worldA is a hospital with two units, worldB a municipality with one.
func worldA(t *testing.T) *world { return newWorld(t, "AAA", Network{}, clinicUnit(), wardUnit()) }
func worldB(t *testing.T) *world { return newWorld(t, "BBB", Network{}, homecareUnit()) }

func clinicUnit() store.Unit {
	return store.Unit{GLN: clinic, Kind: brevdue.Clinic, Name: "Prøvehospitalet, Medicinsk Klinik", Phone: "87654321", Sends: brevdue.XDIS91, Organisation: "Prøvehospitalet"}
}

func wardUnit() store.Unit {
	return store.Unit{GLN: ward, Kind: brevdue.Ward, Name: "Prøvehospitalet, Sengeafsnit", Phone: "87654322", Sends: brevdue.DIS91, Organisation: "Prøvehospitalet"}
}

func homecareUnit() store.Unit {
	return store.Unit{GLN: homecare, Kind: brevdue.MunicipalHealth, Name: "Prøvekøbing Kommune, Hjemmesygeplejen", Phone: "87654323", Services: "no", Sends: brevdue.DIS91, Organisation: "Prøvekøbing Kommune"}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) deliver(_ context.Context, name string, data []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.block != nil {
		return w.block
	}
	w.out = append(w.out, sent{name, bytes.Clone(data)})
	return nil
}

func (w *world) setNetwork(trouble error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.block = trouble
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

// receive lets files arrive one after the other, each worked on to the end.
func (w *world) receive(files ...[]byte) {
	w.t.Helper()
	for _, data := range files {
		if err := w.gw.Receive(w.ctx, "folder", data); err != nil {
			w.t.Fatal(err)
		}
		w.drain()
	}
}

func (w *world) drain() {
	w.t.Helper()
	if err := w.queue.Drain(w.ctx); err != nil {
		w.t.Fatal(err)
	}
	if n := w.queue.Panics(); n != 0 {
		w.t.Fatalf("%d panics in handlers:\n%s", n, w.log)
	}
}

// taken returns what was handed to the network since the last call.
func (w *world) taken() []sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.out
	w.out = nil
	return out
}

// arrivals returns the states of all arrivals in order.
func (w *world) arrivals() string {
	w.t.Helper()
	var all []store.Arrival
	w.view(func(tx store.Tx) error {
		for _, s := range []store.ArrivalState{store.ArrivalNew, store.ArrivalOpened, store.ArrivalDuplicate, store.ArrivalQuarantined, store.ArrivalUnmatched, store.ArrivalClosed} {
			list, err := tx.Arrivals().List(w.ctx, s, 1000)
			if err != nil {
				return err
			}
			all = append(all, list...)
		}
		return nil
	})
	sort.Slice(all, func(i, j int) bool { return all[i].ID < all[j].ID })
	var words []string
	for _, a := range all {
		words = append(words, string(a.State))
	}
	return strings.Join(words, " ")
}

func (w *world) lastArrival() store.Arrival {
	w.t.Helper()
	var last store.Arrival
	w.view(func(tx store.Tx) error {
		all, err := storetest.All(w.ctx, tx.Arrivals().Get)
		if len(all) > 0 {
			last = all[len(all)-1]
		}
		return err
	})
	return last
}

// letters returns every letter of the archive in order.
func (w *world) letters() []*store.Letter {
	w.t.Helper()
	var out []*store.Letter
	w.view(func(tx store.Tx) (err error) {
		out, err = storetest.All(w.ctx, tx.Letters().Get)
		return err
	})
	return out
}

// states says number, state and unit of every letter, e.g. "B1:unread@clinic".
func (w *world) states() string {
	w.t.Helper()
	names := map[brevdue.GLN]string{clinic: "clinic", ward: "ward", homecare: "homecare", "": "nobody"}
	var words []string
	for _, l := range w.letters() {
		words = append(words, fmt.Sprintf("%s:%s@%s", l.Body.ID, l.Status, names[l.Unit]))
	}
	return strings.Join(words, " ")
}

func (w *world) letter(id int64) *store.Letter {
	w.t.Helper()
	var l *store.Letter
	w.view(func(tx store.Tx) (err error) { l, err = tx.Letters().Get(w.ctx, id); return err })
	return l
}

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

// sound checks what must hold at the end of every test: no dead job, nothing
// running, an unbroken audit log.
func (w *world) sound() {
	w.t.Helper()
	w.view(func(tx store.Tx) error {
		for _, s := range []store.JobState{store.JobDead, store.JobRunning, store.JobHeld} {
			jobs, err := tx.Jobs().List(w.ctx, s, 10)
			if err != nil {
				return err
			}
			for _, j := range jobs {
				w.t.Errorf("job %s %s is %s: %s", j.Kind, j.Key, s, j.LastError)
			}
		}
		_, broken, err := audit.Verify(w.ctx, tx)
		if broken != 0 {
			w.t.Errorf("audit log is broken at %d", broken)
		}
		return err
	})
}

// say describes what was handed over, e.g. "XCTL02 for K1: B1 syntaksfejl".
func say(t *testing.T, s sent) string {
	t.Helper()
	data := s.data
	prefix := ""
	if medcom.Sniff(data).Format == brevdue.VANS {
		e, findings := vans.Read(data)
		if brevdue.HasErrors(findings) {
			t.Fatalf("%s: the envelope has errors: %v", s.name, findings)
		}
		if e.Receipt != nil {
			return fmt.Sprintf("%s for %s", e.Receipt.Kind, e.Receipt.OriginalEnvelope)
		}
		prefix, data = "vans ", e.Message.Data
	}
	kind := medcom.Sniff(data).Kind
	if !kind.IsReceipt() {
		m, findings := medcom.Read(data)
		if brevdue.HasErrors(findings) {
			t.Fatalf("%s: the letter has errors: %v", s.name, findings)
		}
		return fmt.Sprintf("%s%s %s to %s", prefix, kind, m.Letters[0].ID, m.Envelope.Receiver)
	}
	m, findings := receipt.Read(data)
	if brevdue.HasErrors(findings) {
		t.Fatalf("%s: the receipt has errors: %v\n%s", s.name, findings, data)
	}
	if m.Envelope.WantsReceipt {
		t.Errorf("%s: a receipt asks for a receipt", s.name)
	}
	words := []string{fmt.Sprintf("%s%s for %s:", prefix, kind, m.Receipt.OriginalEnvelope)}
	if m.Receipt.Refusal != nil {
		words = append(words, string(m.Receipt.Refusal.Code))
	}
	for _, l := range m.Receipt.Letters {
		words = append(words, l.ID)
		if l.Refusal != nil {
			words = append(words, string(l.Refusal.Code))
		}
	}
	return strings.Join(words, " ")
}

func sayAll(t *testing.T, all []sent) string {
	t.Helper()
	var lines []string
	for _, s := range all {
		lines = append(lines, say(t, s))
	}
	return strings.Join(lines, " | ")
}

// draft is a letter from the municipality to the clinic, with what a test wants
// different.
type draft struct {
	kind         brevdue.Kind // default XDIS91
	env          string       // KuvertNr, default K1
	ids          []string     // BrevNr of each letter, default B1
	from, to     brevdue.GLN
	ask          bool
	text         string
	subject      string
	sent         brevdue.LocalTime
	receiverID   string // identifier of the receiver, a location number
	cpr          brevdue.CPR
	letterStatus brevdue.LetterStatus
}

func (d draft) message() medcom.Message {
	or := func(s *string, def string) {
		if *s == "" {
			*s = def
		}
	}
	if d.kind == "" {
		d.kind = brevdue.XDIS91
	}
	or(&d.env, "K1")
	or(&d.text, "Prøvetekst uden indhold")
	or(&d.subject, "Medicin")
	or((*string)(&d.from), string(homecare))
	or((*string)(&d.to), string(clinic))
	or((*string)(&d.sent), "2026-11-24T09:30")
	or((*string)(&d.cpr), string(testCPR))
	or((*string)(&d.letterStatus), string(brevdue.NewLetter))
	if len(d.ids) == 0 {
		d.ids = []string{"B1"}
	}
	if d.receiverID == "" {
		d.receiverID = string(d.to)
	}
	m := medcom.Message{Format: formatOf(d.kind), Kind: d.kind, Envelope: brevdue.Envelope{
		ID: d.env, Sent: d.sent, Sender: d.from, Receiver: d.to, WantsReceipt: d.ask,
	}}
	for _, id := range d.ids {
		m.Letters = append(m.Letters, brevdue.Letter{
			ID: id, Version: versionOf(d.kind), StatisticalCode: "XDIS91", Authorised: d.sent, Status: d.letterStatus,
			Sender:   brevdue.Party{GLN: d.from, ID: string(d.from), IDCode: brevdue.IDLocation, Organisation: "Prøvekøbing Kommune", Phone: "87654323", Specialty: "ikkeklassificeret"},
			Receiver: brevdue.Party{GLN: d.to, ID: d.receiverID, IDCode: brevdue.IDLocation, Organisation: "Prøvehospitalet"},
			Patient:  brevdue.Patient{CPR: d.cpr, Surname: "Mosebryggersen", Given: "Torre Test", Episode: brevdue.EpisodeInpatient},
			Subject:  d.subject, Priority: brevdue.RoutinePriority,
			Segments: []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText(d.text)}}},
		})
	}
	return m
}

func (d draft) bytes(t testing.TB) []byte {
	t.Helper()
	m := d.message()
	data, findings := medcom.Encode(m, m.Kind)
	if data == nil || brevdue.HasErrors(findings) {
		t.Fatalf("test letter cannot be written: %v", findings)
	}
	return data
}

// broken breaks the letter so that envelope and number stay readable: the count
// of segments is wrong, or an element is missing.
func (d draft) broken(t testing.TB) []byte {
	t.Helper()
	data := string(d.bytes(t))
	if strings.HasPrefix(data, "<") {
		return []byte(replaceOnce(t, data, "<EpisodeOfCareStatusCode>indlagt</EpisodeOfCareStatusCode>", ""))
	}
	i := strings.Index(data, "UNT+")
	j := strings.Index(data[i+4:], "+") + i + 4
	return []byte(data[:i+4] + "99" + data[j:])
}

func replaceOnce(t testing.TB, s, from, to string) string {
	t.Helper()
	if strings.Count(s, from) == 0 {
		t.Fatalf("test letter does not hold %q:\n%s", from, s)
	}
	return strings.Replace(s, from, to, 1)
}

// enveloped puts a document into a VANSEnvelope.
func enveloped(t testing.TB, id string, data []byte, from, to brevdue.GLN, transport string) []byte {
	t.Helper()
	kind := medcom.Sniff(data)
	out, findings := vans.Write(vans.Envelope{
		Sender: vans.EndPoint{Type: vans.EAN, ID: string(from)}, Receiver: vans.EndPoint{Type: vans.EAN, ID: string(to)},
		ID: id, Sent: "2026-11-24T09:30:00",
		Message: &vans.Message{
			Meta: vans.Meta{ID: "11111111-1111-4111-8111-111111111111", Document: vans.DocumentFor(kind.Kind, kind.Version, len(data)), Transport: &vans.Transport{Type: transport}},
			Data: data,
		},
	})
	if brevdue.HasErrors(findings) {
		t.Fatal(findings)
	}
	return out
}

// reply queues a letter of a unit as the mailbox does.
func (w *world) reply(unit store.Unit, to brevdue.GLN, id string, answers int64) int64 {
	w.t.Helper()
	m := draft{from: unit.GLN, to: to, ids: []string{id}}.message()
	var letter int64
	w.update(func(tx store.Tx) (err error) {
		letter, err = queueLetter(w.ctx, tx, unit.GLN, m.Letters[0], answers, w.clock())
		return err
	})
	return letter
}

// queueLetter is what the mailbox leaves behind when a person presses send.
func queueLetter(ctx context.Context, tx store.Tx, unit brevdue.GLN, body brevdue.Letter, answers int64, now time.Time) (int64, error) {
	l := &store.Letter{Direction: store.Out, Unit: unit, Status: brevdue.Queued, Body: body, Sent: now, ReplyTo: answers}
	id, err := tx.Letters().Insert(ctx, l)
	if err != nil {
		return 0, err
	}
	err = tx.Jobs().Add(ctx, store.Sending(id, now))
	return id, err
}

func openStore(t testing.TB, path string) store.Store {
	t.Helper()
	s := storetest.Open(t, path)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// edifactOnly is a receiver that takes DIS91 and nothing else; xmlOnly the other.
var (
	edifactOnly = gln("579999900011")
	xmlOnly     = gln("579999900012")
)

func testDirectory() *sor.Directory {
	return sor.New([]sor.Entry{
		{GLN: homecare, Name: "Hjemmesygeplejen, Prøvekøbing Kommune", Kind: brevdue.MunicipalHealth, Takes: []brevdue.Kind{brevdue.DIS91, brevdue.XDIS91, brevdue.XBIN01}},
		{GLN: edifactOnly, Name: "Prøvelægerne", Kind: brevdue.GP, Takes: []brevdue.Kind{brevdue.DIS91}},
		{GLN: xmlOnly, Name: "Et andet hospital", Kind: brevdue.Ward, Takes: []brevdue.Kind{brevdue.XDIS91}},
	})
}

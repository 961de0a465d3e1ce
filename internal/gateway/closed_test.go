package gateway

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/medcom"
)

// shut closes a unit on the days from 24 November 2026.
func (w *world) shut(unit brevdue.GLN, days int, notice bool) {
	w.t.Helper()
	w.update(func(tx store.Tx) error {
		_, err := tx.UnitFacts().AddClosed(w.ctx, store.Closed{Unit: unit, From: "2026-11-24", To: danish(24+days-1, 12, 0).Format("2006-01-02"),
			Text: "Kursus for alle", Contact: "Vagttelefonen, 87650000", Notice: notice, By: "Anne", At: w.now})
		return err
	})
}

// letterIn reads the letter in what was handed to the network.
func letterIn(t *testing.T, s sent) brevdue.Letter {
	t.Helper()
	m, findings := medcom.Read(s.data)
	if len(m.Letters) != 1 || brevdue.HasErrors(findings) {
		t.Fatalf("%s: %v", s.name, findings)
	}
	return m.Letters[0]
}

// F63: a unit that is away answers with one ordinary letter: marked, with who to
// call, signed by the unit, about the same citizen, subject and course, queued with
// the letter it answers.
func TestAClosedUnitAnswers(t *testing.T) {
	for _, kind := range []brevdue.Kind{brevdue.XDIS91, brevdue.DIS91} {
		t.Run(string(kind), func(t *testing.T) {
			w := worldA(t)
			w.shut(clinic, 2, true)
			m := draft{kind: kind}.message()
			m.Letters[0].EpisodeOfCare = "0123456789abcdef0123456789abcdef"
			w.receive(encoded(t, m))
			out := w.taken()
			if len(out) != 1 || !strings.HasPrefix(out[0].name, string(kind)) {
				t.Fatalf("sent: %v", out)
			}
			got := letterIn(t, out[0])
			text := got.Segments[0].Texts[0].String()
			for _, want := range []string{NoticeMark + "\n", "har lukket fra 24.11.2026 til og med 25.11.2026: Kursus for alle.", "ring: Vagttelefonen, 87650000",
				"Prøvehospitalet, Medicinsk Klinik\nTlf. 87654321"} {
				if !strings.Contains(text, want) {
					t.Errorf("the notice does not say %q:\n%s", want, text)
				}
			}
			if !automatic(&got) {
				t.Error("the notice is not known as one")
			}
			if got.Patient.CPR != testCPR || got.Subject != "Medicin" || got.EpisodeOfCare != m.Letters[0].EpisodeOfCare || got.Receiver.GLN != homecare || got.Sender.GLN != clinic {
				t.Errorf("%+v", got)
			}
			if got, want := w.events(1), "received judged noticed"; got != want {
				t.Errorf("timeline of the letter: %s, want %s", got, want)
			}
			if got, want := w.events(2), "notice attempt sent"; got != want {
				t.Errorf("timeline of the notice: %s, want %s", got, want)
			}
			l, n := w.letter(1), w.letter(2)
			if l.Status != brevdue.Unread || !l.AnsweredAt.IsZero() || l.Duty == nil || n.ReplyTo != 1 || n.Thread != l.Thread || n.Direction != store.Out {
				t.Errorf("letter %+v, notice %+v", l, n)
			}
			w.sound()
		})
	}
}

// F63: no notice without the tick, outside the days, for a refused letter, to an
// automatic letter, to a receipt, or to the same thread twice a day.
func TestNoticesThatAreNotSent(t *testing.T) {
	for _, c := range []struct {
		name   string
		notice bool
		at     time.Time
		files  func(t *testing.T) [][]byte
		want   int
	}{
		{"once a day and thread", true, danish(24, 10, 0), func(t *testing.T) [][]byte {
			return [][]byte{draft{}.bytes(t), draft{env: "K2", ids: []string{"B2"}}.bytes(t)}
		}, 1},
		{"another citizen is another thread", true, danish(24, 10, 0), func(t *testing.T) [][]byte {
			return [][]byte{draft{}.bytes(t), draft{env: "K2", ids: []string{"B2"}, cpr: "2512489996"}.bytes(t)}
		}, 2},
		{"another subject is another thread", true, danish(24, 10, 0), func(t *testing.T) [][]byte {
			return [][]byte{draft{}.bytes(t), draft{env: "K2", ids: []string{"B2"}, subject: "Træning"}.bytes(t)}
		}, 2},
		{"another sender is another thread", true, danish(24, 10, 0), func(t *testing.T) [][]byte {
			return [][]byte{draft{}.bytes(t), draft{env: "K2", ids: []string{"B2"}, from: xmlOnly}.bytes(t)}
		}, 2},
		{"the same letter twice", true, danish(24, 10, 0), func(t *testing.T) [][]byte {
			return [][]byte{draft{}.bytes(t), draft{}.bytes(t), draft{env: "K2"}.bytes(t)}
		}, 1},
		{"not ticked", false, danish(24, 10, 0), func(t *testing.T) [][]byte { return [][]byte{draft{}.bytes(t)} }, 0},
		{"the day before", true, danish(23, 23, 59), func(t *testing.T) [][]byte { return [][]byte{draft{sent: "2026-11-23T09:30"}.bytes(t)} }, 0},
		{"the last day", true, danish(25, 23, 59), func(t *testing.T) [][]byte { return [][]byte{draft{}.bytes(t)} }, 1},
		{"the day after", true, danish(26, 0, 0), func(t *testing.T) [][]byte { return [][]byte{draft{}.bytes(t)} }, 0},
		{"a refused letter", true, danish(24, 10, 0), func(t *testing.T) [][]byte { return [][]byte{draft{}.broken(t)} }, 0},
		{"a notice", true, danish(24, 10, 0), func(t *testing.T) [][]byte {
			return [][]byte{draft{text: NoticeMark + "\n\nKommunen har lukket."}.bytes(t)}
		}, 0},
		{"another system's automatic answer", true, danish(24, 10, 0), func(t *testing.T) [][]byte {
			return [][]byte{draft{text: "AUTOMATISK   SVAR - vi er på ferie"}.bytes(t)}
		}, 0},
		{"a person who quotes a notice", true, danish(24, 10, 0), func(t *testing.T) [][]byte {
			return [][]byte{draft{text: "Tak for beskeden. I skrev:\n" + NoticeMark}.bytes(t)}
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldA(t)
			w.shut(clinic, 2, c.notice)
			w.setClock(c.at)
			w.receive(c.files(t)...)
			notices := 0
			for _, s := range w.taken() {
				if !medcom.Sniff(s.data).Kind.IsReceipt() {
					notices++
				}
			}
			if notices != c.want {
				t.Errorf("%d notices, want %d", notices, c.want)
			}
			w.sound()
		})
	}
}

// The next day the thread is answered once more.
func TestANoticeEveryDay(t *testing.T) {
	w := worldA(t)
	w.shut(clinic, 3, true)
	for day := range 3 {
		w.setClock(danish(24+day, 10, 0))
		for n := range 2 {
			w.receive(draft{env: fmt.Sprintf("K%d%d", day, n), ids: []string{fmt.Sprintf("B%d%d", day, n)}}.bytes(t))
		}
		if got := len(w.taken()); got != 1 {
			t.Errorf("day %d: %d notices", day, got)
		}
	}
	w.sound()
}

// F63: two units that are away and answer each other stop at once, also when the
// mark is lost on the way.
func TestTwoClosedUnitsDoNotLoop(t *testing.T) {
	for _, lost := range []bool{false, true} {
		t.Run(fmt.Sprintf("mark lost %t", lost), func(t *testing.T) {
			a, b := worldA(t), worldB(t)
			a.shut(clinic, 5, true)
			b.shut(homecare, 5, true)
			b.reply(homecareUnit(), clinic, "FIRST", 0) // a person writes
			b.drain()
			letters := 0
			for round := 0; ; round++ {
				if round > 50 {
					t.Fatal("they still write to each other")
				}
				moved := false
				for _, way := range []struct{ from, to *world }{{b, a}, {a, b}} {
					for _, s := range way.from.taken() {
						data := s.data
						if !medcom.Sniff(data).Kind.IsReceipt() {
							letters++
							if lost {
								data = withoutMark(t, data)
							}
						}
						way.to.receive(data)
						moved = true
					}
				}
				if !moved {
					break
				}
			}
			// The person's letter, the clinic's notice, and at most home care's own.
			if want := map[bool]int{false: 2, true: 3}[lost]; letters != want {
				t.Errorf("%d letters went between them, want %d", letters, want)
			}
			for _, w := range []*world{a, b} {
				for _, l := range w.letters() {
					if l.Direction == store.Out && l.Status != brevdue.Delivered {
						t.Errorf("%s is %s", l.Body.ID, l.Status)
					}
				}
				w.sound()
			}
		})
	}
}

// withoutMark is a letter as something on the way would leave it that drops the
// first line of the text.
func withoutMark(t *testing.T, data []byte) []byte {
	t.Helper()
	m, _ := medcom.Read(data)
	text := m.Letters[0].Segments[0].Texts[0].String()
	m.Letters[0].Segments[0].Texts[0] = brevdue.PlainText(strings.TrimSpace(strings.TrimPrefix(text, NoticeMark)))
	return encoded(t, m)
}

// A notice that cannot be written stops nothing: the letter is kept, and its
// timeline says that nobody was told.
func TestANoticeThatCannotBeWritten(t *testing.T) {
	u := clinicUnit()
	u.ID, u.IDCode = strings.Repeat("9", 40), brevdue.IDSOR
	w := newWorld(t, "AAA", Network{}, u)
	w.shut(clinic, 1, true)
	w.receive(draft{}.bytes(t))
	if got, want := w.events(1), "received judged notice-failed"; got != want {
		t.Errorf("timeline %s, want %s", got, want)
	}
	if out := w.taken(); len(out) != 0 {
		t.Errorf("sent %v", out)
	}
	w.sound()
}

// encoded writes a message.
func encoded(t testing.TB, m medcom.Message) []byte {
	t.Helper()
	data, findings := medcom.Encode(m, m.Kind)
	if data == nil || brevdue.HasErrors(findings) {
		t.Fatalf("test letter cannot be written: %v", findings)
	}
	return data
}

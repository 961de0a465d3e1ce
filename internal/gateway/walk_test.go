package gateway

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/medcom"
)

// Whole walks: what came in, what is kept, where it stands, what went out.
func TestTheWalkOfLettersThatComeIn(t *testing.T) {
	const uuid = "22222222-2222-4222-8222-222222222222"
	type want struct{ arrivals, letters, out string }
	for _, kind := range []brevdue.Kind{brevdue.DIS91, brevdue.XDIS91} {
		ctl := map[brevdue.Kind]string{brevdue.DIS91: "CTL", brevdue.XDIS91: "XCTL"}[kind]
		for _, c := range []struct {
			name string
			in   func(t *testing.T) [][]byte
			want want
		}{
			{"accepted, no receipt asked", func(t *testing.T) [][]byte {
				return [][]byte{draft{kind: kind}.bytes(t)}
			}, want{"opened", "B1:unread@clinic", ""}},
			{"accepted, receipt asked", func(t *testing.T) [][]byte {
				return [][]byte{draft{kind: kind, ask: true}.bytes(t)}
			}, want{"opened", "B1:unread@clinic", ctl + "03 for K1: B1"}},
			{"errors: kept, refused though no receipt was asked", func(t *testing.T) [][]byte {
				return [][]byte{draft{kind: kind}.broken(t)}
			}, want{"opened", "B1:refused@clinic", ctl + "02 for K1: B1 syntaksfejl"}},
			{"receiver unknown here", func(t *testing.T) [][]byte {
				return [][]byte{draft{kind: kind, to: nobody, ask: true}.bytes(t)}
			}, want{"opened", "B1:refused@nobody", ctl + "02 for K1: B1 ukendt_lokationsnummer"}},
			{"one address for several: the identifier decides", func(t *testing.T) [][]byte {
				return [][]byte{draft{kind: kind, receiverID: string(ward)}.bytes(t)}
			}, want{"opened", "B1:unread@ward", ""}},
			{"an identifier nobody knows is no reason to refuse", func(t *testing.T) [][]byte {
				return [][]byte{draft{kind: kind, receiverID: string(nobody)}.bytes(t)}
			}, want{"opened", "B1:unread@clinic", ""}},
			{"several letters in one interchange", func(t *testing.T) [][]byte {
				return [][]byte{draft{kind: kind, ids: []string{"B1", "B2", "B3"}, ask: true}.bytes(t)}
			}, want{"opened", "B1:unread@clinic B2:unread@clinic B3:unread@clinic", ctl + "03 for K1: B1 B2 B3"}},
			{"one bad letter among good ones does not stop them", func(t *testing.T) [][]byte {
				return [][]byte{breakLetter(t, draft{kind: kind, ids: []string{"B1", "B2", "B3"}, ask: true}.bytes(t), 1)}
			}, want{"opened", "B1:unread@clinic B2:refused@clinic B3:unread@clinic", ctl + "02 for K1: B1 B2 syntaksfejl B3"}},
			{"a version that is not handled", func(t *testing.T) [][]byte {
				data := draft{kind: kind}.bytes(t)
				old := strings.NewReplacer("XD9134L", "XD9133L", ":D9134L", ":D9133L")
				return [][]byte{[]byte(old.Replace(string(data)))}
			}, want{arrivals: "?", out: ctl + "02 for K1: B1 problem_med_version"}},
			{"another letter type", func(t *testing.T) [][]byte {
				data := draft{kind: kind}.bytes(t)
				other := strings.NewReplacer("2006/07/01", "2009/08/01", "ClinicalEmail", "AdministrativeEmail", "XD9134L", "XD9034L", "XDIS91", "XDIS90", ":D9134L", ":D9034L", "DIS91", "DIS90")
				return [][]byte{[]byte(other.Replace(string(data)))}
			}, want{"quarantined", "", ctl + "02 for K1: B1 problem_med_version"}},
			{"truncated in the middle of the letter", func(t *testing.T) [][]byte {
				data := draft{kind: kind}.bytes(t)
				return [][]byte{data[:len(data)*2/3]}
			}, want{arrivals: "?", out: ctl + "02 for K1: B1 syntaksfejl"}},
			{"truncated before anything can be answered", func(t *testing.T) [][]byte {
				return [][]byte{draft{kind: kind}.bytes(t)[:20]}
			}, want{"quarantined", "", ""}},
			{"a poisoned file among good ones", func(t *testing.T) [][]byte {
				return [][]byte{draft{kind: kind}.bytes(t), []byte("\x00\xff not a letter"), draft{kind: kind, env: "K2", ids: []string{"B2"}}.bytes(t)}
			}, want{"opened quarantined opened", "B1:unread@clinic B2:unread@clinic", ""}},
			{"enveloped and reliable: the network's receipt and the letter's", func(t *testing.T) [][]byte {
				return [][]byte{enveloped(t, uuid, draft{kind: kind, ask: true}.bytes(t), homecare, clinic, "reliable")}
			}, want{"opened", "B1:unread@clinic", "vans " + ctl + "03 for K1: B1 | PositiveMessage for " + uuid}},
			{"enveloped and refused: it arrived, but it is refused", func(t *testing.T) [][]byte {
				return [][]byte{enveloped(t, uuid, draft{kind: kind}.broken(t), homecare, clinic, "reliable")}
			}, want{"opened", "B1:refused@clinic", "vans " + ctl + "02 for K1: B1 syntaksfejl | PositiveMessage for " + uuid}},
			{"enveloped and unreliable: nothing from the network", func(t *testing.T) [][]byte {
				return [][]byte{enveloped(t, uuid, draft{kind: kind}.bytes(t), homecare, clinic, "unreliable")}
			}, want{"opened", "B1:unread@clinic", ""}},
			{"the same VANSEnvelope twice: both receipts again", func(t *testing.T) [][]byte {
				data := enveloped(t, uuid, draft{kind: kind, ask: true}.bytes(t), homecare, clinic, "reliable")
				return [][]byte{data, data}
			}, want{"opened duplicate", "B1:unread@clinic", "vans " + ctl + "03 for K1: B1 | PositiveMessage for " + uuid + " | vans " + ctl + "03 for K1: B1 | PositiveMessage for " + uuid}},
			{"sent again in a new VANSEnvelope: the letter's receipt again, the network's for the new one", func(t *testing.T) [][]byte {
				data := draft{kind: kind, ask: true}.bytes(t)
				const second = "33333333-3333-4333-8333-333333333333"
				return [][]byte{enveloped(t, uuid, data, homecare, clinic, "reliable"), enveloped(t, second, data, homecare, clinic, "reliable")}
			}, want{"opened duplicate", "B1:unread@clinic", "vans " + ctl + "03 for K1: B1 | PositiveMessage for " + uuid + " | vans " + ctl + "03 for K1: B1 | PositiveMessage for 33333333-3333-4333-8333-333333333333"}},
			{"nothing readable in the envelope: the network is told", func(t *testing.T) [][]byte {
				m := enveloped(t, uuid, draft{kind: kind}.bytes(t), homecare, clinic, "reliable")
				return [][]byte{[]byte(replaceData(t, string(m), "bm90aGluZw=="))}
			}, want{"quarantined", "", "NegativeMessage for " + uuid}},
		} {
			t.Run(string(kind)+"/"+c.name, func(t *testing.T) {
				w := worldA(t)
				w.receive(c.in(t)...)
				if got := w.arrivals(); got != c.want.arrivals && c.want.arrivals != "?" {
					t.Errorf("arrivals: %s, want %s (%s)", got, c.want.arrivals, w.lastArrival().Reason)
				}
				if got := w.states(); got != c.want.letters && c.want.arrivals != "?" {
					t.Errorf("letters: %s, want %s", got, c.want.letters)
				}
				if got := inOrder(sayAll(t, w.taken())); got != inOrder(c.want.out) {
					t.Errorf("handed over:\n%s\nwant\n%s", got, c.want.out)
				}
				for _, l := range w.letters() {
					if strings.Contains(w.states(), "unread") && l.Status == brevdue.Unread && (l.Duty == nil || l.Group != "Medicin") {
						t.Errorf("%s: no duty or no subject: %v %q", l.Body.ID, l.Duty, l.Group)
					}
					if l.Status == brevdue.Refused && (!brevdue.HasErrors(l.Findings) || l.Note == "") {
						t.Errorf("%s is refused without findings or note: %v %q", l.Body.ID, l.Findings, l.Note)
					}
				}
				w.sound()
			})
		}
	}
}

// inOrder sorts what was handed over by one drain: jobs of the same moment have
// no order among each other.
func inOrder(s string) string {
	parts := strings.Split(s, " | ")
	for i := range parts {
		for j := i + 1; j < len(parts); j++ {
			if parts[j] < parts[i] {
				parts[i], parts[j] = parts[j], parts[i]
			}
		}
	}
	return strings.Join(parts, " | ")
}

// breakLetter makes letter i of several wrong by itself.
func breakLetter(t *testing.T, data []byte, i int) []byte {
	t.Helper()
	s := string(data)
	mark, broken := "<EpisodeOfCareStatusCode>indlagt</EpisodeOfCareStatusCode>", ""
	if !strings.HasPrefix(s, "<") {
		mark, broken = "PAS+", "XXX+"
		if !strings.Contains(s, mark) {
			mark, broken = ":IM", ":ZZ"
		}
	}
	parts := strings.Split(s, mark)
	if len(parts) != 4 {
		t.Fatalf("cannot break letter %d by %q:\n%s", i, mark, s)
	}
	out := parts[0]
	for n, p := range parts[1:] {
		if n == i {
			out += broken + p
		} else {
			out += mark + p
		}
	}
	return []byte(out)
}

// replaceData replaces the carried document and its size.
func replaceData(t *testing.T, s, base64 string) string {
	t.Helper()
	i := strings.Index(s, "Data>")
	j := strings.LastIndex(s[:strings.LastIndex(s, "Data>")], "</")
	if i < 0 || j < i {
		t.Fatalf("no data in\n%s", s)
	}
	return s[:i+5] + base64 + s[j:]
}

func TestWhatIsKeptOfAnAcceptedLetter(t *testing.T) {
	w := worldA(t)
	w.receive(draft{ask: true, sent: "2026-11-24T09:30"}.bytes(t))
	l := w.letter(1)
	if l.Duty == nil || l.Duty.Rule != "AGR-602" || l.Duty.Agreement.SHA256 == "" || !strings.Contains(l.Duty.Sentence, "15") {
		t.Errorf("duty: %+v", l.Duty)
	}
	if want := time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC); l.Duty != nil && !l.Duty.Due.Equal(want) {
		t.Errorf("due %v, want 15:00 Danish time", l.Duty.Due)
	}
	if want := time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC); !l.Sent.Equal(want) {
		t.Errorf("sent %v, want %v", l.Sent, want)
	}
	if !l.Arrived.Equal(tuesday) || l.Unit != clinic || l.Body.Patient.CPR != testCPR || l.Envelope.ID != "K1" {
		t.Errorf("letter: %+v", l)
	}
	if got := w.events(1); got != "received judged acknowledged" {
		t.Errorf("timeline: %s", got)
	}
	w.view(func(tx store.Tx) error {
		audit, err := tx.Audit().OfLetter(w.ctx, 1)
		if len(audit) != 1 || audit[0].Action != "letter.received" {
			t.Errorf("audit: %v", audit)
		}
		receipts, err2 := tx.Receipts().OfLetter(w.ctx, 1)
		if len(receipts) != 1 || receipts[0].HandedAt.IsZero() || receipts[0].Original != "K1" {
			t.Errorf("receipts: %v", receipts)
		}
		return errors.Join(err, err2)
	})
	w.sound()
}

func TestSendingTimes(t *testing.T) {
	due := time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name    string
		sent    brevdue.LocalTime
		finding string
		due     time.Time
	}{
		{"in time", "2026-11-24T09:30", "", due},
		{"a little ahead of our clock", "2026-11-24T10:20", "", due},
		{"a day ahead: counted from the arrival", "2026-11-25T14:45", "GW-SENT-01", due},
		{"long ago", "2026-11-20T14:29", "", time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldA(t)
			w.receive(draft{sent: c.sent}.bytes(t))
			l := w.letter(1)
			rules := ""
			for _, f := range l.Findings {
				if strings.HasPrefix(f.Rule, "GW-") {
					rules += f.Rule
				}
			}
			if rules != c.finding || l.Status != brevdue.Unread || l.Duty == nil || !l.Duty.Due.Equal(c.due) {
				t.Errorf("status %s, findings %q, duty %+v", l.Status, rules, l.Duty)
			}
		})
	}
}

// Letters no agreement is about are accepted, sorted to the tray and have no
// deadline; letters whose subject is none of the agreement's keep theirs.
func TestSubjectsAndTheTray(t *testing.T) {
	for _, c := range []struct {
		name, subject string
		from          brevdue.GLN
		sent          brevdue.LocalTime
		group         string
		tray, due     bool
	}{
		{"canonical", "Medicin", homecare, "2026-11-24T09:30", "Medicin", false, true},
		{"another spelling", "sygepleje- KOMMUNE", homecare, "2026-11-24T09:30", "Sygepleje-kommune", false, true},
		{"category and subject", "Træning,Træning", homecare, "2026-11-24T09:30", "Træning", false, true},
		{"free subject", "Tak for sidst", homecare, "2026-11-24T09:30", "", true, true},
		{"between two hospitals", "Medicin", xmlOnly, "2026-11-24T09:30", "", true, false},
		{"before the agreement: the one in force on arrival", "Medicin", homecare, "2021-11-24T09:30", "Medicin", false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldA(t)
			w.receive(draft{subject: c.subject, from: c.from, sent: c.sent}.bytes(t))
			l := w.letter(1)
			if l.Status != brevdue.Unread || l.Group != c.group || (l.GroupOrder == trayOrder) != c.tray || (l.Duty != nil) != c.due {
				t.Errorf("status %s, group %q, order %d, duty %v", l.Status, l.Group, l.GroupOrder, l.Duty)
			}
			w.sound()
		})
	}
}

// A letter that no receipt can be written to is never accepted: found by torture, where
// one byte of the sender's number was damaged and the letter lay in the inbox without
// its sender knowing, beside the one that was sent again.
func TestDamagedSenderIsNotAccepted(t *testing.T) {
	for _, kind := range []brevdue.Kind{brevdue.DIS91, brevdue.XDIS91} {
		t.Run(string(kind), func(t *testing.T) {
			w := worldA(t)
			whole := draft{kind: kind, ask: true}.bytes(t)
			w.receive([]byte(strings.ReplaceAll(string(whole), string(homecare), "\xa8"+string(homecare)[1:])))
			if got := w.states(); strings.Contains(got, "unread") {
				t.Errorf("the damaged one: %s", got)
			}
			w.receive(whole)
			if got := w.states(); strings.Count(got, "unread") != 1 {
				t.Errorf("the whole one: %s", got)
			}
			w.sound()
		})
	}
}

// Features F4: every way a letter can come twice, in one table. Each file is
// worked on to the end before the next comes, unless together is set.
func TestDuplicates(t *testing.T) {
	for _, kind := range []brevdue.Kind{brevdue.DIS91, brevdue.XDIS91} {
		ctl := map[brevdue.Kind]string{brevdue.DIS91: "CTL", brevdue.XDIS91: "XCTL"}[kind]
		asks := draft{kind: kind, ask: true}
		again := draft{kind: kind, ask: true, env: "K2"}
		other := draft{kind: kind, ask: true, text: "Et helt andet indhold"}
		otherAgain := draft{kind: kind, ask: true, env: "K2", text: "Et helt andet indhold"}
		for _, c := range []struct {
			name     string
			in       [][]byte
			together bool
			arrivals string
			letters  string
			out      string
			same     [][2]int // indexes of hand-overs that must be equal byte for byte
		}{
			{"same envelope, receipt was asked: the stored one again",
				[][]byte{asks.bytes(t), asks.bytes(t), asks.bytes(t)}, false,
				"opened duplicate duplicate", "B1:unread@clinic",
				ctl + "03 for K1: B1 | " + ctl + "03 for K1: B1 | " + ctl + "03 for K1: B1", [][2]int{{0, 1}, {1, 2}}},
			{"same envelope, none was asked: none is sent",
				[][]byte{draft{kind: kind}.bytes(t), draft{kind: kind}.bytes(t)}, false,
				"opened duplicate", "B1:unread@clinic", "", nil},
			{"a duplicate of a refused one is refused again",
				[][]byte{draft{kind: kind}.broken(t), draft{kind: kind}.broken(t)}, false,
				"opened duplicate", "B1:refused@clinic",
				ctl + "02 for K1: B1 syntaksfejl | " + ctl + "02 for K1: B1 syntaksfejl", [][2]int{{0, 1}}},
			{"a duplicate for an unknown receiver is refused again",
				[][]byte{draft{kind: kind, to: nobody}.bytes(t), draft{kind: kind, to: nobody}.bytes(t)}, false,
				"opened duplicate", "B1:refused@nobody",
				ctl + "02 for K1: B1 ukendt_lokationsnummer | " + ctl + "02 for K1: B1 ukendt_lokationsnummer", [][2]int{{0, 1}}},
			{"sent again in a new envelope: same verdict, a receipt for the new one",
				[][]byte{asks.bytes(t), again.bytes(t), again.bytes(t)}, false,
				"opened duplicate duplicate", "B1:unread@clinic",
				ctl + "03 for K1: B1 | " + ctl + "03 for K2: B1 | " + ctl + "03 for K2: B1", [][2]int{{1, 2}}},
			{"refused, and sent again in a new envelope: refused",
				[][]byte{draft{kind: kind, to: nobody}.bytes(t), draft{kind: kind, to: nobody, env: "K2"}.bytes(t)}, false,
				"opened duplicate", "B1:refused@nobody",
				ctl + "02 for K1: B1 ukendt_lokationsnummer | " + ctl + "02 for K2: B1 ukendt_lokationsnummer", nil},
			{"refused for its fault, corrected and sent again in a new envelope: accepted, and once",
				[][]byte{draft{kind: kind, ask: true}.broken(t), again.bytes(t), again.bytes(t), draft{kind: kind, ask: true, env: "K3"}.bytes(t)}, false,
				"opened opened duplicate duplicate", "B1:refused@clinic B1:unread@clinic",
				ctl + "02 for K1: B1 syntaksfejl | " + ctl + "03 for K2: B1 | " + ctl + "03 for K2: B1 | " + ctl + "03 for K3: B1", [][2]int{{1, 2}}},
			{"refused, and other content in the same envelope: not answered against the refusal",
				[][]byte{draft{kind: kind, ask: true}.broken(t), other.bytes(t), again.bytes(t)}, false,
				"opened opened opened", "B1:refused@clinic B1:refused@clinic B1:unread@clinic",
				ctl + "02 for K1: B1 syntaksfejl | " + ctl + "03 for K2: B1", nil},
			{"new envelope, same number, other content: kept and refused",
				[][]byte{asks.bytes(t), otherAgain.bytes(t), otherAgain.bytes(t)}, false,
				"opened opened duplicate", "B1:unread@clinic B1:refused@clinic",
				ctl + "03 for K1: B1 | " + ctl + "02 for K2: B1 ikke_specificeret | " + ctl + "02 for K2: B1 ikke_specificeret", [][2]int{{1, 2}}},
			{"same envelope, same number, other content: kept, and not answered against the first receipt",
				[][]byte{asks.bytes(t), other.bytes(t), other.bytes(t)}, false,
				"opened opened duplicate", "B1:unread@clinic B1:refused@clinic",
				ctl + "03 for K1: B1", nil},
			{"same envelope number, other letter: a letter of its own",
				[][]byte{asks.bytes(t), draft{kind: kind, ask: true, ids: []string{"B2"}}.bytes(t)}, false,
				"opened opened", "B1:unread@clinic B2:unread@clinic",
				ctl + "03 for K1: B1 | " + ctl + "03 for K1: B2", nil},
			{"another sender may use the same numbers",
				[][]byte{asks.bytes(t), draft{kind: kind, ask: true, from: nobody}.bytes(t)}, false,
				"opened opened", "B1:unread@clinic B1:unread@clinic",
				ctl + "03 for K1: B1 | " + ctl + "03 for K1: B1", nil},
			{"several letters, one of them known",
				[][]byte{asks.bytes(t), draft{kind: kind, ask: true, env: "K2", ids: []string{"B1", "B2"}}.bytes(t)}, false,
				"opened opened", "B1:unread@clinic B2:unread@clinic",
				ctl + "03 for K1: B1 | " + ctl + "03 for K2: B1 B2", nil},
			{"both copies arrive before either is opened",
				[][]byte{asks.bytes(t), asks.bytes(t)}, true,
				"opened duplicate", "B1:unread@clinic", "?", nil},
			{"a type that is not handled, twice",
				[][]byte{unsupported(t, kind), unsupported(t, kind)}, false,
				"quarantined quarantined", "",
				ctl + "02 for K1: B1 problem_med_version | " + ctl + "02 for K1: B1 problem_med_version", [][2]int{{0, 1}}},
		} {
			t.Run(string(kind)+"/"+c.name, func(t *testing.T) {
				w := worldA(t)
				if c.together {
					for _, data := range c.in {
						if err := w.gw.Receive(w.ctx, "folder", data); err != nil {
							t.Fatal(err)
						}
					}
					w.drain()
				} else {
					w.receive(c.in...)
				}
				got := w.arrivals()
				if c.together { // either may be the first
					got = strings.Join(strings.Fields(strings.Replace(got, "duplicate opened", "opened duplicate", 1)), " ")
				}
				if got != c.arrivals {
					t.Errorf("arrivals: %s, want %s", got, c.arrivals)
				}
				if got := w.states(); got != c.letters {
					t.Errorf("letters: %s, want %s", got, c.letters)
				}
				out := w.taken()
				if got := sayAll(t, out); got != c.out && c.out != "?" {
					t.Errorf("handed over:\n%s\nwant\n%s", got, c.out)
				}
				if c.out == "?" {
					for _, s := range out {
						if say(t, s) != ctl+"03 for K1: B1" || string(s.data) != string(out[0].data) {
							t.Errorf("handed over: %s", sayAll(t, out))
						}
					}
					if len(out) == 0 {
						t.Error("no receipt went out")
					}
				}
				for _, p := range c.same {
					if p[1] >= len(out) || string(out[p[0]].data) != string(out[p[1]].data) || out[p[0]].name != out[p[1]].name {
						t.Errorf("hand-overs %d and %d differ", p[0], p[1])
					}
				}
				w.sound()
			})
		}
	}
}

func unsupported(t *testing.T, kind brevdue.Kind) []byte {
	data := draft{kind: kind}.bytes(t)
	other := strings.NewReplacer("2006/07/01", "2009/08/01", "ClinicalEmail", "AdministrativeEmail", "XD9134L", "XD9034L", "XDIS91", "XDIS90", ":D9134L", ":D9034L", "DIS91", "DIS90")
	return []byte(other.Replace(string(data)))
}

// The verdict on an envelope stands even when the reason is gone; the letter sent again
// in a new one is judged afresh.
func TestRefusedLetterIsAcceptedWhenItIsSentAgainAndTheReceiverIsKnownNow(t *testing.T) {
	w := newWorld(t, "AAA", Network{}, wardUnit())
	w.receive(draft{ask: true}.bytes(t))
	w.update(func(tx store.Tx) error { return tx.Units().Put(w.ctx, clinicUnit()) })
	w.receive(draft{ask: true}.bytes(t), draft{ask: true, env: "K2"}.bytes(t))
	if got, want := sayAll(t, w.taken()), "XCTL02 for K1: B1 ukendt_lokationsnummer | XCTL02 for K1: B1 ukendt_lokationsnummer | XCTL03 for K2: B1"; got != want {
		t.Errorf("handed over:\n%s\nwant\n%s", got, want)
	}
	if got := w.states(); got != "B1:refused@nobody B1:unread@clinic" {
		t.Errorf("letters: %s", got)
	}
	w.sound()
}

func TestTheSameLetterConvertedOnTheWayIsADuplicate(t *testing.T) {
	w := worldA(t)
	w.receive(draft{kind: brevdue.DIS91, ask: true}.bytes(t), draft{kind: brevdue.XDIS91, ask: true, env: "K2"}.bytes(t))
	if got := w.states(); got != "B1:unread@clinic" {
		t.Errorf("letters: %s", got)
	}
	if got, want := sayAll(t, w.taken()), "CTL03 for K1: B1 | XCTL03 for K2: B1"; got != want {
		t.Errorf("handed over: %s, want %s", got, want)
	}
}

func TestWhatNobodyCanReadIsQuarantinedWithAReason(t *testing.T) {
	for _, c := range []struct{ name, data, reason string }{
		{"empty file", "", "tom"},
		{"noise", "\x00\x01\x02", "hvilken slags"},
		{"a text", "Kære afdeling", "hvilken slags"},
		{"FHIR JSON", `{"resourceType":"Bundle","meta":{"profile":["http://medcomfhir.dk/ig/carecommunication/StructureDefinition/medcom-careCommunication-message"]}}`, "FHIR"},
		{"FHIR XML", `<Bundle xmlns="http://hl7.org/fhir"><type value="message"/></Bundle>`, "FHIR"},
		{"a VANSEnvelope that is torn", `<VANSEnvelope xmlns="urn:oio:medcom:vans-envelope:1.0.4"><SenderID`, "VANS-kuverten"},
		{"some other XML", `<hej/>`, "hvilken slags"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldA(t)
			w.receive([]byte(c.data))
			a := w.lastArrival()
			if a.State != store.ArrivalQuarantined || !strings.Contains(a.Reason, c.reason) {
				t.Errorf("state %s, reason %q", a.State, a.Reason)
			}
			if out := w.taken(); len(out) != 0 {
				t.Errorf("handed over %s", sayAll(t, out))
			}
			w.view(func(tx store.Tx) error {
				kept, err := tx.Originals().Get(w.ctx, a.SHA)
				if string(kept) != c.data {
					t.Errorf("kept %q", kept)
				}
				return err
			})
			w.sound()
		})
	}
}

// Feature F3: a file that makes a reader panic, or that cannot be kept however
// often it is tried, is put before the operator; the others go on.
func TestPoisonIsIsolated(t *testing.T) {
	w := worldA(t)
	poison := true
	w.gw.Hook = func(moment string) {
		if moment == Before(PointOpened) && poison {
			poison = false
			panic(string(testCPR) + " in a panic")
		}
	}
	w.receive(draft{}.bytes(t))
	for range 10 {
		w.advance(time.Hour)
		w.drain()
	}
	if got := w.states(); got != "B1:unread@clinic" {
		t.Errorf("after one panic and another try: %s", got)
	}
	fails := 0
	w.gw.Hook = func(moment string) {
		if moment == Before(PointOpened) && fails < patience {
			fails++
			panic("always")
		}
	}
	w.receive(draft{env: "K2", ids: []string{"B2"}}.bytes(t))
	for range 20 {
		w.advance(time.Hour)
		w.drain()
	}
	if a := w.lastArrival(); a.State != store.ArrivalQuarantined || !strings.Contains(a.Reason, "fejl i programmet") {
		t.Errorf("state %s, reason %q", a.State, a.Reason)
	}
	if s := w.log.String(); !strings.Contains(s, "panic in the walk") || strings.Contains(s, string(testCPR)) {
		t.Errorf("log lacks the panic or holds a number:\n%s", s)
	}
	w.sound()
}

// An operator may let a quarantined arrival be opened again.
func TestOpeningAgain(t *testing.T) {
	w := newWorld(t, "AAA", Network{}, clinicUnit())
	w.receive([]byte("noise"), draft{}.bytes(t))
	for id := int64(1); id <= 2; id++ {
		w.update(func(tx store.Tx) error {
			a, err := tx.Arrivals().Get(w.ctx, id)
			if err != nil {
				return err
			}
			if id == 1 {
				a.State = store.ArrivalNew
				if err := tx.Arrivals().Update(w.ctx, a); err != nil {
					return err
				}
			}
			// The second job is one that was repeated after a crash.
			err = tx.Jobs().Add(w.ctx, store.Job{Kind: store.JobOpen, Key: fmt.Sprintf("open:%d", id), Subject: id, RunAt: w.clock(), Created: w.clock()})
			return err
		})
	}
	w.drain()
	if got := w.arrivals() + " / " + w.states(); got != "quarantined opened / B1:unread@clinic" {
		t.Error(got)
	}
	w.sound()
}

func TestRemindersComeOnceBeforeAndOnceAtTheDeadline(t *testing.T) {
	w := worldA(t)
	w.receive(draft{sent: "2026-11-24T09:30"}.bytes(t), draft{env: "K2", ids: []string{"B2"}, sent: "2026-11-24T09:30"}.bytes(t))
	wake, stop := w.store.Listen(store.TopicUnit(clinic))
	defer stop()
	select {
	case <-wake:
	default:
	}
	at := func(hour, minute int) {
		w.mu.Lock()
		w.now = time.Date(2026, 11, 24, hour-1, minute, 0, 0, time.UTC) // Danish winter time
		w.mu.Unlock()
		w.drain()
	}
	at(14, 29)
	if got := w.events(1); strings.Contains(got, eventDueSoon) {
		t.Errorf("reminded too early: %s", got)
	}
	at(14, 30)
	select {
	case <-wake:
	case <-time.After(10 * time.Second):
		t.Error("nobody was woken")
	}
	w.update(func(tx store.Tx) error {
		return tx.Letters().Move(w.ctx, 2, brevdue.Unread, brevdue.Read)
	})
	at(14, 45)
	at(15, 0)
	at(16, 0)
	if got, want := w.events(1), "received judged due-soon overdue"; got != want {
		t.Errorf("unread letter: %s, want %s", got, want)
	}
	if got, want := w.events(2), "received judged due-soon"; got != want {
		t.Errorf("letter read in time: %s, want %s", got, want)
	}
	w.sound()
}

func TestALetterThatArrivesAfterItsDeadlineIsOverdueAtOnce(t *testing.T) {
	w := worldA(t)
	w.receive(draft{sent: "2026-11-20T09:30"}.bytes(t))
	if got := w.events(1); got != "received judged overdue" {
		t.Errorf("timeline: %s", got)
	}
	w.sound()
}

// Nothing that leaves this package for a log or an error may hold a patient's
// number, name or text; file names neither.
func TestNoPatientDataInLogsErrorsAndNames(t *testing.T) {
	const secret = "Borgeren har fortalt noget fortroligt"
	w := newWorld(t, "AAA", Network{Wrap: true}, clinicUnit())
	d := draft{text: secret, ask: true}
	uuid := "22222222-2222-4222-8222-222222222222"
	x := string(d.bytes(t))
	files := [][]byte{
		d.bytes(t), d.bytes(t),
		draft{text: secret, env: "K2", to: nobody, ids: []string{"B2"}}.bytes(t),
		draft{kind: brevdue.DIS91, text: secret, env: "K3", ids: []string{"B3"}}.broken(t),
		draft{text: secret, env: "K4", ids: []string{"B4"}}.broken(t),
		[]byte(strings.Replace(x, string(testCPR), string(testCPR)+"9", 1)),
		[]byte(x[:len(x)-40]),
		[]byte(string(testCPR) + " " + secret),
		enveloped(t, uuid, draft{text: secret, env: "K5", ids: []string{"B5"}}.bytes(t), homecare, clinic, "reliable"),
		enveloped(t, uuid, []byte(secret+string(testCPR)), homecare, clinic, "reliable"),
	}
	w.receive(files...)
	w.setNetwork(errors.New("connection refused"))
	id := w.reply(clinicUnit(), homecare, "R1", 1)
	w.drain()
	w.setNetwork(nil)
	w.advance(time.Hour)
	w.drain()
	w.advance(3 * time.Hour)
	w.drain()
	if got := w.letter(id).Status; got != brevdue.Unconfirmed {
		t.Errorf("the reply is %s", got)
	}
	var seen []string
	seen = append(seen, w.log.String())
	for _, s := range w.taken() {
		seen = append(seen, s.name)
	}
	letters := w.letters()
	w.view(func(tx store.Tx) error {
		for _, l := range letters {
			seen = append(seen, fmt.Sprintf("%v %+v", l.Findings, l.Note))
			events, err := tx.Letters().Events(w.ctx, l.ID)
			if err != nil {
				return err
			}
			seen = append(seen, fmt.Sprintf("%+v", events))
		}
		for id := int64(1); id <= int64(len(files)); id++ {
			a, err := tx.Arrivals().Get(w.ctx, id)
			if err != nil {
				return err
			}
			seen = append(seen, fmt.Sprintf("%+v", a))
		}
		entries, err := tx.Audit().List(w.ctx, 0, 1000)
		seen = append(seen, fmt.Sprintf("%+v", entries))
		return err
	})
	for _, s := range seen {
		for _, bad := range []string{string(testCPR), string(testCPR[:6]) + "-" + string(testCPR[6:]), "Mosebryggersen", "fortroligt"} {
			if strings.Contains(s, bad) {
				t.Errorf("%q stands in: %.600s", bad, s)
			}
		}
	}
	if !strings.Contains(w.log.String(), "network does not take") {
		t.Error("the log was not captured")
	}
}

// The table must hold real messages: what the tests build is read back without
// findings.
func TestTheTestLettersAreValid(t *testing.T) {
	for _, kind := range []brevdue.Kind{brevdue.DIS91, brevdue.XDIS91} {
		m, findings := medcom.Read(draft{kind: kind, ids: []string{"B1", "B2"}}.bytes(t))
		if len(findings) != 0 || len(m.Letters) != 2 {
			t.Errorf("%s: %d letters, %v", kind, len(m.Letters), findings)
		}
		if _, findings := medcom.Read(draft{kind: kind}.broken(t)); !brevdue.HasErrors(findings) {
			t.Errorf("%s: the broken letter is whole", kind)
		}
	}
}

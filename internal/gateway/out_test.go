package gateway

import (
	"errors"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/medcom"
	"brevdue/receipt"
	"brevdue/vans"
)

// sendOne lets installation A send one letter and returns its id and what left.
func sendOne(t *testing.T, w *world) (int64, sent) {
	t.Helper()
	id := w.reply(clinicUnit(), homecare, "AAA0000000000R", 0)
	w.drain()
	out := w.taken()
	if len(out) != 1 || w.letter(id).Status != brevdue.Sent {
		t.Fatalf("handed over %s, letter is %s", sayAll(t, out), w.letter(id).Status)
	}
	return id, out[0]
}

// answerTo builds the receipt another system would send for what left.
func answerFor(t *testing.T, s sent, number string, v receipt.Verdict, change func(*receipt.Message)) []byte {
	t.Helper()
	data := s.data
	if e, _ := vans.Read(data); e.Message != nil {
		data = e.Message.Data
	}
	original, ok := receipt.OriginalOf(data)
	if !ok {
		t.Fatalf("%s cannot be answered", s.name)
	}
	m := receipt.Build(original, v, receipt.IDs{Envelope: "E" + number, Letter: "R" + number}, "2026-11-24T10:01")
	if change != nil {
		change(&m)
	}
	out, findings := receipt.Encode(m, m.Kind)
	if brevdue.HasErrors(findings) {
		t.Fatal(findings)
	}
	return out
}

func positive() receipt.Verdict { return receipt.Verdict{Outcome: brevdue.Positive} }
func negative(text string) receipt.Verdict {
	return receipt.Verdict{Outcome: brevdue.Negative, Code: brevdue.RefuseVersion, Text: text}
}

func TestReceiptsThatComeBack(t *testing.T) {
	type step struct {
		number  string
		verdict receipt.Verdict
		change  func(*receipt.Message)
		after   time.Duration // time that passes before it comes
	}
	for _, c := range []struct {
		name     string
		steps    []step
		status   brevdue.Status
		note     string
		arrivals string
		events   string
	}{
		{"positive", []step{{"1", positive(), nil, 0}}, brevdue.Delivered, "", "opened", "attempt sent delivered"},
		{"the same twice", []step{{"1", positive(), nil, 0}, {"1", positive(), nil, 0}}, brevdue.Delivered, "", "opened duplicate", "attempt sent delivered"},
		{"negative", []step{{"1", negative("Brevtypen kendes ikke"), nil, 0}}, brevdue.Rejected, "Afvist af modtageren: modtageren kan ikke tage imod denne brevtype eller version. Brevtypen kendes ikke", "opened", "attempt sent rejected"},
		{"negative from the network", []step{{"1", receipt.Verdict{Outcome: brevdue.NegativeVANS, Code: brevdue.RefuseUnknownLocation}, nil, 0}}, brevdue.Rejected, "Afvist af netværket: modtagerens lokationsnummer er ukendt.", "opened", "attempt sent rejected"},
		{"parties left unswapped, as some systems do", []step{{"1", positive(), func(m *receipt.Message) {
			m.Envelope.Sender, m.Envelope.Receiver = m.Envelope.Receiver, m.Envelope.Sender
		}, 0}}, brevdue.Delivered, "", "opened", "attempt sent delivered"},
		{"no letter named: all letters of the envelope", []step{{"1", positive(), func(m *receipt.Message) { m.Receipt.Letters = nil }, 0}}, brevdue.Delivered, "", "opened", "attempt sent delivered"},
		{"another letter named", []step{{"1", positive(), func(m *receipt.Message) { m.Receipt.Letters[0].ID = "ANDET" }, 0}}, brevdue.Sent, "", "unmatched", "attempt sent"},
		{"another envelope", []step{{"1", positive(), func(m *receipt.Message) { m.Receipt.OriginalEnvelope = "ANDEN" }, 0}}, brevdue.Sent, "", "unmatched", "attempt sent"},
		{"another sender", []step{{"1", positive(), func(m *receipt.Message) { m.Receipt.OriginalSender = nobody }, 0}}, brevdue.Sent, "", "unmatched", "attempt sent"},
		{"version code converted on the way", []step{{"1", positive(), func(m *receipt.Message) { m.Receipt.Letters[0].Version = "D9134L" }, 0}}, brevdue.Delivered, "", "opened", "attempt sent delivered"},
		{"reason at the letter", []step{{"1", negative(""), func(m *receipt.Message) {
			m.Receipt.Refusal = nil
			m.Receipt.Letters[0].Refusal = &brevdue.Refusal{Code: brevdue.RefuseReceiverID, Text: brevdue.PlainText("Afsnittet er nedlagt")}
		}, 0}}, brevdue.Rejected, "Afvist af modtageren: modtagerens nummer kan ikke bruges. Afsnittet er nedlagt", "opened", "attempt sent rejected"},
		{"accepted beside a refused one", []step{{"1", negative(""), func(m *receipt.Message) {
			m.Receipt.Refusal = nil
			m.Receipt.Letters[0].Refusal = nil
			m.Receipt.Letters = append(m.Receipt.Letters, brevdue.ReceiptLetter{ID: "ANDET", Version: "XD9134L", Refusal: &brevdue.Refusal{Code: brevdue.RefuseSyntax}})
		}, 0}}, brevdue.Delivered, "", "opened", "attempt sent delivered"},
		{"late and positive", []step{{"1", positive(), nil, 3 * time.Hour}}, brevdue.Delivered, "", "opened", "attempt sent unconfirmed delivered"},
		{"late and negative", []step{{"1", negative(""), nil, 3 * time.Hour}}, brevdue.Rejected, "Afvist af modtageren: modtageren kan ikke tage imod denne brevtype eller version.", "opened", "attempt sent unconfirmed rejected"},
		{"none in time: one task and never two", []step{{"", positive(), nil, 3 * time.Hour}, {"", positive(), nil, 30 * time.Hour}}, brevdue.Unconfirmed, "Modtageren har ikke kvitteret inden for 120 minutter. Undersøg, om brevet er kommet frem.", "", "attempt sent unconfirmed"},
		{"first positive, then negative: nothing is undone, people are told", []step{{"1", positive(), nil, 0}, {"2", negative(""), nil, 0}}, brevdue.Delivered, "Modtageren har først kvitteret for brevet og siden afvist det. Afvist af modtageren: modtageren kan ikke tage imod denne brevtype eller version.", "opened unmatched", "attempt sent delivered rejected"},
		{"first negative, then positive", []step{{"1", negative(""), nil, 0}, {"2", positive(), nil, 0}}, brevdue.Rejected, "Afvist af modtageren: modtageren kan ikke tage imod denne brevtype eller version. Modtageren har siden sendt en positiv kvittering.", "opened unmatched", "attempt sent rejected delivered"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldA(t)
			id, s := sendOne(t, w)
			for _, step := range c.steps {
				w.advance(step.after)
				w.drain()
				if step.number != "" {
					w.receive(answerFor(t, s, step.number, step.verdict, step.change))
				}
			}
			l := w.letter(id)
			if l.Status != c.status || l.Note != c.note {
				t.Errorf("letter is %s, note %q\nwant %s, %q", l.Status, l.Note, c.status, c.note)
			}
			if got := w.arrivals(); got != c.arrivals {
				t.Errorf("arrivals: %s, want %s (%s)", got, c.arrivals, w.lastArrival().Reason)
			}
			if got := w.events(id); got != c.events {
				t.Errorf("timeline: %s, want %s", got, c.events)
			}
			if out := w.taken(); len(out) != 0 {
				t.Errorf("a receipt was answered: %s", sayAll(t, out))
			}
			w.sound()
		})
	}
}

func TestReceiptThatMatchesNothingStopsNobody(t *testing.T) {
	w := worldA(t)
	other := worldB(t)
	id := other.reply(homecareUnit(), clinic, "BBB0000000000R", 0)
	other.drain()
	_ = id
	stray := answerFor(t, other.taken()[0], "1", positive(), nil)
	w.receive(stray, draft{}.bytes(t), []byte("UNB+UNOC:3+1:14+2:14+261124:1000+E1'UNH+1+CONTRL:D:93A:ZZ:C0330Q+CTL03'"))
	if got, want := w.arrivals()+" / "+w.states(), "unmatched opened quarantined / B1:unread@clinic"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if a := w.lastArrival(); !strings.Contains(a.Reason, "Kvitteringen") || len(a.Findings) == 0 {
		t.Errorf("reason %q, findings %v", a.Reason, a.Findings)
	}
	if out := w.taken(); len(out) != 0 {
		t.Errorf("handed over %s", sayAll(t, out))
	}
	w.sound()
}

// Feature F6: the network is down for six hours.
func TestNetworkThatIsDownForHoursCostsNothing(t *testing.T) {
	w := worldA(t)
	w.setNetwork(errors.New("no route to host"))
	w.receive(draft{ask: true}.bytes(t))
	id := w.reply(clinicUnit(), homecare, "AAA0000000000R", 0)
	w.drain()
	for range 6 * 60 {
		w.advance(time.Minute)
		w.drain()
	}
	if got := w.letter(id).Status; got != brevdue.Queued {
		t.Fatalf("the letter is %s while the network is down", got)
	}
	first := w.letter(id).Envelope.ID
	w.setNetwork(nil)
	for range 5 {
		w.advance(time.Minute)
		w.drain()
	}
	out := w.taken()
	if len(out) != 2 || w.letter(id).Status != brevdue.Sent {
		t.Fatalf("handed over %s, letter is %s", sayAll(t, out), w.letter(id).Status)
	}
	if got := w.letter(id).Envelope.ID; got != first {
		t.Errorf("the envelope changed from %s to %s", first, got)
	}
	if got, want := w.events(id), "attempt sent"; got != want {
		t.Errorf("timeline: %s, want %s", got, want)
	}
	s := w.log.String()
	if strings.Count(s, "network does not take what is sent") != 1 || strings.Count(s, "network takes again") != 1 {
		t.Errorf("want one alert at the start and one at the end:\n%s", s)
	}
	// The receipt is waited for from the hand-over on.
	w.advance(110 * time.Minute)
	w.drain()
	if got := w.letter(id).Status; got != brevdue.Sent {
		t.Errorf("the letter is %s two hours after it was written but before the receipt is late", got)
	}
	w.advance(15 * time.Minute)
	w.drain()
	if got := w.letter(id).Status; got != brevdue.Unconfirmed {
		t.Errorf("the letter is %s after the receipt is late", got)
	}
	w.sound()
}

func TestSendingAgainAfterARefusal(t *testing.T) {
	w := worldA(t)
	id, s1 := sendOne(t, w)
	refusal := answerFor(t, s1, "1", negative(""), nil)
	w.receive(refusal)
	again := func() {
		w.update(func(tx store.Tx) error {
			if err := tx.Letters().Move(w.ctx, id, brevdue.Rejected, brevdue.Queued); err != nil {
				return err
			}
			err := tx.Jobs().Add(w.ctx, store.Job{Kind: store.JobSend, Key: "send:again", Subject: id, RunAt: w.clock(), Created: w.clock()})
			return err
		})
	}
	again()
	// A second refusal of the first try comes while the second is on its way.
	w.receive(answerFor(t, s1, "2", negative(""), nil))
	out := w.taken()
	if len(out) != 1 || w.letter(id).Status != brevdue.Sent {
		t.Fatalf("handed over %s, letter is %s", sayAll(t, out), w.letter(id).Status)
	}
	s2 := out[0]
	m1, _ := medcom.Read(s1.data)
	m2, _ := medcom.Read(s2.data)
	if m1.Envelope.ID == m2.Envelope.ID || m1.Letters[0].ID != m2.Letters[0].ID {
		t.Errorf("second try: envelope %s and %s, letter %s and %s", m1.Envelope.ID, m2.Envelope.ID, m1.Letters[0].ID, m2.Letters[0].ID)
	}
	w.receive(answerFor(t, s1, "3", negative(""), nil)) // and a third
	if got := w.letter(id).Status; got != brevdue.Sent {
		t.Errorf("a refusal of the first try made the second %s", got)
	}
	w.receive(answerFor(t, s2, "4", positive(), nil))
	if l := w.letter(id); l.Status != brevdue.Delivered || l.Note != "" {
		t.Errorf("the letter is %s, note %q", l.Status, l.Note)
	}
	w.advance(10 * time.Hour)
	w.drain()
	if got := w.letter(id).Status; got != brevdue.Delivered {
		t.Errorf("afterwards the letter is %s", got)
	}
	w.sound()
}

// The receipt comes before we have noted that the bytes left, because we
// crashed in between: the letter is delivered, and not sent a second time.
func TestReceiptThatOvertakesOurOwnNote(t *testing.T) {
	w := worldA(t)
	dead := errors.New("crash")
	crashed := false
	w.gw.Hook = func(moment string) {
		if moment == Before(PointSent) && !crashed {
			crashed = true
			panic(dead)
		}
	}
	id := w.reply(clinicUnit(), homecare, "AAA0000000000R", 0)
	w.drain()
	out := w.taken()
	if len(out) != 1 || w.letter(id).Status != brevdue.Queued {
		t.Fatalf("handed over %s, letter is %s", sayAll(t, out), w.letter(id).Status)
	}
	w.receive(answerFor(t, out[0], "1", positive(), nil))
	if got := w.letter(id).Status; got != brevdue.Delivered {
		t.Fatalf("the letter is %s", got)
	}
	w.advance(24 * time.Hour)
	w.drain()
	if out := w.taken(); len(out) != 0 {
		t.Errorf("sent again: %s", sayAll(t, out))
	}
	if got := w.letter(id).Status; got != brevdue.Delivered {
		t.Errorf("afterwards the letter is %s", got)
	}
}

func TestALetterThatCannotBeWrittenIsPutBeforePeople(t *testing.T) {
	w := worldA(t)
	m := draft{from: clinic, to: homecare}.message()
	m.Letters[0].Patient.Surname = ""
	m.Letters[0].ID = strings.Repeat("9", 15)
	var id int64
	w.update(func(tx store.Tx) (err error) {
		id, err = queueLetter(w.ctx, tx, clinic, m.Letters[0], 0, w.clock())
		return err
	})
	w.drain()
	l := w.letter(id)
	if l.Status != brevdue.Queued || !strings.HasPrefix(l.Note, "Brevet kan ikke sendes: ") {
		t.Errorf("the letter is %s, note %q", l.Status, l.Note)
	}
	w.view(func(tx store.Tx) error {
		dead, err := tx.Jobs().List(w.ctx, store.JobDead, 10)
		if len(dead) != 1 || dead[0].LastError == "" || strings.Contains(dead[0].LastError, "Torre") {
			t.Errorf("dead jobs: %+v", dead)
		}
		return err
	})
}

// A letter goes out in a kind its receiver takes.
func TestTheKindALetterGoesOutAs(t *testing.T) {
	for _, c := range []struct {
		name    string
		unit    store.Unit
		to      brevdue.GLN
		answers brevdue.Kind // of the answered letter, "" for none
		want    brevdue.Kind
	}{
		{"the unit's own choice", clinicUnit(), homecare, "", brevdue.XDIS91},
		{"the unit's own choice of DIS91", wardUnit(), homecare, "", brevdue.DIS91},
		{"as the other side wrote", clinicUnit(), homecare, brevdue.DIS91, brevdue.DIS91},
		{"as the other side wrote XDIS91", wardUnit(), homecare, brevdue.XDIS91, brevdue.XDIS91},
		{"the only one the receiver takes", clinicUnit(), edifactOnly, "", brevdue.DIS91},
		{"the only one another receiver takes", wardUnit(), xmlOnly, "", brevdue.XDIS91},
		{"the only one the receiver takes, though it wrote otherwise", wardUnit(), xmlOnly, brevdue.DIS91, brevdue.XDIS91},
		{"the unit's own choice when nothing is known of the receiver", wardUnit(), nobody, "", brevdue.DIS91},
		{"as the other side wrote when nothing else is known of it", wardUnit(), nobody, brevdue.XDIS91, brevdue.XDIS91},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldA(t)
			answers := int64(0)
			if c.answers != "" {
				w.receive(draft{kind: c.answers, from: c.to, to: c.unit.GLN}.bytes(t))
				answers = 1
			}
			w.reply(c.unit, c.to, "AAA0000000000R", answers)
			w.drain()
			out := w.taken()
			if len(out) != 1 || medcom.Sniff(out[0].data).Kind != c.want {
				t.Fatalf("handed over %s, want %s", sayAll(t, out), c.want)
			}
			if want := string(c.want) + "-AAA"; !strings.HasPrefix(out[0].name, want) {
				t.Errorf("file name %s, want %s…", out[0].name, want)
			}
			m, _ := medcom.Read(out[0].data)
			if !m.Envelope.WantsReceipt || m.Envelope.Sent != "2026-11-24T10:00" || m.Envelope.Sender != c.unit.GLN {
				t.Errorf("envelope %+v", m.Envelope)
			}
		})
	}
}

func TestAnswersToEnvelopedLettersGoOutEnveloped(t *testing.T) {
	w := worldA(t)
	w.receive(enveloped(t, "22222222-2222-4222-8222-222222222222", draft{ask: true}.bytes(t), homecare, clinic, "unreliable"))
	w.reply(clinicUnit(), homecare, "AAA0000000000R", 1)
	w.reply(clinicUnit(), homecare, "AAA0000000000S", 0)
	w.drain()
	got := inOrder(sayAll(t, w.taken()))
	want := inOrder("vans XCTL03 for K1: B1 | vans XDIS91 AAA0000000000R to " + string(homecare) + " | XDIS91 AAA0000000000S to " + string(homecare))
	if got != want {
		t.Errorf("handed over:\n%s\nwant\n%s", got, want)
	}
}

// Receipts of the VANSEnvelope say that a letter arrived, or could not.
func TestReceiptsOfTheNetwork(t *testing.T) {
	for _, c := range []struct {
		kind   vans.ReceiptKind
		status brevdue.Status
		note   string
	}{
		{vans.PositiveMessage, brevdue.Sent, ""},
		{vans.NegativeMessage, brevdue.Rejected, "Afvist af modtageren: Ukendt type"},
		{vans.NegativeVANS, brevdue.Rejected, "Afvist af netværket: Ukendt type"},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			w := newWorld(t, "AAA", Network{Wrap: true}, clinicUnit())
			id, s := sendOne(t, w)
			e, findings := vans.Read(s.data)
			if e.Message == nil || brevdue.HasErrors(findings) || !e.Message.Meta.Reliable() || e.Message.Meta.Document.Name != "MCM:XDIS91" {
				t.Fatalf("left as %+v, %v", e, findings)
			}
			answer, _ := e.Answer(c.kind, &vans.Error{Description: "Ukendt type"}, "44444444-4444-4444-8444-444444444444", "2026-11-24T10:02:00")
			data, findings := vans.Write(answer)
			if brevdue.HasErrors(findings) {
				t.Fatal(findings)
			}
			w.receive(data, data)
			if l := w.letter(id); l.Status != c.status || l.Note != c.note {
				t.Errorf("letter is %s, note %q", l.Status, l.Note)
			}
			if got := w.arrivals(); got != "opened duplicate" {
				t.Errorf("arrivals: %s (%s)", got, w.lastArrival().Reason)
			}
			if c.kind == vans.PositiveMessage {
				w.receive(answerFor(t, s, "1", positive(), nil))
				if got := w.letter(id).Status; got != brevdue.Delivered {
					t.Errorf("after the CTL as well the letter is %s", got)
				}
			}
			if out := w.taken(); len(out) != 0 {
				t.Errorf("a receipt was answered: %s", sayAll(t, out))
			}
			w.sound()
		})
	}
}

// Two installations: what A sends B reads, and B's receipt settles A's letter.
func TestTwoGatewaysTalk(t *testing.T) {
	for _, c := range []struct {
		name string
		unit store.Unit
		wrap bool
		to   brevdue.GLN
		want brevdue.Status
	}{
		{"XDIS91", clinicUnit(), false, homecare, brevdue.Delivered},
		{"DIS91", wardUnit(), false, homecare, brevdue.Delivered},
		{"XDIS91 in a VANSEnvelope", clinicUnit(), true, homecare, brevdue.Delivered},
		{"DIS91 in a VANSEnvelope", wardUnit(), true, homecare, brevdue.Delivered},
		{"to a unit B does not have", clinicUnit(), false, nobody, brevdue.Rejected},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newWorld(t, "AAA", Network{Wrap: c.wrap}, c.unit)
			b := newWorld(t, "BBB", Network{Wrap: c.wrap}, homecareUnit())
			id := a.reply(c.unit, c.to, "AAA0000000000R", 0)
			a.drain()
			carry := func(from, to *world, twice bool) {
				for _, s := range from.taken() {
					to.receive(s.data)
					if twice { // the network delivers everything twice
						to.receive(s.data)
					}
				}
			}
			for range 4 {
				carry(a, b, true)
				carry(b, a, true)
			}
			if got := a.letter(id); got.Status != c.want {
				t.Errorf("A's letter is %s: %s", got.Status, got.Note)
			}
			in := b.letters()
			if len(in) != 1 {
				t.Fatalf("B has %d letters: %s", len(in), b.states())
			}
			if !sameContent(in[0].Body, a.letter(id).Body) {
				t.Errorf("B reads\n%+v\nA wrote\n%+v", in[0].Body.Masked(), a.letter(id).Body.Masked())
			}
			if left := len(a.taken()) + len(b.taken()); left != 0 {
				t.Errorf("%d messages are still going round", left)
			}
			// B answers, and A's receipt settles B's letter.
			if c.want == brevdue.Delivered {
				answer := b.reply(homecareUnit(), c.unit.GLN, "BBB0000000000R", in[0].ID)
				b.drain()
				for range 3 {
					carry(b, a, false)
					carry(a, b, false)
				}
				if got := b.letter(answer); got.Status != brevdue.Delivered || got.Kind != in[0].Kind {
					t.Errorf("B's answer is %s as %s", got.Status, got.Kind)
				}
			}
			a.sound()
			b.sound()
		})
	}
}

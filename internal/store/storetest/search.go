package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// written is a letter with a subject and a text.
func written(unit brevdue.GLN, id, subject, text string) *store.Letter {
	l := letter(unit, id)
	l.Body.Subject, l.Group, l.Category = subject, subject, ""
	l.Body.Segments = []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText(text)}}}
	return l
}

// keepAll keeps letters and returns their ids.
func (b *bench) keepAll(all ...*store.Letter) (ids []int64) {
	b.t.Helper()
	b.update(func(tx store.Tx) error {
		ids = nil
		for _, l := range all {
			id, err := tx.Letters().Insert(b.ctx, l)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	return ids
}

// found are the ids that a search finds.
func (b *bench) found(unit brevdue.GLN, q store.Search) (ids []int64) {
	b.t.Helper()
	b.view(func(tx store.Tx) error {
		rows, err := tx.Letters().Search(b.ctx, unit, q)
		ids = nil
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
		return err
	})
	return ids
}

// finds checks what a search finds, the newest first.
func (b *bench) finds(what string, unit brevdue.GLN, q store.Search, want ...int64) {
	b.t.Helper()
	b.equal(what, want, b.found(unit, q))
}

// testSearch: what a word is, and where it is looked for, is the same in every archive.
func testSearch(t *testing.T, b *bench) {
	danish := written("u1", "S1", "Sårpleje", "Borgeren får Ærtesuppe på ØSTERGADE; vægt 82,5 kg (INR 2,4).\nLa\u030ar og bl\u00e5 ma\u0308rker, type-2 o'brien")
	danish.Body.Receiver.Department = "Hjemmesygeplejen Nord"
	danish.Body.Attachments = []brevdue.Attachment{{Kind: brevdue.SupplementAttachment, Description: "Ernæringsplan.pdf"}}
	danish.Category = "Sygepleje"
	other := written("u1", "S2", "Medicin", "Borgeren far Marevan, og marevan 5 mg. Æble")
	strange := written("u1", "S3", "", "日本語 ☃ a\x00b \xff\xfe Ⅷ ҉x e\u0301t _under_ \"anfør\" 'tegn' (parentes) AND OR NOT NEAR * : ^ & | ! <->")
	foreign := written("u2", "S4", "Medicin", "Marevan er pauseret")
	nobodys := written("", "S5", "Medicin", "Marevan er pauseret")
	ids := b.keepAll(danish, other, strange, foreign, nobodys)
	b.reopen()
	one, two, three, four := ids[0], ids[1], ids[2], ids[3]
	for _, c := range []struct {
		text string
		want []int64
	}{
		{"marevan", []int64{two}},
		{"MAREVAN", []int64{two}},
		{"borgeren", []int64{two, one}},
		{"borgeren marevan", []int64{two}}, // all must occur
		{"marevan borgeren", []int64{two}},
		{"borgeren findesikke", nil},
		{"mare", []int64{two}}, // the beginning of the last word
		{"mare borgeren", nil}, // but not of another
		{"marevan borg", []int64{two}},
		{"ma", nil},           // too short for a beginning
		{"arevan", nil},       // the end of a word is nothing
		{"får", []int64{one}}, // å is not a
		{"far", []int64{two}},
		{"Lår", []int64{one}}, // written with two characters, it is one
		{"la\u030ar", []int64{one}},
		{"blå", []int64{one}},
		{"bla", nil},
		{"ærtesuppe", []int64{one}},
		{"ÆRTE", []int64{one}},
		{"østergade", []int64{one}},
		{"ernæringsplan", []int64{one}}, // an attachment
		{"sygepleje", []int64{one}},     // the category
		{"sårpleje", []int64{one}},      // the subject
		{"hjemmesygeplejen nord", []int64{one}},
		{"regionshospitalet medicinsk", []int64{three, two, one}}, // the sender
		{"berggren", []int64{three, two, one}},                    // the patient
		{"nancy berggren", []int64{three, two, one}},
		{"s2", []int64{two}}, // the BrevNr
		{"82,5", []int64{one}},
		{"type-2", []int64{one}},
		{"o'brien", []int64{one}},
		{"日本語", []int64{three}},
		{"ét", []int64{three}},
		{"under", []int64{three}},
		{`"anfør`, []int64{three}},
		{"AND OR NOT NEAR", []int64{three}}, // words like any other
		{"' OR 1=1 --", nil},
		{`") OR ("marevan`, nil},
		{"marevan | berggren:*", []int64{two}},
		{"findes-slet-ikke", nil},
		{"  ... ", []int64{three, two, one}}, // no word: nothing is asked for
		{"", []int64{three, two, one}},
	} {
		b.finds(fmt.Sprintf("search for %q", c.text), "u1", store.Search{Text: c.text}, c.want...)
	}
	b.finds("another unit's", "u2", store.Search{Text: "marevan"}, four)
	b.finds("no unit", "", store.Search{Text: "marevan"})
	b.finds("unknown unit", "u3", store.Search{Text: "marevan"})
	b.view(func(tx store.Tx) error {
		rows, err := tx.Letters().Search(b.ctx, "u2", store.Search{Text: "marevan"})
		b.is("rows", err, nil)
		if len(rows) != 1 || rows[0].Unit != "u2" || rows[0].Subject != "Medicin" || rows[0].PatientName != "Nancy Ann Test Berggren" || rows[0].CPR != "2512489996" {
			t.Errorf("row %+v", rows)
		}
		return nil
	})
	// What was not kept is not found.
	no := errors.New("no")
	err := b.Update(b.ctx, func(tx store.Tx) error {
		if _, err := tx.Letters().Insert(b.ctx, written("u1", "S9", "x", "fortrudt")); err != nil {
			return err
		}
		return no
	})
	b.is("undone", err, no)
	b.finds("a letter that was undone", "u1", store.Search{Text: "fortrudt"})
	again := b.keepAll(written("u1", "S9", "x", "gentaget"))
	b.finds("the letter after it", "u1", store.Search{Text: "gentaget"}, again...)
}

// testSearchFilters: everything a search can be narrowed by, alone and together.
func testSearchFilters(t *testing.T, b *bench) {
	day := func(d int) time.Time { return now.AddDate(0, 0, d) }
	in := written("u1", "F1", "Medicin", "ord")
	in.Arrived = day(-400)
	from := written("u1", "F2", "Vedr. transport", "ord")
	from.Body.Sender.Organisation, from.Body.Sender.Department = "Lægerne Torvet", ""
	from.Body.Patient.CPR, from.Arrived = "0104909989", day(-30)
	refused := written("u1", "F3", "Medicin", "ord")
	refused.Status = brevdue.Refused
	out := func(id string, s brevdue.Status, sent time.Time) *store.Letter {
		l := written("u1", id, "Svar om medicin", "ord")
		l.Direction, l.Status, l.Arrived, l.Sent = store.Out, s, time.Time{}, sent
		return l
	}
	ids := b.keepAll(in, from, refused, out("F4", brevdue.Delivered, day(-10)), out("F5", brevdue.Rejected, day(-3)), out("F6", brevdue.Sent, day(-2)), out("F7", brevdue.Unconfirmed, day(-1)), out("F8", brevdue.Queued, now))
	in1, from2, delivered, rejected, sent, unconfirmed, queued := ids[0], ids[1], ids[3], ids[4], ids[5], ids[6], ids[7]
	for _, c := range []struct {
		what string
		q    store.Search
		want []int64
	}{
		{"everything", store.Search{}, []int64{queued, unconfirmed, sent, rejected, delivered, from2, in1}},
		{"received", store.Search{Direction: store.In}, []int64{from2, in1}},
		{"sent", store.Search{Text: "ord", Direction: store.Out}, []int64{queued, unconfirmed, sent, rejected, delivered}},
		{"from", store.Search{Other: "lægerne tor"}, []int64{from2}},
		{"to: we are not the other party", store.Search{Other: "lægerne", Direction: store.Out}, nil},
		{"to", store.Search{Other: "kommunen", Direction: store.Out}, []int64{queued, unconfirmed, sent, rejected, delivered}},
		{"subject", store.Search{Subject: "medicin"}, []int64{queued, unconfirmed, sent, rejected, delivered, in1}},
		{"the text is not the subject", store.Search{Subject: "ord"}, nil},
		{"subject and other", store.Search{Text: "ord", Subject: "transport", Other: "torvet"}, []int64{from2}},
		{"acknowledged", store.Search{Receipt: store.ReceiptGiven}, []int64{delivered, from2, in1}},
		{"waiting", store.Search{Receipt: store.ReceiptWaiting}, []int64{queued, unconfirmed, sent}},
		{"waiting, a word", store.Search{Receipt: store.ReceiptWaiting, Text: "ord"}, []int64{queued, unconfirmed, sent}},
		{"waiting, no such word", store.Search{Receipt: store.ReceiptWaiting, Text: "transport"}, nil},
		{"refused", store.Search{Receipt: store.ReceiptRefused}, []int64{rejected}},
		{"refused, received", store.Search{Receipt: store.ReceiptRefused, Direction: store.In}, nil},
		{"citizen", store.Search{Citizen: "0104909989"}, []int64{from2}},
		{"citizen, a word", store.Search{Citizen: "2512489996", Text: "svar"}, []int64{queued, unconfirmed, sent, rejected, delivered}},
		{"citizen, waiting", store.Search{Citizen: "2512489996", Receipt: store.ReceiptWaiting}, []int64{queued, unconfirmed, sent}},
		{"citizen, a period", store.Search{Citizen: "2512489996", To: day(-100)}, []int64{in1}},
		{"nobody", store.Search{Citizen: "0101010101"}, nil},
		{"since", store.Search{From: day(-3)}, []int64{queued, unconfirmed, sent, rejected}},
		{"since a moment later", store.Search{From: day(-3).Add(time.Millisecond)}, []int64{queued, unconfirmed, sent}},
		{"until", store.Search{To: day(-30)}, []int64{in1}},
		{"until a moment later", store.Search{To: day(-30).Add(time.Millisecond)}, []int64{from2, in1}},
		{"a period", store.Search{Text: "ord", From: day(-40), To: day(-2)}, []int64{rejected, delivered, from2}},
		{"years", store.Search{Text: "ord", From: now.AddDate(-3, 0, 0), To: now.AddDate(2, 0, 0)}, []int64{queued, unconfirmed, sent, rejected, delivered, from2, in1}},
		{"a period that ends before it begins", store.Search{Text: "ord", From: day(-2), To: day(-4)}, nil},
		{"all of time", store.Search{Text: "ord", From: time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC), To: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)}, []int64{queued, unconfirmed, sent, rejected, delivered, from2, in1}},
		{"no direction there is", store.Search{Direction: `in" OR "x') | (':*`}, nil},
		{"waiting in a period", store.Search{Receipt: store.ReceiptWaiting, From: day(-1)}, []int64{queued, unconfirmed}},
	} {
		b.finds(c.what, "u1", c.q, c.want...)
	}
	// What becomes of a letter is seen at once.
	b.update(func(tx store.Tx) error { return tx.Letters().Move(b.ctx, sent, brevdue.Sent, brevdue.Delivered) })
	b.finds("delivered since", "u1", store.Search{Receipt: store.ReceiptWaiting}, queued, unconfirmed)
	b.finds("delivered", "u1", store.Search{Text: "ord", Receipt: store.ReceiptGiven}, sent, delivered, from2, in1)
	// Each day of some years is covered, whatever the period.
	for d := range 800 {
		if got := b.found("u1", store.Search{Text: "torvet", From: day(-30 - d), To: day(d)}); d > 0 && len(got) != 1 {
			t.Fatalf("%d days around it: %v", d, got)
		}
	}
}

// testSearchPages: the newest first, page by page, while letters come.
func testSearchPages(t *testing.T, b *bench) {
	var all []*store.Letter
	for i := range 25 {
		all = append(all, written("u1", fmt.Sprint("P", i), "Medicin", "side"), written("u2", fmt.Sprint("Q", i), "Medicin", "side"))
	}
	ids := b.keepAll(all...)
	var seen []int64
	before := int64(0)
	for range 3 {
		page := b.found("u1", store.Search{Text: "side", Before: before, Limit: 10})
		seen = append(seen, page...)
		before = page[len(page)-1]
		b.keepAll(written("u1", fmt.Sprint("R", before), "Medicin", "side")) // nothing is shown twice for it
	}
	var want []int64
	for i := len(ids) - 2; i >= 0; i -= 2 {
		want = append(want, ids[i])
	}
	b.equal("three pages", want, seen)
	b.equal("and no more", 0, len(b.found("u1", store.Search{Text: "side", Before: before})))
	b.equal("of a citizen", 10, len(b.found("u1", store.Search{Citizen: "2512489996", Before: before + 30, Limit: 10})))
}

// testIndex: going through the letters finds those that lack their words, once, and
// does nothing to the others.
func testIndex(t *testing.T, b *bench) {
	for range 2 {
		b.view(func(tx store.Tx) error {
			done, err := tx.Letters().Indexed(b.ctx)
			b.is("indexed", err, nil)
			b.equal("a new archive is indexed", true, done)
			return nil
		})
		b.reopen()
	}
	var all []*store.Letter
	for i := range 7 {
		all = append(all, written("u1", fmt.Sprint("I", i), "Medicin", "trin"))
	}
	all = append(all, written("", "I9", "Medicin", "trin"))
	ids := b.keepAll(all...)
	for i, want := range []bool{true, true, false, false} {
		b.update(func(tx store.Tx) error {
			more, err := tx.Letters().Index(b.ctx, 3)
			if more != want {
				t.Errorf("step %d: more %t", i, more)
			}
			return err
		})
	}
	b.equal("each once", 7, len(b.found("u1", store.Search{Text: "trin"})))
	late := written("u1", "I8", "Medicin", "senere")
	b.update(func(tx store.Tx) error { _, err := tx.Letters().InsertLater(b.ctx, late); return err })
	b.equal("not yet", 0, len(b.found("u1", store.Search{Text: "senere"})))
	b.equal("of a citizen at once", 1, len(b.found("u1", store.Search{Citizen: late.Body.Patient.Citizen(), Limit: 1})))
	b.update(func(tx store.Tx) error { _, err := tx.Letters().Index(b.ctx, 3); return err })
	b.finds("found when the index came to it", "u1", store.Search{Text: "senere"}, late.ID)
	b.update(func(tx store.Tx) error { // as an archive from before is found
		return tx.Settings().Set(b.ctx, store.KeyIndexed, "0")
	})
	b.view(func(tx store.Tx) error {
		done, err := tx.Letters().Indexed(b.ctx)
		b.equal("not yet", false, done)
		return err
	})
	for range 4 {
		b.update(func(tx store.Tx) error { _, err := tx.Letters().Index(b.ctx, 3); return err })
		b.reopen()
	}
	b.view(func(tx store.Tx) error {
		done, err := tx.Letters().Indexed(b.ctx)
		b.equal("again", true, done)
		return err
	})
	b.finds("each once still", "u1", store.Search{Text: "trin", Limit: 2}, ids[6], ids[5])
	b.equal("seven", 7, len(b.found("u1", store.Search{Text: "trin"})))
}

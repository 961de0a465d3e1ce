package web

import (
	"bytes"
	"strconv"
	"time"

	"brevdue/internal/mailbox"
	"brevdue/internal/pdf"
	"brevdue/internal/store"
)

// whole is day and time with the year and without today and tomorrow: what is on paper
// is read on another day.
func (c clock) whole(t time.Time) string {
	c.now = time.Time{}
	return c.when(t)
}

// paper lays out a letter with all the record needs (F64): the words of the letter's
// page, with whole dates.
func (wb *Workbench) paper(v *visit, o mailbox.Opened) ([]byte, error) {
	c, w, l := wb.clock(v), v.words, o.Letter
	c.now = time.Time{}
	p := wb.letterView(c, o)
	if l.Direction == store.Out {
		p.Over = w.T("letter.oversent", l.Number(), c.when(l.Sent))
		p.Sender.Name, p.Sender.Under = w.T("letter.us", o.Unit.Name), ""
	}
	s := pdf.Sheet{Lang: w.Lang, Title: w.T("journal.title", l.Number()), Over: p.Over, Heading: p.Heading, Made: v.now,
		Foot: w.T("journal.foot", l.Number(), c.when(v.now), v.person.Name), Page: w.T("journal.page"), Unknown: w.T("journal.unknown")}
	if p.Category != "" {
		s.Under = w.T("letter.category") + " " + p.Category
	}
	for _, part := range p.Parts {
		s.Parts = append(s.Parts, pdf.Part{Head: part.Head, Lines: part.Lines})
	}
	s.Before = []pdf.Section{{Rows: wb.parties(v, p)}, {Heading: w.T("journal.times"), Rows: times(c, o, p)}}
	s.After = []pdf.Section{{Heading: w.T("letter.attachments"), Rows: papers(c, o, p)}, pairs(w.T("kept.heading"), keptOf(c, l.Record, o.Basis)),
		{Heading: w.T("letter.receipts"), Rows: receiptRows(p)}, {Heading: w.T("letter.timeline"), Rows: timelineRows(p)}, {Heading: w.T("letter.readers"), Rows: readerRows(p)},
		pairs(w.T("letter.about"), p.Mini)}
	var b bytes.Buffer
	if err := pdf.Write(&b, s); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// row leaves out the lines that say nothing, and the row when none is left.
func paperRow(name string, lines ...string) []pdf.Row {
	r := pdf.Row{Name: name}
	for _, l := range lines {
		if l != "" {
			r.Lines = append(r.Lines, l)
		}
	}
	if len(r.Lines) == 0 {
		return nil
	}
	return []pdf.Row{r}
}

// parties are the citizen, with the whole number, and who wrote to whom.
func (wb *Workbench) parties(v *visit, p letterPage) []pdf.Row {
	w := v.words
	out := paperRow(w.T("letter.citizen"), append(append([]string{p.Patient.Name}, p.Patient.Numbers...), p.Patient.Episode, p.Patient.Address)...)
	party := func(name string, p partyView) {
		phone := ""
		if p.Phone != "" {
			phone = w.T("journal.phone", p.Phone)
		}
		out = append(out, paperRow(name, p.Name, p.Under, p.Specialty, phone, w.T("letter.gln")+" "+p.GLN)...)
	}
	party(w.T("letter.from"), p.Sender)
	party(w.T("letter.to"), p.Receiver)
	if p.High {
		out = append(out, paperRow(w.T("journal.priority"), w.T("row.high"))...)
	}
	return out
}

// times are when the letter went, came, had to be read and was, and why then.
func times(c clock, o mailbox.Opened, p letterPage) []pdf.Row {
	w, l := c.words, o.Letter
	out := append(paperRow(w.T("mini.senttime"), c.when(l.Sent)), paperRow(w.T("mini.arrived"), c.when(l.Arrived))...)
	if d := l.Duty; d != nil {
		out = append(out, paperRow(w.T("journal.due"), c.when(d.Due), p.Rule)...)
	}
	if !l.ReadAt.IsZero() {
		out = append(out, paperRow(w.T("journal.read"), w.T("journal.by", c.when(l.ReadAt), l.ReadBy))...)
	}
	out = append(out, paperRow(w.T("journal.answered"), c.when(l.AnsweredAt))...)
	out = append(out, paperRow(w.T("journal.late"), p.LateTransport)...)
	if o.Journal != nil {
		out = append(out, paperRow(w.T("journal.row"), journaled(w, c.when(o.Journal.At), o.Journal))...)
	}
	return out
}

// papers are the attachments, each with what identifies its file.
func papers(c clock, o mailbox.Opened, p letterPage) (out []pdf.Row) {
	for i, a := range p.Attachments {
		sum, bytes := "", ""
		if i < len(o.Files) && o.Files[i].State == mailbox.FileHere {
			sum = "SHA-256 " + o.Files[i].Object.SHA
			bytes = c.words.T("original.bytes", o.Files[i].Object.Size)
		}
		out = append(out, paperRow(strconv.Itoa(i+1)+". "+a.Name, a.Detail, bytes, sum, a.Link, a.State)...)
	}
	return out
}

func pairs(heading string, in []pair) pdf.Section {
	s := pdf.Section{Heading: heading}
	for _, p := range in {
		s.Rows = append(s.Rows, paperRow(p.Name, p.Value)...)
	}
	return s
}

func receiptRows(p letterPage) (out []pdf.Row) {
	for _, r := range p.Receipts {
		out = append(out, paperRow(r.Text, r.Detail)...)
	}
	return out
}

func timelineRows(p letterPage) (out []pdf.Row) {
	for _, e := range p.Timeline {
		out = append(out, paperRow(e.When, join(" ", e.What, e.Who), e.Detail)...)
	}
	return out
}

func readerRows(p letterPage) (out []pdf.Row) {
	for _, r := range p.Readers {
		out = append(out, paperRow(r.When, r.Who)...)
	}
	return out
}

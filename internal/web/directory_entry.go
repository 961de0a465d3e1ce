package web

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// directoryEntryPage is one entry of the directory.
type directoryEntryPage struct {
	frame
	Heading, Official, GLN string
	Facts                  []pair
	Phone, Tel             string
	Similar                []directoryRow
	Neighbours             []neighbourRow
	TooMany                string // warns of a municipality with more numbers than agreed
	Exchanges              []exchangeRow
	Write                  []writeLink
	Names                  []nameRow
	Proposed               string // the name in the form
	MayPropose             bool
	Path, Back, Done       string
}

type neighbourRow struct {
	Path, Name, GLN, Kind, Subjects string
	Here                            bool
}

type exchangeRow struct{ Unit, To, From, Receipts string }

// writeLink opens a new letter of a unit with the receiver searched for, not chosen
// (AGR-501).
type writeLink struct{ Action, Unit, Token, Phone string }

type nameRow struct {
	Path, Name, State, Tone, Icon, By string
	MayApprove, MayWithdraw, MayEnd   bool
	Similar                           string
}

func (wb *Workbench) directoryEntryPage(v *visit) error {
	return wb.showDirectoryEntry(v, "", nil)
}

func (wb *Workbench) showDirectoryEntry(v *visit, typed string, faults mailbox.Faults) error {
	e, err := wb.cfg.Box.DirectoryEntry(v.ctx(), *v.person, brevdue.GLN(v.r.PathValue("nummer")))
	if err != nil {
		return err
	}
	w, c := v.words, wb.clock(v)
	unit := v.r.URL.Query().Get("enhed")
	p := directoryEntryPage{Heading: e.Name, Official: e.Official, GLN: string(e.GLN), Phone: e.Phone, Tel: telephone(e.Phone), Proposed: typed, MayPropose: true}
	if p.frame, err = wb.directoryFrame(v, faultHeading(v, e.Name, faults), &unit); err != nil {
		return err
	}
	p.Faults, p.Back = fieldFaults(v, faults), unitQuery(unit)
	p.Path = "/adressebog/" + url.PathEscape(string(e.GLN))
	if done := v.r.URL.Query().Get("udfort"); w.Has("dir.did." + done) {
		p.Done = w.T("dir.did." + done)
	}
	p.Facts = entryFacts(v, c, e)
	for _, s := range e.Similar {
		p.Similar = append(p.Similar, directoryRow{Path: "/adressebog/" + url.PathEscape(string(s.GLN)) + p.Back, Name: s.Name, Place: s.Place, GLN: string(s.GLN)})
	}
	for _, n := range e.Neighbours {
		p.Neighbours = append(p.Neighbours, neighbourRow{"/adressebog/" + url.PathEscape(string(n.GLN)) + p.Back, n.Name, string(n.GLN), kindName(v, n.Kind), strings.Join(n.Subjects, ", "), n.GLN == e.GLN})
	}
	if e.Most > 0 && len(e.Neighbours) > e.Most {
		p.TooMany = w.T("dir.toomany", e.Place, len(e.Neighbours), e.Most)
	}
	for _, x := range e.Exchanges {
		p.Exchanges = append(p.Exchanges, exchangeView(c, x))
	}
	if err := p.writeFrom(wb, v, unit, e.GLN); err != nil {
		return err
	}
	for _, n := range e.Names {
		p.Names = append(p.Names, nameView(c, n))
		p.MayPropose = p.MayPropose && n.State != store.NameProposed
	}
	return wb.render(v, statusOf(faults), "directoryentry", p)
}

// entryFacts are what is known of an entry, as pairs.
func entryFacts(v *visit, c clock, e mailbox.DirectoryEntry) []pair {
	w := v.words
	var out []pair
	say := func(key, value string) {
		if value != "" {
			out = append(out, pair{w.T(key), value})
		}
	}
	say("dir.official", e.Registered())
	say("letter.gln", string(e.GLN))
	say("dir.kind", kindName(v, e.Kind))
	say("dir.place", e.Place)
	reads := w.T("dir.noreads")
	for i, r := range e.Reading {
		if i == 0 {
			reads = ""
		}
		reads = join(" ", reads, inLang(w, r.Text, r.TextEN))
	}
	if len(e.Reading) > 0 {
		reads = join(" ", reads, "("+e.AgreementName+")")
	}
	say("dir.reads", reads)
	say("dir.takes", cmp.Or(takes(e.Takes, nil), w.T("dir.unknown")))
	standards := strings.Join(e.Standards, ", ")
	switch {
	case e.Standards == nil:
		standards = w.T("dir.unknown")
	case len(e.Standards) == 0:
		standards = w.T("dir.nostandards")
	}
	say("dir.standards", standards)
	if e.ID != "" && e.ID != string(e.GLN) {
		say("dir.id", e.ID+" ("+string(e.IDCode)+")")
	}
	say("dir.inletters", join(", ", e.Organisation, e.Department, e.Unit))
	if e.Updated != "" {
		say("dir.updated", dateText(c, e.Updated))
	}
	return out
}

func exchangeView(c clock, x mailbox.UnitExchange) exchangeRow {
	r := exchangeRow{Unit: x.Unit.Name, To: c.words.T("dir.never"), From: c.words.T("dir.never")}
	if !x.LastTo.IsZero() {
		r.To = c.when(x.LastTo)
	}
	if !x.LastFrom.IsZero() {
		r.From = c.when(x.LastFrom)
	}
	switch {
	case x.Letters == 0:
	case x.Refused > 0:
		r.Receipts = c.words.T("dir.receiptsrefused", x.Acknowledged, x.Letters, x.Refused)
	default:
		r.Receipts = c.words.T("dir.receipts", x.Acknowledged, x.Letters)
	}
	return r
}

// writeFrom are the units of the person that can write to the entry: the one they came
// from, or all.
func (p *directoryEntryPage) writeFrom(wb *Workbench, v *visit, from string, to brevdue.GLN) error {
	units, err := wb.cfg.Box.Units(v.ctx(), *v.person)
	if err != nil {
		return err
	}
	for _, u := range units {
		if u.GLN == to || from != "" && string(u.GLN) != from {
			continue
		}
		p.Write = append(p.Write, writeLink{unitPath(u.GLN) + "/nyt", u.Name, newToken(), u.Phone})
	}
	return nil
}

func nameView(c clock, n mailbox.DisplayName) nameRow {
	r := nameRow{Path: "/adressebog/" + url.PathEscape(string(n.GLN)) + "/navn/" + strconv.FormatInt(n.ID, 10), Name: n.Name, State: c.words.T("dir.state." + string(n.State)), Tone: "calm", Icon: "none",
		By: c.words.T("dir.proposedby", n.ProposedName, c.when(n.ProposedAt)), MayApprove: n.MayApprove, MayWithdraw: n.MayWithdraw, MayEnd: n.MayEnd}
	switch n.State {
	case store.NameProposed:
		r.Tone, r.Icon = "soon", "soon"
	case store.NameApproved:
		r.Tone, r.Icon = "done", "done"
	}
	if n.DecidedName != "" {
		r.By = join(". ", r.By, c.words.T("dir.decidedby."+string(n.State), n.DecidedName, c.when(n.DecidedAt)))
	}
	var like []string
	for _, s := range n.Similar {
		like = append(like, join(", ", s.Name, s.Place))
	}
	if len(like) > 0 {
		r.Similar = c.words.T("dir.like", strings.Join(like, "; "))
	}
	return r
}

// proposeName takes the form of another display name.
func (wb *Workbench) proposeName(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	gln, typed := brevdue.GLN(v.r.PathValue("nummer")), v.r.PostForm.Get("name")
	faults, err := faultsIn(wb.cfg.Box.ProposeName(v.ctx(), *v.person, gln, typed))
	if err != nil {
		return err
	}
	if faults != nil {
		return wb.showDirectoryEntry(v, typed, faults)
	}
	return v.redirect(directoryDone(v, gln, "foreslaaet"))
}

// decideName takes the button pressed on a proposed or shown name.
func (wb *Workbench) decideName(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	box, do := wb.cfg.Box, v.r.PostForm.Get("do")
	switch do {
	case "godkend":
		err = box.ApproveName(v.ctx(), *v.person, id)
	case "tilbage":
		err = box.WithdrawName(v.ctx(), *v.person, id)
	case "register":
		err = box.EndName(v.ctx(), *v.person, id)
	default:
		return brevdue.ErrNotFound
	}
	if err != nil {
		return err
	}
	return v.redirect(directoryDone(v, brevdue.GLN(v.r.PathValue("nummer")), do))
}

// directoryDone is the page of an entry that says what was done.
func directoryDone(v *visit, gln brevdue.GLN, word string) string {
	q := url.Values{"udfort": {word}}
	if unit := v.r.PostForm.Get("enhed"); v.person.In(brevdue.GLN(unit)) {
		q.Set("enhed", unit)
	}
	return "/adressebog/" + url.PathEscape(string(gln)) + "?" + q.Encode()
}

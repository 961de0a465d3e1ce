package web

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// searchPage is the search in letters (F59). What was typed travels in the body of a
// request only: it may be the number of a citizen.
type searchPage struct {
	frame
	Form            searchForm
	Places          []option // units to search in; none when there is only one
	Ways, Receipts  []option
	Narrowed        bool // one of the filters is set
	Asked           bool // there is an answer
	Lede            string
	Citizen         bool
	Partial, NoUnit bool
	Hits            []hitRow
	Before          int64 // where the next page begins; 0: there is none
	Empty           string
}

// searchForm is the form as it was sent.
type searchForm struct{ Text, Unit, Way, Other, Subject, Receipt, From, To string }

type option struct {
	Value, Label string
	Selected     bool
}

// hitRow is a row of the list with what was sought marked.
type hitRow struct {
	row
	Unit                      string // "" where all are of one
	NameAs, From, About, Text []mailbox.Piece
}

// typedMost is how many characters of a field of the search count.
const typedMost = 200

// readSearch reads the form.
func readSearch(f url.Values) searchForm {
	get := func(name string) string {
		r := []rune(strings.TrimSpace(f.Get(name)))
		return string(r[:min(len(r), typedMost)])
	}
	return searchForm{get("tekst"), get("enhed"), get("retning"), get("modpart"), get("emne"), get("kvittering"), get("fra"), get("til")}
}

// everywhere is the choice of all the person's units.
const everywhere = "alle"

// searchStart is the page before anything was asked.
func (wb *Workbench) searchStart(v *visit) error {
	f := searchForm{Unit: v.r.URL.Query().Get("enhed")}
	if f.Unit != "" && !v.person.In(brevdue.GLN(f.Unit)) {
		f.Unit = ""
	}
	return wb.showSearch(v, searchPage{Form: f}, mailbox.Found{}, nil)
}

// search answers the form, and opens the letter whose number was typed.
func (wb *Workbench) search(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	p := searchPage{Form: readSearch(v.r.PostForm)}
	f := p.Form
	before, _ := strconv.ParseInt(v.r.PostForm.Get("foer"), 10, 64) // else the first page
	if f.Text == "" && !f.narrowed() {
		return wb.showSearch(v, p, mailbox.Found{}, nil)
	}
	unit := brevdue.GLN(f.Unit)
	if f.Unit == everywhere {
		unit = ""
	}
	found, err := wb.cfg.Box.Search(v.ctx(), *v.person, unit, mailbox.Wanted{Text: f.Text, Direction: store.Direction(f.Way), Subject: f.Subject, Other: f.Other,
		Receipt: store.ReceiptState(f.Receipt), From: f.From, To: f.To, Before: max(0, before)})
	var faults mailbox.Faults
	if err != nil && !errors.As(err, &faults) {
		return err
	}
	if l := found.Letter; l != nil {
		return v.redirect(letterPath(l.Unit, l.Direction, l.ID))
	}
	p.Asked = faults == nil
	return wb.showSearch(v, p, found, faults)
}

// narrowed tells whether one of the filters is set.
func (f searchForm) narrowed() bool {
	return f.Way+f.Other+f.Subject+f.Receipt+f.From+f.To != ""
}

func (wb *Workbench) showSearch(v *visit, p searchPage, found mailbox.Found, faults mailbox.Faults) error {
	units, err := wb.cfg.Box.Units(v.ctx(), *v.person)
	if err != nil {
		return err
	}
	heading := faultHeading(v, v.words.T("search.heading"), faults)
	p.frame = wb.personFrame(v, heading)
	for _, u := range units {
		if string(u.GLN) == p.Form.Unit {
			if p.frame, err = wb.unitFrame(v, u, heading); err != nil {
				return err
			}
		}
	}
	p.Searching, p.Faults = true, fieldFaults(v, faults)
	p.NoUnit, p.Narrowed = len(units) == 0, p.Form.narrowed()
	p.options(v, units)
	if p.Asked {
		wb.answer(v, &p, found)
	}
	return wb.render(v, statusOf(faults), "search", p)
}

// options fills the choices of the form.
func (p *searchPage) options(v *visit, units []store.Unit) {
	t := v.words.T
	if len(units) > 1 {
		p.Places = append(p.Places, option{everywhere, t("search.allunits"), false})
		for _, u := range units {
			p.Places = append(p.Places, option{string(u.GLN), u.Name, string(u.GLN) == p.Form.Unit})
		}
	}
	choose := func(value, label string, chosen string) option { return option{value, t(label), value == chosen} }
	p.Ways = []option{choose("", "search.both", p.Form.Way), choose(string(store.In), "search.received", p.Form.Way), choose(string(store.Out), "search.sent", p.Form.Way)}
	p.Receipts = []option{choose("", "search.any", p.Form.Receipt), choose(string(store.ReceiptGiven), "search.given", p.Form.Receipt),
		choose(string(store.ReceiptWaiting), "search.waiting", p.Form.Receipt), choose(string(store.ReceiptRefused), "search.refused", p.Form.Receipt)}
}

// answer fills the page with what was found.
func (wb *Workbench) answer(v *visit, p *searchPage, found mailbox.Found) {
	c := wb.clock(v)
	p.Citizen, p.Partial = found.Citizen, found.Partial
	for _, h := range found.Hits {
		r := hitRow{row: wb.row(v, c, h.Row, true), NameAs: h.Name, From: h.From, About: h.About, Text: h.Where}
		if h.Direction == store.Out {
			tone, icon := sentTone(h.Status)
			state, _, _ := strings.Cut(inLang(c.words, h.StateText, h.StateTextEN), ": ")
			r.Chip, r.Rule = chip{Tone: tone, Icon: icon, Text: state}, ""
			r.ReplyPath = ""
		}
		if len(found.Units) > 1 {
			r.Unit = h.UnitName
		}
		p.Hits = append(p.Hits, r)
	}
	p.Lede = c.words.N("search.lede", len(p.Hits))
	if found.More {
		p.Before = found.Hits[len(found.Hits)-1].ID
		p.Lede = c.words.T("search.more", len(p.Hits))
	}
	switch {
	case len(p.Hits) > 0:
	case found.Citizen:
		p.Empty = c.words.T("search.nocitizen")
	default:
		p.Empty = c.words.T("search.none")
	}
}

// Fields are the hidden fields of the form that asks for the next page.
func (f searchForm) Fields() []option {
	var out []option
	for _, o := range []option{{"tekst", f.Text, false}, {"enhed", f.Unit, false}, {"retning", f.Way, false}, {"modpart", f.Other, false}, {"emne", f.Subject, false},
		{"kvittering", f.Receipt, false}, {"fra", f.From, false}, {"til", f.To, false}} {
		if o.Label != "" {
			out = append(out, o)
		}
	}
	return out
}

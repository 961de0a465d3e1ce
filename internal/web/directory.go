package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/kalender"
)

// directoryPage is the directory (Adressebog): who can be written to. What was typed
// travels in the body of a request only, as in every search.
type directoryPage struct {
	frame
	Form                         directoryForm
	Sectors, Kinds, Places, Take []option
	Narrowed                     bool // one of the choices is made
	Rows                         []directoryRow
	Lede                         string
	More                         int    // how many to show next; 0: all are shown
	Empty                        string // what to say when nobody is found
	Waiting                      []waitingName
	Imported                     string
	Back                         string // query that keeps the unit, "" for none
}

// directoryForm is the form as it was sent.
type directoryForm struct{ Words, Sector, Kind, Place, Takes, Unit string }

// directoryRow is an entry in the list.
type directoryRow struct {
	Path, Name, Official, Kind, Place, GLN, Takes, Reads string
}

// waitingName is a proposed name in a list.
type waitingName struct{ Path, Name, Official, By string }

// readDirectory reads the form.
func readDirectory(f url.Values) directoryForm {
	get := func(name string) string {
		r := []rune(strings.TrimSpace(f.Get(name)))
		return string(r[:min(len(r), typedMost)])
	}
	return directoryForm{get("ord"), get("sektor"), get("art"), get("kommune"), get("modtager"), get("enhed")}
}

// directoryPage shows the directory before anything was asked.
func (wb *Workbench) directoryPage(v *visit) error {
	return wb.showDirectory(v, directoryForm{Unit: v.r.URL.Query().Get("enhed")}, 0)
}

// searchDirectory answers the form.
func (wb *Workbench) searchDirectory(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	rows, _ := strconv.Atoi(v.r.PostForm.Get("antal")) // else the first ones
	return wb.showDirectory(v, readDirectory(v.r.PostForm), rows)
}

func (wb *Workbench) showDirectory(v *visit, f directoryForm, rows int) error {
	d, err := wb.cfg.Box.Directory(v.ctx(), *v.person, mailbox.DirectoryQuery{Words: f.Words, Sector: brevdue.Sector(f.Sector), Kind: brevdue.UnitKind(f.Kind), Place: f.Place, Takes: f.Takes}, rows)
	if err != nil {
		return err
	}
	w := v.words
	p := directoryPage{Form: f, Narrowed: f.Sector+f.Kind+f.Place+f.Takes != ""}
	if p.frame, err = wb.directoryFrame(v, w.T("dir.heading"), &p.Form.Unit); err != nil {
		return err
	}
	p.Back = unitQuery(p.Form.Unit)
	p.choose(v, d)
	for _, r := range d.Rows {
		p.Rows = append(p.Rows, directoryRow{Path: "/adressebog/" + url.PathEscape(string(r.GLN)) + p.Back, Name: r.Name, Official: r.Official, Kind: kindName(v, r.Kind), Place: r.Place, GLN: string(r.GLN),
			Takes: takes(r.Takes, r.Standards), Reads: inLang(w, r.Reads, r.ReadsEN)})
	}
	p.Lede = w.N("dir.found", d.Total)
	if d.Total > len(d.Rows) {
		p.Lede = w.T("dir.some", len(d.Rows), d.Total)
		p.More = 2 * len(d.Rows)
	}
	switch {
	case d.All == 0:
		p.Empty = w.T("dir.nobody")
	case f.Words != "":
		p.Empty = w.T("dir.none", f.Words)
	default:
		p.Empty = w.T("dir.nonechosen")
	}
	c := wb.clock(v)
	for _, n := range d.Waiting {
		p.Waiting = append(p.Waiting, waitingName{"/adressebog/" + url.PathEscape(string(n.GLN)) + p.Back, n.Name, n.Official, w.T("dir.proposedby", n.ProposedName, c.when(n.ProposedAt))})
	}
	if _, err := kalender.ParseDay(d.Imported); err == nil {
		p.Imported = w.T("dir.imported", dateText(c, d.Imported))
	}
	return wb.render(v, http.StatusOK, "directory", p)
}

// Fields are the hidden fields of the form that asks for more.
func (f directoryForm) Fields() []option {
	return []option{{"ord", f.Words, false}, {"sektor", f.Sector, false}, {"art", f.Kind, false}, {"kommune", f.Place, false}, {"modtager", f.Takes, false}, {"enhed", f.Unit, false}}
}

// choose fills the choices of the form.
func (p *directoryPage) choose(v *visit, d mailbox.DirectoryView) {
	w, f := v.words, p.Form
	all := func() []option { return []option{{Label: w.T("dir.any")}} }
	p.Sectors, p.Kinds, p.Places, p.Take = all(), all(), all(), all()
	for _, s := range []brevdue.Sector{brevdue.SectorHospital, brevdue.SectorMunicipality, brevdue.SectorGP, brevdue.SectorRegionalSocial} {
		p.Sectors = append(p.Sectors, option{string(s), w.T("dir.sector." + string(s)), string(s) == f.Sector})
	}
	for _, k := range brevdue.RegisteredKinds() {
		p.Kinds = append(p.Kinds, option{string(k), kindName(v, k), string(k) == f.Kind})
	}
	for _, place := range d.Places {
		p.Places = append(p.Places, option{place, place, place == f.Place})
	}
	for _, k := range d.Takes {
		p.Take = append(p.Take, option{string(k), string(k), string(k) == f.Takes})
	}
	for _, s := range d.Standards {
		p.Take = append(p.Take, option{s, s, s == f.Takes})
	}
}

// kindName is a kind in words, "" when it is not known.
func kindName(v *visit, k brevdue.UnitKind) string {
	if !k.Known() {
		return ""
	}
	return v.words.T("kind." + string(k))
}

// takes is what an entry can receive, in one line.
func takes(kinds []brevdue.Kind, standards []string) string {
	var out []string
	for _, k := range kinds {
		out = append(out, string(k))
	}
	return strings.Join(append(out, standards...), ", ")
}

// directoryFrame is the frame of the directory's pages: that of the unit one came from,
// when the person belongs to it; else unit becomes "".
func (wb *Workbench) directoryFrame(v *visit, heading string, unit *string) (frame, error) {
	if *unit != "" && v.person.In(brevdue.GLN(*unit)) {
		u, err := wb.cfg.Box.Unit(v.ctx(), *v.person, brevdue.GLN(*unit))
		if err != nil {
			return frame{}, err
		}
		return wb.unitFrame(v, u, heading)
	}
	*unit = ""
	return wb.personFrame(v, heading), nil
}

// unitQuery keeps the unit one came from in an address.
func unitQuery(unit string) string {
	if unit == "" {
		return ""
	}
	return "?" + url.Values{"enhed": {unit}}.Encode()
}

// faultsIn takes what is wrong with a form out of an error; what is left is another one.
func faultsIn(err error) (mailbox.Faults, error) {
	var faults mailbox.Faults
	if errors.As(err, &faults) {
		return faults, nil
	}
	return nil, err
}

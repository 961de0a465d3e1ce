// Package pdf lays out one letter on paper: what the record and a person without a
// screen need, as a file that is the same every time.
//
// Specification: feature F64; ISO 32000-1 through go-pdf/fpdf; the Go fonts of
// golang.org/x/image (BSD licence), which hold the letters of all languages of Europe.
//
// Deliberately missing: any word. Whoever asks for a sheet brings every heading and
// label, and has decided what stands on it. Tagged PDF (PDF/UA) is missing too: no Go
// library writes it; the accessible form of a letter is its page.
//
// What surprises: a character the fonts do not have is shown as □ and the sheet says so
// when it has a note for it; it is never silently left out.
package pdf

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-pdf/fpdf"

	"brevdue"
)

// Sheet is a letter ready to be laid out, with every word that is to stand on it.
type Sheet struct {
	Lang string // of the document, e.g. "da"
	// Title is the title inside the file, which programs show; it must not name a citizen.
	Title   string
	Over    string // small, above the heading
	Heading string
	Under   string // small, below the heading; "" for nothing
	Before  []Section
	Parts   []Part // the text of the letter
	After   []Section
	Foot    string // on every page, left
	// Page is the page's number on every page, with two verbs: the number and how many.
	Page string
	// Unknown is the note when characters could not be shown, with one verb for which.
	Unknown string
	Made    time.Time // stands in the file as its date
}

// Section is a heading with rows under it.
type Section struct {
	Heading string
	Rows    []Row
}

// Row is one line of a section: what it is, and its lines.
type Row struct {
	Name  string
	Lines []string
}

// Part is a stretch of the letter's text; Head says who wrote it, "" for nothing.
type Part struct {
	Head  string
	Lines []brevdue.Line
}

// Sizes in millimetres, but for the type.
const (
	margin    = 20.0
	bottom    = 22.0
	labels    = 46.0 // width of a row's name
	small     = 8.5  // points
	body      = 10.5
	big       = 17.0
	lineSmall = 4.2
	lineBody  = 5.3
)

// sheet is a document being written.
type sheet struct {
	*fpdf.Fpdf
	fonts
	width float64 // between the margins
}

// Write lays the sheet out on A4. The same sheet gives the same bytes. An error is
// about the writer, or says that a font does not read.
func Write(w io.Writer, s Sheet) error {
	f, err := newFonts()
	if err != nil {
		return err
	}
	d := sheet{Fpdf: fpdf.New("P", "mm", "A4", ""), fonts: f}
	d.SetCatalogSort(true) // without it fonts are written in the order of a map
	d.SetCreationDate(s.Made.UTC())
	d.SetModificationDate(s.Made.UTC())
	d.SetTitle(s.Title, true)
	d.SetLang(s.Lang)
	d.SetProducer("Brevdue", true)
	d.SetMargins(margin, margin, margin)
	d.SetAutoPageBreak(true, bottom)
	page, _ := d.GetPageSize()
	d.width = page - 2*margin
	d.AliasNbPages("{n}")
	d.SetFooterFunc(func() { d.foot(s) })
	d.AddPage()

	d.head(s)
	for _, sec := range s.Before {
		d.section(sec)
	}
	d.rule()
	for _, p := range s.Parts {
		d.part(p)
	}
	d.rule()
	for _, sec := range s.After {
		d.section(sec)
	}
	if unknown := d.unknown(); unknown != "" && s.Unknown != "" {
		d.Ln(3)
		d.look(sans, "", small)
		d.paragraph(fmt.Sprintf(s.Unknown, unknown), lineSmall)
	}
	if err := d.Error(); err != nil {
		return fmt.Errorf("lay out letter: %w", err)
	}
	return d.Output(w)
}

// look chooses the type of what follows; style is "", "B", "I" or "U".
func (d *sheet) look(family, style string, size float64) {
	d.load(d.Fpdf, family, strings.TrimSuffix(style, "U"))
	d.SetFont(family, style, size)
}

func (d *sheet) head(s Sheet) {
	d.look(sans, "", small)
	d.paragraph(s.Over, lineSmall)
	d.look(sans, "B", big)
	d.paragraph(s.Heading, 7.5)
	if s.Under != "" {
		d.look(sans, "", body)
		d.paragraph(s.Under, lineBody)
	}
	d.Ln(2)
}

// paragraph writes text over the whole width, broken between words.
func (d *sheet) paragraph(s string, line float64) { d.MultiCell(0, line, d.shown(s), "", "L", false) }

// section writes a heading and its rows; a heading never stands alone at the end of a page.
func (d *sheet) section(s Section) {
	if len(s.Rows) == 0 {
		return
	}
	if s.Heading != "" {
		d.room(3*lineBody + 4)
		d.Ln(2.5)
		d.look(sans, "B", body)
		d.paragraph(s.Heading, lineBody)
		d.Ln(0.5)
	}
	for _, r := range s.Rows {
		d.row(r)
	}
}

// row writes name and lines beside each other. Lines that do not fit go on on the next page.
func (d *sheet) row(r Row) {
	d.look(sans, "", small)
	names := d.broken(r.Name, labels-3)
	d.look(sans, "", body-1)
	var lines []string
	for _, l := range r.Lines {
		lines = append(lines, d.broken(l, d.width-labels)...)
	}
	for i := range max(len(names), len(lines)) {
		d.room(lineBody)
		if i < len(names) {
			d.look(sans, "", small)
			d.CellFormat(labels, 4.8, names[i], "", 0, "L", false, 0, "")
		} else {
			d.SetX(margin + labels)
		}
		if i < len(lines) {
			d.look(sans, "", body-1)
			d.CellFormat(d.width-labels, 4.8, lines[i], "", 0, "L", false, 0, "")
		}
		d.Ln(4.8)
	}
}

// broken are the lines of a text at a width in the type that is chosen.
func (d *sheet) broken(s string, width float64) []string {
	var out []string
	for part := range strings.SplitSeq(d.shown(s), "\n") {
		if part == "" {
			out = append(out, "")
			continue
		}
		out = append(out, d.SplitText(part, width)...)
	}
	return out
}

// room begins a new page when there is not that much left of this one.
func (d *sheet) room(height float64) {
	_, page := d.GetPageSize()
	if d.GetY()+height > page-bottom {
		d.AddPage()
	}
}

func (d *sheet) rule() {
	d.Ln(3)
	y := d.GetY()
	d.SetDrawColor(120, 120, 120)
	d.Line(margin, y, margin+d.width, y)
	d.Ln(3)
}

// part writes a stretch of the letter, line by line as it was sent.
func (d *sheet) part(p Part) {
	if p.Head != "" {
		d.room(3 * lineBody)
		d.look(sans, "B", small)
		d.paragraph(p.Head, lineSmall)
		d.Ln(1)
	}
	for _, l := range p.Lines {
		d.line(l)
	}
	d.Ln(1)
}

// line writes one line of the letter with its emphasis; what is too long is broken. The
// standard gives a line that is not at the left no emphasis.
func (d *sheet) line(l brevdue.Line) {
	if len(l.Runs) == 0 {
		d.Ln(lineBody)
		return
	}
	if l.Align != brevdue.Left {
		where := map[brevdue.Align]string{brevdue.Center: "C", brevdue.Right: "R"}[l.Align]
		d.run(l.Runs[0])
		d.MultiCell(0, lineBody, d.shown(tabbed(brevdue.Text{Lines: []brevdue.Line{l}}.String(), 0)), "", where, false)
		return
	}
	column := 0
	for _, r := range l.Runs {
		d.run(r)
		text := tabbed(r.Text, column)
		column += len([]rune(text))
		d.Write(lineBody, d.shown(text))
	}
	d.Ln(lineBody)
}

// run chooses the look of a run.
func (d *sheet) run(r brevdue.Run) {
	family, size := sans, body
	if r.Fixed {
		family, size = mono, body-1
	}
	d.look(family, map[brevdue.Style]string{brevdue.Bold: "B", brevdue.Italic: "I", brevdue.Underline: "U"}[r.Style], size)
}

// tabbed turns tabs into spaces up to the next eighth column.
func tabbed(s string, column int) string {
	if !strings.Contains(s, "\t") {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if r != '\t' {
			b.WriteRune(r)
			column++
			continue
		}
		for ok := true; ok; ok = column%8 != 0 {
			b.WriteByte(' ')
			column++
		}
	}
	return b.String()
}

// foot says on every page which letter it is of and which page it is.
func (d *sheet) foot(s Sheet) {
	d.SetY(-15)
	d.look(sans, "", small)
	d.CellFormat(d.width*2/3, lineSmall, d.shown(s.Foot), "", 0, "L", false, 0, "")
	d.CellFormat(0, lineSmall, d.shown(fmt.Sprintf(s.Page, fmt.Sprint(d.PageNo()), "{n}")), "", 0, "R", false, 0, "")
}

// Package conform judges the files of somebody else's system: every message
// recognised, checked, converted and brought back, receipts held against the
// letters they answer, attachment messages against the letters that refer to
// them.
//
// Specification: feature F83; the rules are those of the library, the matching of
// receipts is std:xdis91 §5.5, of files §6.4, of numbers §8.
//
// Deliberately missing: any opinion on organisation. It judges what can be seen in
// the files alone; a receipt that is not among them is a remark and no failure.
//
// What surprises: the report holds no citizen's number and no text of a letter, so
// that it can be sent to the counterpart. The same files give the same report;
// there is no clock in it.
package conform

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"brevdue"
	"brevdue/convert"
	"brevdue/medcom"
	"brevdue/message"
)

// Report is what was found out about a folder. Its JSON keys are stable.
type Report struct {
	Files   []File  `json:"files"`
	Kinds   []Kind  `json:"kinds"`
	Checks  []Check `json:"checks"` // how often each question was asked, and the answers
	Rules   []Rule  `json:"rules"`  // what was broken most, first
	Passed  int     `json:"passed"` // files
	Remarks int     `json:"remarks"`
	Failed  int     `json:"failed"`
	Unread  int     `json:"unreadable"`
}

// Verdict is the answer to one question about a file.
type Verdict string

// The verdicts.
const (
	Passed Verdict = "passed"
	Remark Verdict = "remark" // worth knowing, wrong is it not
	Failed Verdict = "failed"
)

// File is one file and what was asked about it.
type File struct {
	Name    string         `json:"name"` // below the folder, with "/"
	Format  brevdue.Format `json:"format,omitempty"`
	Kind    brevdue.Kind   `json:"kind,omitempty"`
	Version string         `json:"version,omitempty"`
	Verdict Verdict        `json:"verdict"` // the gravest of its answers
	Answers []Answer       `json:"answers"`
}

// Answer is one question about a file, and why the answer is what it is.
type Answer struct {
	Check   string  `json:"check"` // one of the names in Questions
	Verdict Verdict `json:"verdict"`
	Text    string  `json:"text,omitempty"` // Danish
	TextEN  string  `json:"text_en,omitempty"`
	Rule    string  `json:"rule,omitempty"`
	Line    int     `json:"line,omitempty"`
	Column  int     `json:"column,omitempty"`
	Path    string  `json:"path,omitempty"`
	Ref     string  `json:"ref,omitempty"`
}

// Kind counts the messages of one kind and version.
type Kind struct {
	Kind    brevdue.Kind `json:"kind"`
	Version string       `json:"version"`
	Files   int          `json:"files"`
}

// Check counts the files by the gravest answer to one question.
type Check struct {
	Check   string `json:"check"`
	Passed  int    `json:"passed"`
	Remarks int    `json:"remarks"`
	Failed  int    `json:"failed"`
}

// Rule counts the files a rule was broken in, with one place.
type Rule struct {
	Rule   string `json:"rule"`
	Files  int    `json:"files"`
	Text   string `json:"text"`
	TextEN string `json:"text_en"`
	File   string `json:"file"` // the first one
	Line   int    `json:"line"`
}

// The questions, in the order they are asked.
const (
	Recognised = "recognised" // is it a message, and which
	Valid      = "valid"      // what the rules say
	Rewritten  = "rewritten"  // written anew in its own format it says the same
	Converted  = "converted"  // in the other format and back it says the same
	Numbers    = "numbers"    // its numbers are its own
	Receipts   = "receipts"   // receipt and letter fit
	Attached   = "files"      // letter and attachment message fit
)

// Questions are the checks by name with their words.
func Questions() []struct{ Check, Text, TextEN string } {
	return []struct{ Check, Text, TextEN string }{
		{Recognised, "Genkendt", "Recognised"}, {Valid, "Gyldig", "Valid"}, {Rewritten, "Skrevet igen i eget format", "Rewritten in its own format"},
		{Converted, "Omsat og bragt tilbage", "Converted and brought back"}, {Numbers, "Numre", "Numbers"}, {Receipts, "Kvitteringer", "Receipts"}, {Attached, "Bilag", "Attachments"},
	}
}

// Folder judges every file in a folder and the folders in it, in order; hidden
// ones are passed over. progress is called before each file and may be nil. An
// error means that the folder itself cannot be read.
func Folder(dir string, read func(path string) ([]byte, error), progress func(n int, name string)) (Report, error) {
	if info, err := os.Stat(dir); err != nil {
		return Report{}, err
	} else if !info.IsDir() {
		return Report{}, fmt.Errorf("%s is not a folder", dir)
	}
	j := judge{}
	err := EachFile(dir, func(path string, err error) error {
		name, relErr := filepath.Rel(dir, path)
		if relErr != nil {
			name = path
		}
		name = filepath.ToSlash(name)
		if progress != nil {
			progress(len(j.files), name)
		}
		var data []byte
		if err == nil {
			data, err = read(path)
		}
		if err != nil {
			j.unreadable(name)
			return nil
		}
		j.take(name, data)
		return nil
	})
	if err != nil {
		return Report{}, err
	}
	return j.report(), nil
}

// EachFile calls f for a file, or for every file in a folder and the folders in it,
// in order. Hidden ones are passed over. problem is why one cannot be opened.
func EachFile(name string, f func(name string, problem error) error) error {
	info, err := os.Stat(name)
	if err != nil || !info.IsDir() {
		return f(name, nil)
	}
	return filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
		hidden := path != name && strings.HasPrefix(d.Name(), ".")
		switch {
		case err != nil:
			return f(path, err)
		case d.IsDir() && hidden:
			return filepath.SkipDir
		case d.IsDir() || hidden:
			return nil
		}
		return f(path, nil)
	})
}

// judge remembers of each file only what the others are held against.
type judge struct {
	files    []*File
	unread   int
	letters  []sentLetter
	receipts []gotReceipt
	refers   []reference
	objects  []object
	numbers  map[string]*File // sender and number: the file that had it first
	contents map[string]string
}

type sentLetter struct {
	file                       *File
	envelope, sender, receiver string
	id                         string
	asks, binary               bool
	format                     brevdue.Format
	positive, negative         bool
}

type gotReceipt struct {
	file *File
	r    brevdue.Receipt
	env  brevdue.Envelope
	form brevdue.Format
}

type reference struct {
	file   *File
	letter brevdue.Letter // its attachments only
}

type object struct {
	file            *File
	citizen         brevdue.Patient
	key             string
	code, extension string
	size            int64 // of the file itself
	used            bool
}

func (f *File) say(check string, v Verdict, da, en, ref string) {
	f.Answers = append(f.Answers, Answer{Check: check, Verdict: v, Text: da, TextEN: en, Ref: ref})
}

func (f *File) pass(check string) {
	f.Answers = append(f.Answers, Answer{Check: check, Verdict: Passed})
}

// findings turns findings into answers; without any the check is passed.
func (f *File) findings(check string, fs []brevdue.Finding) {
	worst := Passed
	for _, x := range fs {
		v := Remark
		switch x.Severity {
		case brevdue.SeverityError:
			v = Failed
		case brevdue.SeverityInfo:
			continue
		}
		worst = v
		f.Answers = append(f.Answers, Answer{Check: check, Verdict: v, Text: x.Text, TextEN: x.TextEN, Rule: x.Rule, Line: x.Pos.Line, Column: x.Pos.Column, Path: x.Pos.Path, Ref: x.Ref})
	}
	if worst == Passed {
		f.pass(check)
	}
}

func (j *judge) unreadable(name string) {
	f := &File{Name: name}
	f.say(Recognised, Failed, "Filen kan ikke læses.", "The file cannot be read.", "")
	j.files = append(j.files, f)
	j.unread++
}

// take judges one file by itself and notes what it has to do with others.
func (j *judge) take(name string, data []byte) {
	m := message.Open(data)
	f := &File{Name: name, Format: m.Format, Kind: m.Type.Kind, Version: m.Type.Version}
	j.files = append(j.files, f)
	if m.Envelope != nil && m.Envelope.Receipt != nil {
		f.Kind, f.Version = brevdue.Kind("VANS "+string(m.Envelope.Receipt.Kind)), "1.0.4"
		f.pass(Recognised)
		f.findings(Valid, m.Findings)
		return
	}
	if m.Letter == nil && m.Receipt == nil && m.Binary == nil {
		if m.Type.Name != "" && m.Type.Kind != "" {
			f.say(Recognised, Remark, m.Type.Label()+": andre meddelelser end brevet bedømmes ikke her.", m.Type.Label()+": messages other than the letter are not judged here.", "std:xdis91 §0.2")
			return
		}
		f.say(Recognised, Failed, "Det kan ikke ses, hvad filen er.", "It cannot be seen what the file is.", "std:xdis91 §0.2")
		f.findings(Valid, m.Findings)
		return
	}
	f.pass(Recognised)
	f.findings(Valid, m.Findings)
	if m.Valid() {
		f.rewritten(m)
		f.converted(m)
	}
	j.note(f, m)
}

// rewritten writes the message anew in its own format.
func (f *File) rewritten(m message.Message) {
	r := convert.Convert(m.Data, m.Type.Format)
	f.losses(Rewritten, r)
}

// converted takes the message to the other format and back, and compares what came
// back with what was there.
func (f *File) converted(m message.Message) {
	to := brevdue.OIOXML
	if m.Type.Format == brevdue.OIOXML {
		to = brevdue.EDIFACT
	}
	there := convert.Convert(m.Data, to)
	if there.Data == nil {
		f.losses(Converted, there)
		return
	}
	back := convert.Convert(there.Data, m.Type.Format)
	back.Losses = append(there.Losses, back.Losses...)
	f.losses(Converted, back)
}

// losses says what a conversion could not keep. Values are left out: they may be
// of the citizen or of the letter.
func (f *File) losses(check string, r convert.Result) {
	switch {
	case r.Data == nil:
		var errors []brevdue.Finding
		for _, x := range r.Findings {
			if x.Severity == brevdue.SeverityError {
				x.Pos = brevdue.Pos{Path: x.Pos.Path}
				errors = append(errors, x)
			}
		}
		f.findings(check, errors)
		return
	case len(r.Losses) == 0:
		f.pass(check)
		return
	}
	seen := map[string]bool{}
	for _, l := range r.Losses {
		if !seen[l.Field] {
			seen[l.Field] = true
			f.say(check, Remark, l.Field+": overføres ikke helt.", l.Field+": is not carried over whole.", "std:xdis91 §3")
		}
	}
}

// note keeps what other files are held against.
func (j *judge) note(f *File, m message.Message) {
	switch {
	case m.Letter != nil:
		e := m.Letter.Envelope
		for _, l := range m.Letter.Letters {
			j.letters = append(j.letters, sentLetter{file: f, envelope: e.ID, sender: string(e.Sender), receiver: string(e.Receiver), id: l.ID, asks: e.WantsReceipt, format: m.Type.Format})
			if m.Valid() {
				j.number(f, string(e.Sender), l.ID, fmt.Sprint(l.Text(), l.Subject, l.Patient.CPR.Reveal(), l.Authorised))
			}
			slim := brevdue.Letter{Patient: l.Patient}
			for _, a := range l.Attachments {
				if a.Kind == brevdue.BinaryAttachment {
					slim.Attachments = append(slim.Attachments, a)
				}
			}
			if len(slim.Attachments) > 0 {
				j.refers = append(j.refers, reference{f, slim})
			}
		}
	case m.Binary != nil:
		e := m.Binary.Envelope
		for _, l := range m.Binary.Letters {
			j.letters = append(j.letters, sentLetter{file: f, envelope: e.ID, sender: string(e.Sender), receiver: string(e.Receiver), id: l.ID, asks: e.WantsReceipt, format: m.Type.Format, binary: true})
			var content strings.Builder
			for _, o := range l.Objects {
				fmt.Fprint(&content, medcom.ObjectKey(o.ObjectID), len(o.Data))
				j.objects = append(j.objects, object{file: f, citizen: l.Patient, key: medcom.ObjectKey(o.ObjectID), code: o.Code, extension: o.Extension, size: int64(len(o.Data))})
			}
			j.number(f, string(e.Sender), l.ID, content.String())
		}
	case m.Receipt != nil:
		j.receipts = append(j.receipts, gotReceipt{f, m.Receipt.Receipt, m.Receipt.Envelope, m.Type.Format})
	}
}

// number notes a letter's number; the same one for other content is a fault.
func (j *judge) number(f *File, sender, id, content string) {
	if j.numbers == nil {
		j.numbers, j.contents = map[string]*File{}, map[string]string{}
	}
	key := sender + " " + id
	first, known := j.numbers[key]
	switch {
	case !known:
		j.numbers[key], j.contents[key] = f, content
		f.pass(Numbers)
	case j.contents[key] == content:
		f.say(Numbers, Remark, "Samme brev som "+first.Name+".", "The same letter as "+first.Name+".", "std:xdis91 §8")
	default:
		f.say(Numbers, Failed, "Brevnummeret er brugt til andet indhold i "+first.Name+"; numre genbruges aldrig.",
			"The letter number was used for other content in "+first.Name+"; numbers are never used again.", "std:xdis91 §8")
	}
}

// report asks what needs all files, and counts.
func (j *judge) report() Report {
	j.matchReceipts()
	j.matchFiles()
	var r Report
	r.Unread = j.unread
	checks := map[string]*Check{}
	kinds := map[Kind]int{}
	rules := map[string]*Rule{}
	for _, f := range j.files {
		f.Verdict = Passed
		broken := map[string]bool{}
		worst := map[string]Verdict{}
		for _, a := range f.Answers {
			worst[a.Check] = graver(worst[a.Check], a.Verdict)
			f.Verdict = graver(f.Verdict, a.Verdict)
			if a.Rule == "" || broken[a.Rule] {
				continue
			}
			broken[a.Rule] = true
			if rules[a.Rule] == nil {
				rules[a.Rule] = &Rule{Rule: a.Rule, Text: a.Text, TextEN: a.TextEN, File: f.Name, Line: a.Line}
			}
			rules[a.Rule].Files++
		}
		for check, v := range worst {
			c := checks[check]
			if c == nil {
				c = &Check{Check: check}
				checks[check] = c
			}
			switch v {
			case Passed:
				c.Passed++
			case Remark:
				c.Remarks++
			case Failed:
				c.Failed++
			}
		}
		switch f.Verdict {
		case Passed:
			r.Passed++
		case Remark:
			r.Remarks++
		case Failed:
			r.Failed++
		}
		if f.Kind != "" {
			kinds[Kind{Kind: f.Kind, Version: f.Version}]++
		}
		r.Files = append(r.Files, *f)
	}
	for k, n := range kinds {
		k.Files = n
		r.Kinds = append(r.Kinds, k)
	}
	slices.SortFunc(r.Kinds, func(a, b Kind) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Version, b.Version)) })
	for _, q := range Questions() {
		if c := checks[q.Check]; c != nil {
			r.Checks = append(r.Checks, *c)
		}
	}
	for _, x := range rules {
		r.Rules = append(r.Rules, *x)
	}
	slices.SortFunc(r.Rules, func(a, b Rule) int { return cmp.Or(b.Files-a.Files, cmp.Compare(a.Rule, b.Rule)) })
	return r
}

func graver(a, b Verdict) Verdict {
	order := []Verdict{"", Passed, Remark, Failed}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// matchReceipts holds every receipt against the letters it answers.
func (j *judge) matchReceipts() {
	for _, g := range j.receipts {
		var found []*sentLetter
		for i := range j.letters {
			l := &j.letters[i]
			if l.envelope != g.r.OriginalEnvelope || l.sender != string(g.r.OriginalSender) {
				continue
			}
			if len(g.r.Letters) == 0 || slices.ContainsFunc(g.r.Letters, func(x brevdue.ReceiptLetter) bool { return x.ID == l.id }) {
				found = append(found, l)
			}
		}
		g.judge(found)
		for _, l := range found {
			refused := g.r.Refusal != nil
			for _, x := range g.r.Letters {
				refused = refused || x.ID == l.id && x.Refusal != nil
			}
			positive := g.r.Outcome == brevdue.Positive || !refused
			l.positive, l.negative = l.positive || positive, l.negative || !positive
		}
	}
	for i := range j.letters {
		l := &j.letters[i]
		switch {
		case l.positive && l.negative:
			l.file.say(Receipts, Failed, "Brevet er både godkendt og afvist.", "The letter was both accepted and refused.", "std:xdis91 §5.1")
		case l.positive || l.negative:
			l.file.pass(Receipts)
		case l.asks:
			l.file.say(Receipts, Remark, "Der er bedt om kvittering, men ingen er blandt filerne.", "A receipt was asked for, but none is among the files.", "std:xdis91 §5.1")
		}
	}
}

func (g gotReceipt) judge(found []*sentLetter) {
	f := g.file
	if len(found) == 0 {
		f.say(Receipts, Remark, "Det brev, kvitteringen svarer på, er ikke blandt filerne.", "The letter the receipt answers is not among the files.", "std:xdis91 §5.5")
		return
	}
	good := true
	fail := func(v Verdict, da, en, ref string) {
		good = false
		f.say(Receipts, v, da, en, ref)
	}
	l := found[0]
	if g.form != l.format {
		fail(Failed, "Kvitteringen er ikke i brevets egen familie.", "The receipt is not in the letter's own family.", "std:xdis91 §5.1")
	}
	if g.r.Outcome == brevdue.Positive && !l.asks {
		fail(Remark, "Der er kvitteret positivt, uden at der var bedt om det.", "There is a positive receipt though none was asked for.", "std:xdis91 §5.1")
	}
	if string(g.env.Sender) == l.sender && string(g.env.Receiver) == l.receiver {
		fail(Remark, "Kvitteringens parter er ikke byttet om i forhold til brevet.", "The receipt's parties are not swapped against the letter's.", "std:xdis91 §5.5")
	}
	if good {
		f.pass(Receipts)
	}
}

// matchFiles holds letters that refer to files against the attachment messages.
func (j *judge) matchFiles() {
	for _, r := range j.refers {
		for _, a := range r.letter.Attachments {
			i := slices.IndexFunc(j.objects, func(o object) bool { return o.key == medcom.ObjectKey(a.ObjectID) })
			if i < 0 {
				r.file.say(Attached, Remark, "Bilagsmeddelelsen er ikke blandt filerne.", "The attachment message is not among the files.", "std:xdis91 §6.4")
				continue
			}
			o := &j.objects[i]
			o.used = true
			switch {
			case !medcom.SameCitizen(r.letter.Patient, o.citizen):
				r.file.say(Attached, Failed, "Bilaget i "+o.file.Name+" er sendt om en anden borger.", "The attachment in "+o.file.Name+" was sent about another citizen.", "std:xdis91 §6.4")
			case a.Size != o.size || a.ObjectCode != o.code || a.Extension != o.extension:
				r.file.say(Attached, Failed, "Brev og bilag i "+o.file.Name+" siger ikke det samme om størrelse eller type.",
					"Letter and attachment in "+o.file.Name+" do not say the same about size or type.", "std:xdis91 §6.4")
			default:
				r.file.pass(Attached)
			}
		}
	}
	for _, o := range j.objects {
		if o.used {
			o.file.pass(Attached)
		} else {
			o.file.say(Attached, Remark, "Intet brev blandt filerne henviser til bilaget.", "No letter among the files refers to the attachment.", "std:xdis91 §6.4")
		}
	}
}

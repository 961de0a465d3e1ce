package web

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/mailbox"
	"brevdue/internal/web/text"
	"brevdue/kalender"
)

// agreementsPage lists the versions of the agreements and takes new ones in.
type agreementsPage struct {
	frame
	Groups  []versionGroup
	May     bool // the person may prepare versions
	Sees    bool // and what all units do
	Done    string
	Refused []findingView // of a file that did not come in
	Pasted  string
}

type versionGroup struct {
	ID   string
	Rows []versionRow
}

type versionRow struct {
	Path, Version, State, Tone, Icon, Dates, Source, By string
}

func (wb *Workbench) agreementsPage(v *visit) error {
	return wb.showAgreements(v, nil, "")
}

func (wb *Workbench) showAgreements(v *visit, refused mailbox.Findings, pasted string) error {
	all, err := wb.cfg.Box.Agreements(v.ctx(), *v.person)
	if err != nil {
		return err
	}
	p := agreementsPage{frame: wb.personFrame(v, v.words.T("aftale.heading")), May: v.person.Secretariat, Sees: v.person.Secretariat || v.person.Operator, Pasted: pasted,
		Refused: findings(v.words, refused)}
	if done := v.r.URL.Query().Get("udfort"); v.words.Has("aftale.done." + done) {
		p.Done = v.words.T("aftale.done." + done)
	}
	c := wb.clock(v)
	for _, version := range all {
		a := version.Agreement
		if n := len(p.Groups); n == 0 || p.Groups[n-1].ID != a.ID {
			p.Groups = append(p.Groups, versionGroup{ID: a.ID})
		}
		g := &p.Groups[len(p.Groups)-1]
		row := versionRow{Path: versionPath(version), Version: a.Version, Dates: dates(c, version), Source: v.words.T("aftale.fromfile")}
		row.State, row.Tone, row.Icon = versionState(c, version)
		if version.Text != nil {
			row.Source = v.words.T("aftale.imported", version.Text.ImportedBy, c.when(version.Text.ImportedAt))
		}
		g.Rows = append(g.Rows, row)
	}
	status := http.StatusOK
	if len(refused) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return wb.render(v, status, "agreements", p)
}

func versionPath(v mailbox.Version) string { return "/aftale/" + v.Key }

// versionState is the state in words, and the chip's colour and sign.
func versionState(c clock, v mailbox.Version) (state, tone, icon string) {
	tone, icon = "calm", "none"
	switch v.State {
	case mailbox.VersionCurrent:
		tone, icon = "done", "done"
	case mailbox.VersionProposed, mailbox.VersionComing:
		tone, icon = "soon", "soon"
	case mailbox.VersionDraft:
		icon = "calm"
	}
	return c.words.T("aftale.state." + string(v.State)), tone, icon
}

// dates says from when to when the version applies.
func dates(c clock, v mailbox.Version) string {
	from, to := v.Agreement.ValidFrom, v.Agreement.ValidTo
	if v.Text != nil && v.State == mailbox.VersionProposed {
		if d, err := kalender.ParseDay(v.Text.ValidFrom); err == nil {
			return c.words.T("aftale.wanted", dayWords(c, d))
		}
	}
	switch {
	case from == kalender.Day{}:
		return c.words.T("aftale.nodate")
	case to == kalender.Day{}:
		return c.words.T("aftale.from", dayWords(c, from))
	}
	return c.words.T("aftale.fromto", dayWords(c, from), dayWords(c, to.Add(-1)))
}

func dayWords(c clock, d kalender.Day) string { return c.day(d.At(12 * 60)) }

// importAgreement takes a new version from a file or from pasted text.
func (wb *Workbench) importAgreement(v *visit) error {
	content, err := agreementSent(v.r)
	if err != nil {
		return err
	}
	version, err := wb.cfg.Box.ImportAgreement(v.ctx(), *v.person, content)
	var refused mailbox.Findings
	if errors.As(err, &refused) {
		return wb.showAgreements(v, refused, string(content))
	}
	if err != nil {
		return err
	}
	return v.redirect(versionPath(version) + "?udfort=hentet")
}

// agreementSent is the file of the form, or the pasted text when there is none.
func agreementSent(r *http.Request) ([]byte, error) {
	if err := r.ParseMultipartForm(maxForm); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return nil, err
	}
	if f, _, err := r.FormFile("fil"); err == nil {
		defer f.Close()
		content, err := io.ReadAll(f)
		if err != nil || len(content) > 0 {
			return content, err
		}
	}
	return []byte(strings.ReplaceAll(r.PostFormValue("tekst"), "\r\n", "\n")), nil
}

// agreementTemplate hands out the agreement that comes with the program.
func (wb *Workbench) agreementTemplate(v *visit) error {
	name, content := aftale.Shipped()
	return v.download(name, content)
}

func (wb *Workbench) version(v *visit) (mailbox.Version, error) {
	return wb.cfg.Box.Version(v.ctx(), *v.person, v.r.PathValue("version"))
}

func (wb *Workbench) downloadAgreement(v *visit) error {
	version, err := wb.version(v)
	if err != nil {
		return err
	}
	return v.download(strings.ReplaceAll(version.Agreement.ID, "/", "-")+"-"+version.Agreement.Version+".yaml", version.Content)
}

// agreementPage shows one version in words.
type agreementPage struct {
	frame
	Heading, State, Tone, Icon, Dates, Source, SHA string
	Done                                           string
	Path                                           string
	Others                                         []choice // versions to compare with
	MayPropose, MayApprove, MayWithdraw            bool
	Waits                                          string // for whom a proposal waits
	Date, Earliest                                 string
	Findings                                       []findingView
	Sections                                       []agreementSection
}

func (wb *Workbench) agreementPage(v *visit) error {
	return wb.showAgreement(v, nil, nil, "")
}

// others are the versions that one can be compared with.
func (wb *Workbench) others(v *visit, all []mailbox.Version, key string) []choice {
	var out []choice
	for _, o := range all {
		if o.Key != key {
			state, _, _ := versionState(wb.clock(v), o)
			out = append(out, choice{Value: o.Key, Label: versionName(o) + " (" + strings.ToLower(state) + ")"})
		}
	}
	return out
}

func (wb *Workbench) showAgreement(v *visit, faults mailbox.Faults, refused mailbox.Findings, date string) error {
	all, err := wb.cfg.Box.Agreements(v.ctx(), *v.person)
	if err != nil {
		return err
	}
	version, err := mailbox.VersionOf(all, v.r.PathValue("version"))
	if err != nil {
		return err
	}
	c, w, a := wb.clock(v), v.words, version.Agreement
	p := agreementPage{Heading: w.T("aftale.version", a.Name, a.Version), Path: versionPath(version), Dates: dates(c, version), SHA: a.SHA256,
		Source: a.Source, Date: date, Earliest: kalender.DayOf(v.now).Add(1).String(), Sections: agreementSections(w, a)}
	p.frame = wb.personFrame(v, p.Heading)
	p.State, p.Tone, p.Icon = versionState(c, version)
	p.Findings = findings(w, append(version.Findings, refused...))
	p.Faults = fieldFaults(v, faults)
	if done := v.r.URL.Query().Get("udfort"); w.Has("aftale.done." + done) {
		p.Done = w.T("aftale.done." + done)
	}
	p.Others = wb.others(v, all, version.Key)
	if version.Text != nil && v.person.Secretariat {
		p.MayPropose = version.State == mailbox.VersionDraft
		p.MayApprove = version.MayApprove
		p.MayWithdraw = version.State == mailbox.VersionDraft || version.State == mailbox.VersionProposed || version.State == mailbox.VersionComing
		if version.State == mailbox.VersionProposed && !version.MayApprove {
			p.Waits = w.T("aftale.waits")
		}
	}
	status := http.StatusOK
	if len(faults)+len(refused) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return wb.render(v, status, "agreement", p)
}

// decideAgreement takes the button pressed on a version: propose, approve or
// withdraw.
func (wb *Workbench) decideAgreement(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	key, date := v.r.PathValue("version"), v.r.PostForm.Get("dato")
	box, ctx := wb.cfg.Box, v.ctx()
	var err error
	do := v.r.PostForm.Get("do")
	switch do {
	case "foreslaa":
		err = box.ProposeAgreement(ctx, *v.person, key, date)
	case "godkend":
		err = box.ApproveAgreement(ctx, *v.person, key)
	case "tilbage":
		err = box.WithdrawAgreement(ctx, *v.person, key)
	default:
		return brevdue.ErrNotFound
	}
	var faults mailbox.Faults
	var refused mailbox.Findings
	if errors.As(err, &faults) || errors.As(err, &refused) {
		return wb.showAgreement(v, faults, refused, date)
	}
	if err != nil {
		return err
	}
	return v.redirect("/aftale?udfort=" + do) // the version's address changes with its text
}

// trialPage is a trial (Prøv aftalen): what a version asks of a letter nobody writes.
type trialPage struct {
	frame
	Heading, Path           string
	From, To, Services      []choice
	Time                    string
	Asked, Covered          bool
	Due, Expected, Sentence string
	Soft                    bool
	Steps                   []string
	Start, StartRule        string
	Groups                  []choiceGroup
	Standards, Bases        []string
	FeeCode                 string
	NoDeadline, BadTime     bool
}

func (wb *Workbench) trialPage(v *visit) error {
	version, err := wb.version(v)
	if err != nil {
		return err
	}
	w, c, q := v.words, wb.clock(v), v.r.URL.Query()
	p := trialPage{Heading: w.T("aftale.try"), Path: versionPath(version), Time: q.Get("tid"), Asked: q.Has("fra")}
	p.frame = wb.personFrame(v, p.Heading)
	in := mailbox.TrialInput{From: brevdue.UnitKind(q.Get("fra")), To: brevdue.UnitKind(q.Get("til")), Services: q.Get("ydelser"), Sent: v.now}
	for _, k := range brevdue.RegisteredKinds() {
		p.From = append(p.From, choice{Value: string(k), Label: w.T("kind." + string(k)), Selected: k == in.From})
		p.To = append(p.To, choice{Value: string(k), Label: w.T("kind." + string(k)), Selected: k == in.To})
	}
	for _, s := range []string{"unknown", "yes", "no"} {
		p.Services = append(p.Services, choice{Value: s, Label: w.T("aftale.services." + s), Selected: s == in.Services || s == "unknown" && in.Services == ""})
	}
	if p.Time == "" {
		p.Time = v.now.In(wb.zone).Format("2006-01-02T15:04")
	} else if in.Sent, err = kalender.Local(brevdue.LocalTime(p.Time)); err != nil {
		p.BadTime = true
		p.Faults = []fault{{Field: "tid", ID: "f-tid", Text: w.T("aftale.badtime")}}
	}
	if !p.Asked || p.BadTime {
		return wb.render(v, http.StatusOK, "agreementtry", p)
	}
	_, trial, err := wb.cfg.Box.Try(v.ctx(), *v.person, version.Key, in)
	if err != nil {
		return err
	}
	p.fill(w, c, trial)
	return wb.render(v, http.StatusOK, "agreementtry", p)
}

func (p *trialPage) fill(w *text.Words, c clock, t mailbox.Trial) {
	p.Covered, p.StartRule, p.Start, p.FeeCode = t.Covered, t.StartRule, t.StartText, t.FeeCode
	p.NoDeadline = t.Duty.Due.IsZero()
	p.Due, p.Soft = c.when(t.Duty.Due), t.Duty.Soft
	if !t.Duty.Expected.IsZero() {
		p.Expected = c.when(t.Duty.Expected)
	}
	p.Sentence = inLang(w, t.Duty.Sentence, t.Duty.SentenceEN)
	p.Steps = steps(w, t.Steps)
	p.Groups = subjectGroups(t.Categories, filled{})
	for _, s := range t.Standards {
		p.Standards = append(p.Standards, s.Name+" ("+strings.Join(s.Codes, ", ")+")")
	}
	for _, b := range t.Bases {
		p.Bases = append(p.Bases, join(", ", b.Name, b.Law))
	}
}

// steps are the steps of a computation in the person's language.
func steps(w *text.Words, in []aftale.Step) []string {
	var out []string
	for _, s := range in {
		out = append(out, inLang(w, s.Text, s.TextEN))
	}
	return out
}

// monthPage runs a version on last month (Kør på sidste måned).
type monthPage struct {
	frame
	Heading, Path, From, To string
	R                       mailbox.Rejudged
	Lede                    string
	Rows                    []monthRow
	More                    bool
}

type monthRow struct{ Number, Unit, Sent, Was, Would, Groups, Late string }

func (wb *Workbench) monthPage(v *visit) error {
	version, err := wb.version(v)
	if err != nil {
		return err
	}
	w, c, q := v.words, wb.clock(v), v.r.URL.Query()
	first, last := lastMonth(v.now)
	for field, day := range map[string]*kalender.Day{"fra": &first, "til": &last} {
		if d, err := kalender.ParseDay(q.Get(field)); err == nil {
			*day = d
		}
	}
	_, r, err := wb.cfg.Box.Rejudge(v.ctx(), *v.person, version.Key, first.At(0), last.Add(1).At(0))
	if err != nil {
		return err
	}
	p := monthPage{Heading: w.T("aftale.month"), Path: versionPath(version), From: first.String(), To: last.String(), R: r, More: r.Changed > len(r.Rows)}
	p.frame = wb.personFrame(v, p.Heading)
	p.Lede = w.T("aftale.monthlede", r.Letters, r.Judged, r.Changed)
	for _, row := range r.Rows {
		m := monthRow{Number: row.Number, Unit: row.Unit, Sent: c.when(row.Sent), Was: c.when(row.Was), Would: c.when(row.Would)}
		if row.Group != row.WasGroup {
			m.Groups = groupName(w, row.WasGroup) + " → " + groupName(w, row.Group)
		}
		switch {
		case row.LateWould && !row.LateWas:
			m.Late = w.T("aftale.nowlate")
		case row.LateWas && !row.LateWould:
			m.Late = w.T("aftale.nowintime")
		}
		p.Rows = append(p.Rows, m)
	}
	return wb.render(v, http.StatusOK, "agreementmonth", p)
}

func groupName(w *text.Words, subject string) string {
	if subject == "" {
		return w.T("aftale.tray")
	}
	return subject
}

// lastMonth is the calendar month before the one of now.
func lastMonth(now time.Time) (first, last kalender.Day) {
	today := kalender.DayOf(now)
	last = kalender.Day{Year: today.Year, Month: today.Month, Date: 1}.Add(-1)
	return kalender.Day{Year: last.Year, Month: last.Month, Date: 1}, last
}

package web

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/internal/web/text"
)

//go:embed templates/*.html
var templateFiles embed.FS

// pageSet holds the parsed pages of one language by the name of their template.
type pageSet map[string]*template.Template

// pageNames are the templates that are pages; layout.html is the frame of all.
func pageNames() []string {
	return []string{"signin", "inbox", "letter", "original", "compose", "check", "done", "sent", "operator", "arrival",
		"leaving", "resume", "settings", "keys", "accessibility", "problem",
		"agreements", "agreement", "agreementtry", "agreementmonth", "agreementdiff", "agreementoutside",
		"search", "board", "handover", "unit", "closed", "routes", "arrangements", "subjects", "tasks", "journal",
		"archive", "phrases", "confirm", "mentions", "peek", "drafts", "preview", "audit", "auditcheck", "directory", "directoryentry", "hygiene", "phone", "glass", "glassletter"}
}

// parsePages reads every page once for each language, so that a template's t is
// a plain look-up.
func parsePages(words map[string]*text.Words) (map[string]pageSet, error) {
	out := map[string]pageSet{}
	for lang, w := range words {
		out[lang] = pageSet{}
		for _, name := range pageNames() {
			files := []string{"templates/layout.html", "templates/work.html", "templates/" + name + ".html"}
			switch name {
			case "auditcheck": // how a check goes is said on both
				files = append(files, "templates/audit.html")
			case "compose", "check", "phone": // runs of text, the promise, and what is asked
				files = append(files, "templates/letter.html", "templates/compose.html")
			case "archive": // its rows are those of the inbox
				files = append(files, "templates/inbox.html")
			case "peek", "glassletter": // runs of text and parties
				files = append(files, "templates/letter.html")
			}
			// The page itself last: its "main" is the one that counts.
			files = append(files, "templates/"+name+".html")
			t, err := template.New(name).Funcs(template.FuncMap{"t": w.T, "n": w.N}).ParseFS(templateFiles, files...)
			if err != nil {
				return nil, fmt.Errorf("page %s: %w", name, err)
			}
			out[lang][name] = t
		}
	}
	return out, nil
}

// frame is what the layout around every page shows. Page structs embed it.
type frame struct {
	Lang, OtherLang string
	Product         string
	TabTitle        string
	Static          string // path of the static files of this build
	NowMS           int64
	Speed           float64
	EndsMS          int64  // when the session is over; 0 when nobody is signed in
	ScriptWords     string // JSON: the texts the scripts need
	KeysOff         bool
	Compact         bool
	Person          *personView
	Did             *doneView // what the person has just done
	Searching       bool      // the page is the search itself, and the frame has none
	Wall            bool      // a screen on a wall: no menus, nobody's name
	Onward          string    // another website the browser goes on to by itself
	Reload          int       // seconds after which a page without scripts comes again; 0: never
	Advis           int       // notes that name the person and were not seen
	Unit            *store.Unit
	UnitPath        string
	Units           []unitLink
	Nav             []navItem
	ReturnPath      string // where the language switch comes back to; "" hides it
	Faults          []fault
	Glass           bool // letters of other units can be opened in an emergency
	May             mays // what the person may in the unit
}

// mays is what a person may in a unit besides reading; what they may not is not shown.
type mays struct{ Work, Send, Lead bool }

func (v *visit) mays(unit brevdue.GLN) mays {
	return mays{v.may(mailbox.RightWork, unit), v.may(mailbox.RightSend, unit), v.may(mailbox.RightLead, unit)}
}

type personView struct{ Name, Title, Initials string }

type unitLink struct {
	Path, Name string
	Unread     int
	Late, Here bool
}

type navItem struct {
	Path, Label, Icon, Key string
	Count                  int
	Late, Here             bool
	Live                   string // the number of the news it follows: "unread" or "late"
}

// fault is one thing wrong with a form, tied to the field it is about.
type fault struct{ Field, ID, Text string }

// FaultOf returns what is wrong with a field, or nil.
func (f frame) FaultOf(field string) *fault {
	for i := range f.Faults {
		if f.Faults[i].Field == field {
			return &f.Faults[i]
		}
	}
	return nil
}

// scriptKeys are the texts the scripts write.
func scriptKeys() []string {
	return []string{"chip.late", "chip.soon", "chip.today", "chip.shift", "chip.shiftover", "chip.softpast",
		"span.now", "span.minutes", "span.hours", "span.hoursminutes", "span.days.1", "span.days.n",
		"inbox.fresh.1", "inbox.fresh.n", "inbox.show", "inbox.lost", "inbox.updated", "compose.counter.1", "compose.counter.n", "compose.long",
		"compose.uses", "compose.sentas", "compose.category", "compose.choosecategory", "compose.choosesubject", "check.sending", "promise.countdown", "time.clock",
		"board.closes", "board.shiftends", "board.stale", "desk.pickcount.1", "desk.pickcount.n", "desk.pickhint", "peek.failed", "draft.lost", "done.left", "attach.sending", "chooser.found.1", "chooser.found.n", "chooser.palette", "phrase.insert", "attach.failed",
		"ending.left.1", "ending.left.n", "ending.stay", "ending.seen", "dir.copied", "dir.selected"}
}

// frame fills the frame of a page. heading is the page's title in the browser's
// tab; it never names a citizen.
func (wb *Workbench) frame(v *visit, heading string) frame {
	f := frame{Lang: v.words.Lang, OtherLang: "en", Product: wb.cfg.Title, TabTitle: heading + " – " + wb.cfg.Title,
		Static: wb.static.path, NowMS: v.now.UnixMilli(), Speed: wb.cfg.Speed,
		KeysOff: v.choice.KeysOff, Compact: v.choice.Compact}
	if f.Lang == "en" {
		f.OtherLang = "da"
	}
	if v.r.Method == http.MethodGet {
		f.ReturnPath = v.r.URL.Path
	}
	words := map[string]string{}
	for _, k := range scriptKeys() {
		words[k] = v.words.T(k)
	}
	js, err := json.Marshal(words)
	if err == nil {
		f.ScriptWords = string(js)
	}
	if v.person == nil {
		return f
	}
	f.EndsMS = v.ends.UnixMilli()
	f.Glass = wb.cfg.Box.GlassOn() && v.may(mailbox.RightGlass, "")
	f.Person = &personView{Name: v.person.Name, Title: v.person.Title, Initials: initials(v.person.Name)}
	if n, err := wb.cfg.Box.CountMentions(v.ctx(), *v.person); err == nil { // the page itself matters more
		f.Advis = n
	}
	f.Nav = append(f.Nav, navItem{Path: "/adressebog", Label: v.words.T("dir.heading"), Icon: "cards", Here: strings.HasPrefix(v.r.URL.Path, "/adressebog")})
	f.Nav = append(f.Nav, navItem{Path: "/aftale", Label: v.words.T("layout.agreement"), Icon: "book", Here: strings.HasPrefix(v.r.URL.Path, "/aftale")})
	if v.may(mailbox.RightAudit, "") {
		f.Nav = append(f.Nav, navItem{Path: "/revision", Label: v.words.T("audit.heading"), Icon: "log", Here: strings.HasPrefix(v.r.URL.Path, "/revision")})
	}
	if v.may(mailbox.RightOperate, "") {
		f.Nav = append(f.Nav, navItem{Path: "/drift", Label: v.words.T("layout.operator"), Icon: "tools", Here: strings.HasPrefix(v.r.URL.Path, "/drift")})
	}
	return f
}

// personFrame is the frame of a page that belongs to no unit, with the way back to
// the person's first unit in the menu.
func (wb *Workbench) personFrame(v *visit, heading string) frame {
	f := wb.frame(v, heading)
	if v.person == nil {
		return f
	}
	units, err := wb.cfg.Box.Units(v.ctx(), *v.person)
	if err != nil || len(units) == 0 {
		return f // the page itself matters more than its menu
	}
	home := unitPath(units[0].GLN)
	f.Nav = append([]navItem{
		{Path: home + "/indbakke", Label: v.words.T("layout.inbox"), Icon: "tray", Key: "g i"},
		{Path: home + "/sendt", Label: v.words.T("layout.sent"), Icon: "send", Key: "g s"},
	}, f.Nav...)
	f.UnitPath = home
	return f
}

// unitFrame fills the frame of a page that belongs to a unit: its name, the other
// units of the person and how many letters wait in each.
func (wb *Workbench) unitFrame(v *visit, unit store.Unit, heading string) (frame, error) {
	return wb.unitFrameWith(v, unit, heading, nil)
}

// unitFrameWith is unitFrame for a page that has counted its own unit already.
func (wb *Workbench) unitFrameWith(v *visit, unit store.Unit, heading string, own *store.Count) (frame, error) {
	f := wb.frame(v, heading+" – "+unit.Name)
	f.Unit, f.UnitPath, f.May = &unit, unitPath(unit.GLN), v.mays(unit.GLN)
	ask := *v.person
	if own != nil {
		ask.Units = slices.DeleteFunc(slices.Clone(ask.Units), func(g brevdue.GLN) bool { return g == unit.GLN })
	}
	counts, err := wb.cfg.Box.CountsFor(v.ctx(), ask)
	if err != nil {
		return f, err
	}
	if own != nil {
		counts[unit.GLN] = *own
	}
	units, err := wb.cfg.Box.Units(v.ctx(), *v.person)
	if err != nil {
		return f, err
	}
	for _, u := range units {
		c := counts[u.GLN]
		f.Units = append(f.Units, unitLink{Path: unitPath(u.GLN), Name: u.Name, Unread: c.Unread, Late: c.Late > 0, Here: u.GLN == unit.GLN})
	}
	drafts := 0
	if f.May.Send {
		if drafts, err = wb.cfg.Box.CountDrafts(v.ctx(), *v.person, unit.GLN); err != nil {
			return f, err
		}
	}
	here := counts[unit.GLN]
	path := v.r.URL.Path
	nav := []navItem{
		{Path: f.UnitPath + "/indbakke", Label: v.words.T("layout.inbox"), Icon: "tray", Key: "g i", Count: here.Unread, Late: here.Late > 0, Live: "unread",
			Here: path == f.UnitPath+"/indbakke"},
		{Path: f.UnitPath + "/frister", Label: v.words.T("board.heading"), Icon: "soon", Key: "g f", Count: here.Late, Late: here.Late > 0, Live: "late",
			Here: strings.HasPrefix(path, f.UnitPath+"/frister")},
		{Path: f.UnitPath + "/kladder", Label: v.words.T("draft.heading"), Icon: "pen", Count: drafts, Here: path == f.UnitPath+"/kladder"},
		{Path: f.UnitPath + "/sendt", Label: v.words.T("layout.sent"), Icon: "send", Key: "g s", Here: path == f.UnitPath+"/sendt"},
		{Path: f.UnitPath + "/arkiv", Label: v.words.T("desk.archive"), Icon: "box", Here: path == f.UnitPath+"/arkiv"},
		{Path: f.UnitPath + "/opgaver", Label: v.words.T("task.heading"), Icon: "done", Count: here.Tasks, Here: path == f.UnitPath+"/opgaver"},
		{Path: f.UnitPath + "/journal", Label: v.words.T("journal.nav"), Icon: "file", Here: path == f.UnitPath+"/journal"},
		{Path: f.UnitPath + "/enheden", Label: v.words.T("unit.heading"), Icon: "unit", Here: unitAffairs(strings.TrimPrefix(path, f.UnitPath))},
	}
	nav = slices.DeleteFunc(nav, func(n navItem) bool {
		switch strings.TrimPrefix(n.Path, f.UnitPath) {
		case "/kladder":
			return !f.May.Send
		case "/journal":
			return !f.May.Work
		case "/enheden":
			return !f.May.Lead
		}
		return false
	})
	f.Did = doneOf(v.words, v.r.URL, unit.GLN)
	for i := range f.Nav {
		if f.Nav[i].Path == "/adressebog" {
			f.Nav[i].Path += unitQuery(string(unit.GLN))
		}
	}
	f.Nav = append(nav, f.Nav...)
	return f, nil
}

// unitAffairs tells whether a path of a unit is one of the pages about itself.
func unitAffairs(path string) bool {
	return slices.Contains([]string{"/enheden", "/lukkedage", "/fordeling", "/aftaler", "/tekster"}, path)
}

func unitPath(gln brevdue.GLN) string { return "/enhed/" + string(gln) }

func letterPath(gln brevdue.GLN, dir store.Direction, id int64) string {
	box := "/brev/"
	if dir == store.Out {
		box = "/sendt/"
	}
	return unitPath(gln) + box + strconv.FormatInt(id, 10)
}

// render writes a page. It is built in memory first, so that a page that fails
// half way is never seen.
func (wb *Workbench) render(v *visit, status int, name string, page any) error {
	var b bytes.Buffer
	if err := wb.pages[v.words.Lang][name].ExecuteTemplate(&b, "layout", page); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.words.Lang)
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	v.w.WriteHeader(status)
	_, err := v.w.Write(b.Bytes())
	if err != nil {
		return nil // the browser went away; there is nobody to tell
	}
	return nil
}

// redirect answers a form with the page to show next.
func (v *visit) redirect(path string) error {
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// unit reads the unit of the address and makes sure that the person belongs to it.
func (wb *Workbench) unit(v *visit) (store.Unit, error) {
	return wb.cfg.Box.Unit(v.ctx(), *v.person, brevdue.GLN(v.r.PathValue("gln")))
}

// id reads the number in the address; anything else is a page that does not exist.
func (v *visit) id() (int64, error) {
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, brevdue.ErrNotFound
	}
	return id, nil
}

// initials are the first letters of a name, at most three.
func initials(name string) string {
	var out []rune
	for word := range strings.FieldsSeq(name) {
		if len(out) == 3 {
			break
		}
		out = append(out, []rune(strings.ToUpper(word))[0])
	}
	return string(out)
}

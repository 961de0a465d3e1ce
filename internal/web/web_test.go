package web

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"brevdue"
	"brevdue/internal/web/text"
	"brevdue/kalender"
)

func testClock(t *testing.T, lang string, now time.Time) clock {
	t.Helper()
	words, err := text.Load()
	if err != nil {
		t.Fatal(err)
	}
	return clock{words[lang], kalender.Copenhagen(), now}
}

func day(d, hour, minute int) time.Time {
	return time.Date(2026, 11, d, hour, minute, 0, 0, kalender.Copenhagen())
}

// F51: every state of the clock by text and icon. 24 November 2026 is a Tuesday.
func TestChipTellsWithoutColour(t *testing.T) {
	now := day(24, 14, 35)
	for _, c := range []struct {
		name             string
		d                deadline
		icon, tone, text string
		en               string
	}{
		{"late", deadline{Due: day(24, 13, 25)}, "late", "late", "Overskredet 1 t 10 min", "Overdue 1 h 10 min"},
		{"just late", deadline{Due: now}, "late", "late", "Overskredet under 1 min", "Overdue under 1 min"},
		{"late for days", deadline{Due: day(21, 15, 0)}, "late", "late", "Overskredet 2 dage", "Overdue 2 days"},
		{"soon", deadline{Due: day(24, 15, 0)}, "soon", "soon", "Læs inden kl. 15.00 (25 min)", "Read before 15:00 (25 min)"},
		{"half an hour", deadline{Due: day(24, 15, 5)}, "soon", "soon", "Læs inden kl. 15.05 (30 min)", "Read before 15:05 (30 min)"},
		{"today", deadline{Due: day(24, 15, 6)}, "calm", "calm", "Læs inden kl. 15.06", "Read before 15:06"},
		{"tomorrow", deadline{Due: day(25, 15, 0)}, "calm", "calm", "I morgen inden kl. 15.00", "Tomorrow before 15:00"},
		{"later", deadline{Due: day(30, 15, 0)}, "calm", "calm", "Man. 30. nov. inden kl. 15.00", "Mon 30 Nov before 15:00"},
		{"this shift", deadline{Due: day(25, 7, 0), Expected: day(24, 23, 0)}, "calm", "calm", "Læs i denne vagt · 23.00", "Read this shift · 23:00"},
		{"shift ends", deadline{Due: day(24, 23, 0), Expected: day(24, 15, 0)}, "soon", "soon", "Læs i denne vagt · 15.00", "Read this shift · 15:00"},
		{"shift over", deadline{Due: day(24, 23, 0), Expected: day(24, 14, 0)}, "soon", "soon", "Læs nu · senest 23.00", "Read now · before 23:00"},
		{"guideline", deadline{Due: day(26, 16, 0), Soft: true}, "calm", "calm", "Helst inden tors. 26. nov.", "Preferably before Thu 26 Nov"},
		{"guideline passed", deadline{Due: day(23, 16, 0), Soft: true}, "soon", "soon", "Vejledende frist passeret", "Guideline date has passed"},
		{"none", deadline{}, "none", "calm", "Ingen læsefrist", "No reading deadline"},
		{"read", deadline{Due: day(24, 13, 0), Read: true, ReadAt: day(24, 9, 12), ReadBy: "Anne Kjær"}, "done", "done", "Læst 09.12 af AK", "Read 09:12 by AK"},
		{"read before", deadline{Read: true, ReadAt: day(20, 9, 12), ReadBy: "Anne Kjær"}, "done", "done", "Læst 20. nov. af AK", "Read 20 Nov by AK"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := testClock(t, "da", now).chip(c.d)
			if got.Icon != c.icon || got.Tone != c.tone || got.Text != c.text {
				t.Errorf("got %s, %s, %q; want %s, %s, %q", got.Icon, got.Tone, got.Text, c.icon, c.tone, c.text)
			}
			if got := testClock(t, "en", now).chip(c.d); got.Text != c.en {
				t.Errorf("English: got %q, want %q", got.Text, c.en)
			}
		})
	}
}

// Days are Danish days, also across a change of the clock and of the year.
func TestWhen(t *testing.T) {
	zone := kalender.Copenhagen()
	c := testClock(t, "da", time.Date(2026, 10, 25, 0, 30, 0, 0, zone)) // a day of 25 hours begins
	for _, k := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2026, 10, 25, 23, 59, 0, 0, zone), "i dag kl. 23.59"},
		{time.Date(2026, 10, 26, 0, 0, 0, 0, zone), "i morgen kl. 00.00"},
		{time.Date(2026, 10, 24, 23, 59, 0, 0, zone), "i går kl. 23.59"},
		{time.Date(2026, 10, 23, 12, 0, 0, 0, zone), "fre. 23. okt. kl. 12.00"},
		{time.Date(2027, 1, 4, 12, 0, 0, 0, zone), "man. 4. jan. 2027 kl. 12.00"},
		{time.Date(2026, 10, 25, 22, 59, 0, 0, time.UTC), "i dag kl. 23.59"},
	} {
		if got := c.when(k.at); got != k.want {
			t.Errorf("%v: got %q, want %q", k.at, got, k.want)
		}
	}
}

func TestSafeguards(t *testing.T) {
	for in, want := range map[string]string{"/x": "/x", "": "/", "//evil.example": "/", "https://evil.example": "/", "/\\evil": "/", "/a\nb": "/", "x": "/"} {
		if got := localPath(in); got != want {
			t.Errorf("localPath(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"11 22 33 44": "11223344", "+45 11-22-33-44": "+4511223344", "lok. 123": "", "12": "", "(87) 65 43 21": "87654321"} {
		if got := telephone(in); got != want {
			t.Errorf("telephone(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"https://sundhed.dk/x": "https://sundhed.dk/x", "javascript:alert(1)": "", "file:///etc/passwd": "", "sundhed.dk": ""} {
		if got := webLink(in); got != want {
			t.Errorf("webLink(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"B-000001.edi": "B-000001.edi", "../../x": "x", `a"b;c`: "a-b-c", ".skjult": "skjult"} {
		if got := fileName(in); got != want {
			t.Errorf("fileName(%q) = %q, want %q", in, got, want)
		}
	}
}

// Bytes of any kind can be shown without hiding or turning anything.
func TestShowBytes(t *testing.T) {
	for in, want := range map[string]string{"æøå\r\nx": "æøå\nx", "\xe6\xf8\xe5": "æøå", "a\x00b": "a␀b", "a\u202eb": "a\ufffdb"} {
		if got, _ := showBytes([]byte(in)); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if s, cut := showBytes([]byte(strings.Repeat("æ", shownBytes))); !cut || len(s) > shownBytes || !strings.HasSuffix(s, "æ") {
		t.Errorf("a large file is shown with %d bytes, cut %v", len(s), cut)
	}
}

func TestWholeNumberIsWrittenWithHyphen(t *testing.T) {
	if got := hyphened(brevdue.CPR("0104909989")); got != "010490-9989" {
		t.Error(got)
	}
	if got := hyphened(brevdue.CPR("12")); got != "12" {
		t.Error(got)
	}
}

// Decision 17: no template holds a word of its own, and every key that templates,
// code and scripts use is in the catalogue and no other is.
func TestTextsComeFromTheCatalogue(t *testing.T) {
	words, err := text.Load()
	if err != nil {
		t.Fatal(err)
	}
	action, tag := regexp.MustCompile(`\{\{[^}]*\}\}`), regexp.MustCompile(`<[^>]*>`)
	spoken := regexp.MustCompile(`\b(?:title|aria-label|placeholder|alt|label|data-label)="([^"]*)"`)
	key := regexp.MustCompile(`"([a-z0-9]+\.[a-z0-9.-]+)"`)
	used := map[string]bool{}
	err = fs.WalkDir(templateFiles, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(templateFiles, path)
		if err != nil {
			return err
		}
		bare := action.ReplaceAllString(string(data), "")
		for _, m := range spoken.FindAllStringSubmatch(bare, -1) {
			if hasLetter(m[1]) {
				t.Errorf("%s: attribute with the text %q", path, m[1])
			}
		}
		for word := range strings.FieldsSeq(tag.ReplaceAllString(bare, " ")) {
			switch word {
			case "a", "t", "j", "k", "K", "o", "r", "n", "m", "z", "v", "f", "g", "i", "s", "x", "e", "Shift", "Enter", "Ctrl", "Esc", "SHA-256": // names of keys and of a sum
				continue
			}
			if hasLetter(word) {
				t.Errorf("%s: bare text %q", path, word)
			}
		}
		collect(key, string(data), used)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Glob("static/*.js")
	if err != nil {
		t.Fatal(err)
	}
	danish := regexp.MustCompile(`"[^"\n]*[æøåÆØÅ][^"\n]*"`)
	for _, f := range append(files, scripts...) {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if m := danish.FindString(string(data)); m != "" {
			t.Errorf("%s: a Danish text outside the catalogue: %s", f, m)
		}
		collect(key, string(data), used)
	}
	all := words["da"].Keys()
	for k := range used {
		if strings.HasSuffix(k, ".") {
			continue // the rest of the key is put together
		}
		if _, known := all[k]; known || !strings.Contains(prefixes(), "|"+k[:strings.Index(k, ".")]+"|") {
			continue
		}
		if _, plural := all[k+".1"]; !plural {
			t.Errorf("%s is used and not in the catalogue", k)
		}
	}
	for k := range all {
		if base := strings.TrimSuffix(strings.TrimSuffix(k, ".1"), ".n"); used[k] || used[base] || strings.Contains(composed(), "|"+k[:strings.Index(k, ".")]+"|") ||
			strings.Contains(composed(), "|"+k[:strings.LastIndex(k, ".")]+"|") {
			continue
		}
		t.Errorf("%s is in the catalogue and nowhere used", k)
	}
}

// prefixes are the first words of keys, to tell them from file names.
func prefixes() string {
	return "|attach|chooser|phrase|layout|time|span|chip|signin|inbox|row|letter|attachment|mini|episode|event|outcome|receipt|severity|finding|original|compose|kind|check|done|sent|operator|alert|job|arrival|settings|keys|ending|ended|session|resume|a11y|faults|problem|promise|aftale|side|board|unit|closed|route|arrangement|task|did|ask|answer|hint|kept|subjects|resend|desk|note|peek|presence|advis|collision|journal|forward|preview|draft|search|audit|act|why|hold|thread|beside|dir|assign|trust|phone|walk|glass|"
}

// composed are the groups whose keys are put together from a stable word.
func composed() string {
	return "|act|why|walk|hold.did|ask|answer|hint|kept|did|unit.services|unit.answer|task.kind|task.why|attachment|mini|episode|event|outcome|receipt|severity|kind|job|arrival|alert|problem|side|" +
		"inbox.by|aftale.state|aftale.done|aftale.services|aftale.sec|aftale.lede|aftale.col|aftale.part|aftale.day|dir.sector|dir.state|dir.decidedby|dir.did|"
}

func collect(key *regexp.Regexp, s string, used map[string]bool) {
	for _, m := range key.FindAllStringSubmatch(s, -1) {
		used[m[1]] = true
	}
}

func hasLetter(s string) bool { return strings.IndexFunc(s, unicode.IsLetter) >= 0 }

// What a browser fetches of scripts is under 40 kB in all; and no text of a script goes over
// several lines, where a remark that is taken out could be part of it.
func TestScriptsAreSmall(t *testing.T) {
	a, err := newAssets()
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for name, data := range a.files {
		if path.Ext(name) != ".js" {
			continue
		}
		total += len(data)
		for i, line := range strings.Split(string(data), "\n") {
			if strings.Count(line, "`")%2 != 0 {
				t.Errorf("%s line %d as sent: a text that goes on in the next line", name, i+1)
			}
			if strings.HasPrefix(strings.TrimSpace(line), "//") {
				t.Errorf("%s line %d as sent is a remark", name, i+1)
			}
		}
	}
	if most := 40_000; total == 0 || total >= most {
		t.Errorf("%d bytes of scripts, which is not under %d", total, most)
	}
}

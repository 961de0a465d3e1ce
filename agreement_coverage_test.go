package brevdue_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// demand is a row of the regional agreement as this product reads it, in our own
// words, and the page or command where a user meets it.
type demand struct{ id, what, where string }

func demands() []demand {
	const (
		compose  = "Nyt brev, Svar"
		check    = "Tjek dine svar"
		inbox    = "Indbakke, Brev"
		unit     = "Enheden"
		version  = "Aftale: en udgave"
		month    = "Kør på sidste måned"
		register = "`brevdue directory review`"
	)
	return []demand{
		{"AGR-101", "every unit is of one party kind", version},
		{"AGR-102", "a municipality's health and social areas differ, and the kind decides the deadline", inbox},
		{"AGR-103", "the system is for staff: nobody reads a letter without an account of a unit", "Log ind"},
		{"AGR-104", "every course counts: no filter on age or diagnosis", compose},
		{"AGR-105", "figures for trust, calls and administration come from what is kept about letters", month},
		{"AGR-106", "letters are DIS91 and XDIS91", inbox},
		{"AGR-107", "one letter, one citizen, one course", compose},
		{"AGR-201", "the letter only where no other standard can carry the content", compose},
		{"AGR-202", "hospital and the others: admitted, outpatient, short and telephone courses", compose},
		{"AGR-203", "practice, municipality and regional social area among themselves", compose},
		{"AGR-204", "pairs outside the agreement can write; no rule applies", compose},
		{"AGR-205", "what the receiver can take decides; the social area is never blocked", compose},
		{"AGR-206", "never for what is acute", check},
		{"AGR-301", "the hospital starts as a rule", compose},
		{"AGR-302", "municipality and regional social area start by concrete agreement, or say why", compose + "; Konkrete aftaler"},
		{"AGR-303", "general practice starts as needed", compose},
		{"AGR-304", "a reply does not start", compose},
		{"AGR-305", "outside the hospital anybody may start", compose},
		{"AGR-401", "plain text, shown as the receiver will see it", check},
		{"AGR-402", "short, and about one or two subjects", compose},
		{"AGR-403", "date, title and name last in the text", compose},
		{"AGR-404", "a number of the organisation, never a person's", compose},
		{"AGR-405", "a subject on every letter", compose},
		{"AGR-406", "lists come from the version in force", compose},
		{"AGR-501", "the receiver is chosen actively", compose},
		{"AGR-502", "a municipality has at most so many location numbers", register},
		{"AGR-503", "names that can be recognised", compose + "; " + register},
		{"AGR-504", "a new agreement names content, category, subject and receiver", version},
		{"AGR-601", "wards read every day 8-15", inbox},
		{"AGR-602", "clinics read on working days 8-15", inbox},
		{"AGR-603", "the regional social area reads on working days 8-15", inbox},
		{"AGR-604", "municipal health reads once in every shift for those it serves", inbox},
		{"AGR-605", "municipal health reads on working days 8-15 for the others", inbox},
		{"AGR-606", "municipal social area reads on working days 8-15", inbox},
		{"AGR-607", "general practice reads throughout; three days to answer, as a guide", inbox},
		{"AGR-608", "a letter is met when it is read, answered or not", inbox},
		{"AGR-609", "psychiatry is hospital", inbox},
		{"AGR-701", "discharge of somebody without services up to closed days: a call", compose},
		{"AGR-702", "no call where the need begins after the next working day", compose},
		{"AGR-703", "the letter follows all the same", compose},
		{"AGR-704", "the call is on record with the letter", compose + "; Sendt"},
		{"AGR-801", "a letter after a call: acute response", compose},
		{"AGR-802", "a letter after a call: acute outpatient and short courses", compose},
		{"AGR-803", "a letter after a call: help or nursing within 24 hours", compose},
		{"AGR-804", "such a letter carries the record of the call, or a reason", compose},
		{"AGR-805", "short courses: a call and a letter instead of a care plan", compose},
		{"AGR-806", "groups of patients have agreements of their own", compose},
		{"AGR-901", "consent is tried for first", compose},
		{"AGR-902", "current course of treatment", compose},
		{"AGR-903", "treatment, weighty interests", compose},
		{"AGR-904", "other purposes: consent", compose},
		{"AGR-905", "other purposes, weighty interests", compose},
		{"AGR-906", "the weighing is written", compose},
		{"AGR-907", "one basis to a letter, kept and never sent", compose + "; Sendt"},
		{"AGR-1001", "the service code is shown to general practice and never booked", compose},
		{"AGR-1002", "the parties can see what a change would do", month},
		{"AGR-1003", "a letter is judged by the version in force when it was sent", inbox},
		{"Amb-1", "the shipped text has no date: the operator sets it", version},
		{"Amb-2", "the list of standards is data", version},
		{"Amb-3", "the receiver's own message types decide", compose},
		{"Amb-4", "a concrete agreement is for a pair or for a citizen; else a warning", compose},
		{"Amb-5", "Udskrivningsrapport the category is not XDIS18 the standard", compose},
		{"Amb-6", "a list where there is one, free subject elsewhere", compose},
		{"Amb-7", "who a subject goes to is each municipality's to fill in", unit},
		{"Amb-8", "other categories are still used: a remark, no block", compose},
		{"Amb-9", "SFI stands among the examples", version},
		{"Amb-10", "the number of location numbers is a setting", register},
		{"Amb-11", "the main text goes before the annex; the notes say where they differ", version},
		{"Amb-12", "working days and their three switches", inbox},
		{"Amb-13", "shifts of the unit's own; expected and owed", inbox},
		{"Amb-14", "three working days from arrival, as a guide", inbox},
		{"Amb-15", "sent strictly before the cutoff; late transport told apart", inbox},
		{"Amb-16", "the unit's number", compose},
		{"Amb-17", "a soft limit of length and a hard one of the format", compose},
		{"Amb-18", "the follow-up letter also under the exemption", compose},
		{"Amb-19", "the day itself or the next is closed", compose},
		{"Amb-20", "services known, unknown or not", inbox},
		{"Amb-21", "areas the agreement does not name get the careful deadline and are marked", inbox},
		{"Amb-22", "a record is demanded within 24 hours, else advised", compose},
		{"Amb-23", "does the receiver act as a health person", compose},
		{"Amb-24", "a unit of unknown class owes as a ward and is promised as a clinic", inbox},
		{"Amb-25", "who to turn to about the agreement is data", version},
	}
}

// TestAgreementCoverage draws docs/agreement-coverage.md: each row of the agreement,
// the tests that name it and the page where it is met. A row that no test names is a
// failure.
func TestAgreementCoverage(t *testing.T) {
	named := testsNaming(t)
	var b strings.Builder
	b.WriteString("# The agreement, row by row\n\nDrawn by `go test . -update` from the tests that name a row in what they check or say. A row without a test fails `go test .`.\n\n| Row | What it asks | Where a user meets it | Tests |\n|---|---|---|---|\n")
	for _, d := range demands() {
		tests := named[d.id]
		if len(tests) == 0 {
			t.Errorf("%s (%s) is named by no test", d.id, d.what)
		}
		slices.Sort(tests)
		tests = slices.Compact(tests)
		shown := tests[:min(4, len(tests))]
		more := ""
		if n := len(tests) - len(shown); n > 0 {
			more = " and " + strconv.Itoa(n) + " more"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s%s |\n", d.id, d.what, d.where, strings.Join(shown, ", "), more)
	}
	generated(t, "docs/agreement-coverage.md", b.String())
	for id, tests := range named {
		if !slices.ContainsFunc(demands(), func(d demand) bool { return d.id == id }) {
			t.Errorf("%s is named by %v and is no row of the agreement", id, tests)
		}
	}
}

// testsNaming finds the rows that each test function names, in its words or in the
// comment above it.
func testsNaming(t *testing.T) map[string][]string {
	t.Helper()
	row := regexp.MustCompile(`\b(AGR-\d{3,4}|Amb-\d{1,2})(?: (?:to|til) (AGR-\d{3,4})|\.\.(\d{3,4}))?`)
	out := map[string][]string{}
	walkTracked(t, func(path string, data []byte) {
		if !strings.HasSuffix(path, "_test.go") || path == "agreement_coverage_test.go" {
			return
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, data, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		room := path[:strings.LastIndexByte(path, '/')+1]
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Test") {
				continue
			}
			text := string(data[set.Position(f.Pos()).Offset:set.Position(f.End()).Offset]) + f.Doc.Text()
			for _, m := range row.FindAllStringSubmatch(text, -1) {
				for _, id := range between(m) {
					out[id] = append(out[id], "`"+room+f.Name.Name+"`")
				}
			}
		}
	})
	return out
}

// between are the rows a mention is about: one, or those from the first to the last.
func between(m []string) []string {
	last := m[2]
	if m[3] != "" {
		last = "AGR-" + m[3]
	}
	if last == "" {
		return []string{m[1]}
	}
	var out []string
	on := false
	for _, d := range demands() {
		on = on || d.id == m[1]
		if on {
			out = append(out, d.id)
		}
		if d.id == last {
			return out
		}
	}
	return []string{m[1]}
}

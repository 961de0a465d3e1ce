package oioxml

import (
	"fmt"
	"strings"
	"testing"
)

// A grammar of every kind of part: simple, complex, choice, repeated group,
// attribute, formatted text.
func sample() *Grammar {
	return &Grammar{Name: "a", Children: []Grammar{
		{Name: "must", Min: 1, Value: &Value{Min: 1, Max: 3}},
		{Name: "may", Value: &Value{Codes: []string{"ja", "nej", "med "}}},
		{Choice: true, Children: []Grammar{{Name: "x", Value: &Value{Form: TenDigits}}, {Name: "y", Any: true}}},
		{Children: []Grammar{{Name: "many", Min: 1, Attr: &Grammar{Name: "k", Value: &Value{Codes: []string{"1"}}}, Value: &Value{}}, {Name: "rest", Any: true}}},
		{Name: "text", Text: Formatted},
	}}
}

func TestGrammar(t *testing.T) {
	const start, end = "<must>æøå</must>", "<x>0123456789</x><many k='1'/>"
	tests := []struct{ name, in, want string }{
		{"right", start + end, ""},
		{"all of it", start + "<may>nej</may>" + end + "<rest><q/></rest><many k='1'/><text>a<Bold>b<Break/></Bold></text>", ""},
		{"comments mean nothing", "<!--x-->" + start + "<?x?>" + end, ""},
		{"missing", end, "XML-ELEM-01"},
		{"missing in a group", start + "<x>0123456789</x>", "XML-ELEM-01"},
		{"unknown", start + "<q/>" + end, "XML-ELEM-02"},
		{"order", "<may>ja</may>" + start + end, "XML-ELEM-03"},
		{"order of a choice", start + "<many k='1'/><x>0123456789</x>", "XML-ELEM-03"},
		{"too many", start + start + end, "XML-ELEM-04"},
		{"no choice", start + "<many k='1'/>", "XML-ELEM-05"},
		{"both choices", start + "<y/>" + end, "XML-ELEM-05"},
		{"stray text", start + "q" + end, "XML-ELEM-06"},
		{"stray CDATA", start + "<![CDATA[ ]]>" + end, "XML-ELEM-06"},
		{"stray attribute", "<must b='1'>1</must>" + end, "XML-ELEM-07"},
		{"schema hint is no attribute", "<must xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:nil='false'>1</must>" + end, ""},
		{"attribute missing", start + "<x>0123456789</x><many/>", "XML-ELEM-09"},
		{"attribute with a wrong value", start + "<x>0123456789</x><many k='2'/>", "XML-VALUE-03"},
		{"other namespace", "<must xmlns='n'>1</must>" + end, "XML-ELEM-10"},
		{"element in a simple one", "<must><q/></must>" + end, "XML-ELEM-02"},
		{"nested formatting", start + end + "<text><Bold><Italic/></Bold></text>", "XML-ELEM-08"},
		{"fixed font in fixed font", start + end + "<text><FixedFont><FixedFont/></FixedFont></text>", "XML-ELEM-08"},
		{"break with content", start + end + "<text><Break>q</Break></text>", "XML-ELEM-08"},
		{"empty", "<must/>" + end, "XML-VALUE-01"},
		{"length counts characters", "<must>æøåæ</must>" + end, "XML-VALUE-02"},
		{"code", start + "<may>måske</may>" + end, "XML-VALUE-03"},
		{"code with white space", start + "<may> ja\n</may>" + end, "XML-VALUE-04"},
		{"code that is the standard's with space", start + "<may>med </may>" + end, ""},
		{"code that lacks the standard's space", start + "<may>med</may>" + end, "XML-VALUE-04"},
		{"form", start + "<x>012345678</x><many k='1'/>", "XML-VALUE-05"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := mustRead(t, "<a>"+tt.in+"</a>")
			var got []string
			for _, f := range sample().Check(doc.Root, "") {
				got = append(got, f.Rule)
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("got %q, want %q", s, tt.want)
			}
		})
	}
}

func TestForms(t *testing.T) {
	tests := []struct {
		form    Form
		yes, no []string
	}{
		{Date, []string{"2026-11-05", "2024-02-29"}, []string{"", "2026-02-29", "2026-2-9", "05-11-2026", "-2026-11-05", "2026-11-05Z"}},
		{Time, []string{"00:00", "23:59"}, []string{"", "24:00", "9:30", "09.30", "09:60", "09:30:00"}},
		{TenDigits, []string{"0104909989", "0000000000"}, []string{"", "010490-9989", "01049099890", "010490998A"}},
		{Positive, []string{"1", "20480", "+7", "007"}, []string{"", "0", "-1", "1.5", "x", "+", "1234567890123456789"}},
		{Whole, []string{"0", "-5", "2147483647"}, []string{"", "2147483648", "1,5"}},
		{True, []string{"true"}, []string{"", "1", "false", "True"}},
		{Boolean, []string{"true", "false", "0", "1"}, []string{"", "ja"}},
		{UUID, []string{"3f0c6a52-7d1e-4b0a-9a41-0d4f5f1c0b01", "3F0C6A52-7D1E-4B0A-9A41-0D4F5F1C0B01"}, []string{"", "3f0c6a527d1e4b0a9a410d4f5f1c0b01", "3g0c6a52-7d1e-4b0a-9a41-0d4f5f1c0b01", "3f0c6a5247d1e-4b0a-9a41-0d4f5f1c0b01"}},
		{DateTime, []string{"2026-11-05T09:31:02", "2026-11-05T09:31:02Z", "2026-11-05T09:31:02.123+01:00", "2026-11-05T09:31:02-14:00"},
			[]string{"", "2026-11-05", "2026-11-05T09:31", "2026-11-05 09:31:02", "2026-13-05T09:31:02", "2026-11-05T09:31:02.", "2026-11-05T09:31:02+15:00"}},
	}
	for _, tt := range tests {
		for _, s := range tt.yes {
			if !tt.form.fits(s) {
				t.Errorf("%q should fit %s", s, tt.form.shape())
			}
		}
		for _, s := range tt.no {
			if tt.form.fits(s) {
				t.Errorf("%q should not fit %s", s, tt.form.shape())
			}
		}
	}
}

func Example() {
	data := []byte("<Emessage><Envelope><Identifier>K1</Identifier></Envelope></Emessage>")
	doc, findings := Read(data)
	id := doc.Root.Child("Envelope").Child("Identifier")
	fmt.Println(id.Text(), id.Path(), len(findings), string(doc.Write()) == string(data))
	// Output: K1 /Emessage/Envelope/Identifier 0 true
}

package oioxml

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"

	"brevdue"
)

// ids lists rule ids with their places, e.g. "XML-TAG-01@1:5".
func ids(fs []brevdue.Finding) string {
	var out []string
	for _, f := range fs {
		out = append(out, fmt.Sprintf("%s@%d:%d", f.Rule, f.Pos.Line, f.Pos.Column))
	}
	return strings.Join(out, " ")
}

func TestReadFindsFaultAtItsPlace(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"well formed", `<a><b x="1">t</b><c/></a>`, ""},
		{"declaration, comment, instruction, tail space", "<?xml version='1.0'?><!-- c --><?p q?>\n<a/>\n<!-- d -->\n", ""},
		{"byte order mark", "\xef\xbb\xbf<a>æ</a>", ""},
		{"empty", "", "XML-ROOT-01@1:1"},
		{"white space only", " \n ", "XML-ROOT-01@2:2"},
		{"text before the root", "hej <a/>", "XML-ROOT-01@1:1"},
		{"second root", "<a/>\n<b/>", "XML-ROOT-02@2:1"},
		{"text after the root", "<a/>\n tail", "XML-ROOT-02@2:2"},
		{"end tag after the root", "<a/></a>", "XML-ROOT-02@1:5"},
		{"cut between tags", "<a>\n<b></b>\n", "XML-TAG-01@3:1"},
		{"cut inside a tag", "<a>\n<b att", "XML-TAG-01@2:1"},
		{"cut inside a tag name", "<a>\n<b", "XML-TAG-01@2:1"},
		{"cut inside an end tag", "<a></a", "XML-TAG-01@1:4"},
		{"wrong end tag", "<a><b></a></b>", "XML-TAG-02@1:7"},
		{"less-than in text", "<a>BT < 120</a>", "XML-TAG-03@1:7"},
		{"ampersand in text", "<a>æ & ø</a>", "XML-REF-01@1:6"},
		{"attribute twice", `<a x="1" y="2" x="3"/>`, "XML-ATTR-02@1:16"},
		{"attribute twice by namespace", `<a xmlns:p="u" xmlns:q="u" p:x="1" q:x="2"/>`, "XML-ATTR-02@1:36"},
		{"attribute without quotes", `<a x=1/>`, "XML-ATTR-01@1:4"},
		{"attributes run together", `<a x="1"y="2"/>`, "XML-TAG-03@1:9"},
		{"less-than in attribute", `<a x="<"/>`, "XML-ATTR-01@1:4"},
		{"undeclared prefix", "<a>\n <p:b/></a>", "XML-NS-01@2:2"},
		{"prefix out of its scope", `<a><b xmlns:p="u"><p:c/></b><p:d/></a>`, "XML-NS-01@1:29"},
		{"document type", "<!DOCTYPE a>\n<a/>", "XML-DTD-01@1:1"},
		{"own entity", "<a>&lol;</a>", "XML-REF-01@1:4"},
		{"reference to nothing", "<a>&#0;</a>", "XML-REF-01@1:4"},
		{"reference to a surrogate", "<a>&#xD800;</a>", "XML-REF-01@1:4"},
		{"good references", "<a>&#65;&#x42;&lt;&gt;&amp;&quot;&apos;</a>", ""},
		{"control character", "<a>\x01</a>", "XML-CHAR-01@1:4"},
		{"end of CDATA in text", "<a>]]></a>", "XML-CHAR-02@1:4"},
		{"comment with two dashes", "<a><!-- a -- b --></a>", "XML-MARK-01@1:4"},
		{"comment without end", "<a><!-- a", "XML-MARK-01@1:4"},
		{"CDATA without end", "<a><![CDATA[ x", "XML-MARK-03@1:4"},
		{"CDATA", "<a><![CDATA[ <b> & ]]></a>", ""},
		{"declaration not first", "\n<?xml version='1.0'?><a/>", "XML-MARK-02@2:1"},
		{"XML 1.1", "<?xml version='1.1'?><a/>", "XML-MARK-02@1:1"},
		{"declaration out of order", "<?xml encoding='UTF-8' version='1.0'?><a/>", "XML-MARK-02@1:1"},
		{"UTF-16", "\xff\xfe<\x00a\x00/\x00>\x00", "XML-ENC-01@1:1"},
		{"unread encoding", "<?xml version='1.0' encoding='EBCDIC-DK'?><a/>", "XML-ENC-01@1:1"},
		{"Latin-1 bytes in UTF-8", "<a>Hiller\xf8d</a>", "XML-ENC-02@1:10"},
		{"windows-1252 in ISO-8859-1", "<?xml version='1.0' encoding='ISO-8859-1'?><a>\x96</a>", "XML-ENC-03@1:47"},
		{"UTF-8 declared as windows-1252", "<?xml version='1.0' encoding='windows-1252'?><a>ø</a>", "XML-ENC-04@1:49"},
		{"mark against declaration", "\xef\xbb\xbf<?xml version='1.0' encoding='ISO-8859-1'?><a>ø</a>", "XML-ENC-05@1:1"},
		{"too deep", strings.Repeat("<a>", MaxDepth+1), "XML-LIMIT-01@1:193"},
		{"many faults", "<a>" + strings.Repeat("<p:b/>", MaxFindings+5) + "</a>", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, fs := Read([]byte(tt.in))
			if tt.name == "many faults" {
				if n := len(fs); n != MaxFindings+1 || fs[n-1].Rule != "XML-MORE-01" {
					t.Fatalf("got %d findings, want %d and the last to say that there are more", n, MaxFindings+1)
				}
				return
			}
			if got := ids(fs); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if got := doc.Write(); string(got) != tt.in {
				t.Errorf("written back as %q", got)
			}
		})
	}
}

func TestReadKnowsEncodings(t *testing.T) {
	tests := []struct {
		name, in string
		encoding Encoding
		want     string
	}{
		{"none declared", "<a>Vandværk</a>", UTF8, "Vandværk"},
		{"UTF-8", "<?xml version=\"1.0\" encoding=\"utf-8\"?><a>Vandværk – €</a>", UTF8, "Vandværk – €"},
		{"ISO-8859-1", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>Vandv\xe6rk</a>", ISO8859_1, "Vandværk"},
		{"windows-1252", "<?xml version=\"1.0\" encoding=\"windows-1252\"?><a>Vandv\xe6rk \x96 \x80</a>", Windows1252, "Vandværk – €"},
		{"ISO-8859-1 with windows-1252 bytes", "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>\x96</a>", ISO8859_1, "–"},
		{"broken UTF-8 stays readable", "<a>Hiller\xf8d – ø</a>", UTF8, "Hillerød – ø"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, _ := Read([]byte(tt.in))
			if doc.Encoding != tt.encoding {
				t.Errorf("encoding %d, want %d", doc.Encoding, tt.encoding)
			}
			if got := doc.Root.Text(); got != tt.want {
				t.Errorf("text %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTextOfNode(t *testing.T) {
	tests := []struct{ in, want string }{
		{"<a>x</a>", "x"},
		{"<a/>", ""},
		{"<a> x&amp;y&#230; </a>", " x&yæ "},
		{"<a>x<![CDATA[<y>&amp;]]>z</a>", "x<y>&amp;z"},
		{"<a>x<!-- no -->y<?no no?>z</a>", "xyz"},
		{"<a>x\r\ny\rz</a>", "x\ny\nz"},
		{"<a>x<b>not this</b>y</a>", "xy"},
	}
	for _, tt := range tests {
		doc, fs := Read([]byte(tt.in))
		if len(fs) > 0 {
			t.Errorf("%s: %s", tt.in, ids(fs))
		}
		if got := doc.Root.Text(); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

// Only where the file was cut is an element without its end.
func TestClosed(t *testing.T) {
	for in, want := range map[string]bool{
		"<a><b/></a>": true, "<a><b></b>": true, "<a><b>x</b>": true, "<a><b/>": true, "<a><b>": false, "<a><b>x": false, "<a><b>x/>": false, "<a><b>x</b": false,
	} {
		doc, _ := Read([]byte(in))
		if got := doc.Root.Child("b").Closed(); got != want {
			t.Errorf("%s: %v, want %v", in, got, want)
		}
		if doc.Root.Closed() != doc.Whole() || doc.Root.Child("c").Closed() {
			t.Errorf("%s: the root, or nothing, is wrongly closed", in)
		}
	}
}

func TestNamespaces(t *testing.T) {
	doc, fs := Read([]byte(`<a xmlns="one" xmlns:p="two"><p:b><c/></p:b><d xmlns="three"><e/></d><f xmlns=""/></a>`))
	if len(fs) > 0 {
		t.Fatal(ids(fs))
	}
	got := map[string]string{}
	var walk func(n *Node)
	walk = func(n *Node) {
		got[n.Local] = n.Space
		for c := range n.Elements() {
			walk(c)
		}
	}
	walk(doc.Root)
	for local, want := range map[string]string{"a": "one", "b": "two", "c": "one", "d": "three", "e": "three", "f": ""} {
		if got[local] != want {
			t.Errorf("%s is in namespace %q, want %q", local, got[local], want)
		}
	}
	if doc.Root.Child("f") != nil {
		t.Error("Child found an element of another namespace")
	}
}

func TestPathsNumberOnlyWhatRepeats(t *testing.T) {
	doc, _ := Read([]byte("<Emessage><Envelope/><Letter/>\n<Letter><Text01><Jensen><Bold/></Jensen></Text01></Letter></Emessage>"))
	var paths []string
	var walk func(n *Node)
	walk = func(n *Node) {
		paths = append(paths, n.Path())
		for c := range n.Elements() {
			walk(c)
		}
	}
	walk(doc.Root)
	want := "/Emessage /Emessage/Envelope /Emessage/Letter[1] /Emessage/Letter[2] /Emessage/Letter[2]/Text01" +
		" /Emessage/Letter[2]/Text01/* /Emessage/Letter[2]/Text01/*/Bold"
	if got := strings.Join(paths, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A hundred megabytes in one element must neither be copied nor slow.
func TestLongTextIsNotCopied(t *testing.T) {
	data := append([]byte("<a>"), bytes.Repeat([]byte("x"), 20<<20)...)
	allocs := testing.AllocsPerRun(1, func() {
		if _, fs := Read(data); ids(fs) != fmt.Sprintf("XML-TAG-01@1:%d", len(data)+1) {
			t.Error(ids(fs))
		}
	})
	if allocs > 40 {
		t.Errorf("%v allocations", allocs)
	}
	if raw, ok := mustRead(t, "<a>"+strings.Repeat("y", 1000)+"</a>").Root.Raw(); !ok || len(raw) != 1000 {
		t.Error("Raw does not give the bytes")
	}
}

// Ten million elements would cost gigabytes; reading stops long before.
func TestManyElementsAreRefused(t *testing.T) {
	data := append([]byte("<a>"), bytes.Repeat([]byte("<b/>"), 2*MaxNodes)...)
	if _, fs := Read(data); len(fs) != 1 || fs[0].Rule != "XML-LIMIT-02" {
		t.Error(ids(fs))
	}
}

// Namespace declarations piled up would make every name slow to look up.
func TestManyNamespacesAreRefused(t *testing.T) {
	var b strings.Builder
	for i := range maxBindings + 10 {
		if i%50 == 0 {
			b.WriteString("<a ")
		}
		fmt.Fprintf(&b, "xmlns:p%d='u' ", i)
		if i%50 == 49 {
			b.WriteString(">")
		}
	}
	b.WriteString(">")
	if _, fs := Read([]byte(b.String())); len(fs) != 1 || fs[0].Rule != "XML-LIMIT-02" {
		t.Error(ids(fs))
	}
}

func TestEntityBombIsNotExpanded(t *testing.T) {
	bomb := `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]><lolz>&b;</lolz>`
	doc, fs := Read([]byte(bomb))
	if ids(fs) != "XML-DTD-01@1:22" || doc.Root != nil {
		t.Errorf("got %s", ids(fs))
	}
}

func mustRead(t *testing.T, s string) *Document {
	t.Helper()
	doc, fs := Read([]byte(s))
	if brevdue.HasErrors(fs) {
		t.Fatal(ids(fs))
	}
	return doc
}

// FuzzRead holds the reader against the standard library's: whatever we accept
// as well formed, encoding/xml accepts too, and the text is the same.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		`<a/>`, `<a b="c">d&amp;e<!--f--><![CDATA[g]]><?h i?></a>`, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xe6</a>",
		"\xef\xbb\xbf<a/>", "<a", "<a><b></a>", "<!DOCTYPE a><a/>", "<a xmlns:p='u'><p:b p:c=''/></a>", "<a>&#x41;\r\n</a>",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, fs := Read(data)
		if got := doc.Write(); !bytes.Equal(got, data) {
			t.Fatalf("written back as %q", got)
		}
		for _, x := range fs {
			if x.Pos.Line < 1 || x.Pos.Column < 1 || x.Pos.Offset > len(data) || strings.Contains(x.Text, "%!") {
				t.Fatalf("bad finding %+v", x)
			}
		}
		if brevdue.HasErrors(fs) || doc.bom() > 0 {
			return
		}
		var want strings.Builder
		d := xml.NewDecoder(bytes.NewReader(data))
		d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) {
			b, err := io.ReadAll(r)
			if doc.Encoding != UTF8 {
				b = []byte(doc.characters(b, false))
			}
			return bytes.NewReader(b), err
		}
		for {
			tok, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("accepted here, refused by encoding/xml: %v", err)
			}
			if c, ok := tok.(xml.CharData); ok && d.InputOffset() > 0 {
				want.Write(c)
			}
		}
		if got := allText(doc); got != strings.TrimSpace(want.String()) {
			t.Fatalf("text %q, encoding/xml has %q", got, want.String())
		}
	})
}

// allText returns all character data of the document.
func allText(d *Document) string {
	var b strings.Builder
	var walk func(n *Node)
	walk = func(n *Node) {
		b.WriteString(n.value())
		for c := range n.All() {
			walk(c)
		}
	}
	for n := d.first; n != nil; n = n.next {
		walk(n)
	}
	return strings.TrimSpace(b.String())
}

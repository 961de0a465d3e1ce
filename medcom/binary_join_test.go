package medcom

import (
	"slices"
	"testing"

	"brevdue"
)

// Letter and files find each other in any order, by identifier alone, and never
// across citizens.
func TestJoin(t *testing.T) {
	const torre, other = brevdue.CPR("0104909989"), brevdue.CPR("0107729995")
	const second = "1f1e2d3c4b5a69788796a5b4c3d2e1f0"
	n := int64(len(nasty))
	reference := func(id, extension string, size int64) brevdue.Attachment {
		return brevdue.Attachment{Kind: brevdue.BinaryAttachment, Description: "Røntgensvar", ObjectID: id, ObjectCode: "vektor_grafik", Extension: extension, Size: size}
	}
	as := func(as ...brevdue.Attachment) []brevdue.Attachment { return as }
	message := func(cpr brevdue.CPR, id, data string) BinaryLetter {
		return BinaryLetter{Patient: brevdue.Patient{CPR: cpr}, System: cpr == "", Objects: []Object{{ObjectID: id, Code: "vektor_grafik", Extension: "pdf", Size: int64(len(data)), Data: []byte(data)}}}
	}
	right := message(torre, "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0", nasty)
	tests := []struct {
		name        string
		attachments []brevdue.Attachment
		messages    []BinaryLetter
		want        []string // rule and place
		data        string   // of the first attachment
	}{
		{"as they should", as(reference(uuid, "pdf", n)), []BinaryLetter{right}, nil, nasty},
		{"hyphens and case mean nothing", as(reference("0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0", "pdf", n)), []BinaryLetter{message(torre, uuid, nasty)}, nil, nasty},
		{"the file counts", as(reference(uuid, "jpeg", 7)), []BinaryLetter{right}, []string{"BIN-JOIN-03 letters[0].attachments[0]", "BIN-JOIN-04 letters[0].attachments[0]"}, nasty},
		{"not here yet", as(reference(uuid, "pdf", n)), nil, []string{"BIN-JOIN-01 letters[0].attachments[0]"}, ""},
		{"another file is here", as(reference(uuid, "pdf", n)), []BinaryLetter{message(torre, second, "x")}, []string{"BIN-JOIN-01 letters[0].attachments[0]", "BIN-JOIN-05 messages[0].objects[0]"}, ""},
		{"two messages in the other order", as(reference(uuid, "pdf", n), reference(second, "pdf", 1)), []BinaryLetter{message(torre, second, "x"), right}, nil, nasty},
		{"two references to one file", as(reference(uuid, "pdf", n), reference(uuid, "pdf", n)), []BinaryLetter{right}, nil, nasty},
		{"sent again", as(reference(uuid, "pdf", n)), []BinaryLetter{right, right}, nil, nasty},
		{"two files under one identifier", as(reference(uuid, "pdf", n)), []BinaryLetter{right, message(torre, uuid, "x")}, []string{"BIN-JOIN-07 letters[0].attachments[0]"}, nasty},
		{"about another citizen", as(reference(uuid, "pdf", n)), []BinaryLetter{message(other, uuid, nasty)}, []string{"BIN-JOIN-06 letters[0].attachments[0]"}, ""},
		{"about another citizen and about the right one", as(reference(uuid, "pdf", n)), []BinaryLetter{message(other, uuid, "x"), right}, nil, nasty},
		{"system mail is about nobody", as(reference(uuid, "pdf", n)), []BinaryLetter{message("", uuid, nasty)}, nil, nasty},
		{"a link is not a file", as(brevdue.Attachment{Kind: brevdue.LinkAttachment, URL: "https://x.dk"}), []BinaryLetter{right}, []string{"BIN-JOIN-05 messages[0].objects[0]"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := &brevdue.Letter{Patient: brevdue.Patient{CPR: torre}, Attachments: tt.attachments}
			var got []string
			for _, f := range Join([]*brevdue.Letter{l}, tt.messages) {
				got = append(got, f.Rule+" "+f.Pos.Path)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			a := l.Attachments[0]
			if string(a.Data) != tt.data {
				t.Errorf("the file is %q", a.Data)
			}
			if tt.data != "" && (a.Extension != "pdf" || a.Size != n) {
				t.Errorf("%s of %d bytes", a.Extension, a.Size)
			}
		})
	}
}

// A citizen may have the replacement number in one message and both numbers in
// the other.
func TestSameCitizen(t *testing.T) {
	cpr := brevdue.Patient{CPR: "0104909989"}
	replacement := brevdue.Patient{Replacements: []brevdue.ReplacementID{{Value: "010490ABC1"}}}
	both := brevdue.Patient{CPR: "0104909989", Replacements: replacement.Replacements}
	for _, tt := range []struct {
		name string
		a, b brevdue.Patient
		want bool
	}{
		{"same", cpr, cpr, true}, {"one of two", replacement, both, true}, {"neither", cpr, replacement, false}, {"nobody", cpr, brevdue.Patient{}, true},
	} {
		if SameCitizen(tt.a, tt.b) != tt.want || SameCitizen(tt.b, tt.a) != tt.want {
			t.Errorf("%s: want %v", tt.name, tt.want)
		}
	}
}

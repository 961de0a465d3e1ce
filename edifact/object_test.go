package edifact

import (
	"fmt"
	"strings"
	"testing"
)

// object is an interchange with one file whose UNO states a size and whose UNP
// another.
func object(stated string, raw, unp string) string {
	return fmt.Sprintf("UNB+UNOC:3+1:14+2:14+261105:0931+K1'UNH+B1+MEDBIN:D:93A:UN:B0131X+BIN01'UNO+1+AID:0+OBJ:TXT:TXT:91+%s:14:1:A'%s%sUNT+4+B1'UNZ+1+K1'", stated, raw, unp)
}

// Where the stated length of a file is wrong, the file ends at the UNP that fits,
// and nothing of it is read as segments.
func TestObjectLength(t *testing.T) {
	const file = "UNT+1'\r\nUNP+3+1'\x00?" // 18 bytes that look like segments
	for _, tt := range []struct {
		name, stated, raw, unp string
		rule, data             string
	}{
		{"right", "18", file, "UNP+18+1'", "", file},
		{"with zeros", "0018", file, "UNP+18+1'", "", file},
		{"blank before UNP", "18", file, "\r\nUNP+18+1'", "", file},
		{"too small", "3", "abcdef", "UNP+6+1'", "EDI-UNO-02", "abcdef"},
		{"too small, and the same in UNP", "3", "abcdef", "UNP+3+1'", "EDI-UNO-02", "abcdef"},
		{"too large", "9", "abcdef", "UNP+6+1'", "EDI-UNO-02", "abcdef"},
		{"beyond the end", "99999", "abcdef", "UNP+6+1'", "EDI-UNO-02", "abcdef"},
		{"no number", "six", "abcdef", "UNP+6+1'", "EDI-UNO-02", "abcdef"},
		{"negative", "-6", "abcdef", "UNP+6+1'", "EDI-UNO-02", "abcdef"},
		{"more than a number can be", strings.Repeat("9", 30), "abcdef", "UNP+6+1'", "EDI-UNO-02", "abcdef"},
		{"missing", "", "abcdef", "UNP+6+1'", "EDI-UNO-02", "abcdef"},
		{"wrong, and a UNP of another file inside", "4", "abUNP+9+7'cd", "UNP+11+1'", "EDI-UNO-02", "abUNP+9+7'cd"},
		{"nothing that fits", "99999", "abcdef", "", "EDI-UNO-01", ""},
		{"right without UNP", "6", "abcdef", "", "", "abcdef"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := object(tt.stated, tt.raw, tt.unp)
			ic, fs := Read([]byte(in))
			var found []string
			for _, f := range fs {
				found = append(found, f.Rule)
			}
			if got := strings.Join(found, " "); !strings.Contains(got+" ", tt.rule) || tt.rule == "" && strings.Contains(got, "EDI-UNO") {
				t.Errorf("found %s, want %s", got, tt.rule)
			}
			uno := ic.Segments()[2]
			if string(uno.Data()) != tt.data {
				t.Errorf("the file is %q", uno.Data())
			}
			if tt.rule == "EDI-UNO-02" {
				for _, f := range fs {
					if f.Rule == tt.rule && !strings.Contains(f.TextEN, fmt.Sprint(len(tt.data))) {
						t.Errorf("%s does not say how long it is", f.TextEN)
					}
				}
			}
			if string(ic.Write()) != in {
				t.Error("not written back byte for byte")
			}
		})
	}
}

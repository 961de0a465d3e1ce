package medcom

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"brevdue"
	"brevdue/internal/testletters"
)

// Cut anywhere, an attachment message never panics and never seems whole.
func TestBinaryCut(t *testing.T) {
	for _, to := range []brevdue.Kind{brevdue.BIN01, brevdue.XBIN01} {
		data := encodeBinary(t, binary(), to)
		for n := range len(data) - 1 {
			if to == brevdue.BIN01 && n == len(data)-1 {
				continue
			}
			m, fs := ReadBinary(data[:n])
			if !brevdue.HasErrors(fs) {
				t.Fatalf("%s cut at %d seems whole: %+v", to, n, m)
			}
		}
	}
}

// fuzzBinary seeds with the corpus and reads anything: nothing panics, findings
// point into the bytes, and what is accepted can be written and says the same.
func fuzzBinary(f *testing.F, format brevdue.Format, prefix string) {
	for _, c := range testletters.All() {
		if c.Format == format && strings.HasPrefix(c.Name, prefix) {
			f.Add(c.Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, fs := ReadBinary(data)
		for _, x := range fs {
			if x.Pos.Line < 1 || x.Pos.Column < 1 || x.Pos.Offset < 0 || x.Pos.Offset > len(data) || strings.Contains(x.Text+x.TextEN, "%!") {
				t.Fatalf("bad finding %+v", x)
			}
		}
		if brevdue.HasErrors(fs) {
			return
		}
		if len(m.Letters) == 0 || len(m.Letters[0].Objects) == 0 {
			t.Fatal("no file and no error")
		}
		for _, to := range []brevdue.Kind{brevdue.BIN01, brevdue.XBIN01} {
			out, written := EncodeBinary(m, to)
			if out == nil {
				if !brevdue.HasErrors(written) {
					t.Fatal("not written and not said why")
				}
				continue // the other format is stricter
			}
			again, fs := ReadBinary(out)
			if brevdue.HasErrors(fs) {
				t.Fatalf("what was written as %s is not accepted: %v %v\n%q", to, fs, written, out)
			}
			for i := range m.Letters {
				for j := range m.Letters[i].Objects {
					if !bytes.Equal(m.Letters[i].Objects[j].Data, again.Letters[i].Objects[j].Data) {
						t.Fatalf("%s: other bytes", to)
					}
				}
			}
		}
	})
}

func FuzzReadBIN01(f *testing.F) { fuzzBinary(f, brevdue.EDIFACT, "bin01") }

func FuzzReadXBIN01(f *testing.F) { fuzzBinary(f, brevdue.OIOXML, "xbin01") }

// large is a message with one file of so many bytes.
func large(size int) BinaryMessage {
	m := binary()
	m.Letters[0].Objects[0].Data = bytes.Repeat([]byte(nasty), size/len(nasty)+1)[:size]
	return m
}

func benchmarkRead(b *testing.B, kind brevdue.Kind, size int) {
	data := encodeBinary(b, large(size), kind)
	b.ReportAllocs()
	b.SetBytes(int64(size))
	for b.Loop() {
		if _, fs := ReadBinary(data); len(fs) > 0 {
			b.Fatal(fs)
		}
	}
}

func benchmarkEncode(b *testing.B, kind brevdue.Kind, size int) {
	m := large(size)
	b.ReportAllocs()
	b.SetBytes(int64(size))
	for b.Loop() {
		if out, _ := EncodeBinary(m, kind); out == nil {
			b.Fatal("nothing written")
		}
	}
}

// The bytes per second are those of the file, before base64.
func BenchmarkReadBIN01_1MB(b *testing.B)     { benchmarkRead(b, brevdue.BIN01, 1<<20) }
func BenchmarkReadBIN01_50MB(b *testing.B)    { benchmarkRead(b, brevdue.BIN01, 50<<20) }
func BenchmarkReadXBIN01_1MB(b *testing.B)    { benchmarkRead(b, brevdue.XBIN01, 1<<20) }
func BenchmarkReadXBIN01_50MB(b *testing.B)   { benchmarkRead(b, brevdue.XBIN01, 50<<20) }
func BenchmarkEncodeBIN01_1MB(b *testing.B)   { benchmarkEncode(b, brevdue.BIN01, 1<<20) }
func BenchmarkEncodeBIN01_50MB(b *testing.B)  { benchmarkEncode(b, brevdue.BIN01, 50<<20) }
func BenchmarkEncodeXBIN01_1MB(b *testing.B)  { benchmarkEncode(b, brevdue.XBIN01, 1<<20) }
func BenchmarkEncodeXBIN01_50MB(b *testing.B) { benchmarkEncode(b, brevdue.XBIN01, 50<<20) }

// Memory stays in proportion: a file of a BIN01 is not copied, one of an XBIN01 is
// decoded into exactly one piece, and what is written grows in one piece as well.
func TestBinaryMemory(t *testing.T) {
	const size = 4 << 20
	m := large(size)
	edi, xml := encodeBinary(t, m, brevdue.BIN01), encodeBinary(t, m, brevdue.XBIN01)
	windows := bytes.ReplaceAll(xml, []byte("\n"), []byte("\r\n"))
	for _, tt := range []struct {
		name string
		most float64 // bytes allocated for one byte of the file
		run  func()
	}{
		{"read BIN01", 0.25, func() { ReadBinary(edi) }},
		{"read XBIN01", 1.1, func() { ReadBinary(xml) }},
		{"read XBIN01 in lines of Windows", 1.1, func() { ReadBinary(windows) }},
		{"write BIN01", 1.1, func() { EncodeBinary(m, brevdue.BIN01) }},
		{"write XBIN01", 1.45, func() { EncodeBinary(m, brevdue.XBIN01) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			tt.run()
			runtime.ReadMemStats(&after)
			if per := float64(after.TotalAlloc-before.TotalAlloc) / size; per > tt.most {
				t.Errorf("%.2f bytes for each byte of the file, want at most %.2f", per, tt.most)
			}
		})
	}
	read, _ := ReadBinary(edi)
	if o := read.Letters[0].Objects[0]; &o.Data[0] != &edi[bytes.Index(edi, []byte(nasty))] {
		t.Error("the file of a BIN01 was copied")
	}
}

// TestBinaryCorpus reads every attachment message of the corpus and compares what
// was made of it with the .want file beside it. What is accepted survives both
// formats with its bytes.
func TestBinaryCorpus(t *testing.T) {
	for _, c := range append(testletters.Cases(t, brevdue.EDIFACT, "bin01", 35), testletters.Cases(t, brevdue.OIOXML, "xbin01", 35)...) {
		t.Run(c.Name, func(t *testing.T) {
			m, fs := ReadBinary(c.Data)
			var files []string
			for _, l := range m.Letters {
				for _, o := range l.Objects {
					files = append(files, fmt.Sprintf("%d bytes, SHA-256 %x", len(o.Data), sha256.Sum256(o.Data)))
				}
			}
			c.Judge(t, testletters.Report(t, fs, fmt.Sprintf("%s %s %s", m.Format, m.Kind, m.Version), m.Envelope, m.Letters, strings.Join(files, "\n")), *update)
			if c.Format == brevdue.OIOXML {
				agreesWithSchema(t, c, fs)
			}
			if brevdue.HasErrors(fs) {
				return
			}
			for _, to := range []brevdue.Kind{brevdue.BIN01, brevdue.XBIN01} {
				data, written := EncodeBinary(m, to)
				if data == nil {
					if to == brevdue.XBIN01 && slices.ContainsFunc(fs, func(f brevdue.Finding) bool { return f.Rule == "BIN-ID-02" }) {
						continue // the 2012 Emessage has room for UUIDs only
					}
					t.Fatalf("accepted but cannot be written as %s: %v", to, written)
				}
				again, fs := ReadBinary(data)
				if brevdue.HasErrors(fs) {
					t.Fatalf("what was written is not accepted: %v", fs)
				}
				if diff := cmp.Diff(sense(m), sense(again), ignorePlaces, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s: %s", to, diff)
				}
			}
		})
	}
}

// agreesWithSchema asks MedCom's schema about an XBIN01. It knows nothing about
// what is inside base64 and in which size it is stated.
func agreesWithSchema(t *testing.T, c testletters.Case, fs []brevdue.Finding) {
	t.Helper()
	schema := "2012/03/28/EMessage.xsd"
	if bytes.Contains(c.Data, []byte("/2005/08/07/")) {
		schema = "2005/08/07/EMessage.xsd"
	}
	complaint, asked := testletters.Validate(t, schema, c.Data)
	if !asked || c.Name == "xbin01_size_huge" { // the schema lets any number pass
		return
	}
	ours := slices.ContainsFunc(fs, func(f brevdue.Finding) bool {
		return f.Severity == brevdue.SeverityError && !strings.HasPrefix(f.Rule, "BIN-DATA-") && !strings.HasPrefix(f.Rule, "BIN-SIZE-") && f.Rule != "BIN-ID-01"
	})
	if ours != (complaint != "") {
		t.Errorf("the schema says %q, we say %v", complaint, fs)
	}
}

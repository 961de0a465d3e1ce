package convert

import (
	"fmt"
	"strings"
	"testing"

	"brevdue"
	"brevdue/edifact"
	"brevdue/medcom"
	"brevdue/oioxml"
	"brevdue/receipt"
	"brevdue/vans"
)

// longest is the most text a DIS91 can hold, in characters.
const longest = 31150

// letterOf is a letter with every kind of field and so many characters of text.
func letterOf(b *testing.B, characters int) medcom.Message {
	b.Helper()
	m, _ := medcom.Read(read(b, "oioxml/xdis91_full.xml"))
	const sentence = "Borgeren er udskrevet i dag og har brug for sårpleje på venstre hæl hver anden dag; "
	var texts []brevdue.Text
	for characters > 0 {
		n := min(characters, 3000)
		text := strings.Repeat(sentence, n/len(sentence)+1)
		var lines []string
		for len(text) > 60 {
			cut := strings.LastIndexByte(text[:60], ' ') + 1
			lines = append(lines, text[:cut])
			text = text[cut:]
		}
		texts = append(texts, brevdue.PlainText(strings.Join(lines[:min(len(lines), 44)], "\n")))
		characters -= n
	}
	if len(texts) > 0 {
		m.Letters[0].Segments = []brevdue.Segment{{Texts: texts}}
	}
	return m
}

// BenchmarkLetter reads, checks, writes and converts letters of about 1 kB, 10 kB
// and the longest text there can be. "read" is bytes to a tree, "check" the whole
// reading with every finding.
func BenchmarkLetter(b *testing.B) {
	for _, size := range []struct {
		name       string
		characters int
	}{{"1kB", 0}, {"10kB", 8000}, {"longest", longest * 8 / 10}} {
		m := letterOf(b, size.characters)
		if size.characters == 0 {
			m, _ = medcom.Read(read(b, "oioxml/xdis91_min.xml"))
		}
		for _, kind := range []brevdue.Kind{brevdue.DIS91, brevdue.XDIS91} {
			data, fs := medcom.Encode(m, kind)
			if data == nil {
				b.Fatal(fs)
			}
			run := func(what string, f func()) {
				b.Run(fmt.Sprintf("%s/%s/%s", kind, size.name, what), func(b *testing.B) {
					b.ReportAllocs()
					b.SetBytes(int64(len(data)))
					for b.Loop() {
						f()
					}
				})
			}
			run("read", func() {
				if kind == brevdue.DIS91 {
					edifact.Read(data)
				} else {
					oioxml.Read(data)
				}
			})
			run("check", func() {
				if _, fs := medcom.Read(data); brevdue.HasErrors(fs) {
					b.Fatal(fs)
				}
			})
			run("write", func() {
				if out, _ := medcom.Encode(m, kind); out == nil {
					b.Fatal("nothing written")
				}
			})
			to := brevdue.XDIS91
			if kind == brevdue.XDIS91 {
				to = brevdue.DIS91
			}
			run("convert", func() {
				got, _ := medcom.Read(data)
				if out, _ := medcom.Encode(got, to); out == nil {
					b.Fatal("nothing written")
				}
			})
		}
	}
}

// BenchmarkAround is what comes with letters: receipts and envelopes.
func BenchmarkAround(b *testing.B) {
	for _, name := range []string{"edifact/ctl02_letter.edi", "oioxml/xctl02_letter.xml"} {
		data := read(b, name)
		b.Run(name[strings.LastIndexByte(name, '/')+1:], func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, fs := receipt.Read(data); brevdue.HasErrors(fs) {
					b.Fatal(fs)
				}
			}
		})
	}
	data := read(b, "vans/vans_message.xml")
	b.Run("VANSEnvelope", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			if _, fs := vans.Read(data); brevdue.HasErrors(fs) {
				b.Fatal(fs)
			}
		}
	})
}

// BenchmarkWorstShapes are inputs of 1 MB made to cost memory: B/op over a million
// is how many times its size an input takes.
func BenchmarkWorstShapes(b *testing.B) {
	const size = 1 << 20
	fill := func(s string) []byte { return []byte(strings.Repeat(s, size/len(s))) }
	for name, data := range map[string][]byte{
		"EDIFACT terminators": append([]byte("UNB+UNOC:3+1:14+2:14+261105:0931+K'UNH+B+MEDDIS:D:93A:UN:D9134L+DIS91'"), fill("'")...),
		"EDIFACT components":  append([]byte("UNB+UNOC:3+1:14+2:14+261105:0931+K'UNH+B+MEDDIS:D:93A:UN:D9134L+DIS91'"), fill("FTX+:::::::::::'")...),
		"XML elements":        append([]byte(`<Emessage xmlns="`+oioxml.Namespace2006+`">`), fill("<a/>")...),
		"XML nesting":         append([]byte(`<Emessage xmlns="`+oioxml.Namespace2006+`">`), fill("<a>")...),
		"XML attributes":      append([]byte(`<Emessage xmlns="`+oioxml.Namespace2006+`"><a `), fill(`b="" `)...),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				medcom.Read(data)
			}
		})
	}
}

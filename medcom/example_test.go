package medcom_test

import (
	"fmt"
	"os"

	"brevdue"
	"brevdue/medcom"
)

func Example() {
	data, err := os.ReadFile("../internal/testletters/oioxml/xdis91_min.xml")
	if err != nil {
		fmt.Println(err)
		return
	}
	m, findings := medcom.Read(data)
	fmt.Println(medcom.Sniff(data).Label(), len(findings))
	fmt.Println(m.Letters[0].Patient.Name()+",", m.Letters[0].Patient.CPR, m.Letters[0].Text())
	edi, _ := medcom.Encode(m, brevdue.DIS91)
	fmt.Println(string(edi[:9]))
	// Output:
	// Korrespondancebrev (XDIS91 XD9134L) 0
	// Berggren, 010772-•••• Kort besked.
	// UNA:+.? '
}

// A letter and the attachment message with its file find each other by the
// identifier of the file.
func ExampleJoin() {
	read := func(name string) []byte {
		data, err := os.ReadFile("../internal/testletters/oioxml/" + name)
		if err != nil {
			fmt.Println(err)
		}
		return data
	}
	m, _ := medcom.Read(read("xdis91_full.xml"))
	files, _ := medcom.ReadBinary(read("xbin01_2012.xml"))
	letter := &m.Letters[0]
	for _, f := range medcom.Join([]*brevdue.Letter{letter}, files.Letters) {
		fmt.Println(f.Rule, f.TextEN)
	}
	a := letter.Attachments[0]
	fmt.Println(a.Description, a.Extension, len(a.Data), "bytes")
	// Output:
	// BIN-JOIN-04 The letter states 20480 bytes, the file has 52; the file counts.
	// Sårfoto jpeg 52 bytes
}

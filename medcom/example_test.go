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

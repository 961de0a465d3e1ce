package receipt_test

import (
	"fmt"
	"os"

	"brevdue"
	"brevdue/receipt"
)

// A letter that was cut short is refused by receipt, as long as its envelope and
// its parties can be read.
func Example() {
	data, err := os.ReadFile("../internal/testletters/edifact/dis91_min.edi")
	if err != nil {
		fmt.Println(err)
		return
	}
	original, ok := receipt.OriginalOf(data[:len(data)/2])
	if !ok {
		fmt.Println("cannot be answered")
		return
	}
	verdict := receipt.Verdict{Outcome: brevdue.Negative, Code: brevdue.RefuseSyntax, Text: "Filen er afkortet."}
	m := receipt.Build(original, verdict, receipt.IDs{Envelope: "K7", Letter: "B7"}, "2026-11-05T10:00")
	out, _ := receipt.Encode(m, m.Kind)
	fmt.Printf("%s", out)
	// Output:
	// UNA:+.? '
	// UNB+UNOC:3+5799990000026:14+5799990000019:14+261105:1000+K7'
	// UNH+B7+CONTRL:D:93A:ZZ:C0230Q+CTL02'
	// UCI+K2000000000001+5799990000019:14+5799990000026:14+4'
	// UCM+B2000000000001+MEDDIS:D:93A:UN:D9134L+4'
	// FTX+SYN+P00++Filen er afkortet.'
	// UNT+5+B7'
	// UNZ+1+K7'
}

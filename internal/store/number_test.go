package store_test

import (
	"fmt"
	"math"
	"testing"

	"brevdue/internal/store"
)

func ExampleFormatNumber() {
	fmt.Println(store.FormatNumber("A7K", 1))
	fmt.Println(store.FormatNumber("A7K", 36*36+35))
	// Output:
	// A7K00000000001
	// A7K0000000010Z
}

func TestFormatNumberFitsTheStandards(t *testing.T) {
	seen := map[string]bool{}
	for n := int64(1); n < 2000; n++ {
		s := store.FormatNumber("ZZ9", n)
		if len(s) != 14 || seen[s] {
			t.Fatalf("number %d is %q", n, s)
		}
		seen[s] = true
	}
	largest := int64(math.Pow(36, 11)) - 1
	if got := store.FormatNumber("000", largest); got != "000ZZZZZZZZZZZ" {
		t.Errorf("largest number is %q", got)
	}
}

func TestFormatNumberRefusesWhatWouldRepeat(t *testing.T) {
	for _, c := range []struct {
		tag string
		n   int64
	}{{"", 1}, {"ab1", 1}, {"ABCD", 1}, {"Æ1", 1}, {"ABC", 0}, {"ABC", -1}, {"ABC", math.MaxInt64}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("FormatNumber(%q, %d) gave a number", c.tag, c.n)
				}
			}()
			store.FormatNumber(c.tag, c.n)
		}()
	}
}

package gateway

import (
	"fmt"
	"regexp"
	"testing"

	"brevdue"
	"brevdue/internal/store"
)

func TestVANSIdentifiersLeadBackToTheNumber(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	const us, other = brevdue.GLN("5790000000005"), brevdue.GLN("5790000000012")
	seen := map[string]string{}
	for _, tag := range []string{"000", "A7K", "ZZZ"} {
		for _, n := range []int64{1, 35, 36, 1 << 40, 131621703842267135} { // the last is 36^11-1
			number := store.FormatNumber(tag, n)
			for _, purpose := range []string{vansEnvelope, vansMessage} {
				id := vansID(purpose, us, number)
				if !form.MatchString(id) {
					t.Errorf("%s is not a UUID of version 8", id)
				}
				if before, twice := seen[id]; twice {
					t.Errorf("%s stands for %s and %s", id, before, number)
				}
				seen[id] = purpose + " " + number
				if got, ok := vansNumber(purpose, us, id); !ok || got != number {
					t.Errorf("%s leads to %q, %v, want %s", id, got, ok, number)
				}
				if _, ok := vansNumber(purpose, other, id); ok {
					t.Errorf("%s is taken for another sender's", id)
				}
			}
		}
	}
	for _, id := range []string{"", "x", "123e4567-e89b-12d3-a456-426614174000", "00000000-0000-8000-8000-000000000000"} {
		if n, ok := vansNumber(vansEnvelope, us, id); ok {
			t.Errorf("foreign identifier %q leads to %s", id, n)
		}
	}
}

func Example_vansID() {
	id := vansID(vansEnvelope, "5790000000005", "A7K0000000002S")
	number, ok := vansNumber(vansEnvelope, "5790000000005", id)
	fmt.Println(number, ok)
	// Output: A7K0000000002S true
}

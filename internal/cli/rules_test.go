package cli

import (
	"testing"

	"brevdue"
	"brevdue/aftale"
	"brevdue/convert"
	"brevdue/internal/app"
	"brevdue/medcom"
	"brevdue/receipt"
	"brevdue/sor"
)

// TestRuleIDsAreOneEach: other programs know rules by their ids.
func TestRuleIDsAreOneEach(t *testing.T) {
	text := map[string]string{}
	for _, rules := range [][]brevdue.Rule{medcom.Rules(), receipt.Rules(), convert.Rules(), aftale.Rules(), sor.Rules(), app.Rules()} {
		for _, r := range rules {
			if old, known := text[r.ID]; known && old != r.Text {
				t.Errorf("%s means %q and %q", r.ID, old, r.Text)
			}
			text[r.ID] = r.Text
			if r.Text == "" || r.TextEN == "" || r.Ref == "" {
				t.Errorf("%s lacks a text or its reference", r.ID)
			}
		}
	}
	if len(text) < 150 {
		t.Errorf("only %d rules", len(text))
	}
}

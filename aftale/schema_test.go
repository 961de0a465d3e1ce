package aftale

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// The schema says what the loader says: both files fit it, and each field it calls
// required is one the loader misses.
func TestSchema(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	_, shipped := Shipped()
	for _, content := range [][]byte{shipped, secondRegion(t)} {
		var doc any
		if err := yaml.Unmarshal(content, &doc); err != nil {
			t.Fatal(err)
		}
		if faults := fits(schema, doc, "$"); len(faults) > 0 {
			t.Errorf("the schema refuses an agreement the loader takes: %v", faults)
		}
	}
	for was, is := range map[string]string{
		"slags: hospital":                "slags: sygehus",
		"fra: \"9:00\"":                  "fra: kl. 9",
		"hver_vagt: ja":                  "hver_vagt: altid",
		"navn: Fiktivland":               "by: Fiktivland",
		"nr: 1":                          "nr: et",
		"dage: hverdage":                 "dage: søndag",
		"modtager: klinik":               "modtager: klinikken",
		"gyldig_fra: \"2027-01-01\"":     "gyldig_fra: 1. januar",
		"    kategori: Hjem\n":           "",
		"[almen praksis, almen praksis]": "[almen praksis, lægen]",
	} {
		broken := []byte(strings.Replace(string(secondRegion(t)), was, is, 1))
		var doc any
		if err := yaml.Unmarshal(broken, &doc); err != nil {
			t.Fatal(err)
		}
		a, _ := Load(broken)
		if faults := fits(schema, doc, "$"); len(faults) == 0 || a != nil {
			t.Errorf("%q for %q: schema %v, loader took it: %t", is, was, faults, a != nil)
		}
	}
}

// fits holds a document against the few words of JSON Schema that Schema uses.
func fits(s map[string]any, v any, at string) (faults []string) {
	say := func(format string, args ...any) { faults = append(faults, at+": "+fmt.Sprintf(format, args...)) }
	if enum, ok := s["enum"].([]any); ok {
		if !slices.Contains(enum, v) {
			say("%v is none of %v", v, enum)
		}
		return faults
	}
	kind := "string"
	switch v.(type) {
	case map[string]any:
		kind = "object"
	case []any:
		kind = "array"
	case uint64, int64, int:
		kind = "integer"
	}
	switch want := s["type"].(type) {
	case string:
		if want != kind {
			say("%s, want %s", kind, want)
			return faults
		}
	case []any:
		if !slices.Contains(want, any(kind)) {
			say("%s, want %v", kind, want)
			return faults
		}
	default:
		say("the schema says no type: %v", s)
	}
	if p, ok := s["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(v.(string)) {
		say("%v does not match %s", v, p)
	}
	switch v := v.(type) {
	case map[string]any:
		properties := s["properties"].(map[string]any)
		for name, inner := range v {
			p, ok := properties[name].(map[string]any)
			if !ok {
				say("unknown field %s", name)
				continue
			}
			faults = append(faults, fits(p, inner, at+"."+name)...)
		}
		if need, ok := s["required"].([]any); ok {
			for _, name := range need {
				if _, ok := v[name.(string)]; !ok {
					say("%v is missing", name)
				}
			}
		}
	case []any:
		for i, inner := range v {
			faults = append(faults, fits(s["items"].(map[string]any), inner, fmt.Sprintf("%s[%d]", at, i))...)
		}
	}
	return faults
}

// docs/aftale.md explains every field to those who write the file, and every value.
func TestEveryFieldIsExplained(t *testing.T) {
	page, err := os.ReadFile("../docs/aftale.md")
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	var walk func(v any)
	names := 0
	want := func(word string) {
		names++
		if !strings.Contains(string(page), "`"+word) && !strings.Contains(string(page), word+":") && !strings.Contains(string(page), ": "+word+"`") {
			t.Errorf("docs/aftale.md does not explain %q", word)
		}
	}
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if properties, ok := v["properties"].(map[string]any); ok {
				for name := range properties {
					want(name)
				}
			}
			if enum, ok := v["enum"].([]any); ok {
				for _, word := range enum {
					want(word.(string))
				}
			}
			for _, inner := range v {
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(schema)
	if names < 90 {
		t.Errorf("only %d fields and values were looked at", names)
	}
}

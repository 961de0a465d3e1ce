package text

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// Both languages have every key, and a text takes the same values in both.
func TestCatalogueIsWhole(t *testing.T) {
	words, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	da, en := words["da"], words["en"]
	if len(da.of) != len(en.of) || len(da.of) < 100 {
		t.Errorf("%d Danish and %d English texts", len(da.of), len(en.of))
	}
	verbs := regexp.MustCompile(`%[a-z]`)
	for key, s := range da.of {
		e, ok := en.of[key]
		if !ok {
			t.Errorf("%s has no English text", key)
		}
		if a, b := fmt.Sprint(verbs.FindAllString(s, -1)), fmt.Sprint(verbs.FindAllString(e, -1)); a != b {
			t.Errorf("%s takes %s in Danish and %s in English", key, a, b)
		}
		if one, is := strings.CutSuffix(key, ".1"); is && !da.Has(one+".n") {
			t.Errorf("%s has no plural", key)
		}
	}
}

func TestFaultsInACatalogueAreNamed(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"a\n\tda x\n", `line 1: a has no text in "en"`},
		{"a\n\tda x\n\ten y\na\n\tda x\n\ten y\n", "line 4: a is there twice"},
		{"a\n\tda x\n\tda y\n\ten z\n", `line 3: a has two texts in "da"`},
		{"a\n\tsv x\n", "line 2: want a key"},
		{"\tda x\n", "line 1: want a key"},
	} {
		if _, err := read(c.src); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.src, err, c.want)
		}
	}
}

func ExampleWords_N() {
	words, err := Load()
	if err != nil {
		panic(err)
	}
	fmt.Println(words["da"].N("inbox.letters", 1))
	fmt.Println(words["en"].N("inbox.letters", 3))
	fmt.Println(words["da"].T("not.there"))
	// Output:
	// 1 brev
	// 3 letters
	// ⟦not.there⟧
}

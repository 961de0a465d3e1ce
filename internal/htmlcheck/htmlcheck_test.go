package htmlcheck_test

import (
	"fmt"
	"strings"
	"testing"

	"brevdue/internal/htmlcheck"
)

const good = `<!doctype html>
<html lang="da"><head><title>Side</title><meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/a.css"></head>
<body><a href="#indhold">Gå til indhold</a><main id="indhold"><h1>Et</h1><h2>To</h2>
<form method="post" action="/svar"><input type="hidden" name="token" value="abc">
<label for="a">Navn</label><input id="a" name="a" type="text" value="x &amp; y">
<label>Tekst <textarea name="t">
linje 1
linje 2</textarea></label>
<label for="s">Valg</label><select id="s" name="s"><option value="1">En</option><option value="2" selected>To</option></select>
<label><input type="radio" name="r" value="ja"> Ja</label><button type="submit" name="gem" value="1">Gem</button></form></main></body></html>`

func TestGoodPageHasNoProblems(t *testing.T) {
	if p := htmlcheck.Check(good); len(p) > 0 {
		t.Errorf("problems: %s", strings.Join(p, "; "))
	}
}

// Each fault is planted in the good page; the problem must be named.
func TestPlantedFaultsAreFound(t *testing.T) {
	faults := []struct{ name, from, to, want string }{
		{"lang", ` lang="da"`, ``, "no lang"},
		{"title", `<title>Side</title>`, ``, "no title"},
		{"label", `<label for="a">Navn</label>`, ``, `field "a" has no label`},
		{"label target", `<label for="a">`, `<label for="b">`, `points to "b"`},
		{"two h1", `<h2>To</h2>`, `<h1>To</h1>`, "2 <h1>"},
		{"heading jump", `<h2>To</h2>`, `<h3>To</h3>`, "follows a heading of level 1"},
		{"duplicate id", `id="a"`, `id="s"`, `id "s" is used twice`},
		{"inline style", `<h2>`, `<h2 style="color:red">`, "attribute style"},
		{"inline handler", `<h2>`, `<h2 onclick="x()">`, "attribute onclick"},
		{"inline script", `<h2>`, `<script>x()</script><h2>`, "inline <script>"},
		{"foreign script", `<h2>`, `<script src="https://x.example/a.js"></script><h2>`, "not from this server"},
		{"dead link", `<h2>`, `<a href="#">Her</a><h2>`, "leads nowhere"},
		{"empty link", `<h2>`, `<a href="/x"></a><h2>`, "has no text"},
		{"no method", ` method="post"`, ``, "no method"},
		{"dead form", `<button type="submit" name="gem" value="1">Gem</button>`, ``, "cannot be sent"},
		{"nesting", `</h2>`, `</h1>`, "closes <h2>"},
		{"unclosed", `</main>`, ``, "closes <main>"},
		{"unquoted", `id="a"`, `id=a`, "not quoted"},
		{"image", `<h2>`, `<img src="/x.svg"><h2>`, "no alt"},
		{"table", `<h2>`, `<table><tr><td>1</td></tr></table><h2>`, "no headings"},
		{"skip link", `<a href="#indhold">Gå til indhold</a>`, ``, "skip"},
		{"main", `<main id="indhold">`, `<main id="indhold"><main id="x"></main>`, "2 <main>"},
	}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			page := strings.Replace(good, f.from, f.to, 1)
			if page == good {
				t.Fatalf("the fault was not planted")
			}
			got := strings.Join(htmlcheck.Check(page), "; ")
			if !strings.Contains(got, f.want) {
				t.Errorf("got %q, want %q in it", got, f.want)
			}
		})
	}
}

func TestFormSendsWhatABrowserWould(t *testing.T) {
	root, err := htmlcheck.Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	f := root.Form("/svar")
	if f == nil {
		t.Fatal("no form")
	}
	if got, want := f.Values.Encode(), "a=x+%26+y&s=2&t=linje+1%0Alinje+2&token=abc"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !f.Set("r", "ja") || f.Set("r", "nej") || f.Set("token", "other") || f.Set("s", "3") || !f.Press("gem", "1") || f.Press("slet", "1") {
		t.Error("a form must be fillable exactly as a person could")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(good)
	f.Add("<")
	f.Add("<a b='")
	f.Fuzz(func(t *testing.T, page string) { htmlcheck.Check(page) })
}

func ExampleCheck() {
	for _, problem := range htmlcheck.Check(`<html lang="da"><main><h1>Brev</h1></main></html>`) {
		fmt.Println(problem)
	}
	// Output:
	// there is no title
	// there is no viewport
}

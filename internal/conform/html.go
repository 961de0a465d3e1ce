package conform

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed report.html
var page string

// HTML writes the report as one page that needs nothing beside it: no scripts, no
// fonts, no network. lang is "da" or "en".
func (r Report) HTML(w io.Writer, title, lang string) error {
	words := func(da, en string) string {
		if lang == "en" {
			return en
		}
		return da
	}
	verdicts := map[Verdict]string{Passed: words("bestået", "passed"), Remark: words("bemærkning", "remark"), Failed: words("fejl", "failed")}
	questions := map[string]string{}
	for _, q := range Questions() {
		questions[q.Check] = words(q.Text, q.TextEN)
	}
	t, err := template.New("report").Funcs(template.FuncMap{
		"w": words, "verdict": func(v Verdict) string { return verdicts[v] }, "check": func(c string) string { return questions[c] },
		"say": func(a Answer) string { return words(a.Text, a.TextEN) }, "rule": func(x Rule) string { return words(x.Text, x.TextEN) },
	}).Parse(page)
	if err != nil {
		return err
	}
	return t.Execute(w, struct {
		Report
		Title, Lang string
	}{r, title, lang})
}

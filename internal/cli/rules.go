package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"brevdue"
	"brevdue/aftale"
	"brevdue/convert"
	"brevdue/internal/app"
	"brevdue/message"
	"brevdue/sor"
)

// RulesCmd prints every validation rule.
type RulesCmd struct {
	JSON bool `name:"json" help:"A JSON array of {id, severity, text, text_en, ref}."`
	Language
}

// Help is the example of the command.
func (RulesCmd) Help() string {
	return "Example:\n\n    brevdue rules | grep XML-VALUE\n    brevdue rules --json | jq '.[].id'"
}

// verb is a place in a rule's text where the finding says something of its own.
var verb = regexp.MustCompile(`%(\[[0-9]+\])?[0-9]*[a-zA-Z]`)

// allRules returns every rule of the library, sorted by id, with "…" where a
// finding fills something in.
func allRules() []brevdue.Rule {
	rules := slices.Concat(message.Rules(), convert.Rules(), aftale.Rules(), sor.Rules(), app.Rules(), []brevdue.Rule{ruleUnreadable})
	for i := range rules {
		rules[i].Text = verb.ReplaceAllString(rules[i].Text, "…")
		rules[i].TextEN = verb.ReplaceAllString(rules[i].TextEN, "…")
	}
	slices.SortFunc(rules, func(a, b brevdue.Rule) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(rules, func(a, b brevdue.Rule) bool { return a.ID == b.ID })
}

// Run prints the rules.
func (c RulesCmd) Run(s *Streams) error {
	if c.JSON {
		e := json.NewEncoder(s.Out)
		e.SetEscapeHTML(false)
		e.SetIndent("", " ")
		return e.Encode(allRules())
	}
	for _, r := range allRules() {
		fmt.Fprintf(s.Out, "%-18s %-9s %s  [%s]\n", r.ID, c.severity(r.Severity), c.say(r.Text, r.TextEN), r.Ref)
	}
	return nil
}

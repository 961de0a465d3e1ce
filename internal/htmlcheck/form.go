package htmlcheck

import (
	"net/url"
	"strings"
)

// Form is a form as a browser without JavaScript sees it: where it goes and what
// stands in its fields.
type Form struct {
	Action string
	Method string // "GET" or "POST"
	Values url.Values
	node   *Node
}

// Form returns the form whose action ends in suffix, with its fields as the page
// has filled them; nil when there is none.
func (n *Node) Form(suffix string) *Form {
	for _, f := range n.All("form") {
		if strings.HasSuffix(f.Attr["action"], suffix) {
			return read(f)
		}
	}
	return nil
}

func read(f *Node) *Form {
	out := &Form{Action: f.Attr["action"], Method: strings.ToUpper(f.Attr["method"]), Values: url.Values{}, node: f}
	f.Walk(func(n *Node) {
		name := n.Attr["name"]
		if _, off := n.Attr["disabled"]; off || name == "" {
			return
		}
		switch n.Tag {
		case "input":
			_, checked := n.Attr["checked"]
			kind := n.Attr["type"]
			if kind == "submit" || (kind == "radio" || kind == "checkbox") && !checked {
				return
			}
			out.Values.Add(name, n.Attr["value"])
		case "textarea":
			out.Values.Add(name, n.raw())
		case "select":
			options := n.All("option")
			for _, o := range options {
				if _, selected := o.Attr["selected"]; selected {
					out.Values.Add(name, o.value())
					return
				}
			}
			if len(options) > 0 {
				out.Values.Add(name, options[0].value())
			}
		}
	})
	return out
}

func (n *Node) value() string {
	if v, has := n.Attr["value"]; has {
		return v
	}
	return n.Inner()
}

// raw is the text of a textarea: unfolded, without the line break after the tag.
func (n *Node) raw() string {
	var b strings.Builder
	for _, k := range n.Kids {
		b.WriteString(k.Text)
	}
	return strings.TrimPrefix(b.String(), "\n")
}

// Set fills a field and tells whether a person could have done it: the field is
// there and, when it offers a choice, the choice is among those offered.
func (f *Form) Set(name, value string) bool {
	found := false
	f.node.Walk(func(n *Node) {
		if n.Attr["name"] != name {
			return
		}
		switch {
		case n.Tag == "textarea", n.Tag == "input" && !choice(n.Attr["type"]) && n.Attr["type"] != "hidden":
			found = true
		case n.Tag == "input" && choice(n.Attr["type"]):
			found = found || n.Attr["value"] == value
		case n.Tag == "select":
			for _, o := range n.All("option") {
				found = found || o.value() == value
			}
		}
	})
	if found {
		f.Values.Set(name, value)
	}
	return found
}

func choice(kind string) bool { return kind == "radio" || kind == "checkbox" }

// Press adds the name and value of a submit button and tells whether the form
// has it.
func (f *Form) Press(name, value string) bool {
	for _, b := range f.node.All("button[name=" + name + "]") {
		if b.Attr["value"] == value && b.Attr["type"] == "submit" {
			f.Values.Set(name, value)
			return true
		}
	}
	return false
}

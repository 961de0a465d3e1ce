package htmlcheck

import (
	"fmt"
	"strings"
)

// Check reads a whole page and returns what is wrong with it; nothing when it is
// as it should be.
func Check(page string) []string {
	root, err := Parse(page)
	if err != nil {
		return []string{err.Error()}
	}
	c := checker{root: root, ids: map[string]*Node{}}
	c.collect()
	c.document()
	c.headings()
	root.Walk(c.element)
	return c.problems
}

type checker struct {
	root     *Node
	ids      map[string]*Node
	problems []string
}

func (c *checker) say(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

func (c *checker) collect() {
	c.root.Walk(func(n *Node) {
		id, has := n.Attr["id"]
		if !has {
			return
		}
		if id == "" || strings.ContainsAny(id, " \t\n") {
			c.say("<%s> has the unusable id %q", n.Tag, id)
		}
		if c.ids[id] != nil {
			c.say("id %q is used twice", id)
		}
		c.ids[id] = n
	})
}

func (c *checker) document() {
	html := c.root.First("html")
	if html == nil {
		c.say("there is no <html>")
		return
	}
	if html.Attr["lang"] == "" {
		c.say("<html> has no lang")
	}
	if t := c.root.First("title"); t == nil || t.Inner() == "" {
		c.say("there is no title")
	}
	if c.root.First("meta[name=viewport]") == nil {
		c.say("there is no viewport")
	}
	if n := len(c.root.All("main")); n != 1 {
		c.say("there are %d <main>", n)
	}
	if n := len(c.root.All("h1")); n != 1 {
		c.say("there are %d <h1>", n)
	}
	if body := c.root.First("body"); body != nil {
		first := body.First("a")
		if first == nil || !strings.HasPrefix(first.Attr["href"], "#") {
			c.say("the first link does not skip to the content")
		}
	}
}

// headings may not jump over a level on the way down.
func (c *checker) headings() {
	last := 0
	c.root.Walk(func(n *Node) {
		if len(n.Tag) != 2 || n.Tag[0] != 'h' || n.Tag[1] < '1' || n.Tag[1] > '6' {
			return
		}
		level := int(n.Tag[1] - '0')
		if n.Inner() == "" {
			c.say("<%s> is empty", n.Tag)
		}
		if level > last+1 && !n.within("dialog") {
			c.say("<%s> %q follows a heading of level %d", n.Tag, n.Inner(), last)
		}
		last = level
	})
}

func (n *Node) within(tag string) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Tag == tag {
			return true
		}
	}
	return false
}

func (c *checker) element(n *Node) {
	for key := range n.Attr {
		if key == "style" || strings.HasPrefix(key, "on") {
			c.say("<%s> has the attribute %s, which the Content-Security-Policy blocks", n.Tag, key)
		}
	}
	c.references(n)
	switch n.Tag {
	case "style":
		c.say("there is an inline <style>")
	case "script":
		if n.Attr["src"] == "" {
			c.say("there is an inline <script>")
		}
		c.own(n, "src")
	case "link":
		c.own(n, "href")
	case "img":
		if _, has := n.Attr["alt"]; !has {
			c.say("<img> has no alt")
		}
		c.own(n, "src")
	case "a":
		c.link(n)
	case "button":
		if c.name(n) == "" {
			c.say("a <button> has no name")
		}
		if n.Attr["type"] == "" {
			c.say("button %q has no type", c.name(n))
		}
	case "form":
		c.form(n)
	case "input", "select", "textarea":
		c.field(n)
	case "table":
		if n.First("th") == nil {
			c.say("a <table> has no headings")
		}
		if n.First("caption") == nil && c.name(n) == "" {
			c.say("a <table> has no caption")
		}
	case "ul", "ol":
		for _, k := range n.Kids {
			if k.Tag != "li" && (k.Tag != "" || strings.TrimSpace(k.Text) != "") {
				c.say("a list holds %q outside of <li>", k.Tag+k.Text)
			}
		}
	case "nav", "aside", "dialog":
		if n.Attr["aria-label"] == "" && n.Attr["aria-labelledby"] == "" {
			c.say("<%s> has no name", n.Tag)
		}
	case "fieldset":
		if len(n.All("legend")) == 0 {
			c.say("a <fieldset> has no legend")
		}
	}
}

// references checks that every id that is pointed to exists.
func (c *checker) references(n *Node) {
	for _, key := range []string{"for", "aria-labelledby", "aria-describedby", "aria-controls", "form", "list"} {
		for id := range strings.FieldsSeq(n.Attr[key]) {
			if c.ids[id] == nil {
				c.say("<%s %s> points to %q, which is not there", n.Tag, key, id)
			}
		}
	}
	for _, key := range []string{"href", "xlink:href"} {
		if id, here := strings.CutPrefix(n.Attr[key], "#"); here && id != "" && c.ids[id] == nil {
			c.say("<%s> leads to #%s, which is not there", n.Tag, id)
		}
	}
}

// own checks that a resource comes from this server.
func (c *checker) own(n *Node, key string) {
	if u := n.Attr[key]; !strings.HasPrefix(u, "/") || strings.HasPrefix(u, "//") {
		c.say("<%s> loads %q, which is not from this server", n.Tag, u)
	}
}

func (c *checker) link(n *Node) {
	href, has := n.Attr["href"]
	switch {
	case !has:
		c.say("an <a> has no href")
	case href == "" || href == "#" || strings.HasPrefix(href, "javascript:"):
		c.say("link %q leads nowhere", n.Inner())
	}
	if c.name(n) == "" {
		c.say("a link to %q has no text", href)
	}
	if n.Attr["target"] != "" && !strings.Contains(n.Attr["rel"], "noopener") {
		c.say("link %q opens a window without noopener", n.Inner())
	}
}

func (c *checker) form(n *Node) {
	method := strings.ToLower(n.Attr["method"])
	if method != "post" && method != "get" && method != "dialog" {
		c.say("a <form> has no method")
	}
	if method != "dialog" && n.Attr["action"] == "" {
		c.say("a <form> has no action")
	}
	buttons := n.All("button[type=submit]")
	if id := n.Attr["id"]; id != "" {
		buttons = append(buttons, c.root.All("button[form="+id+"]")...)
	}
	if len(buttons) == 0 {
		c.say("the form for %s cannot be sent without JavaScript", n.Attr["action"])
	}
}

// field wants a name that is sent and a label that is read out.
func (c *checker) field(n *Node) {
	kind := n.Attr["type"]
	if n.Tag == "input" && kind == "" {
		c.say("input %q has no type", n.Attr["name"])
	}
	if n.Attr["name"] == "" {
		c.say("a field (%s %s) has no name", n.Tag, kind)
	}
	if kind == "hidden" || kind == "submit" {
		return
	}
	if n.Attr["aria-label"] != "" || n.Attr["aria-labelledby"] != "" {
		return
	}
	if l := n.labelAround(); l != nil && l.Inner() != "" {
		return
	}
	if id := n.Attr["id"]; id != "" {
		for _, l := range c.root.All("label[for=" + id + "]") {
			if l.Inner() != "" {
				return
			}
		}
	}
	c.say("field %q has no label", n.Attr["name"])
}

func (n *Node) labelAround() *Node {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Tag == "label" {
			return p
		}
	}
	return nil
}

// name is what a screen reader calls an element.
func (c *checker) name(n *Node) string {
	if l := n.Attr["aria-label"]; l != "" {
		return l
	}
	if ids := n.Attr["aria-labelledby"]; ids != "" {
		var parts []string
		for id := range strings.FieldsSeq(ids) {
			if e := c.ids[id]; e != nil {
				parts = append(parts, e.Inner())
			}
		}
		return strings.Join(parts, " ")
	}
	return n.Inner()
}

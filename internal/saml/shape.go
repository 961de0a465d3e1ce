package saml

import (
	"strings"

	"github.com/beevik/etree"

	"brevdue/internal/auth"
)

// wellBuilt tells whether a document has the one shape an answer has, before anything in
// it is opened or trusted.
func wellBuilt(content []byte) error {
	doc := etree.NewDocument()
	if doc.ReadFromBytes(content) != nil || doc.Root() == nil || doc.Root().Tag != "Response" {
		return auth.RefusedMalformed
	}
	for _, t := range doc.Child {
		if _, directive := t.(*etree.Directive); directive { // a document type, with entities
			return auth.RefusedMalformed
		}
	}
	signed := doc.Root().FindElement("./Signature") != nil
	for _, m := range doc.FindElements("//EncryptionMethod") {
		how := m.SelectAttrValue("Algorithm", "")
		// Neither can be told from what somebody has changed on the way, and answers to
		// many tries would open them; CBC is all right in what is signed around it.
		if strings.Contains(how, "rsa-1_5") || strings.HasSuffix(how, "-cbc") && !signed {
			return auth.RefusedMalformed
		}
	}
	return shape(doc.Root())
}

// shape refuses what attacks by wrapping need: they move what was signed out of the way
// and put their own in its place. In an answer, or an assertion that was opened, there is
// one assertion at its place, signatures stand where they sign, and no identifier is there
// twice.
func shape(root *etree.Element) error {
	s := shaper{top: root, ids: map[string]bool{}}
	return s.walk(root)
}

type shaper struct {
	top        *etree.Element
	assertions int
	ids        map[string]bool
}

func (s *shaper) walk(e *etree.Element) error {
	for _, a := range e.Attr {
		if !strings.EqualFold(a.Key, "id") {
			continue
		}
		if s.ids[a.Value] {
			return auth.RefusedWrapped
		}
		s.ids[a.Value] = true
	}
	if !s.place(e) {
		return auth.RefusedWrapped
	}
	for _, k := range e.ChildElements() {
		if err := s.walk(k); err != nil {
			return err
		}
	}
	return nil
}

// place tells whether an element is where it may be.
func (s *shaper) place(e *etree.Element) bool {
	switch e.Tag {
	case "Response":
		return e == s.top
	case "Assertion", "EncryptedAssertion":
		s.assertions++
		return s.assertions == 1 && (e == s.top || e.Parent() == s.top && s.top.Tag == "Response")
	case "Signature":
		p := e.Parent()
		return e != s.top && (p == s.top || p.Tag == "Assertion" && p.Parent() == s.top)
	case "Object", "Manifest", "Advice":
		return false
	}
	return true
}

package medcom

import (
	"bytes"
	"strings"

	"brevdue"
	"brevdue/vans"
)

// sniffLimit is how many bytes at the start of a message are looked at: enough
// for declaration, comments, envelope and the first letter's head.
const sniffLimit = 16 << 10

// Type is what a message is, as far as its first bytes say.
type Type struct {
	Format    brevdue.Format // "" when not recognised
	Kind      brevdue.Kind   // e.g. "DIS91"; "" when the format is known and the kind is not
	Version   string         // e.g. "D9134L", as the message says
	Name      string         // Danish, e.g. "Korrespondancebrev"
	Supported bool           // whether this version reads and writes it
}

// Label returns name, kind and version for a sentence, e.g.
// "Korrespondancebrev (DIS91 D9134L)".
func (t Type) Label() string {
	code := strings.TrimSpace(string(t.Kind) + " " + t.Version)
	switch {
	case t.Name == "":
		return code
	case code == "":
		return t.Name
	}
	return t.Name + " (" + code + ")"
}

// Sniff recognises a message by its content alone. It looks at the first
// kilobytes only and never judges whether the message is valid.
func Sniff(data []byte) Type {
	head := data
	if len(head) > sniffLimit {
		head = head[:sniffLimit]
	}
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	head = bytes.TrimLeft(head, " \t\r\n\x00")
	switch {
	case len(head) == 0:
		return Type{}
	case head[0] == '<':
		return sniffXML(head)
	case head[0] == '{':
		return sniffJSON(head)
	case bytes.HasPrefix(head, []byte("UNA")), bytes.HasPrefix(head, []byte("UNB")), bytes.HasPrefix(head, []byte("UNH")):
		return sniffEDIFACT(head)
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return Type{Format: brevdue.OIOXML} // UTF-16: the reader refuses it with a finding
	}
	return Type{}
}

// sniffEDIFACT reads the message type and version of the first UNH.
func sniffEDIFACT(head []byte) Type {
	t := Type{Format: brevdue.EDIFACT}
	component, element, release, terminator := byte(':'), byte('+'), byte('?'), byte('\'')
	if len(head) >= 9 && head[0] == 'U' && head[1] == 'N' && head[2] == 'A' {
		component, element, release, terminator = head[3], head[4], head[6], head[8]
		head = head[9:]
	}
	for len(head) > 0 {
		head = bytes.TrimLeft(head, " \t\r\n")
		seg, rest := cut(head, release, terminator)
		if bytes.HasPrefix(seg, []byte("UNH")) {
			version := clean(nth(nth(seg, element, release, 2), component, release, 4))
			kind := clean(nth(nth(seg, element, release, 3), component, release, 0))
			return edifactType(kind, version)
		}
		head = rest
	}
	return t
}

// nth returns the n-th part of b between separators, from 0; nil when there is none. A
// released separator divides nothing: a BrevNr may hold one.
func nth(b []byte, separator, release byte, n int) []byte {
	for range n {
		_, rest := cut(b, release, separator)
		if rest == nil {
			return nil
		}
		b = rest
	}
	part, _ := cut(b, release, separator)
	return part
}

// cut splits b at the first end that is not released; rest is nil when there is none.
func cut(b []byte, release, end byte) (part, rest []byte) {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case release:
			if release != ' ' {
				i++
			}
		case end:
			return b[:i], b[i+1:]
		}
	}
	return b, nil
}

// clean keeps what can stand in a type or version code, so that nothing else of
// a message ever gets into a finding's text.
func clean(b []byte) string {
	out := make([]byte, 0, 20)
	for _, c := range b {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '-' || c == '.' || c == '_' {
			out = append(out, c)
		}
		if len(out) == cap(out) {
			break
		}
	}
	return string(out)
}

// edifactType looks the type up by its version code; the third element of UNH
// decides only when the version is unknown.
func edifactType(name, version string) Type {
	for _, k := range kinds {
		if k.Format == brevdue.EDIFACT && k.Version == version {
			return k.Type
		}
	}
	for _, k := range kinds {
		if k.Format == brevdue.EDIFACT && name != "" && string(k.Kind) == name {
			return k.inVersion(version)
		}
	}
	return Type{Format: brevdue.EDIFACT, Kind: brevdue.Kind(name), Version: version}
}

// sniffJSON recognises a FHIR resource by its resourceType and the message's
// profile names.
func sniffJSON(head []byte) Type {
	if !bytes.Contains(head, []byte(`"resourceType"`)) {
		return Type{}
	}
	return fhirType(brevdue.FHIRJSON, head)
}

// fhirType names the FHIR messages that MedCom has profiles for.
func fhirType(format brevdue.Format, head []byte) Type {
	t := Type{Format: format, Name: "FHIR-meddelelse"}
	for _, p := range [...]struct{ mark, kind, name string }{
		{"medcom-careCommunication-message", "FDIS91", "CareCommunication"},
		{"medcom-messaging-acknowledgement", "FCTL", "FHIR-kvittering"},
		{"medcom-acknowledgement-message", "FCTL", "FHIR-kvittering"},
		{"medcom-hospitalNotification-message", "FDIS20", "HospitalNotification"},
		{"medcom-homecareobservation-message", "FHCO", "HomeCareObservation"},
	} {
		if containsFold(head, p.mark) {
			t.Kind, t.Name = brevdue.Kind(p.kind), p.name
			break
		}
	}
	return t
}

func containsFold(b []byte, s string) bool {
	return bytes.Contains(bytes.ToLower(b), []byte(strings.ToLower(s)))
}

const nsFHIR = "http://hl7.org/fhir"

// sniffXML finds the root element, its namespace, and in an Emessage the letter
// element after the envelope.
func sniffXML(head []byte) Type {
	root, ns, rest := firstElement(head)
	switch {
	case root == "VANSEnvelope":
		return Type{Format: brevdue.VANS, Name: "VANSEnvelope", Version: strings.TrimPrefix(ns, "urn:oio:medcom:vans-envelope:"), Supported: ns == vans.Namespace}
	case ns == nsFHIR:
		return fhirType(brevdue.FHIRXML, head)
	case root == "Emessage":
		return emessageType(ns, rest)
	case root == "schema": // a description of messages names their codes too
		return Type{Format: brevdue.OIOXML}
	}
	return otherXML(head)
}

// emessageType names the first letter of an Emessage: by namespace and element
// when that is a kind we read, and else by the codes in the letter's head, which
// tell versions apart. A wrong version code inside the right schema set is for the
// reader to tell.
func emessageType(ns string, rest []byte) Type {
	letter, _, after := firstElement(afterEnvelope(rest))
	known := -1
	for i, k := range kinds {
		if k.element != "" && k.element == letter && (k.namespace == ns || known < 0) {
			if k.namespace == ns && k.Supported {
				return k.Type
			}
			if known < 0 || kinds[known].namespace != ns {
				known = i
			}
		}
	}
	version, code := inElement(after, "VersionCode"), inElement(after, "TypeCode")
	if t, ok := typeByCode(version, code); ok {
		return t
	}
	if known >= 0 {
		if kinds[known].namespace == ns {
			return kinds[known].Type
		}
		return kinds[known].inVersion(version)
	}
	return Type{Format: brevdue.OIOXML, Version: version}
}

// typeByCode finds an OIOXML kind we only recognise by its version code, or by its
// type code in a version nobody here knows.
func typeByCode(version, code string) (Type, bool) {
	for _, k := range kinds {
		if k.Format == brevdue.OIOXML && !k.Supported && version != "" && k.Version == version {
			return k.Type, true
		}
	}
	for _, k := range kinds {
		if k.Format == brevdue.OIOXML && !k.Supported && code != "" && string(k.Kind) == code {
			return k.inVersion(version), true
		}
	}
	return Type{}, false
}

// inElement is the content of the first element of that name, whatever its prefix.
func inElement(b []byte, name string) string {
	_, v, ok := bytes.Cut(b, []byte(name+">"))
	if !ok {
		return ""
	}
	v, _, _ = bytes.Cut(v, []byte("<"))
	return clean(v)
}

// otherXML recognises documents that are no Emessage by the codes they hold, such
// as the rehabilitation plans.
func otherXML(head []byte) Type {
	for _, k := range kinds {
		if k.Format != brevdue.OIOXML || k.element != "" || k.Kind == "" || k.namespace != "" {
			continue
		}
		for _, code := range []string{string(k.Kind), k.Version} {
			if code != "" && (bytes.Contains(head, []byte(">"+code+"<")) || bytes.Contains(head, []byte("\""+code+"\""))) {
				return k.Type
			}
		}
	}
	return Type{Format: brevdue.OIOXML} // some XML; the reader says what is wrong with it
}

// afterEnvelope skips the Envelope element, whatever its prefix.
func afterEnvelope(b []byte) []byte {
	for rest := b; ; {
		i := bytes.Index(rest, []byte("Envelope"))
		if i < 0 {
			return b
		}
		tag := bytes.LastIndexByte(rest[:i], '<')
		name := rest[i+len("Envelope"):]
		if tag >= 0 && tag+1 < i && rest[tag+1] == '/' && len(name) > 0 && (name[0] == '>' || name[0] == ' ') {
			return name
		}
		rest = name
	}
}

// firstElement returns local name and namespace of the first start tag in b and
// what follows the tag. It reads only as much XML as recognition needs.
func firstElement(b []byte) (name, ns string, rest []byte) {
	for {
		i := bytes.IndexByte(b, '<')
		if i < 0 || i+1 >= len(b) {
			return "", "", nil
		}
		b = b[i+1:]
		var skip string
		switch {
		case b[0] == '?':
			skip = "?>"
		case bytes.HasPrefix(b, []byte("!--")):
			skip = "-->"
		case b[0] == '!':
			skip = ">"
		case b[0] == '/':
			return "", "", nil
		}
		if skip == "" {
			break
		}
		_, after, ok := bytes.Cut(b, []byte(skip))
		if !ok {
			return "", "", nil
		}
		b = after
	}
	tag, rest, _ := bytes.Cut(b, []byte(">"))
	end := bytes.IndexAny(tag, " \t\r\n/")
	attrs := []byte(nil)
	if end >= 0 {
		attrs = tag[end:]
		tag = tag[:end]
	}
	prefix, local, found := strings.Cut(cleanName(tag), ":")
	key := "xmlns:" + prefix
	if !found {
		local, key = prefix, "xmlns"
	}
	return local, attribute(attrs, key), rest
}

// cleanName is clean with the colon of a prefixed name.
func cleanName(b []byte) string {
	p, l, ok := bytes.Cut(b, []byte(":"))
	if !ok {
		return clean(p)
	}
	return clean(p) + ":" + clean(l)
}

// attribute returns the value of the named attribute in a start tag's text.
func attribute(attrs []byte, key string) string {
	for {
		i := bytes.Index(attrs, []byte(key))
		if i < 0 {
			return ""
		}
		before := i == 0 || bytes.IndexByte([]byte(" \t\r\n"), attrs[i-1]) >= 0
		attrs = bytes.TrimLeft(attrs[i+len(key):], " \t\r\n")
		if !before || len(attrs) == 0 || attrs[0] != '=' {
			continue
		}
		attrs = bytes.TrimLeft(attrs[1:], " \t\r\n")
		if len(attrs) == 0 {
			return ""
		}
		v, _, _ := bytes.Cut(attrs[1:], attrs[:1])
		return string(v)
	}
}

package convert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"brevdue"
	"brevdue/medcom"
	"brevdue/receipt"
)

// letterLosses compares what was read with what the result says.
func letterLosses(before, after medcom.Message) []Loss {
	losses := compare("envelope.", before.Envelope, after.Envelope)
	for i := range before.Letters {
		prefix := letterPrefix(i, len(before.Letters))
		var now brevdue.Letter
		if i < len(after.Letters) {
			now = after.Letters[i]
		}
		losses = append(losses, compareLetter(prefix, before.Letters[i], now)...)
	}
	return losses
}

// letterPrefix is what a field of the i-th of n letters is named after; "" when there
// is only one.
func letterPrefix(i, n int) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf("letters[%d].", i)
}

func compareLetter(prefix string, before, after brevdue.Letter) []Loss {
	losses := compare(prefix, settled(before), settled(after))
	return append(losses, compareTexts(prefix+"segments[0].texts", allTexts(before), allTexts(after))...)
}

// settled is a letter without the differences that mean nothing and without its
// texts, which are compared line by line.
func settled(l brevdue.Letter) brevdue.Letter {
	l.Version = ""
	if l.StatisticalCode == "" {
		l.StatisticalCode = string(brevdue.XDIS91)
	}
	if l.Sender.Specialty == "ikkeklassificeret" {
		l.Sender.Specialty = ""
	}
	l.Segments = slices.Clone(l.Segments)
	for i := range l.Segments {
		l.Segments[i].Texts = nil
	}
	if len(l.Segments) == 1 && l.Segments[0].ID+string(l.Segments[0].At) == "" && l.Segments[0].Author == nil {
		l.Segments = nil
	}
	for i := range l.Attachments {
		// hyphens and case of an object's identifier mean nothing (§6.4)
		if i == 0 {
			l.Attachments = slices.Clone(l.Attachments)
		}
		l.Attachments[i].ObjectID = strings.ToLower(strings.ReplaceAll(l.Attachments[i].ObjectID, "-", ""))
	}
	return l
}

func allTexts(l brevdue.Letter) []brevdue.Text {
	var texts []brevdue.Text
	for _, s := range l.Segments {
		texts = append(texts, s.Texts...)
	}
	return texts
}

// place is one line of a letter's texts and where it stands.
type place struct {
	field string
	line  brevdue.Line
}

// lines lists the lines of all texts; how a text is cut into parts means nothing.
func lines(field string, texts []brevdue.Text) []place {
	var out []place
	for i, t := range texts {
		for j, l := range t.Normalise().Lines {
			out = append(out, place{fmt.Sprintf("%s[%d].lines[%d]", field, i, j), l})
		}
	}
	return out
}

// compareTexts reports every line that does not come out as it went in. Lines
// are matched in order; one that has gone missing does not make all the others
// differ.
func compareTexts(field string, before, after []brevdue.Text) []Loss {
	a, b := lines(field, before), lines(field, after)
	var losses []Loss
	for len(a) > 0 {
		switch {
		case len(b) > 0 && sameLine(a[0].line, b[0].line):
			a, b = a[1:], b[1:]
		case len(b) >= 2 && len(a) >= 1 && len(b) > len(a) && sameLine(a[0].line, b[1].line):
			b = b[1:] // an extra line in the result
		case len(a) > len(b):
			losses = append(losses, missing(a[0].field, text(a[0].line)))
			a = a[1:]
		default:
			losses = append(losses, changed(a[0], b[0]))
			a, b = a[1:], b[1:]
		}
	}
	return losses
}

func sameLine(a, b brevdue.Line) bool { return a.Align == b.Align && slices.Equal(a.Runs, b.Runs) }

func text(l brevdue.Line) string {
	var b strings.Builder
	for _, r := range l.Runs {
		b.WriteString(r.Text)
	}
	return b.String()
}

func changed(a, b place) Loss {
	was, is := text(a.line), text(b.line)
	if was == is {
		return Loss{a.field, was, "Linjens formatering kan ikke gengives helt.", "The line's formatting cannot be kept whole."}
	}
	return written(a.field, was, is)
}

func missing(field, value string) Loss {
	return Loss{field, value, "Kan ikke stå i det andet format.", "Cannot stand in the other format."}
}

func written(field, was, is string) Loss {
	return Loss{field, was, fmt.Sprintf("Er skrevet som %q.", is), fmt.Sprintf("Was written as %q.", is)}
}

// compare reports every leaf of before that is not the same in after. Both are
// values of the root package; their JSON keys are the names in the report.
func compare(prefix string, before, after any) []Loss {
	a, b := map[string]string{}, map[string]string{}
	flatten(prefix, before, a)
	flatten(prefix, after, b)
	var losses []Loss
	for _, field := range slices.Sorted(maps.Keys(a)) {
		was, is := a[field], b[field]
		if was == is || was == "" || was == "false" || was == "0" {
			continue
		}
		if secret := strings.Contains(field, "patient.cpr") || strings.Contains(field, "replacements["); secret {
			was, is = brevdue.CPR(was).String(), brevdue.CPR(is).String()
		}
		if is == "" {
			losses = append(losses, missing(field, was))
		} else {
			losses = append(losses, written(field, was, is))
		}
	}
	return losses
}

// flatten lists the leaves of v under their JSON paths.
func flatten(prefix string, v any, into map[string]string) {
	data, err := json.Marshal(v)
	if err != nil {
		return // the words of the root package always marshal
	}
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	var tree any
	if d.Decode(&tree) != nil {
		return
	}
	walk(strings.TrimSuffix(prefix, "."), tree, into)
}

func walk(path string, v any, into map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		for k, c := range v {
			if path != "" {
				k = path + "." + k
			}
			walk(k, c, into)
		}
	case []any:
		for i, c := range v {
			walk(fmt.Sprintf("%s[%d]", path, i), c, into)
		}
	case nil:
	default:
		into[path] = fmt.Sprint(v)
	}
}

// receiptLosses compares two receipts. The kind of the original message
// (UCM 2.1) exists in EDIFACT only and follows from its version code, so its
// absence in OIOXML loses nothing.
func receiptLosses(before, after receipt.Message) []Loss {
	a, b := before.Receipt, after.Receipt
	losses := compare("envelope.", before.Envelope, after.Envelope)
	losses = append(losses, refusalLosses("", a.Refusal, b.Refusal)...)
	for i := range a.Letters {
		var now brevdue.ReceiptLetter
		if i < len(b.Letters) {
			now = b.Letters[i]
		}
		losses = append(losses, refusalLosses(fmt.Sprintf("letters[%d].", i), a.Letters[i].Refusal, now.Refusal)...)
	}
	return append(losses, compare("", settledReceipt(a), settledReceipt(b))...)
}

func settledReceipt(r brevdue.Receipt) brevdue.Receipt {
	r.Version, r.StatisticalCode, r.Refusal = "", "", nil
	r.Letters = slices.Clone(r.Letters)
	for i := range r.Letters {
		r.Letters[i].Refusal, r.Letters[i].Type = nil, ""
	}
	return r
}

func refusalLosses(prefix string, before, after *brevdue.Refusal) []Loss {
	if before == nil {
		return nil
	}
	if after == nil {
		after = &brevdue.Refusal{}
	}
	var losses []Loss
	if before.Code != after.Code && before.Code != "" {
		losses = append(losses, written(prefix+"refusal.code", string(before.Code), string(after.Code)))
	}
	return append(losses, compareTexts(prefix+"refusal.text", []brevdue.Text{before.Text}, []brevdue.Text{after.Text})...)
}

// binaryLosses compares two attachment messages; files are compared by content.
func binaryLosses(before, after medcom.BinaryMessage) []Loss {
	losses := compare("envelope.", before.Envelope, after.Envelope)
	for i := range before.Letters {
		prefix := letterPrefix(i, len(before.Letters))
		var now medcom.BinaryLetter
		if i < len(after.Letters) {
			now = after.Letters[i]
		}
		losses = append(losses, compare(prefix, settledBinary(before.Letters[i]), settledBinary(now))...)
		for j, o := range before.Letters[i].Objects {
			if j >= len(now.Objects) || !bytes.Equal(o.Data, now.Objects[j].Data) {
				losses = append(losses, missing(fmt.Sprintf("%sobjects[%d].data", prefix, j), ""))
			}
		}
	}
	return losses
}

// settledBinary is a binary letter without the differences that mean nothing
// (std:xdis91 §3, §6.3).
func settledBinary(l medcom.BinaryLetter) medcom.BinaryLetter {
	l.Version = ""
	if l.StatisticalCode == "" {
		l.StatisticalCode = string(brevdue.XBIN01)
	}
	for _, p := range []*brevdue.Party{&l.Sender, &l.Receiver} {
		if p.Department == "_" {
			p.Department = ""
		}
		if p.Specialty == "ikkeklassificeret" {
			p.Specialty = ""
		}
	}
	l.Objects = slices.Clone(l.Objects)
	for i := range l.Objects {
		l.Objects[i].ObjectID, l.Objects[i].Size = medcom.ObjectKey(l.Objects[i].ObjectID), int64(len(l.Objects[i].Data))
	}
	return l
}

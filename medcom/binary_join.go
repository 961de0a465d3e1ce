package medcom

import (
	"bytes"
	"fmt"
	"slices"

	"brevdue"
)

// Join gives the binary attachments of letters their files, whichever came
// first, and says what does not fit: a file that is not here yet, one that nobody
// refers to, one about another citizen, two under one identifier, and where letter
// and file state different things (the file counts; std:xdis91 §6.4). The letters
// are changed in place, and their attachments share the files' memory. The places
// of the findings are paths of JSON keys, e.g. "letters[0].attachments[1]" and
// "messages[0].objects[2]", by the indexes of what was given.
func Join(letters []*brevdue.Letter, messages []BinaryLetter) []brevdue.Finding {
	var fs []brevdue.Finding
	files, order := filesByKey(messages)
	for i, l := range letters {
		for j := range l.Attachments {
			a := &l.Attachments[j]
			if a.Kind != brevdue.BinaryAttachment {
				continue
			}
			at := brevdue.Pos{Path: fmt.Sprintf("letters[%d].attachments[%d]", i, j)}
			fs = append(fs, give(l, a, files[ObjectKey(a.ObjectID)], at)...)
		}
	}
	for _, f := range order {
		if !f.referred {
			fs = append(fs, ruleJOrphan.At(brevdue.Pos{Path: f.path}))
		}
	}
	return fs
}

// file is a file of an attachment message.
type file struct {
	*Object
	citizen  *brevdue.Patient
	path     string
	referred bool // a letter refers to it
}

func filesByKey(messages []BinaryLetter) (byKey map[string][]*file, order []*file) {
	byKey = map[string][]*file{}
	for i := range messages {
		for j := range messages[i].Objects {
			f := &file{Object: &messages[i].Objects[j], citizen: &messages[i].Patient, path: fmt.Sprintf("messages[%d].objects[%d]", i, j)}
			order = append(order, f)
			key := ObjectKey(f.ObjectID)
			byKey[key] = append(byKey[key], f)
		}
	}
	return byKey, order
}

// give gives an attachment the first file that is about the letter's citizen. The
// same file once more is a message that was sent again.
func give(l *brevdue.Letter, a *brevdue.Attachment, files []*file, at brevdue.Pos) []brevdue.Finding {
	var right *file
	var fs []brevdue.Finding
	for _, f := range files {
		f.referred = true
		switch {
		case !SameCitizen(l.Patient, *f.citizen):
		case right == nil:
			right = f
			fs = Reconcile(a, *f.Object, at)
		case !bytes.Equal(right.Data, f.Data):
			fs = append(fs, ruleJTwo.At(at))
		}
	}
	switch {
	case right != nil:
		return fs
	case len(files) > 0:
		return []brevdue.Finding{ruleJStranger.At(at)}
	}
	return []brevdue.Finding{ruleJMissing.At(at)}
}

// Reconcile gives one attachment its file and says where the two disagree.
func Reconcile(a *brevdue.Attachment, o Object, at brevdue.Pos) []brevdue.Finding {
	var fs []brevdue.Finding
	if a.ObjectCode != o.Code {
		fs = append(fs, ruleJCode.At(at))
	}
	if a.Extension != o.Extension {
		fs = append(fs, ruleJType.At(at))
	}
	if a.Size != int64(len(o.Data)) {
		fs = append(fs, ruleJSize.At(at, a.Size, len(o.Data)))
	}
	a.ObjectCode, a.Extension, a.Size, a.Data = o.Code, o.Extension, int64(len(o.Data)), o.Data
	return fs
}

// SameCitizen tells whether a letter and an attachment message are about the same
// citizen, as far as both say: system mail is about nobody and fits everybody.
func SameCitizen(a, b brevdue.Patient) bool {
	x, y := numbers(a), numbers(b)
	if len(x) == 0 || len(y) == 0 {
		return true
	}
	return slices.ContainsFunc(x, func(n brevdue.CPR) bool { return slices.Contains(y, n) })
}

func numbers(p brevdue.Patient) []brevdue.CPR {
	var out []brevdue.CPR
	if p.CPR != "" {
		out = append(out, p.CPR)
	}
	for _, r := range p.Replacements {
		out = append(out, r.Value)
	}
	return out
}

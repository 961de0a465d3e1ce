package mailbox

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"brevdue"
	"brevdue/internal/store"
	"golang.org/x/text/unicode/norm"
)

// Limits of the files that go with one letter.
const (
	MaxFiles  = 50 << 20 // bytes together (std:xdis91 §6)
	mostFiles = 10       // what every receiver takes while letters are converted on the way
)

// Upload is a file that somebody adds to a letter being written.
type Upload struct {
	Name string // as the browser calls it
	Data []byte
	// TooLarge says that it was not read: it is more than files may come to.
	TooLarge bool
}

// Attached is what became of files that were added.
type Attached struct {
	DraftKept
	Refused Faults // in the field "files"; the others were added
}

// OwnFile is a file of a letter being written.
type OwnFile struct {
	store.DraftFile
	Why, WhyEN string // why it cannot go to the receiver, "" when it can
}

// fileKinds are the files that receivers can be expected to show, told by how they begin.
func fileKinds() []struct{ mark, code, extension string } {
	return []struct{ mark, code, extension string }{
		{"%PDF-", "vektor_grafik", "pdf"}, {"\x89PNG\r\n\x1a\n", "billede", "png"}, {"\xff\xd8\xff", "billede", "jpeg"},
		{"GIF87a", "billede", "gif"}, {"GIF89a", "billede", "gif"},
	}
}

// kindOfFile tells what a file is by its first bytes. A text has no mark of its own, so its
// name must say so, too; extension is "" for all that is not sent.
func kindOfFile(name string, data []byte) (code, extension string) {
	for _, k := range fileKinds() {
		if strings.HasPrefix(string(data[:min(len(data), 16)]), k.mark) {
			return k.code, k.extension
		}
	}
	if !strings.EqualFold(path.Ext(name), ".txt") || slices.ContainsFunc(data, func(c byte) bool { return c < ' ' && !strings.ContainsRune("\t\n\r\f", rune(c)) }) {
		return "", ""
	}
	return "tekstfil", "txt"
}

// fileTitle is a file's name as the receiver gets it: one line that fits, of characters
// that can be sent, and without what may be a citizen's number.
func fileTitle(name, extension string) string {
	name = norm.NFC.String(path.Base(strings.ReplaceAll(name, `\`, "/")))
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r) || r > 0xff:
			return '_'
		}
		return r
	}, name)
	stem := []rune(oneLine(strings.TrimSuffix(name, path.Ext(name))))
	if holdsCPR(string(stem)) || strings.Trim(string(stem), "._") == "" {
		stem = []rune("Bilag")
	}
	if extension == "jpeg" {
		extension = "jpg"
	}
	return string(stem[:min(len(stem), maxName-1-len(extension))]) + "." + extension
}

// Attach adds files to the draft of a form, which is begun when there is none yet; a form
// that was kept before stays as it is. What cannot be sent is refused file by file.
func (b *Box) Attach(ctx context.Context, p Person, unit brevdue.GLN, f DraftForm, files []Upload) (out Attached, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		out = Attached{}
		d, err := b.draftFor(ctx, tx, p, unit, f)
		if err != nil {
			return err
		}
		out.DraftKept = DraftKept{Token: f.Token, Version: d.Version, At: d.At}
		there, err := tx.Drafts().Files(ctx, d.ID)
		if err != nil {
			return err
		}
		for _, u := range files {
			file := store.DraftFile{Draft: d.ID, Size: int64(len(u.Data)), By: p.Name, At: b.cfg.Now()}
			file.Code, file.Extension = kindOfFile(u.Name, u.Data)
			file.Name = fileTitle(u.Name, file.Extension)
			if fault, bad := refusedFile(u, file, there); bad {
				out.Refused = append(out.Refused, fault)
				continue
			}
			if file, err = b.addFile(ctx, tx, p, unit, file, u.Data); err != nil {
				return err
			}
			there = append(there, file)
		}
		return nil
	})
	if err != nil {
		return Attached{}, err
	}
	return out, nil
}

// refusedFile says why a file cannot be added to those that are there.
func refusedFile(u Upload, f store.DraftFile, there []store.DraftFile) (Fault, bool) {
	say := func(da, en string) (Fault, bool) {
		name := strings.TrimRight(fileTitle(u.Name, strings.TrimPrefix(path.Ext(u.Name), ".")), ".")
		return Fault{Field: "files", Text: name + ": " + da, TextEN: name + ": " + en}, true
	}
	total := f.Size
	for _, t := range there {
		total += t.Size
	}
	switch {
	case u.TooLarge || total > MaxFiles:
		return say("Bilagene må højst fylde 50 MB i alt.", "The attachments may take at most 50 MB together.")
	case f.Size == 0:
		return say("Filen er tom.", "The file is empty.")
	case f.Extension == "":
		return say("Kun PDF, PNG, JPEG, GIF og tekst (.txt) kan sendes. Gem filen som en af dem, fx som PDF.", "Only PDF, PNG, JPEG, GIF and text (.txt) can be sent. Save the file as one of them, e.g. as PDF.")
	case len(there) >= mostFiles:
		return say(fmt.Sprintf("Der kan højst sendes %d bilag med et brev.", mostFiles), fmt.Sprintf("At most %d attachments can go with a letter.", mostFiles))
	}
	return Fault{}, false
}

// draftFor finds the draft of a form, or begins it.
func (b *Box) draftFor(ctx context.Context, tx store.Tx, p Person, unit brevdue.GLN, f DraftForm) (store.Draft, error) {
	if err := b.mayWrite(ctx, tx, p, unit, f.ReplyTo); err != nil {
		return store.Draft{}, err
	}
	d, err := tx.Drafts().ByToken(ctx, tokenKey(f.Token))
	switch {
	case err == nil && d.Unit != unit:
		return d, &denied{unit: unit, why: "draft of another unit", as: brevdue.ErrNotFound}
	case !errors.Is(err, brevdue.ErrNotFound):
		return d, err
	}
	d = store.Draft{Unit: unit, Token: tokenKey(f.Token), ReplyTo: f.ReplyTo, Author: p.ID, AuthorName: p.Name}
	return b.putDraft(ctx, tx, p, d, f)
}

// addFile keeps a file with its draft.
func (b *Box) addFile(ctx context.Context, tx store.Tx, p Person, unit brevdue.GLN, f store.DraftFile, data []byte) (store.DraftFile, error) {
	var err error
	if f.SHA, err = tx.Originals().Put(ctx, data, f.At); err != nil {
		return f, err
	}
	if f.ID, err = tx.Drafts().AddFile(ctx, f); err != nil {
		return f, err
	}
	return f, b.note(ctx, tx, p, "attachment.added", unit, 0, fmt.Sprintf("%s, %d bytes", f.Extension, f.Size))
}

// AttachFrom adds the files of a letter of the unit's own, which is written anew, to the
// draft of a form; with none there is no draft, and the Version is 0. Those that are gone by the rules stay away.
func (b *Box) AttachFrom(ctx context.Context, p Person, unit brevdue.GLN, f DraftForm, letter int64) (out DraftKept, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		_, l, err := b.outLetter(ctx, tx, p, unit, letter)
		if err != nil {
			return err
		}
		out = DraftKept{Token: f.Token}
		enclosed, err := tx.Files().Enclosed(ctx, l.ID)
		if err != nil || len(enclosed) == 0 {
			return err
		}
		d, err := b.draftFor(ctx, tx, p, unit, f)
		if err != nil {
			return err
		}
		for _, e := range enclosed {
			data, err := tx.Originals().Get(ctx, e.SHA)
			if err != nil {
				return err
			}
			if len(data) == 0 || e.N >= len(l.Body.Attachments) {
				continue
			}
			file := store.DraftFile{Draft: d.ID, Name: l.Body.Attachments[e.N].Description, Code: e.Code, Extension: e.Extension, Size: e.Size, By: p.Name, At: b.cfg.Now()}
			if _, err := b.addFile(ctx, tx, p, unit, file, data); err != nil {
				return err
			}
		}
		out = DraftKept{Token: f.Token, Version: d.Version, At: d.At}
		return nil
	})
	if err != nil {
		return DraftKept{}, err
	}
	return out, nil
}

// ownFile finds a file of a draft of the unit.
func (b *Box) ownFile(ctx context.Context, tx store.Tx, p Person, unit brevdue.GLN, id int64) (store.DraftFile, error) {
	if _, err := b.unitOf(ctx, tx, p, RightSend, unit); err != nil {
		return store.DraftFile{}, err
	}
	f, err := tx.Drafts().File(ctx, id)
	if err != nil {
		return store.DraftFile{}, err
	}
	_, err = b.ownDraft(ctx, tx, p, unit, f.Draft)
	return f, err
}

// Detach takes a file away from a draft of the unit; the token takes that back ([Box.Undo]).
func (b *Box) Detach(ctx context.Context, p Person, unit brevdue.GLN, id int64) (token string, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		f, err := b.ownFile(ctx, tx, p, unit, id)
		if err != nil {
			return err
		}
		if err := tx.Drafts().RemoveFile(ctx, id); err != nil {
			return err
		}
		if token, err = b.remember(ctx, tx, p, unit, undoAttached, f); err != nil {
			return err
		}
		return b.note(ctx, tx, p, "attachment.removed", unit, 0, f.Extension)
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// attachedBack undoes that a file was taken away.
func (b *Box) attachedBack(ctx context.Context, tx store.Tx, p Person, u undo) error {
	var f store.DraftFile
	if err := json.Unmarshal(u.Data, &f); err != nil {
		return err
	}
	if d, err := tx.Drafts().Get(ctx, f.Draft); errors.Is(err, brevdue.ErrNotFound) || err == nil && d.Unit != u.Unit {
		return brevdue.ErrConflict // it was sent, or thrown away
	} else if err != nil {
		return err
	}
	return restore(ctx, tx, f)
}

// restore puts a file back that was taken away; ErrConflict when its bytes are gone.
func restore(ctx context.Context, tx store.Tx, f store.DraftFile) error {
	data, err := tx.Originals().Get(ctx, f.SHA)
	if err != nil {
		return err
	}
	if len(data) == 0 {
		return brevdue.ErrConflict
	}
	if err := tx.Retention().Unmark(ctx, f.SHA); err != nil {
		return err
	}
	_, err = tx.Drafts().AddFile(ctx, f)
	return err
}

// DraftFile returns a file of a draft of the unit, and a name that says nothing about the
// citizen. Every call is in the audit log.
func (b *Box) DraftFile(ctx context.Context, p Person, unit brevdue.GLN, id int64) (name string, data []byte, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		f, err := b.ownFile(ctx, tx, p, unit, id)
		if err != nil {
			return err
		}
		if data, err = tx.Originals().Get(ctx, f.SHA); err != nil {
			return err
		}
		name = fmt.Sprintf("kladde-bilag-%d.%s", f.ID, f.Extension)
		return b.note(ctx, tx, p, "attachment.opened", unit, 0, "of a draft")
	})
	if err != nil {
		return "", nil, err
	}
	return name, data, nil
}

// lookForFiles gathers the files of the draft a letter is written from.
func (w *writing) lookForFiles(ctx context.Context, tx store.Tx) error {
	if w.d.Token == "" {
		return nil
	}
	d, err := tx.Drafts().ByToken(ctx, tokenKey(w.d.Token))
	if errors.Is(err, brevdue.ErrNotFound) || err == nil && d.Unit != w.unit.GLN {
		return nil
	}
	if err != nil {
		return err
	}
	files, err := tx.Drafts().Files(ctx, d.ID)
	for _, f := range files {
		own := OwnFile{DraftFile: f}
		own.Why, own.WhyEN = w.takesNone()
		w.own = append(w.own, own)
	}
	return err
}

// takesNone says why files cannot be sent to the receiver; "" when they can, or nobody is
// chosen yet.
func (w *writing) takesNone() (da, en string) {
	if w.to.GLN == "" || w.to.Files(brevdue.XDIS91) != "" {
		return "", ""
	}
	return "Modtageren kan efter kataloget ikke tage imod filer.", "By the directory the receiver cannot take files."
}

// judgeFiles checks that all files can go to the receiver together.
func (w *writing) judgeFiles(j *judge) {
	if len(w.own) > 0 && w.own[0].Why != "" {
		j.say("files", w.own[0].Why+" Fjern bilagene, eller vælg en anden modtager.", w.own[0].WhyEN+" Remove the attachments or choose another receiver.")
		return
	}
	var total int64
	n := len(w.own)
	for _, f := range w.own {
		total += f.Size
	}
	if w.forwarded != nil {
		for _, e := range w.forwarded.Enclosures {
			if e.Chosen && e.Attachment.Kind == brevdue.BinaryAttachment {
				total, n = total+e.File.Object.Size, n+1
			}
		}
	}
	switch {
	case total > MaxFiles:
		j.say("files", "Bilagene må højst fylde 50 MB i alt. Fjern nogle af dem.", "The attachments may take at most 50 MB together. Remove some of them.")
	case n > mostFiles:
		j.say("files", fmt.Sprintf("Der kan højst sendes %d bilag med et brev. Fjern nogle af dem.", mostFiles), fmt.Sprintf("At most %d attachments can go with a letter. Remove some of them.", mostFiles))
	}
}

// sameFiles refuses to send other files than the writer has seen: the draft is shared.
func (w *writing) sameFiles() error {
	var ids []int64
	for _, f := range w.own {
		ids = append(ids, f.ID)
	}
	if slices.Equal(ids, w.d.Files) {
		return nil
	}
	return Faults{{Field: "files", Text: "Bilagene er ændret, siden du så dem. Se dem igen, før du sender.", TextEN: "The attachments have changed since you saw them. Look at them again before you send."}}
}

// objectID is a new identifier for a file that is sent.
func objectID() string {
	var id [16]byte
	rand.Read(id[:])
	return hex.EncodeToString(id[:])
}

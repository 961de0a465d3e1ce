package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// maxUpload bounds what a form with files may send, in bytes: more than may be kept, so that
// somebody who has picked too much is told of it on the page.
const maxUpload = 4 * mailbox.MaxFiles

// The buttons about files, each with what it is about.
const (
	detaching  = "fjern:"
	attachBack = "tilbage:"
)

// filesView are the files of a letter being written.
type filesView struct {
	Path   string // where files are sent to
	Rows   []fileRow
	Why    string // why the receiver gets none of them
	Said   string // what was done
	Back   string // the button that takes it back, "" for none
	Accept string
}

type fileRow struct {
	ID                         int64
	Name, Detail, Path, Remove string
}

func filesOf(v *visit, unit store.Unit, files []mailbox.OwnFile, f filled) filesView {
	w := v.words
	out := filesView{Said: f.filesSaid, Back: f.filesBack, Accept: ".pdf,.png,.jpg,.jpeg,.gif,.txt"}
	for _, o := range files {
		out.Rows = append(out.Rows, fileRow{o.ID, o.Name, join(" · ", strings.ToUpper(o.Extension), size(w, o.Size)), unitPath(unit.GLN) + "/kladdebilag/" + strconv.FormatInt(o.ID, 10), w.T("attach.removeone", o.Name)})
		out.Why = inLang(w, o.Why, o.WhyEN)
	}
	return out
}

// attach adds files to the draft of a form, and shows the form again with all that was
// written in it. It comes as one body of fields and files.
func (wb *Workbench) attach(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	var replyTo int64
	if v.r.PathValue("id") != "" {
		if replyTo, err = v.id(); err != nil {
			return err
		}
	}
	fields, files, err := readUpload(v.r)
	if err != nil {
		return err
	}
	f := formOf(fields)
	var faults mailbox.Faults
	if len(files) == 0 {
		faults = mailbox.Faults{{Field: "files", Text: v.words.T("attach.none"), TextEN: v.words.T("attach.none")}}
	} else {
		form, err := wb.draftForm(v, unit, replyTo, &f, fields)
		if err != nil {
			return err
		}
		got, err := wb.cfg.Box.Attach(v.ctx(), *v.person, unit.GLN, form, files)
		if err != nil {
			return err
		}
		faults = got.Refused
		if f.version == 0 {
			f.version = got.Version
		}
		if n := len(files) - len(faults); n > 0 {
			f.filesSaid = v.words.N("attach.added", n)
		}
	}
	if replyTo != 0 {
		return wb.showReply(v, unit, replyTo, f, faults)
	}
	return wb.showCompose(v, unit, f, faults)
}

// readUpload reads a form with files, one after the other. Of what is too much together no
// more is read than tells so.
func readUpload(r *http.Request) (url.Values, []mailbox.Upload, error) {
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) { // a browser that knows no files
		err := r.ParseForm()
		return r.PostForm, nil, err
	}
	if err != nil {
		return nil, nil, badForm(err)
	}
	fields, left, room := url.Values{}, int64(maxForm), int64(mailbox.MaxFiles)
	var files []mailbox.Upload
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return fields, files, nil
		}
		if err != nil {
			return nil, nil, badForm(err)
		}
		if part.FormName() == "files" {
			if part.FileName() == "" {
				continue // nothing was picked
			}
			u, err := readFile(part, room)
			if err != nil {
				return nil, nil, badForm(err)
			}
			room -= int64(len(u.Data))
			files = append(files, u)
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, left+1))
		if err != nil {
			return nil, nil, badForm(err)
		}
		if left -= int64(len(value)); left < 0 {
			return nil, nil, &http.MaxBytesError{Limit: maxForm}
		}
		fields.Add(part.FormName(), string(value))
	}
}

func readFile(part *multipart.Part, room int64) (mailbox.Upload, error) {
	data, err := io.ReadAll(io.LimitReader(part, room+1))
	u := mailbox.Upload{Name: part.FileName(), Data: data}
	if int64(len(data)) > room {
		u.Data, u.TooLarge = nil, true
	}
	return u, err
}

// badForm is what becomes of a body that cannot be read: too large, or none of ours.
func badForm(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return brevdue.ErrNotFound
}

// picked tells whether a file was picked and not added: a browser without scripts sends
// no more than its name with the form.
func picked(f url.Values) bool {
	for _, name := range f["files"] {
		if name != "" && name != "[object File]" {
			return true
		}
	}
	return false
}

// notAdded is the fault of a letter that would go without a file that was picked.
func notAdded(v *visit) mailbox.Faults {
	return mailbox.Faults{{Field: "files", Text: v.words.T("attach.notadded"), TextEN: v.words.T("attach.notadded")}}
}

// press does what a button within the form asks for.
func (wb *Workbench) press(v *visit, unit store.Unit, f *filled) error {
	f.press(unit)
	if id, ok := strings.CutPrefix(f.do, detaching); ok {
		n, err := formID(id)
		if err != nil {
			return err
		}
		token, err := wb.cfg.Box.Detach(v.ctx(), *v.person, unit.GLN, n)
		if errors.Is(err, brevdue.ErrNotFound) {
			return nil // a colleague has done it; the form shows what is there
		}
		f.filesSaid, f.filesBack = v.words.T("attach.removed"), attachBack+token
		return err
	}
	if token, ok := strings.CutPrefix(f.do, attachBack); ok {
		f.filesSaid = v.words.T("did.undone")
		err := wb.cfg.Box.Undo(v.ctx(), *v.person, unit.GLN, token)
		if errors.Is(err, brevdue.ErrConflict) {
			f.filesSaid, err = v.words.T("did.toolate"), nil
		}
		return err
	}
	return nil
}

// takeFiles gives a form that writes a letter of ours anew the files that went with it.
func (wb *Workbench) takeFiles(v *visit, unit store.Unit, f *filled, replyTo, letter int64) error {
	fields := url.Values{}
	for _, p := range f.hidden() {
		fields.Add(p.Name, p.Value)
	}
	form, err := wb.draftForm(v, unit, replyTo, f, fields)
	if err != nil {
		return err
	}
	kept, err := wb.cfg.Box.AttachFrom(v.ctx(), *v.person, unit.GLN, form, letter)
	f.version = kept.Version
	return err
}

// draftFile hands out a file of a letter being written, never as a page.
func (wb *Workbench) draftFile(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	name, data, err := wb.cfg.Box.DraftFile(v.ctx(), *v.person, unit.GLN, id)
	if err != nil {
		return err
	}
	return v.download(name, data)
}

package mailbox_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// attach adds files to the draft of a token and fails when one is refused.
func (w *world) attach(token string, files ...mailbox.Upload) {
	w.t.Helper()
	got, err := w.box.Attach(w.ctx, anne(), clinic, mailbox.DraftForm{Token: token, Form: "text=Fortrolig"}, files)
	if err != nil || len(got.Refused) != 0 {
		w.t.Fatal(got.Refused, err)
	}
}

// filesOf are the files of the unit's draft that was changed last.
func (w *world) filesOf() (out []store.DraftFile) {
	w.t.Helper()
	drafts := w.draftsOf(clinic)
	if len(drafts) == 0 {
		return nil
	}
	w.view(func(tx store.Tx) (err error) { out, err = tx.Drafts().Files(w.ctx, drafts[0].ID); return err })
	return out
}

func seen(files []store.DraftFile) (ids []int64) {
	for _, f := range files {
		ids = append(ids, f.ID)
	}
	return ids
}

// F62: files that were added go along in a message of their own, and leave with the draft.
func TestAttachedFilesAreSent(t *testing.T) {
	w := newWorld(t)
	w.attach("aa", mailbox.Upload{Name: `C:\fakepath\Sår på hæl.PNG`, Data: []byte(png)}, mailbox.Upload{Name: "Epikrise.pdf", Data: []byte("%PDF-1.7 x")})
	w.reopen()
	d := draft()
	d.Token = "aa"
	form, err := w.box.LetterForm(w.ctx, anne(), clinic, d)
	if err != nil || len(form.Files) != 2 || form.Files[0].Name != "Sår på hæl.png" || form.Files[1].Why != "" {
		t.Fatalf("%+v, %v", form.Files, err)
	}
	p, err := w.box.CheckLetter(w.ctx, anne(), clinic, d)
	if err != nil || len(p.Seen.Attachments) != 2 || p.Seen.Attachments[0].Description != "Sår på hæl.png" {
		t.Fatalf("%+v, %v", p.Seen.Attachments, err)
	}
	// What the writer has not seen is not sent.
	if got := faults(t, func() error { _, err := w.box.SendLetter(w.ctx, anne(), clinic, d); return err }()); got != "files" {
		t.Errorf("sent without having been seen: %q", got)
	}
	d.Files = seen(w.filesOf())
	id, err := w.box.SendLetter(w.ctx, anne(), clinic, d)
	if err != nil {
		t.Fatal(err)
	}
	if len(w.draftsOf(clinic)) != 0 || !strings.Contains(w.jobs(), fmt.Sprintf("files:%d", id)) {
		t.Errorf("drafts %d, jobs %s", len(w.draftsOf(clinic)), w.jobs())
	}
	if _, data, err := w.box.Attachment(w.ctx, anne(), clinic, id, 2); string(data) != "%PDF-1.7 x" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	w.view(func(tx store.Tx) error {
		if marked, err := tx.Retention().Marked(w.ctx, "", 0); len(marked) != 0 || err != nil {
			t.Errorf("bytes that went along are to be erased: %v, %v", marked, err)
		}
		return nil
	})
	// Taken back, nothing of it leaves, and a new draft has the files.
	if _, _, err := w.box.Withdraw(w.ctx, anne(), clinic, id); err != nil || w.jobs() != "" {
		t.Fatal(err, w.jobs())
	}
	if _, err := w.box.AttachFrom(w.ctx, anne(), clinic, mailbox.DraftForm{Token: "bb"}, id); err != nil {
		t.Fatal(err)
	}
	if files := w.filesOf(); len(files) != 2 || files[0].Name != "Sår på hæl.png" || files[1].Extension != "pdf" {
		t.Errorf("%+v", files)
	}
	w.sound()
}

// A reply takes files along as a new letter does; to who takes none it is not sent.
func TestFilesOfAReply(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{})
	if _, err := w.box.Attach(w.ctx, anne(), clinic, mailbox.DraftForm{Token: "aa", ReplyTo: id}, []mailbox.Upload{{Name: "a.gif", Data: []byte("GIF89a")}}); err != nil {
		t.Fatal(err)
	}
	d := answer()
	d.Token = "aa"
	if p, err := w.box.CheckReply(w.ctx, anne(), clinic, id, d); err != nil || len(p.Seen.Attachments) != 1 {
		t.Errorf("%+v, %v", p.Seen.Attachments, err)
	}
	none := draft()
	none.Token, none.Receiver = "aa", outSoc
	if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, none))); got != "files" {
		t.Errorf("to who takes no files: faults in %q", got)
	}
	w.sound()
}

// What is no file of the five kinds is refused by name, whatever it is called, and the
// others are kept.
func TestFilesAreRefused(t *testing.T) {
	w := newWorld(t)
	big := append([]byte("%PDF-"), bytes.Repeat([]byte("x"), mailbox.MaxFiles-5)...)
	got, err := w.box.Attach(w.ctx, anne(), clinic, mailbox.DraftForm{Token: "aa"}, []mailbox.Upload{
		{Name: "side.png", Data: []byte("<html><script>")}, {Name: "side.html", Data: []byte("<html>")}, {Name: "tom.txt"}, {Name: "støj.txt", Data: []byte("a\x00b")},
		{Name: "ok.txt", Data: []byte("Kære alle\r\n\tæøå")}, {Name: "stor.pdf", Data: big}, {Name: "0104909989 foto.jpg", Data: []byte("\xff\xd8\xff")}})
	if err != nil {
		t.Fatal(err)
	}
	if faults(t, got.Refused) != "files files files files files" || !strings.HasPrefix(got.Refused[0].Text, "side.png: Kun PDF") || !strings.Contains(got.Refused[4].Text, "50 MB") {
		t.Errorf("%+v", got.Refused)
	}
	files := w.filesOf()
	if len(files) != 2 || files[0].Name != "ok.txt" || files[0].Code != "tekstfil" || files[1].Name != "Bilag.jpg" || files[1].Extension != "jpeg" {
		t.Errorf("%+v", files)
	}
	for range 8 {
		w.attach("aa", mailbox.Upload{Name: "x.gif", Data: []byte("GIF87a")})
	}
	if got, err = w.box.Attach(w.ctx, anne(), clinic, mailbox.DraftForm{Token: "aa"}, []mailbox.Upload{{Name: "x.gif", Data: []byte("GIF87a")}}); err != nil || faults(t, got.Refused) != "files" {
		t.Errorf("an eleventh: %+v, %v", got, err)
	}
	w.sound()
}

// A file that was taken away comes back, and so does one that went with its draft; not
// when its bytes were erased meanwhile.
func TestFilesComeBack(t *testing.T) {
	w := newWorld(t)
	w.attach("aa", mailbox.Upload{Name: "a.png", Data: []byte(png)})
	back := func(token string, err error, want error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if err := w.box.Undo(w.ctx, anne(), clinic, token); !errors.Is(err, want) {
			t.Errorf("undo: %v", err)
		}
	}
	token, err := w.box.Detach(w.ctx, anne(), clinic, w.filesOf()[0].ID)
	if len(w.filesOf()) != 0 {
		t.Error("it is still there")
	}
	back(token, err, nil)
	token, err = w.box.DeleteDraft(w.ctx, anne(), clinic, w.draftsOf(clinic)[0].ID)
	back(token, err, nil)
	if files := w.filesOf(); len(files) != 1 || files[0].Name != "a.png" {
		t.Fatalf("%+v", files)
	}
	sha := w.filesOf()[0].SHA
	token, err = w.box.Detach(w.ctx, anne(), clinic, w.filesOf()[0].ID)
	w.update(func(tx store.Tx) error {
		gone, err := tx.Retention().Erase(w.ctx, sha)
		if !gone {
			t.Error("the bytes were not marked")
		}
		return err
	})
	back(token, err, brevdue.ErrConflict)
	w.sound()
}

// Who writes on in a draft that a colleague has changed keeps its files, and another
// unit's form is no way to them.
func TestFilesFollowTheForm(t *testing.T) {
	w := newWorld(t)
	w.attach("aa", mailbox.Upload{Name: "a.png", Data: []byte(png)})
	if _, err := w.box.KeepDraft(w.ctx, clara(), clinic, mailbox.DraftForm{Token: "aa", Form: "text=b", Version: 1}); err != nil {
		t.Fatal(err)
	}
	k, err := w.box.KeepDraft(w.ctx, anne(), clinic, mailbox.DraftForm{Token: "aa", Form: "text=c", Version: 1})
	if err != nil || k.Other == "" {
		t.Fatal(k, err)
	}
	d := draft()
	for _, token := range []string{"aa", k.Token} {
		d.Token = token
		if form, err := w.box.LetterForm(w.ctx, anne(), clinic, d); err != nil || len(form.Files) != 1 {
			t.Errorf("%+v, %v", form.Files, err)
		}
	}
	d.Token = "aa"
	if form, err := w.box.LetterForm(w.ctx, clara(), ward, d); err != nil || len(form.Files) != 0 {
		t.Errorf("another unit's form shows them: %+v, %v", form.Files, err)
	}
	if _, err := w.box.Attach(w.ctx, clara(), ward, mailbox.DraftForm{Token: "aa"}, []mailbox.Upload{{Name: "a.png", Data: []byte(png)}}); !errors.Is(err, brevdue.ErrNotFound) {
		t.Errorf("another unit's draft: %v", err)
	}
	w.sound()
}

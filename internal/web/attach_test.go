package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"brevdue/internal/htmlcheck"
	"brevdue/internal/store"
)

const photo = "\x89PNG\r\n\x1a\nbillede"

// upload sends a form with files as a browser does.
func (b *browser) upload(path string, values url.Values, files ...[2]string) *page {
	b.w.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name, list := range values {
		for _, v := range list {
			if name == "files" {
				continue
			}
			if err := m.WriteField(name, v); err != nil {
				b.w.t.Fatal(err)
			}
		}
	}
	for _, f := range files {
		part, err := m.CreateFormFile("files", f[0])
		if err != nil {
			b.w.t.Fatal(err)
		}
		if _, err := part.Write([]byte(f[1])); err != nil {
			b.w.t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		b.w.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.w.ctx, http.MethodPost, b.w.server.URL+path, &body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// replyFilled is the form of a reply, filled in but for its files.
func replyFilled(t *testing.T, p *page) *htmlcheck.Form {
	t.Helper()
	f := p.Form("/svar")
	if f == nil || !f.Set("text", "Se billedet.") || !f.Set("basis", "41-2-1") {
		t.Fatal("the form cannot be filled in")
	}
	return f
}

// F62, F61: files are added without scripts; all that was written stays, and they leave
// with the letter.
func TestAttachWithoutJavaScript(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{from: east, to: clinic})
	b := w.signedIn("anne")
	path := letterPath(clinic, id) + "/svar"
	p := b.get(path)
	if p.First("button[formaction="+path+"/bilag]") == nil {
		t.Fatal("there is no button that adds files")
	}
	f := replyFilled(t, p)
	b.upload(path+"/bilag", f.Values).want(422, "Vælg først en fil")
	// A file that was picked and not added does not stay behind unnoticed.
	f.Values.Set("files", "Foto.png")
	f.Press("do", "tjek")
	b.submit(f).want(422, "En fil er valgt, men ikke vedhæftet")
	p = b.upload(path+"/bilag", f.Values, [2]string{"Sår.png", photo}, [2]string{"side.html", "<html><script>alert(1)</script>"}, [2]string{"Epikrise.pdf", "%PDF-1.7"})
	p.want(422, "2 bilag er vedhæftet.", "Sår.png", "Epikrise.pdf", "side.html: Kun PDF")
	f = p.Form("/svar")
	if f.Values.Get("text") != "Se billedet." || f.Values.Get("basis") != "41-2-1" || len(f.Values["fil"]) != 2 || f.Values.Get("kladde") != "1" {
		t.Errorf("what was written: %v", f.Values)
	}
	file := p.First(".files").First("a")
	if got := b.get(file.Attr["href"]); got.body != photo || got.header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment; filename=\"kladde-bilag-") {
		t.Errorf("%q, %v", got.body, got.header)
	}
	w.signedIn("bo").get(file.Attr["href"]).want(404)
	// One is taken away, comes back, and goes again.
	f.Press("do", "fjern:"+f.Values["fil"][0])
	p = b.submit(f).want(200, "Bilaget er fjernet.")
	f = p.Form("/svar")
	if len(f.Values["fil"]) != 1 || f.Values.Get("text") != "Se billedet." {
		t.Errorf("%v", f.Values)
	}
	f.Press("do", p.First("#f-files-back").Attr["value"])
	p = b.submit(f).want(200, "Det er fortrudt", "Sår.png")
	f = p.Form("/svar")
	f.Press("do", "tjek")
	check := b.submit(f).want(200, "Tjek dine svar", "Epikrise.pdf 8 byte", "Sår.png")
	f = check.Form("/svar")
	f.Press("do", "send")
	b.submit(f).want(200, "Brevet er afsendt")
	w.drain()
	var sent []store.Enclosure
	w.update(func(tx store.Tx) (err error) {
		rows, err := tx.Letters().SentBy(w.ctx, clinic, 9, 0)
		if err != nil || len(rows) != 1 {
			t.Fatal(len(rows), err)
		}
		sent, err = tx.Files().Enclosed(w.ctx, rows[0].ID)
		return err
	})
	if len(sent) != 2 || w.out < 3 { // a receipt, the letter and its files
		t.Errorf("%d files with the letter, %d handed over", len(sent), w.out)
	}
	b.get(unitPath(clinic)+"/kladder").want(200, "Ingen kladder")
	if strings.Contains(w.logged(), "Epikrise") {
		t.Error("a file's name is in the log")
	}
}

// Who takes no files is told of beside them, before anything is sent.
func TestReceiverTakesNoFiles(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{})
	b := w.signedIn("anne")
	path := letterPath(clinic, id) + "/svar"
	f := replyFilled(t, b.get(path))
	p := b.upload(path+"/bilag", f.Values, [2]string{"a.png", photo}).want(200, "Modtageren kan efter kataloget ikke tage imod filer.")
	f = p.Form("/svar")
	f.Press("do", "tjek")
	b.submit(f).want(422, "Fjern bilagene, eller vælg en anden modtager.")
	b.upload(unitPath(ward)+"/nyt/bilag", f.Values, [2]string{"a.png", photo}).want(404)
}

// More than 50 MB is told of on the page, and so is a form that is too large.
func TestLargeUpload(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn("anne")
	path := unitPath(clinic) + "/nyt"
	f := b.get(path).Form("/nyt")
	big := "%PDF-" + strings.Repeat("x", 26<<20)
	p := b.upload(path+"/bilag", f.Values, [2]string{"a.pdf", big}, [2]string{"b.pdf", big}, [2]string{"c.pdf", "%PDF-c"})
	p.want(422, "b.pdf: Bilagene må højst fylde 50 MB i alt.", "2 bilag er vedhæftet.", "c.pdf")
	f.Values.Set("text", strings.Repeat("x", 600<<10))
	b.upload(path+"/bilag", f.Values, [2]string{"c.pdf", "%PDF-c"}).want(413)
}

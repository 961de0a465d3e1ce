package web_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/pdf"
	"brevdue/kalender"
	"brevdue/medcom"
)

// arriveWith lets a letter come in with files, and the message that carries them.
func (w *world) arriveWith(objects ...medcom.Object) int64 {
	w.t.Helper()
	w.numbers++
	sender := brevdue.Party{GLN: home, ID: string(home), IDCode: brevdue.IDLocation, Organisation: "Prøvekøbing Kommune", Department: "Hjemmesygeplejen Nord"}
	receiver := brevdue.Party{GLN: clinic, ID: string(clinic), IDCode: brevdue.IDLocation, Organisation: "Prøvehospitalet"}
	citizen := brevdue.Patient{CPR: testCPR, Given: "Torre Test", Surname: "Mosebryggersen", Episode: brevdue.EpisodeOutpatient}
	envelope := brevdue.Envelope{ID: fmt.Sprintf("F%d", w.numbers), Sent: kalender.LocalOf(w.clock()), Sender: home, Receiver: clinic}
	l := brevdue.Letter{ID: fmt.Sprintf("LF%d", w.numbers), Authorised: envelope.Sent, Status: brevdue.NewLetter, Subject: "Medicin", Sender: sender, Receiver: receiver, Patient: citizen,
		Segments: []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText("Se bilag.")}}}}
	for i := range objects {
		objects[i].ObjectID = fmt.Sprintf("%032x", w.numbers*100+i)
		l.Attachments = append(l.Attachments, brevdue.Attachment{Kind: brevdue.BinaryAttachment, Description: fmt.Sprintf("Bilag nr. %d", i+1), ObjectID: objects[i].ObjectID,
			ObjectCode: objects[i].Code, Extension: objects[i].Extension, Size: int64(len(objects[i].Data))})
	}
	data, fs := medcom.Encode(medcom.Message{Envelope: envelope, Letters: []brevdue.Letter{l}}, brevdue.XDIS91)
	if data == nil {
		w.t.Fatal(fs)
	}
	w.receive(data)
	id := w.newest().ID
	envelope.ID += "B"
	data, fs = medcom.EncodeBinary(medcom.BinaryMessage{Envelope: envelope, Letters: []medcom.BinaryLetter{{ID: l.ID + "B", Authorised: envelope.Sent, Sender: sender, Receiver: receiver, Patient: citizen, Objects: objects}}}, brevdue.XBIN01)
	if data == nil {
		w.t.Fatal(fs)
	}
	w.receive(data)
	return id
}

// The pictures and the document of the tests are real ones.
func picture(t testing.TB, kind string) []byte {
	t.Helper()
	m := image.NewPaletted(image.Rect(0, 0, 60, 40), color.Palette{color.White, color.RGBA{11, 91, 173, 255}})
	for x := range 60 {
		m.SetColorIndex(x, x*40/60, 1)
	}
	var b bytes.Buffer
	var err error
	switch kind {
	case "png":
		err = png.Encode(&b, m)
	case "jpeg":
		err = jpeg.Encode(&b, m, nil)
	case "gif":
		err = gif.Encode(&b, m, nil)
	case "pdf":
		err = pdf.Write(&b, pdf.Sheet{Lang: "da", Title: "Prøve", Heading: "Medicinliste", Page: "Side %s af %s", Made: at(10, 0, 0)})
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const disguised = `<!doctype html><script src="/x.js"></script><p>Medicin</p>`

// A file is shown only when its own bytes say that it is a picture or a PDF, and then in
// a box in which nothing runs; whatever else it is, it is downloaded.
func TestFilesAreShownByTheirBytes(t *testing.T) {
	w := newWorld(t)
	files := []struct {
		code, extension string
		data            []byte
		kind            string // it is shown as; "": it is downloaded
	}{
		{"billede", "png", picture(t, "png"), "image/png"},
		{"billede", "jpeg", picture(t, "jpeg"), "image/jpeg"},
		{"billede", "gif", picture(t, "gif"), "image/gif"},
		{"vektor_grafik", "pdf", picture(t, "pdf"), "application/pdf"},
		{"billede", "png", []byte(disguised), ""},                                    // a page that says it is a picture
		{"vektor_grafik", "pdf", append([]byte(disguised), "%PDF-1.4"...), ""},       // and one with a mark somewhere
		{"tekstfil", "txt", []byte(disguised), ""},                                   // a page that says it is a text
		{"billede", "jpeg", []byte(`<svg onload="alert(1)"></svg>`), ""},             // a drawing with a script
		{"multimedie", "bin", picture(t, "png"), "image/png"},                        // a picture that says nothing
		{"billede", "bmp", append([]byte("BM"), bytes.Repeat([]byte{0}, 60)...), ""}, // a picture no record needs
	}
	var objects []medcom.Object
	for _, f := range files {
		objects = append(objects, medcom.Object{Code: f.code, Extension: f.extension, Data: f.data})
	}
	id := w.arriveWith(objects...)
	anne, bo := w.signedIn("anne"), w.signedIn("bo")
	letter := anne.get(letterPath(clinic, id)).want(200, "Bilag nr. 1")
	for i, f := range files {
		path := fmt.Sprintf("%s/bilag/%d", letterPath(clinic, id), i+1)
		name := fmt.Sprintf("%s, file %d (%s)", path, i+1, f.extension)
		shown := anne.get(path + "/fil")
		h := shown.header
		if shown.status != 200 || shown.body != string(f.data) || h.Get("X-Content-Type-Options") != "nosniff" || strings.Contains(h.Get("Content-Security-Policy"), "sandbox") == (f.kind == "application/pdf") ||
			!strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: status %d, %v", name, shown.status, h)
		}
		want, how := "application/octet-stream", "attachment; filename="
		if f.kind != "" {
			want, how = f.kind, "inline; filename="
		}
		if h.Get("Content-Type") != want || !strings.HasPrefix(h.Get("Content-Disposition"), how+`"B-000001-bilag-`) {
			t.Errorf("%s: %s, %s", name, h.Get("Content-Type"), h.Get("Content-Disposition"))
		}
		p := anne.get(path+"/vis").want(200, fmt.Sprintf("Bilag %d", i+1), "Hent filen").wantNot("onload", "x.js")
		inside := p.First(".preview-image") != nil || p.First(".preview-pdf") != nil
		if inside != (f.kind != "") || inside == strings.Contains(p.body, "Filen kan ikke vises her.") {
			t.Errorf("%s: shown on its page: %v", name, inside)
		}
		if frames := strings.Contains(p.header.Get("Content-Security-Policy"), "frame-src"); frames != (f.kind == "application/pdf") {
			t.Errorf("%s: the page may hold frames: %v", name, frames)
		}
		linked := false
		for _, a := range letter.All("a[href]") {
			linked = linked || a.Attr["href"] == path+"/vis"
		}
		// What claims to be a PDF further down looks like one on arrival; its page says no.
		if linked != (f.kind != "" && f.extension != "bin" || i == 5) {
			t.Errorf("%s: the letter leads to its page: %v", name, linked)
		}
		if d := anne.get(path); d.header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(d.header.Get("Content-Disposition"), "attachment;") {
			t.Errorf("%s: downloaded as %v", name, d.header)
		}
		for _, end := range []string{"", "/vis", "/fil"} {
			bo.get(path + end).want(404)
			bo.get(strings.Replace(path, string(clinic), string(ward), 1) + end).want(404)
		}
	}
	for _, end := range []string{"/bilag/11/fil", "/bilag/0/vis", "/bilag/x/fil"} {
		anne.get(letterPath(clinic, id) + end).want(404)
	}
	if n, want := w.audit("attachment.opened"), 3*len(files); n != want {
		t.Errorf("%d openings are on record, want %d", n, want)
	}
	if strings.Contains(w.logged(), testCPR) {
		t.Error("the log holds the citizen's number")
	}
}

// F34, F54: a file is forwarded to who can take it, seen before sending, kept with the new
// letter and sent in a message of its own.
func TestForwardWithAFile(t *testing.T) {
	w := newWorld(t)
	id := w.arriveWith(medcom.Object{Code: "billede", Extension: "png", Data: picture(t, "png")})
	anne := w.signedIn("anne")
	p := anne.get(letterPath(clinic, id)+"/videresend").want(200, "Medtag bilag", "Bilag nr. 1")
	f := p.Form(unitPath(clinic) + "/nyt")
	key := fmt.Sprintf("%d.0", id)
	for k, v := range map[string]string{"receiver": string(social), "text": "Se foto.", "phone": "87654321", "basis": "41-2-1", "health": "yes", "discharging": "no", "do": "tjek", "enclose": key} {
		f.Values.Set(k, v)
	}
	p = anne.post(unitPath(clinic)+"/nyt", f.Values)
	p.want(422, "Modtageren kan efter kataloget ikke tage imod filer.")
	if p.First("#f-encloses") == nil {
		t.Error("the fault has no field to lead to")
	}
	f.Values.Set("receiver", string(east))
	anne.post(unitPath(clinic)+"/nyt", f.Values).want(200, "Tjek dine svar", "Bilag nr. 1")
	f.Values.Set("do", "send")
	anne.post(unitPath(clinic)+"/nyt", f.Values).want(200, "Brevet er afsendt")
	w.mu.Lock()
	before := w.out
	w.mu.Unlock()
	w.drain()
	w.mu.Lock()
	left := w.out - before
	w.mu.Unlock()
	if left != 2 {
		t.Errorf("%d files left, want the letter and its file", left)
	}
	own := fmt.Sprintf("%s/sendt/%d", unitPath(clinic), id+1)
	anne.get(own).want(200, "Bilag afsendt", "Bilag nr. 1")
	if got := anne.get(own + "/bilag/1/fil"); got.body != string(picture(t, "png")) || got.header.Get("Content-Type") != "image/png" {
		t.Errorf("%d, %v", got.status, got.header)
	}
	w.signedIn("bo").get(own + "/bilag/1").want(404)
}

// A file that has not come is announced with who to call, also where the letter gives no
// number.
func TestMissingFileSaysWhoToCall(t *testing.T) {
	w := newWorld(t)
	sender := brevdue.Party{GLN: home, ID: string(home), IDCode: brevdue.IDLocation, Organisation: "Prøvekøbing Kommune", Department: "Hjemmesygeplejen Nord"}
	envelope := brevdue.Envelope{ID: "K90", Sent: kalender.LocalOf(w.clock()), Sender: home, Receiver: clinic}
	data, fs := medcom.Encode(medcom.Message{Envelope: envelope, Letters: []brevdue.Letter{{ID: "L90", Authorised: envelope.Sent, Status: brevdue.NewLetter, Subject: "Medicin", Sender: sender,
		Receiver: brevdue.Party{GLN: clinic, ID: string(clinic), IDCode: brevdue.IDLocation, Organisation: "Prøvehospitalet"}, Patient: brevdue.Patient{CPR: testCPR, Surname: "Mosebryggersen", Episode: brevdue.EpisodeOutpatient},
		Segments:    []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText("Se foto.")}}},
		Attachments: []brevdue.Attachment{{Kind: brevdue.BinaryAttachment, Description: "Sårfoto", ObjectID: "0f1e2d3c4b5a69788796a5b4c3d2e1f0", ObjectCode: "billede", Extension: "jpeg", Size: 4}}}}}, brevdue.XDIS91)
	if data == nil {
		t.Fatal(fs)
	}
	w.receive(data)
	anne := w.signedIn("anne")
	anne.get(letterPath(clinic, 1)).want(200, "Bilaget er endnu ikke modtaget. Ring til Prøvekøbing Kommune.")
	if text := paperText(t, anne.get(letterPath(clinic, 1)+"/pdf").body); !strings.Contains(text, "Bilaget er endnu ikke modtaget.") {
		t.Errorf("the paper does not say that the file is missing:\n%s", text)
	}
}

// F61: pictures and documents are seen in the browser, on accessible pages, and nothing
// of a file runs.
func TestBrowserFiles(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	id := w.arriveWith(medcom.Object{Code: "billede", Extension: "png", Data: picture(t, "png")}, medcom.Object{Code: "vektor_grafik", Extension: "pdf", Data: picture(t, "pdf")},
		medcom.Object{Code: "billede", Extension: "png", Data: []byte("<script>top.document.title = 'ran'</script>")})
	b := w.window(t)
	b.signIn("anne", unitPath(clinic)+"/indbakke")
	b.open(letterPath(clinic, id))
	b.until("the letter", `document.querySelectorAll(".attachments a.btn").length === 2`)
	b.inspect("letter with files")
	for n := 1; n <= 3; n++ {
		path := fmt.Sprintf("%s/bilag/%d/vis", letterPath(clinic, id), n)
		b.open(path)
		b.at(path)
		switch n {
		case 1:
			b.until("the picture", `document.querySelector(".preview-image").naturalWidth === 60`)
		case 2:
			b.until("the document", `document.querySelector(".preview-pdf") && performance.getEntriesByType("resource").some(e => e.name.endsWith("/bilag/2/fil") && e.responseStatus === 200)`)
		case 3:
			if js[bool](b, `Boolean(document.querySelector("main img, main iframe"))`) {
				t.Error("a page that says it is a picture is shown")
			}
		}
		b.inspect(fmt.Sprintf("file %d", n))
	}
}

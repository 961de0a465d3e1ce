package web_test

import (
	"strings"
	"testing"

	"brevdue"
	"brevdue/kalender"
	"brevdue/medcom"
)

// A letter's file is missing, with whom to call, until its message comes; then it
// can be opened, byte for byte, by the unit alone.
func TestAttachmentOfALetter(t *testing.T) {
	w := newWorld(t)
	const id = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
	photo := []byte("\xff\xd8\xff\xe0UNT+1'\r\n\x00")
	sender := brevdue.Party{GLN: home, ID: string(home), IDCode: brevdue.IDLocation, Organisation: "Prøvekøbing Kommune", Phone: "11 22 33 44"}
	receiver := brevdue.Party{GLN: clinic, ID: string(clinic), IDCode: brevdue.IDLocation, Organisation: "Prøvehospitalet"}
	citizen := brevdue.Patient{CPR: testCPR, Surname: "Mosebryggersen", Episode: brevdue.EpisodeOutpatient}
	envelope := brevdue.Envelope{ID: "K90", Sent: kalender.LocalOf(w.clock()), Sender: home, Receiver: clinic}
	reference := brevdue.Attachment{Kind: brevdue.BinaryAttachment, Description: "Sårfoto", ObjectID: id, ObjectCode: "billede", Extension: "jpeg", Size: int64(len(photo))}
	missing := reference
	missing.ObjectID, missing.Description = "1"+id[1:], "Røntgen"
	data, fs := medcom.Encode(medcom.Message{Envelope: envelope, Letters: []brevdue.Letter{{ID: "L90", Authorised: envelope.Sent, Status: brevdue.NewLetter, Subject: "Medicin", Sender: sender, Receiver: receiver,
		Patient: citizen, Segments: []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText("Se foto.")}}}, Attachments: []brevdue.Attachment{reference, missing}}}}, brevdue.DIS91)
	if data == nil {
		t.Fatal(fs)
	}
	w.receive(data)
	anne := w.signedIn("anne")
	p := anne.get(letterPath(clinic, 1))
	p.want(200, "Sårfoto", "Bilaget er endnu ikke modtaget. Afsenderens telefon: 11 22 33 44")
	anne.get(letterPath(clinic, 1) + "/bilag/1").want(404)

	envelope.ID = "K91"
	files := medcom.BinaryMessage{Envelope: envelope, Letters: []medcom.BinaryLetter{{ID: "L91", Authorised: envelope.Sent, Sender: sender, Receiver: receiver, Patient: citizen,
		Objects: []medcom.Object{{ObjectID: id, Code: "billede", Extension: "jpeg", Data: photo}}}}}
	data, fs = medcom.EncodeBinary(files, brevdue.BIN01)
	if data == nil {
		t.Fatal(fs)
	}
	w.receive(data)
	anne.get(letterPath(clinic, 1)).want(200, "Bilag modtaget", "Røntgen", "endnu ikke modtaget")
	got := anne.get(letterPath(clinic, 1) + "/bilag/1")
	if got.status != 200 || got.body != string(photo) || got.header.Get("Content-Disposition") != `attachment; filename="B-000001-bilag-1.jpeg"` || got.header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("status %d, %d bytes, %v", got.status, len(got.body), got.header)
	}
	for _, path := range []string{"/bilag/2", "/bilag/0", "/bilag/3", "/bilag/x"} {
		anne.get(letterPath(clinic, 1) + path).want(404)
	}
	bo := w.signedIn("bo")
	bo.get(letterPath(clinic, 1) + "/bilag/1").want(404)
	bo.get(letterPath(ward, 1) + "/bilag/1").want(404)
	if strings.Contains(w.logged(), testCPR) {
		t.Error("the log holds the citizen's number")
	}
}

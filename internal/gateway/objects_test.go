package gateway

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/kalender"
	"brevdue/medcom"
)

const objectID = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"

// photo is a file whose bytes would trip a reader that looks for segments.
var photo = []byte("\xff\xd8\xff\xe0UNT+1'UNZ?+:\r\n\x00")

// withPhoto is a letter that refers to photo.
func withPhoto(t *testing.T, w *world, kind brevdue.Kind, cpr brevdue.CPR) []byte {
	t.Helper()
	m := medcom.Message{Envelope: brevdue.Envelope{ID: "K1", Sent: kalender.LocalOf(w.clock()), Sender: homecare, Receiver: clinic, WantsReceipt: true},
		Letters: []brevdue.Letter{{
			ID: "B1", Authorised: kalender.LocalOf(w.clock()), Status: brevdue.NewLetter, Subject: "Sygepleje-kommune",
			Sender:      brevdue.Party{GLN: homecare, ID: string(homecare), IDCode: brevdue.IDLocation, Organisation: "Prøvekøbing Kommune", Phone: "11223344"},
			Receiver:    brevdue.Party{GLN: clinic, ID: string(clinic), IDCode: brevdue.IDLocation, Organisation: "Prøvehospitalet"},
			Patient:     brevdue.Patient{CPR: cpr, Surname: "Mosebryggersen", Episode: brevdue.EpisodeInpatient},
			Segments:    []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText("Se foto.")}}},
			Attachments: []brevdue.Attachment{{Kind: brevdue.BinaryAttachment, Description: "Sårfoto", ObjectID: objectID, ObjectCode: "billede", Extension: "jpeg", Size: int64(len(photo))}},
		}}}
	data, fs := medcom.Encode(m, kind)
	if data == nil {
		t.Fatal(fs)
	}
	return data
}

// files is the attachment message with photo.
func files(t *testing.T, w *world, kind brevdue.Kind, edit func(*medcom.BinaryMessage)) []byte {
	t.Helper()
	m := medcom.BinaryMessage{Envelope: brevdue.Envelope{ID: "K2", Sent: kalender.LocalOf(w.clock()), Sender: homecare, Receiver: clinic, WantsReceipt: true},
		Letters: []medcom.BinaryLetter{{
			ID: "B2", Authorised: kalender.LocalOf(w.clock()),
			Sender:   brevdue.Party{GLN: homecare, ID: string(homecare), IDCode: brevdue.IDLocation, Organisation: "Prøvekøbing Kommune"},
			Receiver: brevdue.Party{GLN: clinic, ID: string(clinic), IDCode: brevdue.IDLocation, Organisation: "Prøvehospitalet"},
			Patient:  brevdue.Patient{CPR: testCPR, Surname: "Mosebryggersen"},
			Objects:  []medcom.Object{{ObjectID: objectID, Code: "billede", Extension: "jpeg", Data: photo}},
		}}}
	if edit != nil {
		edit(&m)
		m.Letters[0].Sender.GLN, m.Letters[0].Receiver.GLN = m.Envelope.Sender, m.Envelope.Receiver
	}
	data, fs := medcom.EncodeBinary(m, kind)
	if data == nil {
		t.Fatal(fs)
	}
	return data
}

// kept lists the files the archive has, and what the letter's timeline says.
func (w *world) kept() string {
	w.t.Helper()
	var b strings.Builder
	w.view(func(tx store.Tx) error {
		found, err := tx.Objects().Find(w.ctx, clinic, homecare, objectID)
		if err != nil {
			return err
		}
		for _, o := range found {
			data, err := tx.Originals().Get(w.ctx, o.SHA)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "%s %d same=%v odd=%v; ", o.Extension, o.Size, bytes.Equal(data, photo), o.Odd)
		}
		letters, err := tx.Objects().Referring(w.ctx, clinic, homecare, objectID)
		if err != nil {
			return err
		}
		for _, id := range letters {
			events, err := tx.Letters().Events(w.ctx, id)
			if err != nil {
				return err
			}
			for _, e := range events {
				if e.What == eventAttachment || e.What == eventStranger {
					fmt.Fprintf(&b, "%s ", e.What)
				}
			}
		}
		return nil
	})
	return strings.TrimSpace(b.String())
}

// A letter and its attachment message come in either order and are answered each
// by itself; the file is the sender's to the byte (std:xdis91 §6.1, §6.4).
func TestFilesAndLettersInEitherOrder(t *testing.T) {
	const one = "jpeg 19 same=true odd=false;"
	for _, pair := range [][2]brevdue.Kind{{brevdue.DIS91, brevdue.BIN01}, {brevdue.XDIS91, brevdue.XBIN01}, {brevdue.DIS91, brevdue.XBIN01}} {
		for _, filesFirst := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s %s files first %v", pair[0], pair[1], filesFirst), func(t *testing.T) {
				w := worldA(t)
				in := [][]byte{withPhoto(t, w, pair[0], testCPR), files(t, w, pair[1], nil)}
				want := one + " attachment"
				if filesFirst {
					in[0], in[1] = in[1], in[0]
					want = one
				}
				w.receive(in...)
				if got := w.kept(); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
				ctl := map[brevdue.Kind]string{brevdue.DIS91: "CTL03", brevdue.XDIS91: "XCTL03", brevdue.BIN01: "CTL03", brevdue.XBIN01: "XCTL03"}
				answers := sayAll(t, w.taken())
				for kind, k := range map[brevdue.Kind]string{pair[0]: "K1", pair[1]: "K2"} {
					if !strings.Contains(answers, ctl[kind]+" for "+k) {
						t.Errorf("%s was not answered: %s", kind, answers)
					}
				}
				if got := w.arrivals(); got != "opened opened" {
					t.Errorf("arrivals %s", got)
				}
			})
		}
	}
}

func TestFilesThatDoNotFit(t *testing.T) {
	tests := []struct {
		name           string
		in             func(t *testing.T, w *world) [][]byte
		arrivals, kept string
		out            string
	}{
		{"about another citizen", func(t *testing.T, w *world) [][]byte {
			return [][]byte{withPhoto(t, w, brevdue.DIS91, "0107729995"), files(t, w, brevdue.BIN01, nil)}
		}, "opened opened", "jpeg 19 same=true odd=false; stranger", "CTL03 for K2"},
		{"from somebody else under the same identifier", func(t *testing.T, w *world) [][]byte {
			return [][]byte{withPhoto(t, w, brevdue.DIS91, testCPR), files(t, w, brevdue.BIN01, func(m *medcom.BinaryMessage) { m.Envelope.Sender = ward })}
		}, "opened opened", "", "CTL03 for K2"},
		{"to nobody here", func(t *testing.T, w *world) [][]byte {
			return [][]byte{files(t, w, brevdue.XBIN01, func(m *medcom.BinaryMessage) { m.Envelope.Receiver = nobody })}
		}, "quarantined", "", "XCTL02 for K2: B2 ukendt_lokationsnummer"},
		{"torn", func(t *testing.T, w *world) [][]byte {
			data := files(t, w, brevdue.BIN01, nil)
			return [][]byte{data[:len(data)-40]}
		}, "quarantined", "", "CTL02 for K2: B2 syntaksfejl"},
		{"the same again", func(t *testing.T, w *world) [][]byte {
			return [][]byte{files(t, w, brevdue.BIN01, nil), files(t, w, brevdue.BIN01, nil)}
		}, "opened duplicate", "jpeg 19 same=true odd=false;", "CTL03 for K2"},
		{"sent again in a new envelope", func(t *testing.T, w *world) [][]byte {
			return [][]byte{files(t, w, brevdue.BIN01, nil), files(t, w, brevdue.BIN01, func(m *medcom.BinaryMessage) { m.Envelope.ID = "K9" })}
		}, "opened duplicate", "jpeg 19 same=true odd=false;", "CTL03 for K9"},
		{"the same number for other files", func(t *testing.T, w *world) [][]byte {
			return [][]byte{files(t, w, brevdue.BIN01, nil), files(t, w, brevdue.BIN01, func(m *medcom.BinaryMessage) {
				m.Envelope.ID, m.Letters[0].Objects[0].Data = "K9", []byte("\xff\xd8\xffandet")
			})}
		}, "opened quarantined", "jpeg 19 same=true odd=false;", "CTL02 for K9: B2 ikke_specificeret"},
		{"not what it says", func(t *testing.T, w *world) [][]byte {
			return [][]byte{files(t, w, brevdue.BIN01, func(m *medcom.BinaryMessage) { m.Letters[0].Objects[0].Data = []byte("MZ\x90\x00program") })}
		}, "opened", "jpeg 11 same=false odd=true;", "CTL03 for K2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := worldA(t)
			for _, data := range tt.in(t, w) {
				w.receive(data)
			}
			if got := w.arrivals(); got != tt.arrivals {
				t.Errorf("arrivals %q, want %q", got, tt.arrivals)
			}
			if got := w.kept(); got != tt.kept {
				t.Errorf("kept %q, want %q", got, tt.kept)
			}
			if got := sayAll(t, w.taken()); !strings.Contains(got, tt.out) {
				t.Errorf("sent %q, want %q", got, tt.out)
			}
			if strings.Contains(w.log.String(), string(testCPR)) {
				t.Error("the log holds the citizen's number")
			}
		})
	}
}

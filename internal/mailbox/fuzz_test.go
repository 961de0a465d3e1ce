package mailbox_test

import (
	"errors"
	"testing"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/medcom"
)

// FuzzDraft: whatever is typed into the form, it is either refused field by
// field or a letter that can be written and read; it is never a failure.
func FuzzDraft(f *testing.F) {
	f.Add(testCPR, "Mosebryggersen", "Medicin", "", "Prøvetekst", "87654321", true)
	f.Add("010490-aa9x", "Å\u030a", "–", "aftalt", "a\tb\r\n'+:?\u2028 <&>", "+45 (87) 65-43-21", false)
	f.Add("", "", "Socialområdet", "x", "\x00", "", true)
	w := newWorld(f)
	fields := map[string]bool{}
	for _, s := range []string{"cpr", "surname", "given", "episode", "receiver", "category", "subject", "subjectreason", "priority", "text", "phone", "startreason"} {
		fields[s] = true
	}
	f.Fuzz(func(t *testing.T, cpr, surname, subject, reason, text, phone string, social bool) {
		d := draft()
		d.CPR, d.Surname, d.Category, d.Subject, d.SubjectReason, d.Text, d.Phone = cpr, surname, "", subject, reason, text, phone
		if social {
			d.Receiver = outSoc // takes EDIFACT
		}
		checked := verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))
		id, err := w.box.SendLetter(w.ctx, anne(), clinic, d)
		if (checked == nil) != (err == nil) {
			t.Fatalf("the check says %v, sending says %v", checked, err)
		}
		var faults mailbox.Faults
		if errors.As(err, &faults) {
			for _, fault := range faults {
				if !fields[fault.Field] || fault.Text == "" || fault.TextEN == "" {
					t.Errorf("fault %+v belongs to no field", fault)
				}
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		var l *store.Letter
		if err := w.store.View(w.ctx, func(tx store.Tx) (err error) { l, err = tx.Letters().Get(w.ctx, id); return err }); err != nil {
			t.Fatal(err)
		}
		data, findings := medcom.Encode(medcom.Message{Letters: []brevdue.Letter{l.Body}, Envelope: brevdue.Envelope{ID: "K1", Sent: l.Body.Authorised, Sender: clinic, Receiver: d.Receiver}}, l.Kind)
		if data == nil {
			t.Fatalf("a queued letter cannot be written: %v", findings)
		}
		m, findings := medcom.Read(data)
		if brevdue.HasErrors(findings) || len(m.Letters) != 1 {
			t.Fatalf("a queued letter cannot be read: %v\n%q", findings, data)
		}
	})
}

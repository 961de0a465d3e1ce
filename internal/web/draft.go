package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// freeSubject is the value of the choice "another subject".
const freeSubject = "*"

// filled is what a person has sent with the form.
type filled struct {
	draft   mailbox.Draft
	words   string // of the search for a receiver
	free    bool   // the subject is in the person's own words
	do      string // the button pressed: "soeg", "opdater", "vaelg:" and a number, "telefon", "tjek", "ret", "send"
	version int64  // of the draft it was filled in on
	saved   string // what is said about its being kept
	known   int64  // the newest letter of ours the person knew of when the reply was begun
	again   bool   // sent although a colleague has answered meanwhile
	given   string // what the form had filled in of a call by itself
	phrase  string // the text of the unit to insert
	picked  bool   // a file was picked and not added

	filesSaid, filesBack string // what was done to its files, and the button that takes it back
}

// readForm reads the form of a new letter or a reply.
func readForm(r *http.Request) (filled, error) {
	if err := r.ParseForm(); err != nil {
		return filled{}, err
	}
	return formOf(r.PostForm), nil
}

// formOf reads the fields of a form, as they were sent or kept.
func formOf(f url.Values) filled {
	trim := func(key string) string { return strings.TrimSpace(f.Get(key)) }
	lines := func(key string) string { return strings.ReplaceAll(f.Get(key), "\r\n", "\n") }
	corrects, _ := strconv.ParseInt(f.Get("corrects"), 10, 64) // 0: of a letter that corrects none
	forwards, _ := strconv.ParseInt(f.Get("forwards"), 10, 64) // 0: of a letter that forwards none
	d := mailbox.Draft{
		Corrects: corrects, Forwards: forwards, Quotes: f["quote"], Encloses: f["enclose"], Files: numbers(f["fil"]),
		CPR: strings.ReplaceAll(strings.ReplaceAll(trim("cpr"), "-", ""), " ", ""), Surname: trim("surname"), Given: trim("given"),
		Episode: brevdue.EpisodeStatus(f.Get("episode")), Receiver: brevdue.GLN(trim("receiver")),
		SubjectReason: trim("subjectreason"), Priority: brevdue.Priority(f.Get("priority")),
		Text: lines("text"), Phone: trim("phone"), StartReason: trim("startreason"), Token: f.Get("token"),
		Purpose: f.Get("purpose"), StandardReason: trim("standardreason"),
		Discharging: f.Get("discharging"), Discharge: trim("discharge"), Services: f.Get("services"), Need: trim("need"), Exempt: f.Get("exempt") == "ja",
		AfterPhone: f.Get("afterphone"), AfterPhoneReason: trim("afterphonereason"),
		Call:  mailbox.CallDraft{At: trim("callat"), Organisation: trim("callorganisation"), Number: trim("callnumber"), Who: trim("callwho"), Agreed: strings.TrimSpace(lines("callagreed"))},
		Basis: f.Get("basis"), Weighing: strings.TrimSpace(lines("weighing")), ConsentDate: trim("consentdate"), Health: f.Get("health"),
	}
	out := filled{words: trim("words"), do: f.Get("do"), given: f.Get("callgiven"), again: f.Get("alligevel") == "ja", picked: picked(f), phrase: f.Get("skabelon")}
	out.version, _ = strconv.ParseInt(f.Get("kladde"), 10, 64) // 0: of a form that was never kept
	out.known, _ = strconv.ParseInt(f.Get("known"), 10, 64)    // 0: of a letter nobody has answered
	if out.given != "" && callKey(d.Call) == out.given {       // nobody has touched what we filled in
		d.Call = mailbox.CallDraft{}
	}
	chosen := f.Get("subject")
	if category, subject, ok := strings.Cut(chosen, "|"); ok {
		d.Category, d.Subject = category, subject
	} else if chosen == freeSubject || !f.Has("subject") {
		out.free, d.Subject = true, trim("freesubject")
	}
	if !out.free {
		d.SubjectReason = ""
	}
	out.draft = d
	return out
}

// numbers reads what of the values are numbers.
func numbers(values []string) (out []int64) {
	for _, s := range values {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// choosing begins the value of the button that chooses a receiver by its number.
const choosing = "vaelg:"

// press does what a button within the form asks for.
func (f *filled) press(unit store.Unit) {
	if f.do == "telefon" {
		f.draft.Phone = unit.Phone
	}
	if gln, ok := strings.CutPrefix(f.do, choosing); ok {
		f.draft.Receiver = brevdue.GLN(gln)
	}
}

// call is the record of a call as the form shows it: as it was filled in, or where
// one is needed and none was begun, with what is known already.
func (f filled) call(form mailbox.Form, needed bool) mailbox.CallDraft {
	if !needed || !f.draft.Call.Empty() {
		return f.draft.Call
	}
	return mailbox.CallDraft{At: string(kalender.LocalOf(form.Now)), Organisation: form.CallName, Number: form.CallPhone}
}

// callKey tells one beginning of a call from another.
func callKey(c mailbox.CallDraft) string {
	return strings.Join([]string{c.At, c.Organisation, c.Number, c.Who, c.Agreed}, "|")
}

// hidden repeats the draft as fields, so that the check page can send it on.
func (f filled) hidden() []pair {
	d := f.draft
	subject := d.Category + "|" + d.Subject
	free := ""
	if f.free {
		subject, free = freeSubject, d.Subject
	}
	exempt := ""
	if d.Exempt {
		exempt = "ja"
	}
	corrects := ""
	if d.Corrects > 0 {
		corrects = strconv.FormatInt(d.Corrects, 10)
	}
	known := ""
	if f.known > 0 {
		known = strconv.FormatInt(f.known, 10)
	}
	forwards := ""
	if d.Forwards > 0 {
		forwards = strconv.FormatInt(d.Forwards, 10)
	}
	all := []pair{{"token", d.Token}, {"known", known}, {"corrects", corrects}, {"forwards", forwards}, {"cpr", d.CPR}, {"surname", d.Surname}, {"given", d.Given}, {"episode", string(d.Episode)},
		{"receiver", string(d.Receiver)}, {"words", f.words}, {"subject", subject}, {"freesubject", free}, {"subjectreason", d.SubjectReason},
		{"priority", string(d.Priority)}, {"text", d.Text}, {"phone", d.Phone}, {"startreason", d.StartReason},
		{"purpose", d.Purpose}, {"standardreason", d.StandardReason},
		{"discharging", d.Discharging}, {"discharge", d.Discharge}, {"services", d.Services}, {"need", d.Need}, {"exempt", exempt},
		{"afterphone", d.AfterPhone}, {"afterphonereason", d.AfterPhoneReason},
		{"callat", d.Call.At}, {"callorganisation", d.Call.Organisation}, {"callnumber", d.Call.Number}, {"callwho", d.Call.Who}, {"callagreed", d.Call.Agreed},
		{"basis", d.Basis}, {"weighing", d.Weighing}, {"consentdate", d.ConsentDate}, {"health", d.Health}}
	for _, key := range d.Quotes {
		all = append(all, pair{"quote", key})
	}
	for _, key := range d.Encloses {
		all = append(all, pair{"enclose", key})
	}
	for _, id := range d.Files {
		all = append(all, pair{"fil", strconv.FormatInt(id, 10)})
	}
	var out []pair
	for _, p := range all {
		if p.Value != "" {
			out = append(out, p)
		}
	}
	return out
}

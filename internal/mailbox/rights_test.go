package mailbox_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// needs says what each method about a unit or a letter of it needs; it is written here a
// second time so that a slip in the code shows.
func needs() map[mailbox.Right]string {
	return map[mailbox.Right]string{
		mailbox.RightRead: "Unit Inbox Sent Search Board Filed AtLetters Tasks " +
			"Peek Open Original Attachment SentLetter ReadSome Here Gone AnswersSince Printout Around",
		mailbox.RightWork: "TakeAll Unjournaled CompleteTask ReopenTask " +
			"Take TakeSome File Unfile SetStage AddNote RemoveNote Leave Journal Unjournal SetTeam SetServices AssignSome MoveSome AddCall PhoneForm",
		mailbox.RightSend: "Receivers LetterForm CheckLetter SendLetter KeepDraft Drafts CountDrafts OpenDraft DeleteDraft " +
			"ReplyForm CheckReply Reply Resend Correction Withdraw Attach AttachFrom Detach DraftFile",
		mailbox.RightLead: "OpenWall CloseWalls Undo Routing AddRoute RemoveRoute MoveRoute TryRoutes ClosedDays AddClosed RemoveClosed " +
			"UnitView SetFacts Phrases SavePhrase DeletePhrase SubjectReceivers SetSubjectReceivers Arrangements AddArrangement EndArrangement",
	}
}

func needOf(t *testing.T, method string) mailbox.Right {
	t.Helper()
	for right, methods := range needs() {
		if slices.Contains(strings.Fields(methods), method) {
			return right
		}
	}
	t.Fatalf("nobody has said what right %s needs", method)
	return ""
}

// besides are the smallest role that has a right and the greatest that has not.
func besides(r mailbox.Right) []store.Role {
	has := mailbox.WhoMay(r)[0]
	return map[store.Role][]store.Role{store.RoleReader: {"deputy", has}, store.RoleWriter: {store.RoleReader, has}, store.RoleLead: {store.RoleWriter, has}}[has]
}

// as is Anne with another role in her unit.
func as(role store.Role) mailbox.Person {
	p := anne()
	if role != store.RoleLead {
		p.Roles = map[brevdue.GLN]store.Role{clinic: role}
	}
	return p
}

// Roles × rights, in a unit and in the installation.
func TestWhoMay(t *testing.T) {
	all := mailbox.Person{Operator: true, Secretariat: true, Auditor: true}
	for who, c := range map[string]struct {
		p    mailbox.Person
		want string
	}{
		"reader":            {as(store.RoleReader), "read glass"},
		"writer":            {as(store.RoleWriter), "read work send glass"},
		"lead":              {as(store.RoleLead), "read work send lead glass"},
		"a role from later": {as("deputy"), ""},
		"another unit":      {bo(), "glass"},
		"operator":          {olga(), "operate try"},
		"secretariat":       {mailbox.Person{Secretariat: true}, "agree try"},
		"auditor":           {mailbox.Person{Auditor: true}, "audit"},
		"all three":         {all, "operate agree try audit"},
		"nobody":            {mailbox.Person{}, ""},
	} {
		var got []string
		for _, r := range mailbox.Rights() {
			if c.p.May(r, clinic) {
				got = append(got, string(r))
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s may %v, want %s", who, got, c.want)
		}
	}
	if olga().May("", clinic) || as(store.RoleLead).May("everything", clinic) || mailbox.WhoMay("everything") != nil {
		t.Error("a right nobody knows is given")
	}
}

// Every method asks for its right: who has it gets through, who has not is told so, it is
// on record, and nothing has happened.
func TestEveryMethodAsksForItsRight(t *testing.T) {
	calls := slices.Concat(unitCalls(), workCalls(), letterCalls(), letterWorkCalls())
	for _, c := range calls {
		right := needOf(t, c.name)
		for _, role := range besides(right) {
			t.Run(c.name+" "+string(role), func(t *testing.T) {
				w := newWorld(t)
				id := w.arrive(incoming{file: c.name == "Attachment"})
				if aboutSent(c.name) {
					id = w.returned(anne(), clinic, draft())
				}
				if c.name == "Undo" && role != store.RoleLead { // what to take back was done with a greater role
					token, err := w.box.AddRoute(w.ctx, anne(), clinic, store.Route{Subject: "Medicin", Team: "A"})
					if err != nil {
						t.Fatal(err)
					}
					c.do = func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
						return nil, w.box.Undo(w.ctx, p, u, token)
					}
				}
				before, jobs, timeline, asked := w.letter(id), w.jobs(), w.events(id), len(w.audited())
				got, err := c.do(w, as(role), clinic, id)
				if slices.Contains(mailbox.WhoMay(right), role) {
					if errors.Is(err, brevdue.ErrForbidden) || errors.Is(err, brevdue.ErrNotFound) && c.name != "Original" {
						t.Errorf("%v", err)
					}
					return
				}
				if !errors.Is(err, mailbox.ErrRole) || !empty(got) {
					t.Errorf("got %v, %v", got, err)
				}
				d := w.audited()[asked:]
				if len(d) == 0 || slices.ContainsFunc(d, func(e string) bool { return !strings.HasPrefix(e, "anne:role.denied:") }) {
					t.Errorf("on record: %v", d)
				}
				if after := w.letter(id); after.Status != before.Status || after.ReadAt != before.ReadAt || after.Assigned != before.Assigned || w.jobs() != jobs || w.events(id) != timeline {
					t.Error("an attempt left a trace in the letter")
				}
				w.sound()
			})
		}
	}
	for right, methods := range needs() {
		for _, m := range strings.Fields(methods) {
			if !slices.ContainsFunc(calls, func(c call) bool { return c.name == m }) {
				t.Errorf("%s: there is no method %s", right, m)
			}
		}
	}
}

// A search finds the letters of the units a person may read in, and the number of any
// other letter finds nothing and is on record.
func TestSearchKeepsToWhatOneMayRead(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{unit: ward})
	p := clara()
	find := func(text string) mailbox.Found {
		t.Helper()
		f, err := w.box.Search(w.ctx, p, "", mailbox.Wanted{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	p.Roles = map[brevdue.GLN]store.Role{ward: store.RoleReader}
	if f := find(store.LetterNumber(id)); f.Letter == nil || len(f.Units) != 2 {
		t.Errorf("a reader does not find a letter: %+v", f)
	}
	p.Roles = map[brevdue.GLN]store.Role{ward: "deputy"}
	if f := find(store.LetterNumber(id)); f.Letter != nil || len(f.Units) != 1 {
		t.Errorf("a letter is found without the right: %+v", f)
	}
}

// A screen that was hung up goes dark when who hung it up does not lead the unit any more.
func TestWallNeedsItsLead(t *testing.T) {
	w := newWorld(t)
	anne := as(store.RoleLead)
	w.update(func(tx store.Tx) (err error) {
		anne.ID, err = tx.Users().Put(w.ctx, store.User{Login: "anne", Name: anne.Name, Units: anne.Units})
		return err
	})
	token, err := w.box.OpenWall(w.ctx, anne, clinic)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.box.Wall(w.ctx, clinic, token); err != nil {
		t.Fatal(err)
	}
	w.update(func(tx store.Tx) error {
		u, err := tx.Users().Get(w.ctx, anne.ID)
		if err != nil {
			return err
		}
		u.Roles = map[brevdue.GLN]store.Role{clinic: store.RoleWriter}
		_, err = tx.Users().Put(w.ctx, u)
		return err
	})
	if _, err := w.box.Wall(w.ctx, clinic, token); !errors.Is(err, brevdue.ErrNotFound) {
		t.Errorf("the screen still shows: %v", err)
	}
}

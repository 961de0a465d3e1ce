package mailbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"brevdue"
	"brevdue/internal/store"
)

// eventTeam is the timeline's word for the team a letter goes to; the detail is
// the team, "" when it was taken out of one.
const eventTeam = "team"

// Limits of routing.
const (
	maxRoutes    = 100
	maxTeam      = 40
	maxPlaces    = 200
	trialLetters = 20000 // letters a trial looks at
	trialShown   = 25    // letters a trial names for each rule
)

// TrialDays is how many days back a trial of the rules looks.
const TrialDays = 30

// Routing is a unit's rules of distribution (Fordeling): the first that fits a
// letter on arrival decides its team.
type Routing struct {
	Unit    store.Unit
	Routes  []store.Route
	Version string // of the list; a change names the list it was made on
	// Subjects are the agreement's, to choose from; Teams are those of the rules and
	// of the letters in the inbox; Senders names the senders of the rules.
	Subjects []string
	Teams    []string
	Senders  map[brevdue.GLN]string
}

// Routing returns the unit's rules.
func (b *Box) Routing(ctx context.Context, p Person, unit brevdue.GLN) (Routing, error) {
	var out Routing
	err := b.view(ctx, p, func(tx store.Tx) error {
		out = Routing{Senders: map[brevdue.GLN]string{}}
		var err error
		if out.Unit, err = b.unitOf(ctx, tx, p, RightLead, unit); err != nil {
			return err
		}
		if out.Routes, err = tx.UnitFacts().Routes(ctx, unit); err != nil {
			return err
		}
		out.Teams, err = teams(ctx, tx, unit, out.Routes)
		return err
	})
	if err != nil {
		return Routing{}, err
	}
	out.Version = versionOfRoutes(out.Routes)
	if a, ok := b.agreementOf(out.Unit, b.cfg.Now()); ok {
		for _, r := range a.Rows {
			if !slices.Contains(out.Subjects, r.Subject) {
				out.Subjects = append(out.Subjects, r.Subject)
			}
		}
	}
	for _, r := range out.Routes {
		if r.Sender != "" {
			out.Senders[r.Sender] = b.nameOf(r.Sender)
		}
	}
	return out, nil
}

// nameOf is what people call a location number; the number when nobody knows it.
func (b *Box) nameOf(gln brevdue.GLN) string {
	if e, ok := b.cfg.Directory().Get(gln); ok && e.Name != "" {
		return e.Name
	}
	return string(gln)
}

// teams are the names of a unit's teams, of its rules first.
func teams(ctx context.Context, tx store.Tx, unit brevdue.GLN, routes []store.Route) ([]string, error) {
	var out []string
	add := func(team string) {
		if !slices.Contains(out, team) {
			out = append(out, team)
		}
	}
	for _, r := range routes {
		add(r.Team)
	}
	counts, err := tx.Letters().Teams(ctx, unit)
	for _, c := range counts {
		add(c.Team)
	}
	return out, err
}

// choicesOf are the people and the teams of a unit that a letter can be given to.
func choicesOf(ctx context.Context, tx store.Tx, unit brevdue.GLN) (people []store.Colleague, named []string, err error) {
	if people, err = tx.Users().OfUnit(ctx, unit); err != nil {
		return nil, nil, err
	}
	routes, err := tx.UnitFacts().Routes(ctx, unit)
	if err != nil {
		return nil, nil, err
	}
	named, err = teams(ctx, tx, unit, routes)
	return people, named, err
}

func versionOfRoutes(routes []store.Route) string {
	data, err := json.Marshal(routes)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// readRoute reads a rule as a form has it. What is wrong is Faults in the fields
// "subject", "sender", "municipality" and "team".
func (b *Box) readRoute(u store.Unit, r store.Route) (store.Route, error) {
	var j judge
	r = store.Route{Subject: oneLine(r.Subject), Sender: brevdue.GLN(strings.TrimSpace(string(r.Sender))), Municipality: oneLine(r.Municipality), Team: oneLine(r.Team)}
	if r.Subject == "" && r.Sender == "" && r.Municipality == "" {
		j.say("subject", "Vælg mindst én betingelse: emne, afsender eller borgerens kommune.", "Choose at least one condition: subject, sender or the citizen's municipality.")
	}
	if a, ok := b.agreementOf(u, b.cfg.Now()); ok && r.Subject != "" && r.Subject != store.RouteTray {
		known := false
		for _, row := range a.Rows {
			known = known || row.Subject == r.Subject
		}
		if !known {
			j.say("subject", "Emnet er ikke et af aftalens.", "The subject is not one of the agreement's.")
		}
	}
	r.Sender = b.readSender(&j, r.Sender)
	if utf8.RuneCountInString(r.Municipality) > maxPlaces {
		j.say("municipality", "Skriv højst 200 tegn; del reglen i to.", "At most 200 characters; make two rules of it.")
	}
	for place := range strings.SplitSeq(r.Municipality, ",") {
		if _, _, ok := store.PostCodes(place); !ok && strings.ContainsAny(place, "0123456789") {
			j.say("municipality", "Skriv postnumre med fire cifre, fx 8000 eller 8200-8299, eller navne, delt med komma.", "Write post codes of four digits, e.g. 8000 or 8200-8299, or names, divided by commas.")
			break
		}
	}
	readTeam(&j, r.Team)
	return r, j.err()
}

// readSender takes a location number, or words that only one entry of the directory
// is found by.
func (b *Box) readSender(j *judge, typed brevdue.GLN) brevdue.GLN {
	if _, known := b.cfg.Directory().Get(typed); typed == "" || known || typed.Check() {
		return typed
	}
	const named = 3
	hits := b.cfg.Directory().Search(string(typed), named)
	if len(hits) == 1 {
		return hits[0].GLN
	}
	if len(hits) == 0 {
		j.say("sender", "Ingen i kataloget hedder sådan. Skriv navnet eller lokationsnummeret på 13 cifre.", "Nobody in the directory has that name. Enter the name or the location number of 13 digits.")
		return typed
	}
	var names []string
	for _, h := range hits {
		names = append(names, h.Name+" ("+string(h.GLN)+")")
	}
	list := strings.Join(names, ", ")
	j.say("sender", "Flere passer: "+list+". Skriv lokationsnummeret på den rette.", "Several fit: "+list+". Enter the location number of the right one.")
	return typed
}

func readTeam(j *judge, team string) {
	switch {
	case team == "":
		j.say("team", "Skriv, hvilket hold brevene skal til.", "Enter the team the letters are for.")
	case utf8.RuneCountInString(team) > maxTeam:
		j.say("team", "Holdets navn må højst have 40 tegn.", "The name of the team may have at most 40 characters.")
	case holdsCPR(team):
		j.say("team", "Skriv ikke CPR-nummer i holdets navn.", "Do not write a CPR number in the name of the team.")
	}
}

// checkTeam judges the name of the team that letters are moved to by hand; "" is none.
func checkTeam(team string) error {
	var j judge
	if team != "" {
		readTeam(&j, team)
	}
	return j.err()
}

// AddRoute puts a rule last in the unit's list. Faults say what is wrong with it.
func (b *Box) AddRoute(ctx context.Context, p Person, unit brevdue.GLN, r store.Route) (undo string, err error) {
	return b.changeRoutes(ctx, p, unit, "", func(u store.Unit, routes []store.Route) ([]store.Route, string, error) {
		r, err := b.readRoute(u, r)
		if err != nil {
			return nil, "", err
		}
		if slices.Contains(routes, r) {
			return nil, "", Faults{{Field: "team", Text: "Reglen er der allerede.", TextEN: "The rule is there already."}}
		}
		if len(routes) >= maxRoutes {
			return nil, "", Faults{{Field: "team", Text: "Der er plads til højst 100 regler.", TextEN: "There is room for at most 100 rules."}}
		}
		return append(slices.Clone(routes), r), "added " + r.Team, nil
	})
}

// RemoveRoute takes the rule at an index out of the list of that version;
// ErrConflict when somebody has changed the list since.
func (b *Box) RemoveRoute(ctx context.Context, p Person, unit brevdue.GLN, version string, at int) (undo string, err error) {
	return b.changeRoutes(ctx, p, unit, version, func(_ store.Unit, routes []store.Route) ([]store.Route, string, error) {
		if at < 0 || at >= len(routes) {
			return nil, "", brevdue.ErrConflict
		}
		return slices.Delete(slices.Clone(routes), at, at+1), "removed " + routes[at].Team, nil
	})
}

// MoveRoute moves the rule at an index one place up (-1) or down (1).
func (b *Box) MoveRoute(ctx context.Context, p Person, unit brevdue.GLN, version string, at, by int) (undo string, err error) {
	return b.changeRoutes(ctx, p, unit, version, func(_ store.Unit, routes []store.Route) ([]store.Route, string, error) {
		to := at + by
		if at < 0 || at >= len(routes) || to < 0 || to >= len(routes) {
			return nil, "", brevdue.ErrConflict
		}
		routes = slices.Clone(routes)
		routes[at], routes[to] = routes[to], routes[at]
		return routes, "moved " + routes[to].Team, nil
	})
}

// changeRoutes changes the list and remembers how it was. version "" is any.
func (b *Box) changeRoutes(ctx context.Context, p Person, unit brevdue.GLN, version string, change func(store.Unit, []store.Route) ([]store.Route, string, error)) (token string, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		u, err := b.unitOf(ctx, tx, p, RightLead, unit)
		if err != nil {
			return err
		}
		before, err := tx.UnitFacts().Routes(ctx, unit)
		if err != nil {
			return err
		}
		if version != "" && version != versionOfRoutes(before) {
			return brevdue.ErrConflict
		}
		after, what, err := change(u, before)
		if err != nil {
			return err
		}
		if err := tx.UnitFacts().PutRoutes(ctx, unit, after); err != nil {
			return err
		}
		if token, err = b.remember(ctx, tx, p, unit, undoRoutes, routesWere{before, versionOfRoutes(after)}); err != nil {
			return err
		}
		return b.note(ctx, tx, p, "unit.routes", unit, 0, what)
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// routesWere is the list before a change, and the version after it.
type routesWere struct {
	Before []store.Route `json:"before"`
	After  string        `json:"after"`
}

func (b *Box) routesBack(ctx context.Context, tx store.Tx, p Person, u undo) error {
	var was routesWere
	if err := json.Unmarshal(u.Data, &was); err != nil {
		return err
	}
	now, err := tx.UnitFacts().Routes(ctx, u.Unit)
	if err != nil {
		return err
	}
	if versionOfRoutes(now) != was.After {
		return brevdue.ErrConflict
	}
	if err := tx.UnitFacts().PutRoutes(ctx, u.Unit, was.Before); err != nil {
		return err
	}
	return b.note(ctx, tx, p, "unit.routes", u.Unit, 0, "undone")
}

// RouteTrial is what the rules would have done with the letters of the last
// [TrialDays] days.
type RouteTrial struct {
	Since   time.Time
	Letters int
	Rules   []RouteTried // in the order of the rules
	None    RouteTried   // letters no rule fits
	More    bool         // there were more letters than a trial looks at
}

// RouteTried is one rule and the letters it would have taken.
type RouteTried struct {
	Route   store.Route
	Letters int
	Some    []TriedLetter // the newest, at most a page
}

// TriedLetter is a letter without its citizen.
type TriedLetter struct {
	ID      int64
	Subject string
	Sender  string
	Arrived time.Time
}

// TryRoutes runs the unit's rules on the letters of the last days, with one more
// rule at the end when extra is not nil. It changes nothing.
func (b *Box) TryRoutes(ctx context.Context, p Person, unit brevdue.GLN, extra *store.Route) (RouteTrial, error) {
	now := b.cfg.Now()
	out := RouteTrial{Since: now.AddDate(0, 0, -TrialDays)}
	err := b.view(ctx, p, func(tx store.Tx) error {
		u, err := b.unitOf(ctx, tx, p, RightLead, unit)
		if err != nil {
			return err
		}
		routes, err := tx.UnitFacts().Routes(ctx, unit)
		if err != nil {
			return err
		}
		if extra != nil {
			r, err := b.readRoute(u, *extra)
			if err != nil {
				return err
			}
			routes = append(slices.Clone(routes), r)
		}
		out = RouteTrial{Since: out.Since}
		for _, r := range routes {
			out.Rules = append(out.Rules, RouteTried{Route: r})
		}
		from, after := out.Since, int64(0)
		const page = 500
		for out.Letters < trialLetters {
			letters, err := tx.Letters().Received(ctx, unit, from, now.Add(time.Millisecond), after, page)
			if err != nil {
				return err
			}
			for _, l := range letters {
				out.try(routes, l)
				from, after = l.Arrived, l.ID
			}
			if len(letters) < page {
				return nil
			}
		}
		out.More = true
		return nil
	})
	if err != nil {
		return RouteTrial{}, err
	}
	return out, nil
}

func (t *RouteTrial) try(routes []store.Route, l *store.Letter) {
	t.Letters++
	into := &t.None
	if i := store.RouteOf(routes, l); i >= 0 {
		into = &t.Rules[i]
	}
	into.Letters++
	into.Some = slices.Insert(into.Some, 0, TriedLetter{ID: l.ID, Subject: l.Body.Subject, Sender: l.Body.Sender.Name(), Arrived: l.Arrived})
	into.Some = into.Some[:min(len(into.Some), trialShown)]
}

// SetTeam moves a letter of the inbox to another team by hand, or to none. Faults
// in the field "team" say what is wrong with the name.
func (b *Box) SetTeam(ctx context.Context, p Person, unit brevdue.GLN, id int64, team string) (undo string, err error) {
	team = oneLine(team)
	err = b.update(ctx, p, func(tx store.Tx) error {
		undo = ""
		_, l, err := b.inLetter(ctx, tx, p, RightWork, unit, id)
		if err != nil {
			return err
		}
		if err := checkTeam(team); err != nil {
			return err
		}
		if l.Team == team {
			return nil
		}
		if err := b.moveTeam(ctx, tx, p, l, team); err != nil {
			return err
		}
		undo, err = b.remember(ctx, tx, p, unit, undoTeam, teamWas{l.ID, l.Team, team})
		return err
	})
	return undo, err
}

// MoveSome moves letters of the inbox to a team of the unit (Flyt), or to none. Faults in
// the field "team" say what is wrong with the name.
func (b *Box) MoveSome(ctx context.Context, p Person, unit brevdue.GLN, ids []int64, team string) (out Taken, err error) {
	team = oneLine(team)
	err = b.update(ctx, p, func(tx store.Tx) error {
		out = Taken{}
		letters, err := b.some(ctx, tx, p, RightWork, unit, ids)
		if err != nil {
			return err
		}
		if err := checkTeam(team); err != nil {
			return err
		}
		var before []teamWas
		for _, l := range letters {
			if l.Team == team {
				continue
			}
			before = append(before, teamWas{l.ID, l.Team, team})
			if err := b.moveTeam(ctx, tx, p, l, team); err != nil {
				return err
			}
		}
		if out.Letters = len(before); len(before) == 0 {
			return nil
		}
		out.Token, err = b.remember(ctx, tx, p, unit, undoTeams, before)
		return err
	})
	if err != nil {
		return Taken{}, err
	}
	return out, nil
}

// teamsBack undoes MoveSome, for every letter nobody has moved since.
func (b *Box) teamsBack(ctx context.Context, tx store.Tx, p Person, u undo) error {
	var before []teamWas
	if err := json.Unmarshal(u.Data, &before); err != nil {
		return err
	}
	for _, was := range before {
		l, err := tx.Letters().Get(ctx, was.Letter)
		if err != nil {
			return err
		}
		if l.Unit != u.Unit || l.Team != was.After {
			continue
		}
		if err := b.moveTeam(ctx, tx, p, l, was.Before); err != nil {
			return err
		}
	}
	return nil
}

func (b *Box) moveTeam(ctx context.Context, tx store.Tx, p Person, l *store.Letter, team string) error {
	if err := tx.Letters().SetTeam(ctx, l.ID, team); err != nil {
		return err
	}
	if err := tx.Letters().AddEvent(ctx, l.ID, store.Event{At: b.cfg.Now(), What: eventTeam, Who: p.Name, Detail: team}); err != nil {
		return err
	}
	tx.Notify(store.TopicUnit(l.Unit))
	return b.note(ctx, tx, p, "letter.team", l.Unit, l.ID, fmt.Sprintf("%q to %q", l.Team, team))
}

// teamWas is the team of a letter before and after a move.
type teamWas struct {
	Letter int64  `json:"letter"`
	Before string `json:"before"`
	After  string `json:"after"`
}

func (b *Box) teamBack(ctx context.Context, tx store.Tx, p Person, u undo) error {
	var was teamWas
	if err := json.Unmarshal(u.Data, &was); err != nil {
		return err
	}
	l, err := tx.Letters().Get(ctx, was.Letter)
	if err != nil {
		return err
	}
	if l.Unit != u.Unit || l.Team != was.After {
		return brevdue.ErrConflict
	}
	return b.moveTeam(ctx, tx, p, l, was.Before)
}

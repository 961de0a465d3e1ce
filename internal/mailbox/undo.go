package mailbox

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// undoFor is how long a thing done can be taken back by [Box.Undo].
const undoFor = time.Hour

// undo is what takes back the last thing a person did. One is kept for each
// person: what was done before that is settled.
type undo struct {
	Token string          `json:"token"`
	Unit  brevdue.GLN     `json:"unit"`
	At    time.Time       `json:"at"`
	What  string          `json:"what"`
	Data  json.RawMessage `json:"data"`
}

// The things that can be taken back.
const (
	undoTake        = "take"
	undoTeam        = "team"
	undoTeams       = "teams"
	undoRoutes      = "routes"
	undoClosed      = "closed"
	undoArrangement = "arrangement"
	undoFacts       = "facts"
	undoFile        = "file"
	undoJournal     = "journal"
	undoDraft       = "draft"
	undoAttached    = "attached"
	undoPhrase      = "phrase"
)

func undoKey(p Person) string { return fmt.Sprintf("undo:%d", p.ID) }

// remember keeps how to take back what the person does in tx, and returns the
// token the page shows the button with.
func (b *Box) remember(ctx context.Context, tx store.Tx, p Person, unit brevdue.GLN, what string, data any) (token string, err error) {
	var random [16]byte
	rand.Read(random[:])
	u := undo{Token: hex.EncodeToString(random[:]), Unit: unit, At: b.cfg.Now(), What: what}
	if u.Data, err = json.Marshal(data); err != nil {
		return "", err
	}
	value, err := json.Marshal(u)
	if err != nil {
		return "", err
	}
	return u.Token, tx.Settings().Set(ctx, undoKey(p), string(value))
}

// Undo takes back the last thing the person did in the unit. It is ErrConflict
// when that is too long ago, when something else was done since, or when somebody
// has changed what it would put back.
func (b *Box) Undo(ctx context.Context, p Person, unit brevdue.GLN, token string) error {
	return b.update(ctx, p, func(tx store.Tx) error {
		if _, err := b.unitOf(ctx, tx, p, RightRead, unit); err != nil {
			return err
		}
		value, err := tx.Settings().Get(ctx, undoKey(p))
		if errors.Is(err, brevdue.ErrNotFound) {
			return brevdue.ErrConflict
		}
		if err != nil {
			return err
		}
		var u undo
		if json.Unmarshal([]byte(value), &u) != nil || token == "" || u.Token != token || u.Unit != unit || b.cfg.Now().Sub(u.At) > undoFor {
			return brevdue.ErrConflict
		}
		back, known := map[string]func(context.Context, store.Tx, Person, undo) error{
			undoTake: b.giveBack, undoTeam: b.teamBack, undoTeams: b.teamsBack, undoRoutes: b.routesBack, undoClosed: b.closedBack,
			undoArrangement: b.arrangementBack, undoFacts: b.factsBack, undoFile: b.putBack, undoJournal: b.journalBack, undoDraft: b.draftBack, undoAttached: b.attachedBack, undoPhrase: b.phraseBack,
		}[u.What]
		if !known {
			return brevdue.ErrConflict
		}
		if err := may(p, undoRight(u.What), unit); err != nil {
			return err
		}
		if err := back(ctx, tx, p, u); err != nil {
			return err
		}
		tx.Notify(store.TopicUnit(unit))
		return tx.Settings().Set(ctx, undoKey(p), "{}")
	})
}

// Settle forgets what can no longer be taken back at now, of everybody: it may hold what
// somebody wrote about a citizen. For the rules about keeping.
func Settle(ctx context.Context, tx store.Tx, now time.Time) error {
	users, err := tx.Users().List(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		key := undoKey(Person{ID: u.ID})
		value, err := tx.Settings().Get(ctx, key)
		if errors.Is(err, brevdue.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		var last undo
		if json.Unmarshal([]byte(value), &last) == nil && (last.Token == "" || now.Sub(last.At) <= undoFor) {
			continue
		}
		if err := tx.Settings().Set(ctx, key, "{}"); err != nil {
			return err
		}
	}
	return nil
}

// undoRight is what taking something back needs: the right to do it.
func undoRight(what string) Right {
	switch what {
	case undoRoutes, undoClosed, undoArrangement, undoFacts, undoPhrase:
		return RightLead
	case undoDraft, undoAttached:
		return RightSend
	}
	return RightWork
}

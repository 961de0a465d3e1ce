package mailbox

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// WallFor is how long a screen on a wall may show a unit's board.
const WallFor = 30 * 24 * time.Hour

// wall is a screen that shows a unit's board without anybody signed in. Only the
// hash of its token is kept.
type wall struct {
	Hash  string    `json:"hash"`
	User  int64     `json:"user"` // who hung it up
	Until time.Time `json:"until"`
}

func wallsKey(unit brevdue.GLN) string { return "walls:" + string(unit) }

func wallHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// walls returns the screens of a unit that are not over.
func (b *Box) walls(ctx context.Context, tx store.Tx, unit brevdue.GLN) ([]wall, error) {
	value, err := tx.Settings().Get(ctx, wallsKey(unit))
	if errors.Is(err, brevdue.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []wall
	if err := json.Unmarshal([]byte(value), &all); err != nil {
		return nil, err
	}
	now := b.cfg.Now()
	return slices.DeleteFunc(all, func(w wall) bool { return !now.Before(w.Until) }), nil
}

func putWalls(ctx context.Context, tx store.Tx, unit brevdue.GLN, all []wall) error {
	value, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return tx.Settings().Set(ctx, wallsKey(unit), string(value))
}

// OpenWall lets one screen show the unit's board without names for [WallFor], also
// after the person has signed out. The token opens nothing else.
func (b *Box) OpenWall(ctx context.Context, p Person, unit brevdue.GLN) (token string, err error) {
	var random [24]byte
	rand.Read(random[:])
	token = hex.EncodeToString(random[:])
	err = b.update(ctx, p, func(tx store.Tx) error {
		if _, err := b.unitOf(ctx, tx, p, RightLead, unit); err != nil {
			return err
		}
		all, err := b.walls(ctx, tx, unit)
		if err != nil {
			return err
		}
		all = append(all, wall{Hash: wallHash(token), User: p.ID, Until: b.cfg.Now().Add(WallFor)})
		if err := putWalls(ctx, tx, unit, all); err != nil {
			return err
		}
		return b.note(ctx, tx, p, "board.wall", unit, 0, "opened")
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// CloseWalls ends every screen of the unit.
func (b *Box) CloseWalls(ctx context.Context, p Person, unit brevdue.GLN) (closed int, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		if _, err := b.unitOf(ctx, tx, p, RightLead, unit); err != nil {
			return err
		}
		all, err := b.walls(ctx, tx, unit)
		if err != nil {
			return err
		}
		closed = len(all)
		if err := putWalls(ctx, tx, unit, nil); err != nil {
			return err
		}
		return b.note(ctx, tx, p, "board.wall", unit, 0, "all closed")
	})
	return closed, err
}

// Wall returns the board for a screen with a token, without anything about a
// citizen or a sender. It is ErrNotFound when the token is unknown or over, or who
// hung the screen up does not lead the unit any more.
func (b *Box) Wall(ctx context.Context, unit brevdue.GLN, token string) (Board, error) {
	var out Board
	err := b.cfg.Store.View(ctx, func(tx store.Tx) error {
		all, err := b.walls(ctx, tx, unit)
		if err != nil {
			return err
		}
		hash := wallHash(token)
		at := slices.IndexFunc(all, func(w wall) bool { return subtle.ConstantTimeCompare([]byte(w.Hash), []byte(hash)) == 1 })
		if at < 0 {
			return brevdue.ErrNotFound
		}
		user, err := tx.Users().Get(ctx, all[at].User)
		if err != nil {
			return err
		}
		if user.Disabled || !PersonOf(user).May(RightLead, unit) {
			return brevdue.ErrNotFound
		}
		u, err := tx.Units().Get(ctx, unit)
		if err != nil {
			return err
		}
		out, err = b.board(ctx, tx, u)
		return err
	})
	if err != nil {
		return Board{}, err
	}
	b.frame(&out)
	for _, cards := range out.Columns {
		for i := range cards {
			r := &cards[i].Row
			r.PatientName, r.CPR, r.Other, r.FirstLine, r.Subject, r.Note, r.Sentence, r.SentenceEN, r.ReadBy = "", "", "", "", "", "", "", "", ""
			if r.AssignedName != "" {
				r.AssignedName = "-"
			}
		}
	}
	return out, nil
}

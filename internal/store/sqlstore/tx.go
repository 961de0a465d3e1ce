package sqlstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// tx is one caller's part of a transaction. The groups are small types over the
// same session.
type tx struct {
	*session
	topics []string
}

var _ store.Tx = (*tx)(nil)

// Notify implements [store.Tx].
func (t *tx) Notify(topic string) { t.topics = append(t.topics, topic) }

func (t *tx) Originals() store.Originals   { return originals{t} }
func (t *tx) Arrivals() store.Arrivals     { return arrivals{t} }
func (t *tx) Letters() store.Letters       { return letters{t} }
func (t *tx) Receipts() store.Receipts     { return receipts{t} }
func (t *tx) Attempts() store.Attempts     { return attempts{t} }
func (t *tx) Objects() store.Objects       { return objects{t} }
func (t *tx) Tasks() store.Tasks           { return tasks{t} }
func (t *tx) Notes() store.Notes           { return notes{t} }
func (t *tx) Presence() store.Presence     { return presence{t} }
func (t *tx) Choices() store.Choices       { return choices{t} }
func (t *tx) Drafts() store.Drafts         { return drafts{t} }
func (t *tx) Journals() store.Journals     { return journals{t} }
func (t *tx) Files() store.Files           { return files{t} }
func (t *tx) UnitFacts() store.UnitFacts   { return unitFacts{t} }
func (t *tx) Agreements() store.Agreements { return agreements{t} }
func (t *tx) Jobs() store.Jobs             { return jobs{t} }
func (t *tx) Units() store.Units           { return units{t} }
func (t *tx) Users() store.Users           { return users{t} }
func (t *tx) Audit() store.Audit           { return auditLog{t} }
func (t *tx) Retention() store.Retention   { return retention{t} }
func (t *tx) Glasses() store.Glasses       { return glasses{t} }
func (t *tx) Settings() store.Settings     { return settings{t} }

// ms turns an instant into what is stored; the zero time is 0.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// at turns what is stored into an instant in UTC.
func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func toJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encode a column: %w", err)
	}
	return string(b), nil
}

func fromJSON(s string, v any) error {
	if s == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(s), v); err != nil {
		return fmt.Errorf("decode a column: %w", err)
	}
	return nil
}

type originals struct{ *tx }

// Put implements [store.Originals].
func (o originals) Put(ctx context.Context, data []byte, when time.Time) (string, error) {
	sum := sha256.Sum256(data)
	sha := hex.EncodeToString(sum[:])
	if data == nil {
		data = []byte{}
	}
	// Bytes that were erased come back whole, and those that were to be stay.
	if err := o.later("INSERT INTO originals (sha, data, at) VALUES (?, ?, ?) ON CONFLICT (sha) DO UPDATE SET data = excluded.data, at = excluded.at WHERE length(originals.data) = 0", sha, data, ms(when)); err != nil {
		return "", err
	}
	return sha, o.later("DELETE FROM marked WHERE sha = ?", sha)
}

// Get implements [store.Originals].
func (o originals) Get(ctx context.Context, sha string) (data []byte, err error) {
	err = o.Row("SELECT data FROM originals WHERE sha = ?", []any{sha}, &data)
	return data, err
}

type arrivals struct{ *tx }

const arrivalColumns = "id, sha, network, at, state, format, kind, envelope, sender, receiver, vans_id, reason, findings, note, name"

func scanArrival(r Scanner) (a store.Arrival, err error) {
	var when int64
	var findings string
	if err = r.Scan(&a.ID, &a.SHA, &a.Network, &when, &a.State, &a.Format, &a.Kind, &a.Envelope, &a.Sender, &a.Receiver, &a.VANSID, &a.Reason, &findings, &a.Note, &a.Name); err != nil {
		return a, err
	}
	a.At = at(when)
	return a, fromJSON(findings, &a.Findings)
}

func (a arrivals) one(query string, args ...any) (found store.Arrival, err error) {
	err = brevdue.ErrNotFound
	scanErr := a.all(query, args, func(r Scanner) error {
		found, err = scanArrival(r)
		return err
	})
	if scanErr != nil {
		err = scanErr
	}
	return found, err
}

// Add implements [store.Arrivals].
func (a arrivals) Add(ctx context.Context, v store.Arrival) (int64, error) {
	findings, err := toJSON(v.Findings)
	if err != nil {
		return 0, err
	}
	if v.State == "" {
		v.State = store.ArrivalNew
	}
	return a.inserted("INSERT INTO arrivals (sha, network, at, state, format, kind, envelope, sender, receiver, vans_id, reason, findings, note, name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		v.SHA, v.Network, ms(v.At), string(v.State), string(v.Format), string(v.Kind), v.Envelope, string(v.Sender), string(v.Receiver), v.VANSID, v.Reason, findings, v.Note, v.Name)
}

// Get implements [store.Arrivals].
func (a arrivals) Get(ctx context.Context, id int64) (store.Arrival, error) {
	return a.one("SELECT "+arrivalColumns+" FROM arrivals WHERE id = ?", id)
}

// Update implements [store.Arrivals].
func (a arrivals) Update(ctx context.Context, v store.Arrival) error {
	findings, err := toJSON(v.Findings)
	if err != nil {
		return err
	}
	return a.changedLater(brevdue.ErrNotFound, "UPDATE arrivals SET state = ?, format = ?, kind = ?, envelope = ?, sender = ?, receiver = ?, vans_id = ?, reason = ?, findings = ?, note = ? WHERE id = ?",
		string(v.State), string(v.Format), string(v.Kind), v.Envelope, string(v.Sender), string(v.Receiver), v.VANSID, v.Reason, findings, v.Note, v.ID)
}

// ByName implements [store.Arrivals].
func (a arrivals) ByName(ctx context.Context, network, name string) (store.Arrival, error) {
	return a.one("SELECT "+arrivalColumns+" FROM arrivals WHERE network = ? AND name = ? AND name <> ''", network, name)
}

// List implements [store.Arrivals].
func (a arrivals) List(ctx context.Context, state store.ArrivalState, limit int) (out []store.Arrival, err error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	err = a.all("SELECT "+arrivalColumns+" FROM arrivals WHERE state = ? ORDER BY id DESC LIMIT ?", []any{string(state), limit}, func(r Scanner) error {
		v, err := scanArrival(r)
		out = append(out, v)
		return err
	})
	return out, err
}

// Count implements [store.Arrivals].
func (a arrivals) Count(ctx context.Context, state store.ArrivalState) (n int, err error) {
	err = a.Row("SELECT count(*) FROM arrivals WHERE state = ?", []any{string(state)}, &n)
	return n, err
}

// ByVANSID implements [store.Arrivals].
func (a arrivals) ByVANSID(ctx context.Context, vansID string, before int64) (store.Arrival, error) {
	if vansID == "" {
		return store.Arrival{}, brevdue.ErrNotFound
	}
	if before == 0 {
		before = math.MaxInt64
	}
	return a.one("SELECT "+arrivalColumns+" FROM arrivals WHERE vans_id = ? AND vans_id <> '' AND id < ? ORDER BY id LIMIT 1", vansID, before)
}

type settings struct{ *tx }

// Get implements [store.Settings].
func (s settings) Get(ctx context.Context, key string) (value string, err error) {
	err = s.Row("SELECT value FROM settings WHERE key = ?", []any{key}, &value)
	return value, err
}

// Set implements [store.Settings].
func (s settings) Set(ctx context.Context, key, value string) error {
	return s.Run("INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
}

// NextNumber implements [store.Settings].
func (s settings) NextNumber(ctx context.Context, series string) (n int64, err error) {
	err = s.Row("INSERT INTO series (name, last) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET last = series.last + 1 RETURNING last", []any{series}, &n)
	return n, err
}

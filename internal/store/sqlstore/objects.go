package sqlstore

import (
	"context"

	"brevdue"
	"brevdue/internal/store"
)

type objects struct{ *tx }

const objectColumns = "id, arrival, unit, sender, message, key, code, extension, size, odd, sha, patient, at"

func (o objects) many(query string, args ...any) (out []store.Object, err error) {
	err = o.all("SELECT "+objectColumns+" FROM objects "+query, args, func(row Scanner) error {
		var v store.Object
		var when int64
		var patient string
		err := row.Scan(&v.ID, &v.Arrival, &v.Unit, &v.Sender, &v.MessageID, &v.Key, &v.Code, &v.Extension, &v.Size, &v.Odd, &v.SHA, &patient, &when)
		v.Patient, v.At = brevdue.CPR(patient), at(when)
		out = append(out, v)
		return err
	})
	return out, err
}

// Add implements [store.Objects].
func (o objects) Add(ctx context.Context, v store.Object) (int64, error) {
	return o.inserted("INSERT INTO objects (arrival, unit, sender, message, key, code, extension, size, odd, sha, patient, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		v.Arrival, string(v.Unit), string(v.Sender), v.MessageID, v.Key, v.Code, v.Extension, v.Size, v.Odd, v.SHA, v.Patient.Reveal(), ms(v.At))
}

// Get implements [store.Objects].
func (o objects) Get(ctx context.Context, id int64) (store.Object, error) {
	return first(o.many("WHERE id = ?", id))
}

// Find implements [store.Objects].
func (o objects) Find(ctx context.Context, unit, sender brevdue.GLN, key string) ([]store.Object, error) {
	return o.many("WHERE key = ? AND unit = ? AND sender = ? ORDER BY id", key, string(unit), string(sender))
}

// ByMessage implements [store.Objects].
func (o objects) ByMessage(ctx context.Context, sender brevdue.GLN, messageID string) ([]store.Object, error) {
	return o.many("WHERE sender = ? AND message = ? ORDER BY id", string(sender), messageID)
}

// Refer implements [store.Objects].
func (o objects) Refer(ctx context.Context, letter int64, unit, sender brevdue.GLN, key string) error {
	return o.later("INSERT INTO object_letters (key, unit, sender, letter) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", key, string(unit), string(sender), letter)
}

// Referring implements [store.Objects].
func (o objects) Referring(ctx context.Context, unit, sender brevdue.GLN, key string) (ids []int64, err error) {
	err = o.all("SELECT letter FROM object_letters WHERE key = ? AND unit = ? AND sender = ? ORDER BY letter", []any{key, string(unit), string(sender)}, func(row Scanner) error {
		var id int64
		err := row.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

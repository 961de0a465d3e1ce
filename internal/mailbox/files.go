package mailbox

import (
	"context"
	"fmt"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/medcom"
)

// files finds the files of a letter's attachments. Those of a received letter came, or
// will come, in messages of their own from the same sender (std:xdis91 §6.4); those of
// one's own were sent along.
func (b *Box) files(ctx context.Context, tx store.Tx, l *store.Letter) ([]File, error) {
	out := make([]File, len(l.Body.Attachments))
	if l.Direction != store.In {
		enclosed, err := tx.Files().Enclosed(ctx, l.ID)
		for _, e := range enclosed {
			if e.N < len(out) {
				out[e.N] = File{State: FileHere, Object: store.Object{Unit: l.Unit, Key: medcom.ObjectKey(e.ObjectID), Code: e.Code, Extension: e.Extension, Size: e.Size, SHA: e.SHA}}
			}
		}
		return out, err
	}
	for i := range l.Body.Attachments {
		a := l.Body.Attachments[i]
		if a.Kind != brevdue.BinaryAttachment {
			continue
		}
		found, err := tx.Objects().Find(ctx, l.Unit, l.Body.Sender.GLN, medcom.ObjectKey(a.ObjectID))
		if err != nil {
			return nil, err
		}
		out[i].State = FileMissing
		for _, o := range found {
			if !medcom.SameCitizen(l.Body.Patient, brevdue.Patient{CPR: o.Patient}) {
				out[i].State = FileStranger
				continue
			}
			out[i] = File{State: FileHere, Object: o}
			break
		}
	}
	return out, nil
}

// Attachment returns the file of the n-th attachment (from 1) of a letter, and a
// name that says nothing about the citizen. Every call is in the audit log.
func (b *Box) Attachment(ctx context.Context, p Person, unit brevdue.GLN, id int64, n int) (name string, data []byte, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		_, l, err := b.letterOf(ctx, tx, p, RightRead, unit, id)
		if err != nil {
			return err
		}
		if name, data, err = b.fileOf(ctx, tx, l, n); err != nil {
			return err
		}
		return b.note(ctx, tx, p, "attachment.opened", unit, id, fmt.Sprintf("attachment %d", n))
	})
	if err != nil {
		return "", nil, err
	}
	return name, data, nil
}

// fileOf is the file of the n-th attachment (from 1) of a letter.
func (b *Box) fileOf(ctx context.Context, tx store.Tx, l *store.Letter, n int) (name string, data []byte, err error) {
	files, err := b.files(ctx, tx, l)
	if err != nil {
		return "", nil, err
	}
	if n < 1 || n > len(files) || files[n-1].State != FileHere {
		return "", nil, brevdue.ErrNotFound
	}
	o := files[n-1].Object
	data, err = tx.Originals().Get(ctx, o.SHA)
	return fmt.Sprintf("%s-bilag-%d.%s", l.Number(), n, o.Extension), data, err
}

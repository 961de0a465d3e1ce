package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// request is one Update that waits for the writer.
type request struct {
	ctx      context.Context
	f        func(store.Tx) error
	topics   []string
	err      error
	panicked any
	done     chan struct{}
}

// kept tells that the request's changes stand, if the commit does.
func (r *request) kept() bool { return r.err == nil && r.panicked == nil }

// Update implements [store.Store].
func (s *Store) Update(ctx context.Context, f func(store.Tx) error) error {
	r := &request{ctx: ctx, f: f, done: make(chan struct{})}
	select {
	case <-s.closing:
		return errClosed
	default:
	}
	select {
	case s.requests <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closing:
		return errClosed
	}
	select {
	case <-r.done:
	case <-s.ended:
		select {
		case <-r.done:
		default:
			return errClosed // taken after the writer had ended
		}
	}
	if r.panicked != nil {
		panic(r.panicked)
	}
	return r.err
}

// write is the one goroutine that changes the archive.
func (s *Store) write() {
	defer close(s.ended)
	for {
		select {
		case r := <-s.requests:
			s.commit(r)
		case <-s.closing:
			for { // answer those who came before
				select {
				case r := <-s.requests:
					s.commit(r)
				default:
					return
				}
			}
		}
	}
}

// gather takes everything that waits, so that it shares one commit.
func (s *Store) gather(first *request) []*request {
	batch := []*request{first}
	for len(batch) < s.batch {
		select {
		case r := <-s.requests:
			batch = append(batch, r)
		default:
			return batch
		}
	}
	return batch
}

// commit runs the request and all that wait behind it in one transaction, and
// answers them.
func (s *Store) commit(first *request) {
	// Where writers wait for each other, more has come meanwhile: gather afterwards.
	name, err := s.begin()
	batch := s.gather(first)
	if err == nil {
		err = s.transact(batch, name)
	}
	for _, r := range batch {
		switch {
		case err != nil:
			r.err = fmt.Errorf("commit: %w: %w", brevdue.ErrTransient, err)
		case r.kept():
			s.wake(r.topics)
		}
		close(r.done)
	}
}

// begin begins a transaction; on a new connection when the one there is was cut
// since it was used last, as nothing has been asked of it yet.
func (s *Store) begin() (name string, err error) {
	s.writer.fresh()
	if !s.writer.gone {
		if name, err = s.dialect.BeginWrite(s.writer); err == nil || !s.writer.gone {
			return name, err
		}
	}
	if s.writer, err = s.again(s.writer, ""); err != nil {
		return "", err
	}
	return s.dialect.BeginWrite(s.writer)
}

// transact runs a batch in the transaction that has begun, and ends it.
func (s *Store) transact(batch []*request, name string) error {
	err := s.applyAll(batch)
	if err != nil {
		// The error that broke the batch is the one to tell; the rollback may find
		// that the engine has rolled back already.
		s.writer.rollback()
		return err
	}
	if err = s.writer.Run("COMMIT"); err == nil {
		return nil
	}
	if s.writer.gone && s.dialect.Fate != nil {
		if committed, asked := s.fate(name); asked == nil && committed {
			return nil
		}
	}
	s.writer.rollback()
	return err
}

func (s *Store) applyAll(batch []*request) error {
	for _, r := range batch {
		if err := s.apply(r); err != nil {
			return err
		}
	}
	if s.dialect.Announce == nil {
		return nil
	}
	var topics []string
	for _, r := range batch {
		if r.kept() {
			topics = append(topics, r.topics...)
		}
	}
	if len(topics) == 0 {
		return nil
	}
	slices.Sort(topics)
	return s.dialect.Announce(s.writer, slices.Compact(topics))
}

// apply runs one request in a savepoint. The error it returns is about the
// whole transaction, not about the request.
func (s *Store) apply(r *request) error {
	if r.err = r.ctx.Err(); r.err != nil {
		return nil
	}
	w := s.writer
	if err := w.later(savepoint); err != nil {
		return err
	}
	t := &tx{session: w}
	func() {
		defer func() {
			if p := recover(); p != nil {
				r.panicked = p
			}
		}()
		r.err = r.f(t)
	}()
	if r.kept() {
		r.err = w.flush()
	}
	if r.err != nil && s.dialect.NoRoom != nil && s.dialect.NoRoom(r.err) {
		r.err = fmt.Errorf("%w: %w", brevdue.ErrTransient, r.err)
	}
	r.topics = t.topics
	if w.gone {
		return w.lost
	}
	if r.kept() {
		err := w.later(release)
		if err == nil || w.gone {
			return err
		}
		r.err = err // a statement failed that the caller passed over: its changes cannot stand
	}
	return w.undo()
}

// A caller's part of a transaction, and its end.
const savepoint, release = "SAVEPOINT one", "RELEASE SAVEPOINT one"

// undo takes back what was done since the savepoint, and what waits to be.
func (c *session) undo() error {
	if at := slices.IndexFunc(c.waiting, func(s Statement) bool { return s.Query == savepoint }); at >= 0 {
		c.waiting, c.missed = c.waiting[:at], nil // nothing of it was sent
		return nil
	}
	c.fresh()
	if err := c.Run("ROLLBACK TO " + savepoint); err != nil {
		return err
	}
	return c.Run(release)
}

// How long the writer asks what became of a commit that was not answered, and how
// often: long enough for a database that is started again.
const (
	fatePatience = 20 * time.Second
	fatePause    = 100 * time.Millisecond
)

// fate asks what became of the transaction whose commit was not answered. Telling
// the callers that nothing was kept, when it was, would make them do it twice.
func (s *Store) fate(name string) (committed bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), fatePatience)
	defer cancel()
	for {
		var c *session
		if c, err = s.again(s.writer, ""); err == nil {
			s.writer = c
			if committed, err = s.dialect.Fate(ctx, c.conn, name); err == nil {
				return committed, nil
			}
			c.lose(err)
		}
		select {
		case <-ctx.Done():
			return false, err
		case <-time.After(fatePause):
		}
	}
}

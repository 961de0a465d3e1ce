package sqlite_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/internal/store/sqlite"
	"brevdue/internal/store/sqlstore"
)

// onBoth runs a benchmark on a plain archive and on an encrypted one: what encryption
// costs (docs/operations.md).
func onBoth(b *testing.B, run func(b *testing.B, path string, key sqlite.Key)) {
	for _, mode := range []string{"plain", "encrypted"} {
		b.Run(mode, func(b *testing.B) { run(b, filepath.Join(b.TempDir(), "brevdue.db"), modes()[mode]) })
	}
}

// BenchmarkUpdate is one small change a call, from many callers at once.
func BenchmarkUpdate(b *testing.B) {
	onBoth(b, func(b *testing.B, path string, key sqlite.Key) {
		s := openWith(b, path, key)
		defer s.Close()
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				err := s.Update(b.Context(), func(tx store.Tx) error {
					_, err := tx.Settings().NextNumber(b.Context(), "letter")
					return err
				})
				if err != nil {
					b.Error(err)
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
	})
}

// BenchmarkCommit is one letter with its original after another, each a commit of its
// own that waits for the disk.
func BenchmarkCommit(b *testing.B) {
	onBoth(b, func(b *testing.B, path string, key sqlite.Key) {
		s := openWith(b, path, key)
		defer s.Close()
		n := 0
		for b.Loop() {
			n++
			if err := s.Update(b.Context(), func(tx store.Tx) error { _, err := keep(b.Context(), tx, n); return err }); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
	})
}

// keep keeps a letter and an original of some 8 KB that does not compress to nothing.
func keep(ctx context.Context, tx store.Tx, n int) (sha string, err error) {
	noise := make([]byte, 4000)
	r := rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16)})
	_, _ = r.Read(noise) // never fails
	if sha, err = tx.Originals().Put(ctx, fmt.Appendf(nil, "%d %x", n, noise), time.UnixMilli(int64(n))); err != nil {
		return "", err
	}
	_, err = tx.Letters().Insert(ctx, letter(n))
	return sha, err
}

func letter(n int) *store.Letter {
	now := time.Date(2026, 11, 24, 13, 5, 0, 0, time.UTC)
	return &store.Letter{
		Direction: store.In, Unit: "u1", Status: brevdue.Unread, Group: "g", GroupOrder: n % 13, Arrived: now,
		Duty: &brevdue.Duty{Due: now.Add(time.Duration(n) * time.Second)},
		Body: brevdue.Letter{ID: fmt.Sprint(n), Subject: "Medicin", Patient: brevdue.Patient{CPR: "2512489996", Surname: "Berggren"}},
	}
}

// full fills an archive and opens it again, so that nothing of it is in memory.
func full(b *testing.B, path string, key sqlite.Key, letters int) (_ *sqlstore.Store, originals []string) {
	b.Helper()
	s := openWith(b, path, key)
	err := s.Update(b.Context(), func(tx store.Tx) error {
		for i := range letters {
			sha, err := keep(b.Context(), tx, i)
			if err != nil {
				return err
			}
			originals = append(originals, sha)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	return openWith(b, path, key), originals
}

// BenchmarkRead opens a letter and its original anywhere in an archive that is larger than the memory a
// connection keeps pages in.
func BenchmarkRead(b *testing.B) {
	onBoth(b, func(b *testing.B, path string, key sqlite.Key) {
		const letters = 10_000
		s, originals := full(b, path, key, letters)
		defer s.Close()
		r := rand.New(rand.NewPCG(1, 2))
		for b.Loop() {
			err := s.View(b.Context(), func(tx store.Tx) error {
				n := r.IntN(letters)
				if _, err := tx.Letters().Get(b.Context(), int64(1+n)); err != nil {
					return err
				}
				_, err := tx.Originals().Get(b.Context(), originals[n])
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reads/s")
	})
}

// BenchmarkInbox10000 lists and counts an inbox of 10,000 letters.
func BenchmarkInbox10000(b *testing.B) {
	onBoth(b, func(b *testing.B, path string, key sqlite.Key) {
		s, _ := full(b, path, key, 10_000)
		defer s.Close()
		ctx, now := b.Context(), time.Date(2026, 11, 24, 13, 5, 0, 0, time.UTC)
		for b.Loop() {
			err := s.View(ctx, func(tx store.Tx) error {
				if _, err := tx.Letters().Inbox(ctx, "u1", store.Query{Limit: 200}); err != nil {
					return err
				}
				_, err := tx.Letters().Counts(ctx, "u1", now)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "inboxes/s")
	})
}

// BenchmarkCopy is the copy of a backup, read back once.
func BenchmarkCopy(b *testing.B) {
	onBoth(b, func(b *testing.B, path string, key sqlite.Key) {
		s, _ := full(b, path, key, 10_000)
		defer s.Close()
		n := 0
		for b.Loop() {
			n++
			if err := sqlite.Copy(b.Context(), path, key, fmt.Sprint(path, ".", n), sqlite.NewKey()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

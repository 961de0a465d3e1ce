package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"time"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/sor"
)

// LoadDirectory reads the directory file; a missing one is an empty directory.
func LoadDirectory(path string) (*sor.Directory, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return sor.New(nil), nil
	}
	if err != nil {
		return nil, err
	}
	d, findings := sor.Load(content)
	for _, f := range findings {
		if f.Severity == brevdue.SeverityError {
			return nil, fmt.Errorf("%s:%d:%d: %s %s", path, f.Pos.Line, f.Pos.Column, f.Rule, f.TextEN)
		}
	}
	return d, nil
}

// ReplaceDirectory puts a new directory file in the place of the old one: whoever reads
// it sees the old or the new one whole, also after the power went.
func ReplaceDirectory(path string, content []byte) (err error) {
	mode := os.FileMode(0o600)
	if old, err := os.Stat(path); err == nil {
		mode = old.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".directory-*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()           // after an error the first one counts
			os.Remove(f.Name()) // what is left is only a file that nobody reads
		}
	}()
	if _, err := f.Write(content); err != nil {
		return err
	}
	if err := errors.Join(f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// loadDirectory reads the directory file, or takes the directory the options give.
func (a *App) loadDirectory() (err error) {
	if a.register = a.options.Directory; a.register != nil {
		return nil
	}
	path := a.config.Path(a.config.Directory)
	if a.filed, err = os.Stat(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	a.register, err = LoadDirectory(path)
	return err
}

// nameDirectory lays the names that two people have agreed on over the register.
func (a *App) nameDirectory(ctx context.Context) error {
	var names map[brevdue.GLN]string
	err := a.Store.View(ctx, func(tx store.Tx) (err error) {
		names, err = mailbox.ShownNames(ctx, tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("names of the directory: %w", err)
	}
	if a.directory.Load() == nil || !maps.Equal(names, a.shown) {
		a.shown = names
		a.directory.Store(a.register.Renamed(names))
	}
	return nil
}

// watchDirectory follows the names people agree on, also on another node, and a new
// directory file. A file that does not load changes nothing.
func (a *App) watchDirectory(ctx context.Context) {
	wake, stop := a.Store.Listen(store.TopicDirectory)
	defer stop()
	often := time.NewTicker(time.Minute)
	defer often.Stop()
	for {
		a.rereadDirectory()
		if err := a.nameDirectory(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("the names of the directory are as they were before", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-often.C:
		}
	}
}

// rereadDirectory reads the directory file when it is another one than before.
func (a *App) rereadDirectory() {
	path := a.config.Path(a.config.Directory)
	now, err := os.Stat(path)
	if a.options.Directory != nil || err != nil || a.filed != nil && os.SameFile(now, a.filed) && now.ModTime().Equal(a.filed.ModTime()) && now.Size() == a.filed.Size() {
		return
	}
	a.filed = now // one that does not load is told of once
	fresh, err := LoadDirectory(path)
	if err != nil {
		a.log.Error("the directory is as it was before", "error", err)
		return
	}
	a.register = fresh
	a.directory.Store(fresh.Renamed(a.shown))
	a.log.Info("a new directory", "entries", fresh.Len())
}

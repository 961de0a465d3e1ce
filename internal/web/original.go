package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"brevdue/internal/store"
)

type originalPage struct {
	frame
	BackPath, BackLabel string
	DownloadPath        string
	Size, SHA, Text     string
	Cut                 bool
}

// shownBytes is how much of an original a page shows.
const shownBytes = 256 << 10

// original reads the bytes a letter came or went as.
func (wb *Workbench) original(v *visit) (u store.Unit, name string, data []byte, err error) {
	if u, err = wb.unit(v); err != nil {
		return
	}
	id, err := v.id()
	if err != nil {
		return u, "", nil, err
	}
	name, data, err = wb.cfg.Box.Original(v.ctx(), *v.person, u.GLN, id)
	return u, name, data, err
}

func (wb *Workbench) originalPage(v *visit) error {
	unit, _, data, err := wb.original(v)
	if err != nil {
		return err
	}
	p := originalPage{DownloadPath: v.r.URL.Path + "/hent", Size: fileSize(v.words, data), BackLabel: v.words.T("letter.back")}
	if p.frame, err = wb.unitFrame(v, unit, v.words.T("original.heading")); err != nil {
		return err
	}
	p.BackPath = path.Dir(v.r.URL.Path)
	sum := sha256.Sum256(data)
	p.SHA = hex.EncodeToString(sum[:])
	p.Text, p.Cut = showBytes(data)
	return wb.render(v, http.StatusOK, "original", p)
}

func (wb *Workbench) downloadOriginal(v *visit) error {
	_, name, data, err := wb.original(v)
	if err != nil {
		return err
	}
	return v.download(name, data)
}

// download sends bytes as a file that no browser tries to understand.
func (v *visit) download(name string, data []byte) error {
	return v.file(name, "application/octet-stream", data)
}

// file sends bytes of a type as a file to be kept, never as a page.
func (v *visit) file(name, kind string, data []byte) error {
	h := v.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+fileName(name)+`"`)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Length", strconv.Itoa(len(data)))
	if _, err := v.w.Write(data); err != nil {
		return nil // the browser went away
	}
	return nil
}

// fileName keeps the characters of a name that mean nothing to any system.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		}
		return '-'
	}, path.Base(name))
	return strings.TrimLeft(name, ".-")
}

// showBytes turns bytes of unknown encoding into text for a page: UTF-8 when they
// are, otherwise Latin-1, in which every byte is a character. Control characters
// become visible.
func showBytes(data []byte) (s string, cut bool) {
	if len(data) > shownBytes {
		data, cut = data[:shownBytes], true
		for range utf8.UTFMax - 1 { // a character that was cut in two goes
			if r, n := utf8.DecodeLastRune(data); r != utf8.RuneError || n != 1 {
				break
			}
			data = data[:len(data)-1]
		}
	}
	if utf8.Valid(data) {
		s = string(data)
	} else {
		r := make([]rune, len(data))
		for i, b := range data {
			r[i] = rune(b)
		}
		s = string(r)
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r == '\r':
			return -1
		case r < 0x20:
			return 0x2400 + r // the picture of the control character
		case r == 0x7f, r >= 0x80 && r < 0xa0, bidi(r):
			return '\ufffd'
		}
		return r
	}, s), cut
}

// bidi characters could make a text look other than it is.
func bidi(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

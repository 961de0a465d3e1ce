package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"regexp"
	"sort"
)

//go:embed static
var staticFiles embed.FS

// assets serves the stylesheet, the scripts and the icon. Their address holds a
// hash of them all, so a browser may keep them for ever.
type assets struct {
	path  string // "/statisk/<hash>"
	files map[string][]byte
}

func newAssets() (*assets, error) {
	a := &assets{files: map[string][]byte{}}
	entries, err := staticFiles.ReadDir("static")
	if err != nil {
		return nil, err
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name() < entries[j].Name() })
	sum := sha256.New()
	for _, e := range entries {
		data, err := staticFiles.ReadFile("static/" + e.Name())
		if err != nil {
			return nil, err
		}
		if path.Ext(e.Name()) == ".js" {
			data = program(data)
		}
		a.files[e.Name()] = data
		sum.Write([]byte(e.Name()))
		sum.Write(data)
	}
	a.path = "/statisk/" + hex.EncodeToString(sum.Sum(nil)[:6])
	return a, nil
}

var remark = regexp.MustCompile(`(?m)^[ \t]*//.*\n`)

// program is a script as a browser needs it: the remarks that fill a line stay with us. (No
// text in a script goes over several lines, so no such line is part of one.)
func program(script []byte) []byte { return remark.ReplaceAll(script, nil) }

// ServeHTTP sends one file. A name or version this build does not have is not
// found; it holds nothing a person would want to read, so there is no page.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, known := a.files[r.PathValue("name")]
	if !known {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	h := w.Header()
	switch path.Ext(r.PathValue("name")) {
	case ".css":
		h.Set("Content-Type", "text/css; charset=utf-8")
	case ".js":
		h.Set("Content-Type", "text/javascript; charset=utf-8")
	case ".svg":
		h.Set("Content-Type", "image/svg+xml")
	}
	if "/statisk/"+r.PathValue("version") == a.path {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.Write(data)
}

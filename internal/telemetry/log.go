// Package telemetry writes the log and keeps secrets out of it.
//
// Specification: house.md §7 "Two audiences": no patient data in an error or log
// line. Everybody is told not to log a number; this package makes sure.
//
// Deliberately missing: traces.
//
// What surprises: any run of exactly ten digits, or six and four with a hyphen,
// is masked wherever it stands, also inside longer text, because that is what a
// CPR number looks like. Location numbers have thirteen digits and stay readable.
package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// NewLogger returns a logger that writes lines of text (or JSON) without patient
// numbers. level is "debug", "info", "warn" or "error"; empty means info.
func NewLogger(w io.Writer, level string, asJSON bool) (*slog.Logger, error) {
	var l slog.Level
	if level != "" {
		if err := l.UnmarshalText([]byte(level)); err != nil {
			return nil, fmt.Errorf("log level %q is none of debug, info, warn, error", level)
		}
	}
	o := &slog.HandlerOptions{Level: l}
	if asJSON {
		return slog.New(Redact(slog.NewJSONHandler(w, o))), nil
	}
	return slog.New(Redact(slog.NewTextHandler(w, o))), nil
}

// Redact wraps a handler so that nothing that looks like a CPR number passes.
func Redact(h slog.Handler) slog.Handler { return redactor{h} }

type redactor struct{ slog.Handler }

// Handle masks the message and every attribute.
func (r redactor) Handle(ctx context.Context, rec slog.Record) error {
	out := slog.NewRecord(rec.Time, rec.Level, Mask(rec.Message), rec.PC)
	rec.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(maskAttr(a))
		return true
	})
	return r.Handler.Handle(ctx, out)
}

// WithAttrs implements [slog.Handler].
func (r redactor) WithAttrs(attrs []slog.Attr) slog.Handler {
	masked := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		masked[i] = maskAttr(a)
	}
	return redactor{r.Handler.WithAttrs(masked)}
}

// WithGroup implements [slog.Handler].
func (r redactor) WithGroup(name string) slog.Handler { return redactor{r.Handler.WithGroup(name)} }

func maskAttr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindGroup:
		group := v.Group()
		masked := make([]slog.Attr, len(group))
		for i, g := range group {
			masked[i] = maskAttr(g)
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(masked...)}
	case slog.KindString, slog.KindAny:
		return slog.String(a.Key, Mask(v.String()))
	case slog.KindInt64, slog.KindUint64:
		if s := v.String(); len(s) == 10 {
			return slog.String(a.Key, Mask(s))
		}
	}
	return slog.Attr{Key: a.Key, Value: v}
}

// Mask replaces the last four characters of whatever looks like a CPR or
// replacement number: DDMMYY with four more characters of which the last is a
// digit, alone or behind a hyphen or space.
func Mask(s string) string {
	var b strings.Builder
	last := 0
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) || i > 0 && isWord(s[i-1]) {
			continue
		}
		end := number(s[i:])
		if end == 0 {
			continue
		}
		b.WriteString(s[last : i+6])
		b.WriteString("-••••")
		last = i + end
		i = last - 1
	}
	if last == 0 {
		return s
	}
	b.WriteString(s[last:])
	return b.String()
}

// number returns how long the number at the start of s is, 0 when there is none.
func number(s string) int {
	for i := range 6 {
		if i >= len(s) || !isDigit(s[i]) {
			return 0
		}
	}
	at := 6
	if at < len(s) && (s[at] == '-' || s[at] == ' ') {
		at++
	}
	if at+4 > len(s) || !isDigit(s[at+3]) {
		return 0
	}
	for _, c := range []byte(s[at : at+3]) {
		if !isDigit(c) && (c < 'A' || c > 'Z') {
			return 0
		}
	}
	if at+4 < len(s) && isWord(s[at+4]) {
		return 0
	}
	return at + 4
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(c byte) bool { return isDigit(c) || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }

package telemetry_test

import (
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"

	"brevdue/internal/telemetry"
)

// Whatever looks like a patient's number is masked; location numbers are not.
func ExampleMask() {
	log := slog.New(telemetry.Redact(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})))
	log.Info("letter about 2512489996", "receiver", "5790000120420")
	// Output: level=INFO msg="letter about 251248-••••" receiver=5790000120420
}

func TestMask(t *testing.T) {
	for in, want := range map[string]string{
		"":                           "",
		"2512489996":                 "251248-••••",
		"251248-9996":                "251248-••••",
		"251248 9996 og 0104909989.": "251248-•••• og 010490-••••.",
		"0703921VJ4":                 "070392-••••", // a replacement number
		"5790000120420":              "5790000120420",
		"UNB+2512489996:14":          "UNB+251248-••••:14",
		"B0000000000001":             "B0000000000001",
		"25124899961":                "25124899961", // eleven digits are no CPR number
		"x2512489996":                "x2512489996",
		"2026-11-24":                 "2026-11-24",
		"/2512489996.xml":            "/251248-••••.xml",
	} {
		if got := telemetry.Mask(in); got != want {
			t.Errorf("Mask(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestEveryWayIntoTheLog(t *testing.T) {
	var b strings.Builder
	log, err := telemetry.NewLogger(&b, "debug", true)
	if err != nil {
		t.Fatal(err)
	}
	const cpr = "2512489996"
	log.With("who", cpr).WithGroup("g").Error("about "+cpr, "error", errors.New("bad "+cpr), "n", 2512489996, slog.Group("deep", "x", cpr))
	if strings.Contains(b.String(), "9996") {
		t.Error(b.String())
	}
	if strings.Count(b.String(), "251248-••••") != 5 {
		t.Error(b.String())
	}
	if _, err := telemetry.NewLogger(&b, "loud", false); err == nil {
		t.Error("an unknown level was accepted")
	}
}

package alert_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"brevdue/internal/alert"
	"brevdue/internal/store"
	"brevdue/internal/store/storetest"
)

var noon = time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC)

// world is an archive, a clock, one probe that says what the test says, and somebody
// who is told.
type world struct {
	t       *testing.T
	store   store.Store
	now     time.Time
	there   bool
	probe   error
	refused error // what whoever is told answers
	told    []string
}

func newWorld(t *testing.T) *world {
	st := storetest.Open(t, filepath.Join(t.TempDir(), "brevdue.db"))
	t.Cleanup(func() { _ = st.Close() })
	return &world{t: t, now: noon, store: st}
}

// watcher is a process that watches for the network of a node.
func (w *world) watcher(node string, tells bool) *alert.Watcher {
	c := alert.Config{Store: w.store, Node: node, Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler), Probes: []alert.Probe{{
		Kind: store.AlertNetwork, Look: func(context.Context) (bool, string, error) { return w.there, "why", w.probe },
	}}}
	if tells {
		c.Tell = func(_ context.Context, a store.Alert) error {
			if w.refused != nil {
				return w.refused
			}
			said := "began " + a.Node
			if !a.Ended.IsZero() {
				said = "ended " + a.Node
			}
			w.told = append(w.told, strings.TrimSpace(said))
			return nil
		}
	}
	return alert.New(c)
}

// look lets the watcher look every ten seconds for as long.
func (w *world) look(by *alert.Watcher, d time.Duration) {
	w.t.Helper()
	for end := w.now.Add(d); w.now.Before(end); w.now = w.now.Add(10 * time.Second) {
		if err := by.Look(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) says(want string) {
	w.t.Helper()
	if got := strings.Join(w.told, ", "); got != want {
		w.t.Errorf("told %q, want %q", got, want)
	}
}

func (w *world) known() (all []store.Alert) {
	w.t.Helper()
	err := w.store.View(w.t.Context(), func(tx store.Tx) (err error) {
		all, err = store.Alerts(w.t.Context(), tx)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func TestOneAlertWhenItBeginsAndOneWhenItEnds(t *testing.T) {
	w := newWorld(t)
	by := w.watcher("", true)
	w.look(by, time.Minute)
	w.says("")
	w.there = true
	w.look(by, 30*time.Second) // seen for 20 seconds: not yet
	w.says("")
	w.look(by, 10*time.Minute)
	w.says("began")
	w.there = false
	w.look(by, 2*time.Minute)
	w.says("began")
	w.look(by, time.Hour)
	w.says("began, ended")
	all := w.known()
	if len(all) != 1 || !all[0].Since.Equal(noon.Add(time.Minute)) || all[0].Ended.Sub(all[0].Since) != 10*time.Minute+30*time.Second || all[0].Told != 2 {
		t.Errorf("kept: %+v", all)
	}
}

func TestTroubleThatComesAndGoesIsOneAlert(t *testing.T) {
	w := newWorld(t)
	by := w.watcher("", true)
	for range 50 { // every other minute
		w.there = !w.there
		w.look(by, time.Minute)
	}
	w.says("began")
	w.there = true
	w.look(by, 20*time.Second)
	w.there = false
	w.look(by, time.Hour)
	w.says("began, ended")
}

func TestRestartNeitherRepeatsNorForgets(t *testing.T) {
	w := newWorld(t)
	w.there = true
	w.look(w.watcher("", true), time.Minute)
	w.says("began")
	w.look(w.watcher("", true), time.Minute)
	w.says("began")
	w.there = false
	w.look(w.watcher("", true), time.Hour)
	w.says("began, ended")
}

func TestWhoCannotBeToldIsToldLater(t *testing.T) {
	w := newWorld(t)
	w.refused = errors.New("no")
	w.there = true
	by := w.watcher("", true)
	w.look(by, time.Minute)
	w.there = false
	w.look(by, time.Hour)
	w.says("")
	w.refused = nil
	w.look(by, 10*time.Second)
	w.says("began, ended")
	w.look(by, time.Hour)
	w.says("began, ended")
}

// A probe that cannot look says nothing: no trouble begins, and none ends.
func TestProbeThatCannotLook(t *testing.T) {
	w := newWorld(t)
	by := w.watcher("", true)
	w.there, w.probe = true, errors.New("blind")
	w.look(by, time.Hour)
	w.says("")
	w.probe = nil
	w.look(by, time.Minute)
	w.there, w.probe = false, errors.New("blind")
	w.look(by, time.Hour)
	w.says("began")
}

// Each node has its own trouble, one of them tells, and what a node that was taken away
// has left ends by itself.
func TestNodes(t *testing.T) {
	w := newWorld(t)
	a, b, leader := w.watcher("a", false), w.watcher("b", false), w.watcher("", true)
	calm := func(d time.Duration) { w.there = false; w.look(leader, d) }
	w.there = true
	w.look(a, time.Minute)
	w.look(b, time.Minute)
	calm(20 * time.Second)
	w.says("began a, began b")
	for range 9 { // a says again that it is in trouble, b was taken away
		w.there = true
		w.look(a, 10*time.Minute)
		calm(10 * time.Second)
	}
	w.says("began a, began b, ended b")
}

func TestWebhook(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("hemmelig\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	status := http.StatusOK
	var got []map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var m map[string]any
		if err := json.Unmarshal(body, &m); err != nil || r.Header.Get("Authorization") != "Bearer hemmelig" || r.Method != http.MethodPost {
			t.Errorf("%s %s %q %v", r.Method, r.Header, body, err)
		}
		got = append(got, m)
		w.WriteHeader(status)
	}))
	defer server.Close()
	hook := alert.Webhook{URL: server.URL + "/hook", TokenFile: token, Installation: "Nord", Client: server.Client()}
	a := store.Alert{Kind: store.AlertDisk, Since: noon, Detail: "3 %"}
	if err := hook.Tell(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	a.Ended = noon.Add(time.Hour)
	if err := hook.Tell(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0]["state"] != "began" || got[1]["state"] != "ended" || got[1]["ended"] != "2026-11-24T12:00:00Z" || got[0]["kind"] != "disk" || got[0]["installation"] != "Nord" {
		t.Errorf("sent: %v", got)
	}
	status = http.StatusBadGateway
	if err := hook.Tell(t.Context(), a); err == nil || strings.Contains(err.Error(), "hemmelig") {
		t.Errorf("not taken: %v", err)
	}
	server.Close()
	if err := hook.Tell(t.Context(), a); err == nil || strings.Contains(err.Error(), "hemmelig") {
		t.Errorf("nobody there: %v", err)
	}
}

// Every kind says in Danish what it is.
func TestEveryKindHasAText(t *testing.T) {
	var text string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m struct{ Text string }
		_ = json.NewDecoder(r.Body).Decode(&m)
		text = m.Text
	}))
	defer server.Close()
	for _, kind := range store.AlertKinds() {
		if err := (alert.Webhook{URL: server.URL, Client: server.Client()}).Tell(t.Context(), store.Alert{Kind: kind}); err != nil || text == string(kind) || text == "" {
			t.Errorf("%s: %q, %v", kind, text, err)
		}
	}
}

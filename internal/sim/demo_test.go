package sim

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"brevdue"
	"brevdue/internal/app"
	"brevdue/internal/config"
	"brevdue/internal/logtest"
	"brevdue/internal/store"
	"brevdue/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tuesday is Tuesday 24 November 2026, twenty past two in Denmark.
var tuesday = time.Date(2026, 11, 24, 13, 20, 0, 0, time.UTC)

// scene counts what can be seen of a demo at one moment.
type scene map[string]int

func look(t *testing.T, d *Demo) scene {
	t.Helper()
	seen := scene{}
	view := func(a *app.App, f func(tx store.Tx) error) {
		if err := a.Store.View(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	unit := func(name string, a *app.App, gln brevdue.GLN) {
		view(a, func(tx store.Tx) error {
			c, err := tx.Letters().Counts(t.Context(), gln, d.Clock.Now())
			seen[name], seen["late"] = c.All, seen["late"]+c.Late
			return err
		})
	}
	unit("ward", d.Regional.App, d.Region.Ward)
	unit("bosted", d.Regional.App, d.Region.Bosted)
	unit("home nursing", d.Local.App, d.Region.HomeNursing)
	unit("social unit", d.Local.App, d.Region.SocialUnit)
	unit("practice", d.Local.App, d.Region.Practice)
	for _, s := range []*Side{d.Regional, d.Local} {
		for _, u := range append(d.Region.Regional, d.Region.Local...) {
			view(s.App, func(tx store.Tx) error {
				rows, err := tx.Letters().SentBy(t.Context(), brevdue.GLN(u.GLN), 1000, 0)
				for _, r := range rows {
					seen["sent "+string(r.Status)]++
					if r.ReplyTo != 0 {
						seen["answers"]++
					}
				}
				return err
			})
		}
		view(s.App, func(tx store.Tx) error {
			refused, err := tx.Letters().RefusedList(t.Context(), 1000)
			seen["refused"] += len(refused)
			for _, state := range []store.ArrivalState{store.ArrivalDuplicate, store.ArrivalQuarantined, store.ArrivalUnmatched} {
				n, err := tx.Arrivals().Count(t.Context(), state)
				if err != nil {
					return err
				}
				seen[string(state)] += n
			}
			dead, err2 := tx.Jobs().Count(t.Context(), store.JobDead)
			seen["dead jobs"] += dead
			if err == nil {
				err = err2
			}
			return err
		})
	}
	return seen
}

// TestDemo runs the whole demo until everything it promises has happened, and
// stops it.
func TestDemo(t *testing.T) {
	log := &logtest.Buffer{}
	d, err := NewDemo(t.Context(), DemoOptions{
		Listen: "127.0.0.1:0", Dir: filepath.Join(t.TempDir(), "demo"), Speed: 60, Begin: tuesday, Pace: 20 * time.Millisecond,
		Log: slog.New(telemetry.Redact(slog.NewTextHandler(log, nil))),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()

	want := []string{"ward", "bosted", "home nursing", "social unit", "practice", "late", "sent delivered", "sent rejected", "answers", "refused",
		string(store.ArrivalDuplicate), string(store.ArrivalQuarantined)}
	var seen scene
	var missing []string
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		seen, missing = look(t, d), nil
		for _, w := range want {
			if seen[w] == 0 {
				missing = append(missing, w)
			}
		}
		if len(missing) == 0 {
			break
		}
	}
	if len(missing) > 0 {
		t.Errorf("never happened: %v\nseen: %v\nlog:\n%s", missing, seen, log)
	}
	if seen["dead jobs"] != 0 || seen[string(store.ArrivalUnmatched)] != 0 {
		t.Errorf("seen: %v\nlog:\n%s", seen, log)
	}
	for _, l := range d.Logins {
		b, err := newBrowser(l.URL, l.Login, l.Password)
		if err != nil {
			t.Errorf("%s cannot sign in: %v", l.Who, err)
			continue
		}
		answer, err := b.Get(l.URL + "/")
		if err != nil {
			t.Fatal(err)
		}
		page, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK || !strings.Contains(string(page), "/enhed/") && !strings.Contains(string(page), "/aftale") {
			t.Errorf("%s sees %s", l.Who, answer.Status)
		}
		b.CloseIdleConnections()
	}

	stop()
	if err := <-done; err != nil {
		t.Errorf("run: %v", err)
	}
	if n := d.Regional.App.Queue.Panics() + d.Local.App.Queue.Panics(); n != 0 {
		t.Errorf("%d panics:\n%s", n, log)
	}
	if err := d.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	for _, p := range Patients() {
		if strings.Contains(log.String(), p.CPR.Reveal()) || strings.Contains(log.String(), p.Given) {
			t.Errorf("the log holds patient data:\n%s", log)
		}
	}
}

// TestDemoTakesWhatIsFree: an address that is in use is said before anything is
// left behind.
func TestDemoAddressInUse(t *testing.T) {
	l, err := app.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dir := filepath.Join(t.TempDir(), "demo")
	_, err = NewDemo(t.Context(), DemoOptions{Listen: l.Addr().String(), Dir: dir, Speed: 1, Begin: tuesday, Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "is in use") {
		t.Error(err)
	}
	for _, bad := range []string{"8642", "127.0.0.1:http-alt", "127.0.0.1:65535"} {
		if _, err := NewDemo(t.Context(), DemoOptions{Listen: bad, Dir: dir, Speed: 1, Begin: tuesday, Log: slog.New(slog.DiscardHandler)}); err == nil {
			t.Errorf("--listen %s was accepted", bad)
		}
	}
}

func TestRegion(t *testing.T) {
	r := NewRegion()
	units := append(r.Regional, r.Local...)
	owners, kinds, numbers := map[string]bool{}, map[string]int{}, map[string]bool{}
	for _, u := range units {
		if numbers[u.GLN] {
			t.Errorf("%s has a number somebody else has", u.Name)
		}
		numbers[u.GLN], owners[u.Organisation] = true, true
		kinds[u.Kind]++
		if g := brevdue.GLN(u.GLN); !g.Check() || !strings.HasPrefix(u.GLN, "579999") {
			t.Errorf("%s has the number %s", u.Name, g)
		}
		if e, ok := r.Directory.Get(brevdue.GLN(u.GLN)); !ok || e.Kind != brevdue.UnitKind(u.Kind) || len(e.Takes) == 0 || e.Phone == "" {
			t.Errorf("the directory says of %s: %+v", u.Name, e)
		}
	}
	if kinds["municipal-health"] != 19 || kinds["municipal-social"] != 19 || kinds["gp"] < 3 || kinds["regional-social"] < 2 || kinds["ward"] < 6 || kinds["clinic"] < 6 {
		t.Errorf("kinds: %v", kinds)
	}
	for _, h := range hospitals {
		if !owners[h.name] {
			t.Errorf("%s has no unit", h.name)
		}
	}
	if numbers[string(r.Closed)] || numbers[string(r.Neighbour)] || r.Directory.Len() != len(units)+2 {
		t.Error("the closed unit or the neighbour is somebody's, or the directory has not everybody and the two others")
	}
	// Every unit is one the configuration of a real installation takes.
	for _, half := range [][]config.Unit{r.Regional, r.Local} {
		c, err := config.Parse(config.Template(config.Config{Units: half}))
		if err != nil || len(c.Warnings) > 0 || len(c.Units) != len(half) {
			t.Errorf("%v %v", err, c.Warnings)
		}
	}
	if again := NewRegion(); again.Ward != r.Ward || again.Closed != r.Closed {
		t.Error("the region is not the same every time")
	}
}

func TestBeginning(t *testing.T) {
	cph, err := time.LoadLocation("Europe/Copenhagen")
	if err != nil {
		t.Fatal(err)
	}
	for now, want := range map[string]string{
		"2026-11-24 09:30": "2026-11-24 09:30", // at work: the demo shows the real time
		"2026-11-24 06:00": "2026-11-24 14:20",
		"2026-11-24 20:00": "2026-11-24 14:20",
		"2026-11-28 12:00": "2026-11-30 14:20", // Saturday: Monday
		"2026-12-24 12:00": "2026-12-28 14:20", // Christmas
		"2027-06-05 12:00": "2027-06-07 14:20", // Constitution Day, a Saturday
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", now, cph)
		if err != nil {
			t.Fatal(err)
		}
		if got := Beginning(at).In(cph).Format("2006-01-02 15:04"); got != want {
			t.Errorf("at %s the demo begins %s, want %s", now, got, want)
		}
	}
}

func TestClock(t *testing.T) {
	c := NewClock(tuesday, 3600)
	time.Sleep(time.Millisecond)
	if c.Now() != tuesday {
		t.Error("a clock that was not started runs")
	}
	before := time.Now()
	c.Start()
	time.Sleep(2 * time.Millisecond)
	if ran, most := c.Now().Sub(tuesday), time.Since(before)*3600; ran < 7*time.Second || ran > most {
		t.Errorf("in two milliseconds at speed 3600 it ran %v", ran)
	}
	c.Stand(tuesday)
	time.Sleep(time.Millisecond)
	if c.Now() != tuesday {
		t.Error("a clock that was stopped runs")
	}
}

// TestNetwork: files go to the folder of their receiver; what nobody has is
// answered in the letter's own family, and nothing ever answers a receipt.
func TestNetwork(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	n := &Network{Now: func() time.Time { return tuesday }, Log: slog.New(slog.DiscardHandler)}
	n.Join(filepath.Join(a), t.TempDir(), measuredSender())
	files := func(dir string) (kinds []string) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			data, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			_, kind := receiverOf(data)
			kinds = append(kinds, string(kind))
			os.Remove(filepath.Join(dir, e.Name()))
		}
		return kinds
	}
	for kind, refusal := range map[brevdue.Kind]string{brevdue.DIS91: "CTL01", brevdue.XDIS91: "XCTL01"} {
		letters, err := post(2, kind, tuesday)
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Put(letters[0]); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(files(a), " "); got != refusal {
			t.Errorf("%s to nobody is answered with %q, want %s", kind, got, refusal)
		}
	}
	n.Join(b, t.TempDir(), measuredUnit())
	letters, err := post(2, brevdue.DIS91, tuesday)
	if err != nil {
		t.Fatal(err)
	}
	n.Twice()
	for _, l := range letters {
		if err := n.Put(l); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(files(b), " "); got != "DIS91 DIS91 DIS91" {
		t.Errorf("two letters, the first delivered twice: %s", got)
	}
	if got := files(a); len(got) != 0 {
		t.Errorf("the sender got %v", got)
	}
	if err := n.PutTo(number(999999), letters[0]); err == nil {
		t.Error("a file was put to an installation that is not there")
	}
}

package sqlstore_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/pgtest"
	"brevdue/internal/store"
	"brevdue/internal/store/postgres"
	"brevdue/internal/store/sqlite"
	"brevdue/internal/store/sqlstore"
)

// searchLetters is the environment variable that says how many letters the archive of
// BenchmarkSearch holds; 20,000 without it. docs/speed.md has the figures of a million.
const searchLetters = "BREVDUE_SEARCH_LETTERS"

// prose makes letters whose words are as common and as rare as those of a language: a
// word's frequency falls with its place (Zipf), and a fifth of the letters are of one
// unit.
type prose struct {
	r     *rand.Rand
	zipf  *rand.Zipf
	words []string
}

func newProse() *prose {
	p := &prose{r: rand.New(rand.NewPCG(1, 2))}
	p.zipf = rand.NewZipf(p.r, 1.07, 3, 59_999)
	syllables := strings.Fields("an be for med en pleje sår ind skriv gør læ ge dag bor ger kon trol ring vægt smer te hjem ud syge træ ning tab let mad")
	seen := map[string]bool{}
	for len(p.words) < 60_000 {
		w := ""
		for range 1 + p.r.IntN(4) {
			w += syllables[p.r.IntN(len(syllables))]
		}
		if len(p.words) > 500 && seen[w] {
			w += string(rune('a'+p.r.IntN(26))) + string(rune('a'+p.r.IntN(26)))
		}
		if !seen[w] {
			seen[w] = true
			p.words = append(p.words, w)
		}
	}
	return p
}

func (p *prose) sentence(n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = p.words[p.zipf.Uint64()]
	}
	return strings.Join(words, " ")
}

// unit is the unit of a letter: unit 0 has a fifth of them, 49 others share the rest.
func (p *prose) unit() brevdue.GLN {
	if p.r.IntN(5) == 0 {
		return "u0"
	}
	return brevdue.GLN(fmt.Sprint("u", 1+p.r.IntN(49)))
}

func (p *prose) letter(n, of int) *store.Letter {
	when := moment.AddDate(0, 0, n*1000/of) // over three years
	l := &store.Letter{Direction: store.In, Unit: p.unit(), Status: brevdue.Read, Arrived: when, Sent: when, Group: "Medicin", Category: "Behandling"}
	if n%3 == 0 {
		l.Direction, l.Status = store.Out, brevdue.Delivered
		if p.r.IntN(500) == 0 {
			l.Status = brevdue.Rejected
		}
	}
	ward := brevdue.Party{GLN: "5790000120420", Organisation: "Prøvehospitalet", Department: p.words[p.r.IntN(300)]}
	l.Body = brevdue.Letter{ID: fmt.Sprint("L", n), Subject: p.sentence(3), Sender: ward, Receiver: brevdue.Party{GLN: l.Unit, Organisation: "Østkøbing Kommune"},
		Patient:  brevdue.Patient{CPR: "2512489996", Given: p.words[p.r.IntN(3000)], Surname: p.words[p.r.IntN(3000)]},
		Segments: []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText(p.sentence(60 + p.r.IntN(120)))}}}}
	return l
}

// BenchmarkSearch searches an archive of many letters, in its largest unit and in a small
// one, for common and rare words, beginnings, several words, and with filters; it tells
// the median and the 95th percentile over all of them, and the slowest kind.
func BenchmarkSearch(b *testing.B) {
	for name, open := range map[string]func() (*sqlstore.Store, error){
		"sqlite": func() (*sqlstore.Store, error) {
			return sqlite.Open(filepath.Join(b.TempDir(), "brevdue.db"), sqlite.Options{})
		},
		"postgres": func() (*sqlstore.Store, error) {
			return postgres.Open(b.Context(), pgtest.Database(b), postgres.Options{})
		},
	} {
		b.Run(name, func(b *testing.B) {
			s, err := open()
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			benchSearch(b, s)
		})
	}
}

func benchSearch(b *testing.B, s *sqlstore.Store) {
	count, err := strconv.Atoi(os.Getenv(searchLetters))
	if err != nil {
		count = 20_000
	}
	p := newProse()
	began := time.Now()
	for n := 0; n < count; {
		err := s.Update(b.Context(), func(tx store.Tx) error {
			for range min(1000, count-n) {
				if _, err := tx.Letters().Insert(b.Context(), p.letter(n, count)); err != nil {
					return err
				}
				n++
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%d letters in %s", count, time.Since(began).Round(time.Second))

	word := func(from, to int) string { return p.words[from+p.r.IntN(to-from)] }
	start := func(w string, n int) string { return string([]rune(w)[:min(n, len([]rune(w)))]) }
	kinds := []struct {
		name string
		q    func() store.Search
	}{
		{"common word", func() store.Search { return store.Search{Text: word(0, 20)} }},
		{"word", func() store.Search { return store.Search{Text: word(100, 3000)} }},
		{"rare word", func() store.Search { return store.Search{Text: word(20_000, 60_000)} }},
		{"three letters", func() store.Search { return store.Search{Text: start(word(0, 3000), 3)} }},
		{"four letters", func() store.Search { return store.Search{Text: start(word(0, 3000), 4)} }},
		{"six letters", func() store.Search { return store.Search{Text: start(word(0, 3000), 6)} }},
		{"two words", func() store.Search { return store.Search{Text: word(0, 3000) + " " + word(0, 3000)} }},
		{"three words", func() store.Search {
			return store.Search{Text: word(0, 30) + " " + word(0, 300) + " " + start(word(0, 3000), 5)}
		}},
		{"name", func() store.Search { return store.Search{Text: word(0, 3000), Other: word(0, 300)} }},
		{"subject", func() store.Search { return store.Search{Subject: word(0, 300)} }},
		{"period", func() store.Search {
			day := moment.AddDate(0, 0, p.r.IntN(900))
			return store.Search{Text: word(0, 300), From: day, To: day.AddDate(0, 0, 45)}
		}},
		{"refused", func() store.Search { return store.Search{Receipt: store.ReceiptRefused, Text: word(0, 100)} }},
		{"everything", func() store.Search { return store.Search{} }},
		{"nothing there", func() store.Search { return store.Search{Text: "findesikke"} }},
	}
	var all []time.Duration
	times := map[string][]time.Duration{}
	for b.Loop() {
		for _, k := range kinds {
			unit := p.unit()
			q := k.q()
			q.Limit = 51
			began := time.Now()
			err := s.View(b.Context(), func(tx store.Tx) error { _, err := tx.Letters().Search(b.Context(), unit, q); return err })
			took := time.Since(began)
			if err != nil {
				b.Fatal(err)
			}
			all, times[k.name] = append(all, took), append(times[k.name], took)
		}
	}
	b.ReportMetric(percentile(all, 50), "p50-ms")
	b.ReportMetric(percentile(all, 95), "p95-ms")
	for _, k := range kinds {
		b.Logf("%-15s p50 %7.2f ms, p95 %7.2f ms, max %7.2f ms", k.name, percentile(times[k.name], 50), percentile(times[k.name], 95), percentile(times[k.name], 100))
	}
}

// percentile is in milliseconds.
func percentile(all []time.Duration, p int) float64 {
	slices.Sort(all)
	return float64(all[max(0, len(all)*p/100-1)]) / float64(time.Millisecond)
}

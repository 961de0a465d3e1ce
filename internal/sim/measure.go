package sim

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"brevdue"
	"brevdue/convert"
	"brevdue/medcom"
)

// Measurement is what one benchmark found. Fields that a benchmark has nothing to
// say about are left out of its JSON.
type Measurement struct {
	What      string  `json:"what"`
	N         int     `json:"n"` // letters, or pages
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"per_second"`

	BytesPerLetter int `json:"bytes_per_letter,omitempty"`
	// WithLossReport is conversions per second when every result is also read again
	// and compared with what was read first.
	WithLossReport float64 `json:"with_loss_report_per_second,omitempty"`
	DIS91          float64 `json:"dis91_per_second,omitempty"`
	XDIS91         float64 `json:"xdis91_per_second,omitempty"`
	Letters        int     `json:"letters_in_inbox,omitempty"`
	MedianMS       float64 `json:"median_ms,omitempty"`
	P95MS          float64 `json:"p95_ms,omitempty"`
	PageKB         float64 `json:"page_kb,omitempty"`
}

// measured fills in the speed.
func measured(what string, n int, took time.Duration) Measurement {
	return Measurement{What: what, N: n, Seconds: round(took.Seconds()), PerSecond: rate(n, took)}
}

func rate(n int, took time.Duration) float64 { return round(float64(n) / max(took.Seconds(), 1e-9)) }

// round keeps three decimals: more would only look exact.
func round(f float64) float64 { return float64(int64(f*1000+0.5)) / 1000 }

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// MeasureConvert writes n letters of about one kilobyte from DIS91 to XDIS91 on
// one core: read, decode and encode.
func MeasureConvert(n int, now func() time.Time) (Measurement, error) {
	letters, err := post(64, brevdue.DIS91, now())
	if err != nil {
		return Measurement{}, err
	}
	// The garbage collector would otherwise work on the other cores for nothing.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	start := now()
	for i := range n {
		m, findings := medcom.Read(letters[i%len(letters)])
		if brevdue.HasErrors(findings) {
			return Measurement{}, errUnreadable
		}
		if out, _ := medcom.Encode(m, brevdue.XDIS91); out == nil {
			return Measurement{}, errUnreadable
		}
	}
	result := measured("convert", n, now().Sub(start))
	result.BytesPerLetter = len(letters[0])

	some := max(n/5, 1)
	start = now()
	for i := range some {
		if r := convert.Convert(letters[i%len(letters)], brevdue.OIOXML); r.Data == nil || len(r.Losses) > 0 {
			return Measurement{}, errUnreadable
		}
	}
	result.WithLossReport = rate(some, now().Sub(start))
	return result, nil
}

// MeasureCheck finds all findings of n letters, half of them DIS91 and half
// XDIS91, on one core.
func MeasureCheck(n int, now func() time.Time) (Measurement, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	speeds := map[brevdue.Kind]float64{}
	var total time.Duration
	half := max(n/2, 1)
	size := 0
	for _, kind := range []brevdue.Kind{brevdue.DIS91, brevdue.XDIS91} {
		letters, err := post(64, kind, now())
		if err != nil {
			return Measurement{}, err
		}
		start := now()
		for i := range half {
			if _, findings := medcom.Read(letters[i%len(letters)]); brevdue.HasErrors(findings) {
				return Measurement{}, errUnreadable
			}
		}
		took := now().Sub(start)
		speeds[kind], total = rate(half, took), total+took
		size += len(letters[0])
	}
	result := measured("check", 2*half, total)
	result.BytesPerLetter, result.DIS91, result.XDIS91 = size/2, speeds[brevdue.DIS91], speeds[brevdue.XDIS91]
	return result, nil
}

// errUnreadable means that the simulator wrote a letter the program cannot read:
// a bug in either.
var errUnreadable = errors.New("a letter written for the measurement has errors")

// The parties of measured letters.
func measuredUnit() brevdue.GLN   { return number(900001) }
func measuredSender() brevdue.GLN { return number(900002) }

// measuredInbox is the address of the inbox page of the measured unit.
func measuredInbox() string { return "/enhed/" + string(measuredUnit()) + "/indbakke" }

// post writes n letters to the measured unit, each with its own numbers, citizen
// and subject, sent now and asking for a receipt.
func post(n int, kind brevdue.Kind, now time.Time) ([][]byte, error) {
	var out [][]byte
	for i := range n {
		data, err := write(measuredLetter(i, now), kind, measuredEnvelope(i, now))
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

// postOne writes the i-th letter, every other one in each format.
func postOne(i int, now time.Time) ([]byte, error) {
	kind := brevdue.DIS91
	if i%2 == 1 {
		kind = brevdue.XDIS91
	}
	return write(measuredLetter(i, now), kind, measuredEnvelope(i, now))
}

func measuredLetter(i int, now time.Time) brevdue.Letter {
	people, sent := Patients(), localTime(now)
	what, who := hospitalNotes[i%len(hospitalNotes)], people[i%len(people)]
	return brevdue.Letter{
		ID: fmt.Sprintf("MB%010d", i), StatisticalCode: "XDIS91", Authorised: sent, Status: brevdue.NewLetter,
		EpisodeOfCare: fmt.Sprintf("%032x", i+1),
		Sender: brevdue.Party{GLN: measuredSender(), ID: "6620320", IDCode: brevdue.IDHospitalDepartment, Organisation: "Målehospitalet",
			Department: "Medicinsk afdeling", Unit: "Sengeafsnit 1", Phone: "79990001", Specialty: "intern_medicin_sygehus"},
		Receiver: brevdue.Party{GLN: measuredUnit(), ID: string(measuredUnit()), IDCode: brevdue.IDLocation, Organisation: "Målekøbing Kommune",
			Department: "Sundhed og Omsorg", Unit: "Hjemmesygeplejen"},
		Patient: brevdue.Patient{CPR: who.CPR, Surname: who.Surname, Given: who.Given, Episode: brevdue.EpisodeInpatient},
		Subject: wireSubject(what.subject), Priority: brevdue.RoutinePriority,
		Segments: []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText(what.text + "\n\nHar du spørgsmål, så ring til afsnittet hele døgnet.\n\n" +
			string(sent[:10]) + "\nSygeplejerske Anne Prøve\nTelefon 79990001")}}},
	}
}

func measuredEnvelope(i int, now time.Time) brevdue.Envelope {
	return brevdue.Envelope{ID: fmt.Sprintf("MK%010d", i), Sent: localTime(now), Sender: measuredSender(), Receiver: measuredUnit(), WantsReceipt: true}
}

func write(l brevdue.Letter, kind brevdue.Kind, e brevdue.Envelope) ([]byte, error) {
	data, findings := medcom.Encode(medcom.Message{Kind: kind, Letters: []brevdue.Letter{l}, Envelope: e}, kind)
	if data == nil || brevdue.HasErrors(findings) {
		return nil, errUnreadable
	}
	return data, nil
}

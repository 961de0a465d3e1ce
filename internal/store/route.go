package store

import (
	"strconv"
	"strings"

	"brevdue"
)

// RouteTray is the subject of a route for letters that no subject of the
// agreement fits: the tray "Uden for aftalen".
const RouteTray = "-"

// Fits tells whether the route takes a letter that sorts to the subject group,
// comes from the sender and is about the patient.
func (r Route) Fits(group string, sender brevdue.GLN, p brevdue.Patient) bool {
	switch {
	case r.Subject == RouteTray && group != "":
		return false
	case r.Subject != "" && r.Subject != RouteTray && r.Subject != group:
		return false
	case r.Sender != "" && r.Sender != sender:
		return false
	}
	return r.Municipality == "" || livesIn(p, r.Municipality)
}

// RouteOf returns the index of the first route that fits the letter, -1 when none
// does.
func RouteOf(routes []Route, l *Letter) int {
	for i, r := range routes {
		if r.Fits(l.Group, l.Body.Sender.GLN, l.Body.Patient) {
			return i
		}
	}
	return -1
}

// livesIn tells whether the citizen's address is in one of the places: names of
// municipalities, districts or towns, post codes ("8000") and ranges of them
// ("8200-8299"), divided by commas. Legacy letters carry no municipality, only
// what stands in the address; without an address nothing fits.
func livesIn(p brevdue.Patient, places string) bool {
	code, isCode := postCode(p.PostCode)
	names := []string{placeName(p.District), placeName(p.Suburb)}
	for place := range strings.SplitSeq(places, ",") {
		from, to, ok := PostCodes(place)
		if ok {
			if isCode && from <= code && code <= to {
				return true
			}
			continue
		}
		if want := placeName(place); want != "" && (want == names[0] || want == names[1]) {
			return true
		}
	}
	return false
}

// PostCodes reads a post code or a range of them; ok is false when it is neither.
func PostCodes(s string) (from, to int, ok bool) {
	a, b, ranged := strings.Cut(strings.ReplaceAll(s, "–", "-"), "-")
	if from, ok = postCode(a); !ok || !ranged {
		return from, from, ok
	}
	to, ok = postCode(b)
	return from, to, ok && from <= to
}

func postCode(s string) (int, bool) {
	s = strings.TrimSpace(s)
	n, err := strconv.Atoi(s)
	return n, err == nil && len(s) == 4
}

// placeName is a place as it is compared: "Aarhus Kommune" and "aarhus" are one.
func placeName(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	s = strings.TrimSpace(strings.TrimSuffix(s, "kommune"))
	return strings.ReplaceAll(s, "å", "aa")
}

package web_test

import (
	"net/url"
	"testing"
)

// F25, F61: the secretariat's pages, with a second version to compare with, are
// accessible and need no scrolling sideways at 320 points.
func TestBrowserAgreementPages(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	w.arrive(letter{})
	rita := w.signedIn("rita")
	version := rita.post("/aftale", url.Values{"tekst": {newAgreement("2027")}}).path
	other := rita.get(version).First("option").Attr["value"]
	b := w.window(t)
	b.signIn("rita", "/aftale")
	anne := w.signedIn("anne")
	anne.post(unitPath(clinic)+"/nyt", outsideLetter()).want(200, "Brevet er afsendt")
	for _, path := range []string{"/aftale", "/aftale/udenfor", version, version + "/forskel?med=" + other, version + "/proev?fra=ward&til=municipal-health&ydelser=no&tid=2026-11-24T14:30",
		version + "/maaned?fra=2026-11-01&til=2026-11-30"} {
		b.open(path)
		b.until("the page", `document.querySelector("h1")`)
		b.inspect(path)
	}
}

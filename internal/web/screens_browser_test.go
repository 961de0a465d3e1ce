package web_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	cdp "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/medcom"
)

// tallest is how many points of a page are in its picture.
const tallest = 1600

// widths are those of the pictures: a desk, a tablet, a telephone.
func widths() []int64 { return []int64{1280, 768, 360} }

// screen is one picture of the workbench.
type screen struct {
	name, title string
	open        func(b *window) // brings it on the screen, on a page at the widest
}

// at is a screen that an address leads to.
func (s screen) at(path string) screen {
	s.open = func(b *window) {
		b.open(path)
		b.until("the page", `document.querySelector("h1")`)
		b.until("scripts", scripted)
	}
	return s
}

// after is a screen with something done to the page of another.
func (s screen) after(other screen, do func(b *window)) screen {
	s.open = func(b *window) {
		other.open(b)
		do(b)
	}
	return s
}

// fullUnit fills the clinic as it is on a Tuesday afternoon, and gives the ids of the
// letter that is soon due and of the one with files.
func fullUnit(w *world) (urgent, withFiles int64) {
	berggren, elmer, lauridsen := [2]string{"Nancy Ann Test", "Berggren"}, [2]string{"Bruno Test", "Elmer"}, [2]string{"Lonni Test", "Lauridsen"}
	w.set(at(13, 20, 0).AddDate(0, 0, -1))
	w.arrive(letter{subject: "Træning", high: true, cpr: "2512489996", name: berggren, text: "Specialiseret genoptræning ønskes omlagt til almen genoptræning fra næste uge.\nBorgeren går sikkert med rollator."})
	w.set(at(8, 12, 0))
	affairs(w)
	w.arrive(letter{subject: "Hjælpemidler", code: "8830", place: "Tjele", cpr: "2509479989", name: elmer, text: "Badebænk og toiletforhøjer er bevilget ved udskrivelsen.\nDørbredden til badet er 72 cm."})
	w.set(at(9, 40, 0))
	w.arrive(letter{subject: "Visitation-kommune", cpr: "0201609996", name: lauridsen, clips: 2, text: "Er der bevilget hjælp til bad og støttestrømper?\nBorgeren er usikker på, hvornår hjælpen begynder."})
	withFiles = w.arriveWith(medcom.Object{Code: "billede", Extension: "png", Data: picture(w.t, "png")}, medcom.Object{Code: "vektor_grafik", Extension: "pdf", Data: picture(w.t, "pdf")})
	w.set(at(11, 5, 0))
	urgent = w.arrive(letter{high: true, clips: 1, text: "Marevan er pauseret. INR tages torsdag i ambulatoriet.\nPinex 1 g 4 gange dagligt fortsætter i en uge.\n\nKan I bekræfte, at hjemmesygeplejen får den nye medicinliste?"})
	w.arrive(letter{subject: "Sygepleje-kommune", cpr: "2512489996", name: berggren, text: "Forbindingen skiftes hver anden dag, første gang i aften.\nSårskema er udleveret til borgeren. Ring ved rødme eller feber."})
	w.set(at(14, 31, 0))
	w.arrive(letter{subject: "Opfølgende hjemmebesøg", cpr: "0201609996", name: lauridsen, text: "Borgeren siger ja til et opfølgende hjemmebesøg.\nScreeningsskema: to indlæggelser på tre måneder."})
	w.arrive(letter{subject: "Vedr. transport til kontrol i ambulatoriet med et meget langt emne", cpr: "2509479989", name: elmer, text: "Kørsel er bestilt til onsdag kl. 9."})
	w.receive([]byte("dette er intet brev"))
	w.receive(w.file(letter{to: nobody}))
	w.set(at(14, 32, 0))
	anne, clara := w.signedIn("anne"), w.signedIn("clara")
	w.refused(anne, "Kørsel er bestilt.")
	read := letterPath(clinic, withFiles)
	clara.get(read)
	clara.post(read+"/tag", url.Values{"til": {read}})
	clara.post(read+"/notat", url.Values{"note": {"Datteren ringer i morgen, @anne tager den."}})
	old := letterPath(clinic, 2)
	anne.get(old)
	f := anne.get(old + "/svar").Form("/svar")
	f.Set("text", "Tak. Badebænken er her, og terapeuten kommer torsdag kl. 10.")
	f.Set("basis", "41-2-1")
	f.Press("do", "tjek")
	f = anne.submit(f).Form("/svar")
	f.Press("do", "send")
	anne.submit(f)
	w.drain()
	anne.get(letterPath(clinic, 3))
	anne.post(unitPath(clinic)+"/valgte", url.Values{"brev": {"3"}, "do": {"arkiver"}, "til": {unitPath(clinic) + "/indbakke"}})
	f = anne.get(letterPath(clinic, urgent-1) + "/svar").Form("/svar")
	f.Set("text", "Vi ses torsdag kl. 10.")
	f.Press("do", "gem")
	anne.submit(f)
	w.set(at(14, 34, 0))
	return urgent, withFiles
}

// screens are all pages of the workbench, by who sees them.
func screens(w *world) (people []string, of map[string][]screen) {
	urgent, withFiles := fullUnit(w)
	rita := w.signedIn("rita")
	version := rita.post("/aftale", url.Values{"tekst": {newAgreement("2027")}}).path
	other := rita.get(version).First("option").Attr["value"]
	w.set(at(14, 35, 0))
	care5 := w.arrive(letter{to: care, from: clinic})
	u, l := unitPath(clinic), letterPath(clinic, urgent)
	sent := u + "/sendt"
	var own []store.Row
	w.update(func(tx store.Tx) (err error) { own, err = tx.Letters().SentBy(w.ctx, clinic, 9, 0); return err })
	inbox := screen{name: "indbakke", title: "Indbakke, efter aftalens emner"}.at(u + "/indbakke")
	reply := screen{name: "svar", title: "Svar"}.at(l + "/svar")
	compose := screen{name: "nyt", title: "Nyt brev"}.at(u + "/nyt")
	search := screen{name: "soeg", title: "Søg"}.at("/soeg")
	of = map[string][]screen{
		"": {
			screen{name: "log-ind", title: "Log ind"}.at("/log-ind"),
			screen{name: "tilgaengelighed", title: "Tilgængelighedserklæring"}.at("/tilgaengelighed"),
		},
		"anne": {
			screen{name: "advis", title: "Advis"}.at("/advis"),
			inbox,
			screen{name: "indbakke-haster", title: "Indbakke: Haster"}.at(u + "/indbakke?vis=haster"),
			screen{name: "indbakke-valgt", title: "Indbakke, breve valgt"}.after(inbox, func(b *window) {
				b.press("j")
				b.press("x")
				b.press("j")
				b.press("x")
			}),
			screen{name: "indbakke-kig", title: "Indbakke med et brev ved siden af; det tæller ikke som læst"}.after(inbox, func(b *window) {
				b.press("j")
				b.press(" ")
				b.until("beside", `document.querySelector("#kig [data-peeked]")`)
			}),
			screen{name: "genveje-vindue", title: "Taster, over siden"}.after(inbox, func(b *window) {
				b.press("?")
				b.until("keys", `document.getElementById("keys").open`)
			}),
			screen{name: "brev", title: "Brev"}.at(l),
			screen{name: "brev-notat", title: "Brev med bilag, notat og tildeling"}.at(letterPath(clinic, withFiles)),
			screen{name: "bilag", title: "Bilag, vist"}.at(letterPath(clinic, withFiles) + "/bilag/1/vis"),
			screen{name: "original", title: "Brevet i sin egen standard"}.at(l + "/original"),
			reply,
			screen{name: "svar-fejl", title: "Svar med fejl"}.after(reply, func(b *window) {
				b.check()
				b.until("faults", `document.activeElement.classList.contains("faults")`)
			}),
			compose,
			screen{name: "nyt-udfyldt", title: "Nyt brev, udfyldt, med telefonreglen"}.after(compose, func(b *window) {
				b.newLetter(u, "hjemmesygeplejen prøvek")
				b.pick("episode", "indlagt")
				b.subject("Medicin")
				b.put("[name=text]", "Medicinen er ændret fra i dag.")
				b.pick("discharging", "yes")
				b.put("[name=discharge]", "2026-11-27")
				b.pick("services", "no")
				b.until("the need", `document.querySelector("[name=need]")`)
				b.put("[name=need]", "2026-11-28")
				b.pick("basis", "43-2-2")
				b.until("the weighing", `document.querySelector("[name=weighing]")`)
			}),
			screen{name: "nyt-fejl", title: "Nyt brev med fejl"}.after(compose, func(b *window) {
				b.check()
				b.until("faults", `document.activeElement.classList.contains("faults")`)
			}),
			screen{name: "tjek", title: "Tjek dine svar"}.after(reply, func(b *window) {
				b.put("#f-text", "Ja, hjemmesygeplejen har fået den nye medicinliste.")
				b.pick("basis", "41-2-1")
				b.check()
				b.until("check page", `document.querySelector(".sendform")`)
			}),
			screen{name: "afsendt", title: "Brevet er afsendt"}.at(fmt.Sprintf("%s/afsendt/%d", u, own[0].ID)),
			screen{name: "videresend", title: "Videresend"}.at(letterPath(clinic, withFiles) + "/videresend"),
			screen{name: "frister", title: "Frister"}.at(u + "/frister"),
			screen{name: "frister-vaeg", title: "Frister på væggen, uden navne"}.at(u + "/frister?visning=" + url.QueryEscape("væg")),
			screen{name: "overtag", title: "Vagtskifte: overtag alle"}.at(u + "/frister/overtag"),
			screen{name: "kladder", title: "Kladder"}.at(u + "/kladder"),
			screen{name: "sendt", title: "Sendt"}.at(sent),
			screen{name: "sendt-brev", title: "Et sendt brev, der blev afvist"}.at(fmt.Sprintf("%s/%d", sent, own[1].ID)),
			screen{name: "opgaver", title: "Opgaver"}.at(u + "/opgaver"),
			screen{name: "arkiv", title: "Arkiv"}.at(u + "/arkiv"),
			screen{name: "journal", title: "Ikke journaliseret"}.at(u + "/journal"),
			search,
			screen{name: "soeg-fund", title: "Søg, med fund"}.after(search, func(b *window) {
				b.put("#soeg", "berggren")
				b.press(kb.Enter)
				b.until("hits", `document.querySelector("[data-row]") && `+scripted)
			}),
			screen{name: "enheden", title: "Enheden"}.at(u + "/enheden"),
			screen{name: "lukkedage", title: "Lukkedage"}.at(u + "/lukkedage"),
			screen{name: "fordeling", title: "Fordeling"}.at(u + "/fordeling?proev"),
			screen{name: "aftaler", title: "Konkrete aftaler"}.at(u + "/aftaler"),
			screen{name: "tekster", title: "Tekstskabeloner"}.at(u + "/tekster"),
			screen{name: "adressebog", title: "Adressebog"}.at("/adressebog"),
			screen{name: "adressebog-enhed", title: "En enhed i adressebogen"}.at("/adressebog/" + string(care)),
			screen{name: "adressebog-fund", title: "Navne, der er svære at kende"}.at("/adressebog/fund"),
			screen{name: "indstillinger", title: "Indstillinger"}.at("/indstillinger"),
			screen{name: "genveje", title: "Taster"}.at("/genveje"),
			screen{name: "findes-ikke", title: "Siden findes ikke"}.at("/findes-ikke"),
		},
		"dorte": {
			screen{name: "brev-ydelser", title: "Brev i en kommune, med spørgsmål om ydelser"}.at(letterPath(care, care5)),
			screen{name: "emner", title: "Emner og modtagere"}.at(unitPath(care) + "/emner"),
		},
		"rita": {
			screen{name: "aftale", title: "Aftalen og dens versioner"}.at("/aftale"),
			screen{name: "aftale-version", title: "En version af aftalen"}.at(version),
			screen{name: "aftale-forskel", title: "Forskel på to versioner"}.at(version + "/forskel?med=" + other),
			screen{name: "aftale-proev", title: "Prøv aftalen"}.at(version + "/proev?fra=ward&til=municipal-health&ydelser=no&tid=2026-11-24T14:30"),
			screen{name: "aftale-maaned", title: "Kør på sidste måned"}.at(version + "/maaned?fra=2026-11-01&til=2026-11-30"),
			screen{name: "aftale-udenfor", title: "Emner uden for aftalen"}.at("/aftale/udenfor"),
		},
		"revi": {
			screen{name: "revision", title: "Revisionslog"}.at("/revision"),
			screen{name: "revision-kontrol", title: "Kæden kontrolleret"}.at("/revision/kontrol"),
		},
		"olga": {
			screen{name: "drift", title: "Drift"}.at("/drift"),
			screen{name: "drift-brev", title: "Drift: et brev til en ukendt modtager"}.at(fmt.Sprintf("/drift/brev/%d", w.byReceiver(nobody))),
		},
	}
	return []string{"", "anne", "dorte", "rita", "revi", "olga"}, of
}

// byReceiver is the newest letter to a location number.
func (w *world) byReceiver(to brevdue.GLN) (id int64) {
	w.t.Helper()
	w.update(func(tx store.Tx) error {
		rows, err := tx.Letters().RefusedList(w.ctx, 1)
		if err == nil && len(rows) == 1 {
			id = rows[0].ID
		}
		return err
	})
	return id
}

// F61: every page of a well-filled unit fits into 320 points, which is 400 % zoom on a
// window of 1280. BREVDUE_SHOTS names a folder for a picture of each in three widths, and
// an index of them; .ci/screens does that for docs/screens.
func TestBrowserScreens(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	people, of := screens(w)
	dir := os.Getenv("BREVDUE_SHOTS")
	index := new(strings.Builder)
	index.WriteString("# Every page of the workbench\n\nA synthetic unit on a Tuesday at 14.35, taken by `.ci/screens`. Of a long page the first 1600 points are shown. The people are MedCom's official test persons.\n\n| Page | 1280 | 768 | 360 |\n|---|---|---|---|\n")
	lands := map[string]string{"anne": unitPath(clinic) + "/indbakke", "dorte": unitPath(care) + "/indbakke", "rita": "/aftale", "revi": "/revision", "olga": "/drift"}
	for _, who := range people {
		b := w.window(t)
		b.longer(30 * time.Minute)
		if who != "" {
			b.signIn(who, lands[who])
		}
		for _, s := range of[who] {
			b.do(cdp.EmulateViewport(1280, 900))
			s.open(b)
			b.fits(s.name)
			if dir == "" {
				continue
			}
			fmt.Fprintf(index, "| %s |", s.title)
			for _, width := range widths() {
				file := fmt.Sprintf("%s-%d.png", s.name, width)
				if err := os.WriteFile(filepath.Join(dir, file), b.small(width), 0o644); err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(index, " [%d](%s) |", width, file)
			}
			index.WriteString("\n")
		}
	}
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, "README.md"), []byte(index.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// fits holds that a page needs no scrolling sideways at 320 points.
func (b *window) fits(name string) {
	b.t.Helper()
	b.do(cdp.EmulateViewport(320, 800))
	if wide := js[int](b, `document.documentElement.scrollWidth`); wide > 320 {
		b.t.Errorf("%s needs %d points at a width of 320", name, wide)
	}
	b.do(cdp.EmulateViewport(1280, 900))
}

// small is a picture of the page as a small file: as many colours as a page of ours needs.
func (b *window) small(width int64) []byte {
	b.t.Helper()
	b.do(cdp.EmulateViewport(width, 640))
	height := min(tallest, max(640, js[int64](b, `document.documentElement.scrollHeight`)))
	b.do(cdp.EmulateViewport(width, height))
	js[bool](b, `(scrollTo(0, 0), true)`)
	shot := b.shot(width, height)
	m, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		b.t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, fewColours(m)); err != nil {
		b.t.Fatal(err)
	}
	return out.Bytes()
}

// shot is a picture of what is on the screen. On a machine with much to do Chromium may
// never answer: it is asked again, with a new frame.
func (b *window) shot(width, height int64) []byte {
	b.t.Helper()
	for tries := 0; ; tries++ {
		ctx, stop := context.WithTimeout(b.ctx, 30*time.Second)
		shot, err := cdp.Run(ctx, cdp.CaptureScreenshot())
		stop()
		if err == nil {
			return shot
		}
		if tries == 3 || b.ctx.Err() != nil {
			b.t.Fatal(err)
		}
		b.do(cdp.EmulateViewport(width, height-1), cdp.EmulateViewport(width, height))
	}
}

// colours is how many a picture has: the edges of letters need most of them.
const colours = 64

// fewColours is a picture in its own most frequent colours. Neighbours are mostly of one
// colour, which is looked up once.
func fewColours(m image.Image) image.Image {
	r := m.Bounds()
	rgba := image.NewRGBA(r)
	draw.Draw(rgba, r, m, r.Min, draw.Src)
	often := map[color.RGBA]int{}
	run, last := 0, color.RGBA{}
	for i := 0; i < len(rgba.Pix); i += 4 {
		if c := pixel(rgba, i); c != last {
			often[last] += run
			run, last = 0, c
		}
		run++
	}
	often[last] += run
	var all []color.RGBA
	for c := range often {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int {
		return cmp.Or(often[b]-often[a], cmp.Compare(number(a), number(b)))
	})
	var palette color.Palette
	for _, c := range all { // shadows have many that are nearly alike
		if len(palette) < colours && !slices.ContainsFunc(palette, func(p color.Color) bool { return alike(p.(color.RGBA), c) }) {
			palette = append(palette, c)
		}
	}
	nearest := map[color.RGBA]uint8{}
	for c := range often {
		nearest[c] = uint8(palette.Index(c))
	}
	out := image.NewPaletted(r, palette)
	last = pixel(rgba, 0)
	index := nearest[last]
	for i := range out.Pix {
		if c := pixel(rgba, 4*i); c != last {
			last, index = c, nearest[c]
		}
		out.Pix[i] = index
	}
	return out
}

func pixel(m *image.RGBA, i int) color.RGBA {
	return color.RGBA{m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3]}
}

// alike tells whether two colours differ less than one sees.
func alike(a, b color.RGBA) bool {
	square := func(x, y uint8) int { return (int(x) - int(y)) * (int(x) - int(y)) }
	return square(a.R, b.R)+square(a.G, b.G)+square(a.B, b.B) < 80
}

func number(c color.RGBA) int { return int(c.R)<<16 | int(c.G)<<8 | int(c.B) }

package web_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"brevdue"
)

// F53, F60, F61: the thread is unfolded by keyboard, an unread letter of it stays unread,
// and the page is accessible and needs no scrolling sideways, folded and unfolded.
func TestBrowserThread(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	id := w.arrive(letter{text: "Marevan er pauseret.", sent: at(8, 0, 0)})
	plain := w.signedIn("anne")
	plain.get(letterPath(clinic, id))
	w.answered(plain, id, "INR er bestilt.")
	w.set(at(10, 20, 0))
	unread := w.joined(id, "Hemmeligt, til det læses.\nFlere linjer.", at(9, 0, 0))
	w.arrive(letter{subject: "Hjælpemidler"})
	b := w.window(t)
	b.signIn("anne", unitPath(clinic)+"/indbakke")
	b.open(letterPath(clinic, id))
	b.until("scripts", scripted)
	b.inspect("thread")
	b.press("o")
	b.until("unfolded", `document.querySelector(".thread details").open && document.activeElement.matches(".thread summary")`)
	b.inspect("thread-unfolded")
	b.press("o")
	b.until("folded again", `!document.querySelector(".thread details").open`)
	b.press(kb.Enter)
	b.until("unfolded by Enter", `document.querySelector(".thread details").open`)
	if s := w.statusOf(unread); s != brevdue.Unread {
		t.Errorf("unfolding made another letter %s", s)
	}
	b.tabTo(fmt.Sprintf(`document.activeElement.getAttribute("href") === %q`, letterPath(clinic, unread)))
	b.press(kb.Enter)
	b.at(letterPath(clinic, unread))
	if s := w.statusOf(unread); s != brevdue.Read {
		t.Errorf("opening it made it %s", s)
	}
}

// F65: on a letter, and while one answers it, the menu's numbers and the title of the tab
// follow what comes in; no other stream is opened for it.
func TestBrowserCountsFollowOnALetter(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	id := w.arrive(letter{})
	b := w.window(t)
	b.signIn("anne", unitPath(clinic)+"/indbakke")
	shows := func(n int) string {
		number, title := fmt.Sprint(n), fmt.Sprintf("(%d) ", n)
		if n == 0 {
			number, title = "", ""
		}
		return fmt.Sprintf(`document.querySelector("[data-unread]").textContent.trim() === %q && (/^\(\d+\) /.exec(document.title)?.[0] ?? "") === %q`, number, title)
	}
	b.open(letterPath(clinic, id))
	b.until("scripts", scripted)
	b.until("none", shows(0))
	second := w.arrive(letter{text: "Ny plan."})
	b.until("one", shows(1))
	b.open(letterPath(clinic, id) + "/svar")
	b.until("scripts", scripted)
	b.until("one on the form", shows(1))
	w.arrive(letter{sent: at(10, 0, 0).AddDate(0, 0, -1)}) // late when it comes
	b.until("two, one of them late", shows(2)+` && document.querySelector("[data-late]").textContent.trim() === "1"`)
	w.signedIn("clara").get(letterPath(clinic, second))
	b.until("one again", shows(1))
}

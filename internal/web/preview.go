package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
)

// previewPage shows one file of a letter inside a page of ours.
type previewPage struct {
	frame
	BackPath, BackLabel string
	Heading, Detail     string
	FilePath            string // where the file is shown from
	DownloadPath        string
	Image, PDF          bool // neither: it is only downloaded
}

// shownType is the type of a file that a browser may show, told from its first bytes
// alone; "" for every other. A name says nothing: what looks like a page or a drawing
// with scripts in it is never shown, whatever it is called.
func shownType(data []byte) string {
	for _, t := range []struct{ mark, kind string }{
		{"\x89PNG\r\n\x1a\n", "image/png"}, {"\xff\xd8\xff", "image/jpeg"}, {"GIF87a", "image/gif"}, {"GIF89a", "image/gif"}, {"%PDF-", "application/pdf"},
	} {
		if strings.HasPrefix(string(data[:min(len(data), 16)]), t.mark) {
			return t.kind
		}
	}
	return ""
}

// mayBeShown tells from what is known of a file whether its page is worth a link; its
// bytes decide.
func mayBeShown(f mailbox.File) bool {
	return f.State == mailbox.FileHere && !f.Object.Odd && slices.Contains([]string{"png", "jpeg", "gif", "pdf"}, f.Object.Extension)
}

// attachment reads the file of one attachment.
func (wb *Workbench) attachment(v *visit) (name string, data []byte, err error) {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return "", nil, err
	}
	n, err := strconv.Atoi(v.r.PathValue("n"))
	if err != nil {
		return "", nil, brevdue.ErrNotFound
	}
	return wb.cfg.Box.Attachment(v.ctx(), *v.person, unit.GLN, id, n)
}

// downloadAttachment hands out the file of one attachment.
func (wb *Workbench) downloadAttachment(v *visit) error {
	name, data, err := wb.attachment(v)
	if err != nil {
		return err
	}
	return v.download(name, data)
}

// previewAttachment is the page with the file on it.
func (wb *Workbench) previewAttachment(v *visit) error {
	_, data, err := wb.attachment(v)
	if err != nil {
		return err
	}
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	kind := shownType(data)
	p := previewPage{Heading: v.words.T("preview.heading", v.r.PathValue("n")), BackPath: letterPath(unit.GLN, v.box(), id), BackLabel: v.words.T("letter.back"),
		Image: strings.HasPrefix(kind, "image/"), PDF: kind == "application/pdf", Detail: fileSize(v.words, data)}
	p.DownloadPath = p.BackPath + "/bilag/" + v.r.PathValue("n")
	p.FilePath = p.DownloadPath + "/fil"
	if p.frame, err = wb.unitFrame(v, unit, p.Heading); err != nil {
		return err
	}
	if p.PDF {
		v.w.Header().Set("Content-Security-Policy", pagePolicy+"; frame-src 'self'")
	}
	return wb.render(v, http.StatusOK, "preview", p)
}

// showAttachment sends a file to be shown, in a box of its own: nothing in it runs,
// loads anything, or belongs to this website. What a browser may not show is a download.
// A PDF is not in the sandbox, in which Chromium's viewer stays dark whatever it allows;
// that viewer is a box of its own, and the policy forbids the file everything else.
func (wb *Workbench) showAttachment(v *visit) error {
	name, data, err := wb.attachment(v)
	if err != nil {
		return err
	}
	kind := shownType(data)
	if kind == "" {
		return v.download(name, data)
	}
	h := v.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `inline; filename="`+fileName(name)+`"`)
	policy := "default-src 'none'; frame-ancestors 'self'"
	if kind != "application/pdf" {
		policy += "; sandbox"
	}
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Content-Length", strconv.Itoa(len(data)))
	if _, err := v.w.Write(data); err != nil {
		return nil // the browser went away
	}
	return nil
}

package web

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"brevdue/internal/mailbox"
)

// exportAudit streams what the form asks for as CSV. The last line holds the SHA-256 of
// everything before it, which is also in the log itself.
func (wb *Workbench) exportAudit(v *visit) error {
	form, filter, err := readAudit(v.r)
	if err != nil {
		return err
	}
	out := &auditCSV{v: v, sum: sha256.New()}
	out.csv = csv.NewWriter(io.MultiWriter(v.w, out.sum))
	out.csv.Comma = ';' // what a spreadsheet in Denmark opens by itself
	err = wb.cfg.Box.ExportAudit(v.ctx(), *v.person, filter, out.write, out.checksum)
	var faults mailbox.Faults
	switch {
	case errors.As(err, &faults):
		return wb.refuseAudit(v, form, faults)
	case err != nil && !out.begun:
		return err
	case err != nil:
		// Half a file has left: cut the connection, so that it does not look whole.
		wb.cfg.Log.Warn("an export of the audit log was broken off", "error", err)
		panic(http.ErrAbortHandler)
	}
	fmt.Fprintf(v.w, "SHA-256;%s\r\n", out.checksum())
	return nil
}

// auditCSV writes entries as CSV and sums them up on the way.
type auditCSV struct {
	v     *visit
	csv   *csv.Writer
	sum   hash.Hash
	begun bool
}

func (a *auditCSV) checksum() string { return hex.EncodeToString(a.sum.Sum(nil)) }

// write writes one page; before the first one what a file begins with.
func (a *auditCSV) write(rows []mailbox.AuditRow) error {
	w := a.v.words
	if !a.begun {
		a.begun = true
		h := a.v.w.Header()
		h.Set("Content-Type", "text/csv; charset=utf-8")
		h.Set("Content-Disposition", `attachment; filename="revisionslog-`+a.v.now.UTC().Format("20060102-150405")+`.csv"`)
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		a.csv.UseCRLF = true
		if _, err := io.WriteString(io.MultiWriter(a.v.w, a.sum), "\ufeff"); err != nil { // without it a spreadsheet takes æ, ø and å for something else
			return err
		}
		if err := a.csv.Write([]string{w.T("audit.col.no"), w.T("audit.col.when"), w.T("audit.col.login"), w.T("audit.col.who"), w.T("audit.col.unit"), w.T("audit.col.unitname"),
			w.T("audit.col.act"), w.T("audit.col.what"), w.T("audit.col.letter"), w.T("audit.col.why"), w.T("audit.col.hash")}); err != nil {
			return err
		}
	}
	for _, e := range rows {
		r := auditRowOf(clock{words: w, zone: time.UTC, now: a.v.now}, e)
		if err := a.csv.Write([]string{strconv.FormatInt(e.Seq, 10), e.At.UTC().Format("2006-01-02T15:04:05.000Z"), plain(e.Actor), plain(r.Who), string(e.Unit), plain(e.UnitName),
			e.Action, r.What, r.Letter, plain(r.Why), e.Hash}); err != nil {
			return err
		}
	}
	a.csv.Flush()
	if err := a.csv.Error(); err != nil {
		return err
	}
	return http.NewResponseController(a.v.w).Flush()
}

// plain keeps a spreadsheet from taking what somebody typed for a formula.
func plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

package web

import (
	"net/http"
	"slices"
	"strings"

	"brevdue/aftale"
	"brevdue/internal/mailbox"
)

// diffPage lists what is not the same in two versions.
type diffPage struct {
	frame
	Heading, Path, Lede string
	With                string   // the key of the other version
	Others              []choice // versions to compare with
	Older, Newer        string   // the heads of the columns
	Parts               []diffPart
}

type diffPart struct {
	ID, Heading string
	Changes     []diffChange
}

// diffChange is a change with its words cut where the agreement's lines are.
type diffChange struct {
	Name          string
	Before, After []diffWords
}

// diffWords is a piece of a line; Changed when the other version lacks it.
type diffWords struct {
	Text    string
	Changed bool
}

func diffPieces(text, other string) []diffWords {
	if text == "" {
		return nil
	}
	var out []diffWords
	theirs := strings.Split(other, aftale.Between)
	for piece := range strings.SplitSeq(text, aftale.Between) {
		out = append(out, diffWords{piece, !slices.Contains(theirs, piece)})
	}
	return out
}

func (wb *Workbench) diffPage(v *visit) error {
	all, err := wb.cfg.Box.Agreements(v.ctx(), *v.person)
	if err != nil {
		return err
	}
	version, err := mailbox.VersionOf(all, v.r.PathValue("version"))
	if err != nil {
		return err
	}
	other, err := mailbox.VersionOf(all, v.r.URL.Query().Get("med"))
	if err != nil {
		return err
	}
	older, newer := other, version
	if comesAfter(other, version) {
		older, newer = version, other
	}
	w := v.words
	p := diffPage{Heading: w.T("aftale.diff"), Path: versionPath(version), With: other.Key, Others: wb.others(v, all, version.Key),
		Older: versionName(older), Newer: versionName(newer)}
	p.frame = wb.personFrame(v, p.Heading)
	changes := aftale.Diff(older.Agreement, newer.Agreement)
	p.Lede = w.N("aftale.difflede", len(changes), p.Older, p.Newer)
	for _, part := range aftale.Parts() {
		d := diffPart{ID: string(part), Heading: w.T("aftale.part." + string(part))}
		for _, c := range changes {
			if c.Part == part {
				d.Changes = append(d.Changes, diffChange{c.Name, diffPieces(c.Before, c.After), diffPieces(c.After, c.Before)})
			}
		}
		if len(d.Changes) > 0 {
			p.Parts = append(p.Parts, d)
		}
	}
	return wb.render(v, http.StatusOK, "agreementdiff", p)
}

// comesAfter tells whether a version applies from a later day; one without a date
// is still to come.
func comesAfter(v, other mailbox.Version) bool {
	switch {
	case v.Agreement.Draft() || other.Agreement.Draft():
		return v.Agreement.Draft() && !other.Agreement.Draft()
	}
	return other.Agreement.ValidFrom.Before(v.Agreement.ValidFrom)
}

func versionName(v mailbox.Version) string { return v.Agreement.Name + " " + v.Agreement.Version }

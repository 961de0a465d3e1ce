package gateway

import (
	"context"
	"errors"
	"strings"
	"time"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/medcom"
)

// verdict is the judgement of one letter: accepted when refusal is nil, and
// then with unit, subject and duty.
type verdict struct {
	letter   brevdue.Letter
	findings []brevdue.Finding
	refusal  *brevdue.Refusal
	unit     *store.Unit // nil: nobody here has that location number
	sent     time.Time

	group    string
	order    int
	category string
	duty     *brevdue.Duty
}

// clockSlack is how far ahead of ours a sender's clock may be before its sending
// time is not believed: legacy times have whole minutes, and clocks differ.
const clockSlack = time.Hour

// judge judges every letter of the message by itself, as of its arrival at now.
func (g *Gateway) judge(ctx context.Context, tx store.Tx, m *medcom.Message, findings []brevdue.Finding, arrived time.Time) ([]verdict, error) {
	var out []verdict
	for i, l := range m.Letters {
		v := verdict{letter: l, findings: findingsOf(m, findings, i)}
		v.sent = g.sendingTime(m, arrived, &v)
		unit, err := receiverOf(ctx, tx, m, l)
		if err != nil {
			return nil, err
		}
		v.unit = unit
		switch {
		case unknownVersion(m, l):
			v.findings = append(v.findings, ruleVersion.At(position(m, i)))
			v.refusal = refusal(brevdue.RefuseVersion, ruleVersion.Text)
		case brevdue.HasErrors(v.findings):
			v.refusal = refusal(brevdue.RefuseSyntax, firstErrors(v.findings))
		case unit == nil:
			v.findings = append(v.findings, ruleReceiver.At(position(m, i)))
			v.refusal = refusal(brevdue.RefuseUnknownLocation, ruleReceiver.Text)
		default:
			if err := g.applyAgreement(ctx, tx, &v, m.Envelope.Sender, arrived); err != nil {
				return nil, err
			}
		}
		out = append(out, v)
	}
	return out, nil
}

// receiverOf finds our unit the letter is for. The location number of the
// letter's address must be one of ours; where one address stands for several
// receivers, the identifier says which of them (std:xdis91 §8).
func receiverOf(ctx context.Context, tx store.Tx, m *medcom.Message, l brevdue.Letter) (*store.Unit, error) {
	address := m.Envelope.Receiver
	if m.Format == brevdue.OIOXML && l.Receiver.GLN != "" {
		address = l.Receiver.GLN // every letter of an Emessage has its own
	}
	unit, err := tx.Units().Get(ctx, address)
	if errors.Is(err, brevdue.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if l.Receiver.IDCode == brevdue.IDLocation && brevdue.GLN(l.Receiver.ID) != address {
		inner, err := tx.Units().Get(ctx, brevdue.GLN(l.Receiver.ID))
		if err == nil {
			return &inner, nil
		}
		if !errors.Is(err, brevdue.ErrNotFound) {
			return nil, err
		}
	}
	return &unit, nil
}

// sendingTime is the time deadlines count from: the envelope's, unless it cannot
// be read or lies in the future.
func (g *Gateway) sendingTime(m *medcom.Message, arrived time.Time, v *verdict) time.Time {
	sent, ok := copenhagen(m.Envelope.Sent)
	switch {
	case !ok:
		if !brevdue.HasErrors(v.findings) {
			v.findings = append(v.findings, ruleNoTime.At(brevdue.Pos{}))
		}
		return arrived
	case sent.After(arrived.Add(clockSlack)):
		v.findings = append(v.findings, ruleFuture.At(brevdue.Pos{}))
		return arrived
	}
	return sent
}

func unknownVersion(m *medcom.Message, l brevdue.Letter) bool {
	switch m.Kind {
	case brevdue.DIS91:
		return l.Version != "D9134L" && l.Version != ""
	case brevdue.XDIS91:
		return l.Version != "XD9134L" && l.Version != ""
	}
	return true
}

func position(m *medcom.Message, letter int) brevdue.Pos {
	if letter < len(m.LetterPos) {
		return m.LetterPos[letter]
	}
	return brevdue.Pos{}
}

// findingsOf returns the findings about letter i: those at its place in the
// bytes, and those about the envelope, which concern all its letters.
func findingsOf(m *medcom.Message, all []brevdue.Finding, i int) []brevdue.Finding {
	if len(m.Letters) == 1 {
		return append([]brevdue.Finding(nil), all...)
	}
	var out []brevdue.Finding
	for _, f := range all {
		if at := letterAt(m, f.Pos); at < 0 || at == i {
			out = append(out, f)
		}
	}
	return out
}

// letterAt returns the index of the letter the position lies in, or -1 for the
// envelope.
func letterAt(m *medcom.Message, p brevdue.Pos) int {
	if p.Line == 0 || len(m.LetterPos) == 0 || inEnvelope(p.Path) {
		return -1
	}
	at := -1
	for i, start := range m.LetterPos {
		if p.Offset >= start.Offset {
			at = i
		}
	}
	return at
}

func inEnvelope(path string) bool {
	for _, prefix := range []string{"UNA", "UNB", "UNZ", "/Emessage/Envelope"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return path == "" || path == "/Emessage"
}

func refusal(code brevdue.RefuseCode, text string) *brevdue.Refusal {
	return &brevdue.Refusal{Code: code, Text: brevdue.PlainText(text)}
}

// firstErrors says the first errors in Danish, for the sender. The texts of
// findings never quote the patient or the letter.
func firstErrors(findings []brevdue.Finding) string {
	const most = 3
	var lines []string
	more := 0
	for _, f := range findings {
		if f.Severity != brevdue.SeverityError {
			continue
		}
		if len(lines) == most {
			more++
			continue
		}
		lines = append(lines, placed(f))
	}
	if more > 0 {
		lines = append(lines, "Der er flere fejl.")
	}
	return strings.Join(lines, "\n")
}

func placed(f brevdue.Finding) string {
	switch {
	case f.Pos.Path != "" && len(f.Pos.Path) <= 60:
		return f.Pos.Path + ": " + f.Text
	case f.Pos.Line > 0:
		return "Linje " + decimal(f.Pos.Line) + ": " + f.Text
	}
	return f.Text
}

package cli

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"brevdue"
	"brevdue/message"
	"brevdue/receipt"
)

// ReceiptCmd writes the receipt that answers a message.
type ReceiptCmd struct {
	Verdict string `required:"" enum:"ok,error,retry" placeholder:"ok|error|retry" help:"ok: accepted. error: refused. retry: cannot be taken in now; the legacy receipts can only refuse, so it says so in the reason."`
	Reason  string `placeholder:"TEXT" help:"Why it is refused; without it the first fault that check finds."`
	Code    string `placeholder:"CODE" help:"Refuse code: ikke_specificeret (NC), ukendt_lokationsnummer (LOK), problem_med_modtagerID (MID), problem_med_version (VER) or syntaksfejl (SYN); without it the one that fits the fault."`
	Out     string `placeholder:"FILE" help:"Where to write; standard output without it."`
	File    string `arg:"" name:"file" help:"The message to answer, which may be broken, bare or in a VANS envelope; - is standard input."`
	Language
}

// Help is the example of the command.
func (ReceiptCmd) Help() string {
	return "Example:\n\n    brevdue receipt --verdict ok --out answer.xml letter.xml\n    brevdue receipt --verdict error --code problem_med_modtagerID --reason \"Afdelingen er lukket\" letter.edi\n\n" +
		"A DIS91 is answered by a CTL02 or CTL03, an XDIS91 by an XCTL02 or XCTL03. A receipt is never answered (exit code 1)."
}

// Run builds and writes the receipt.
func (c ReceiptCmd) Run(s *Streams) error {
	verdict, err := c.verdict()
	if err != nil {
		return err
	}
	data, err := readInput(s, c.File)
	if err != nil {
		return err
	}
	o := message.Open(data)
	if o.Envelope != nil && o.Envelope.Message == nil {
		fmt.Fprintln(s.Err, c.say("kuverten har ingen meddelelse at svare på", "the envelope holds no message to answer"))
		return Exit(1)
	}
	if o.Receipt != nil {
		fmt.Fprintln(s.Err, c.say("en kvittering besvares aldrig", "a receipt is never answered"))
		return Exit(1)
	}
	original, ok := receipt.OriginalOf(o.Data)
	if !ok {
		for _, f := range o.Findings {
			c.finding(s.Err, f)
		}
		fmt.Fprintln(s.Err, c.say("meddelelsen har ingen læselig kuvert at svare på", "the message has no readable envelope to answer"))
		return Exit(1)
	}
	c.explain(&verdict, o.Findings)
	now := s.Now()
	number := strings.ToUpper(strconv.FormatInt(now.UnixMicro(), 36))
	ids := receipt.IDs{Envelope: "K" + number, Letter: "B" + number}
	m := receipt.Build(original, verdict, ids, localTime(now))
	out, findings := receipt.Encode(m, m.Kind)
	if out == nil {
		for _, f := range findings {
			c.finding(s.Err, f)
		}
		return Exit(1)
	}
	if c.Out == "" {
		_, err = s.Out.Write(out)
		return err
	}
	return os.WriteFile(c.Out, out, 0o600)
}

// verdict reads the flags.
func (c ReceiptCmd) verdict() (receipt.Verdict, error) {
	v := receipt.Verdict{Outcome: brevdue.Negative, Text: c.Reason}
	if c.Code != "" {
		code, ok := receipt.ParseRefuseCode(c.Code)
		if !ok {
			return v, fmt.Errorf("--code %s is not a refuse code", c.Code)
		}
		v.Code = code
	}
	if c.Verdict == "ok" {
		if c.Reason != "" || c.Code != "" {
			return v, errors.New("a positive receipt has neither --reason nor --code")
		}
		v.Outcome = brevdue.Positive
	}
	return v, nil
}

// explain fills in code and reason of a refusal from what is wrong with the
// message.
func (c ReceiptCmd) explain(v *receipt.Verdict, findings []brevdue.Finding) {
	if v.Outcome == brevdue.Positive {
		return
	}
	if c.Verdict == "retry" && v.Text == "" {
		v.Text = "Meddelelsen kan ikke modtages lige nu. Send den igen senere."
	}
	code := brevdue.RefuseUnspecified
	for _, f := range findings {
		if f.Severity != brevdue.SeverityError || c.Verdict == "retry" {
			continue
		}
		code = brevdue.RefuseSyntax
		if strings.Contains(f.Rule, "-VERSION-") || f.Rule == "MC-KIND-03" || f.Rule == "MC-KIND-04" {
			code = brevdue.RefuseVersion
		}
		if v.Text == "" {
			v.Text = f.Text
		}
		break
	}
	if v.Code == "" {
		v.Code = code
	}
}

// localTime is the time as legacy messages carry it.
func localTime(t time.Time) brevdue.LocalTime {
	if loc, err := time.LoadLocation("Europe/Copenhagen"); err == nil {
		t = t.In(loc)
	}
	return brevdue.LocalTime(t.Format("2006-01-02T15:04"))
}

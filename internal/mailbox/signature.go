package mailbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// maxPhone is how long a phone number may be in a letter (std:xdis91 §1.2).
const maxPhone = 25

// Parts of the signature in the words of an agreement (AGR-403, AGR-404).
const (
	signDate  = "dato"
	signTitle = "titel"
	signName  = "navn"
	signPhone = "telefon"
)

// signs are the parts that must stand last in a letter; all four where no agreement
// says which.
func signs(a *aftale.Agreement) []string {
	if a == nil || len(a.Content.Signature) == 0 {
		return []string{signDate, signTitle, signName, signPhone}
	}
	return a.Content.Signature
}

// signature reads who signs: date, title, name and the organisation's phone
// (AGR-403, AGR-404).
func (j *judge) signature(a *aftale.Agreement, p Person, d Draft, unit store.Unit, own string, now time.Time) (text, phone string) {
	phone = oneLine(d.Phone)
	parts := signs(a)
	if p.Title == "" && slices.Contains(parts, signTitle) {
		j.say("title", "Din stilling mangler og skal stå sidst i brevet. Den, der driver systemet, kan skrive den på dig.", "Your job title is missing and must stand last in the letter. The operator can enter it.")
	}
	if p.Name == "" && slices.Contains(parts, signName) {
		j.say("name", "Dit navn mangler og skal stå sidst i brevet.", "Your name is missing and must stand last in the letter.")
	}
	theirs := orgPhone(unit, own)
	switch {
	case phone == "" && !slices.Contains(parts, signPhone):
	case phone == "":
		da, en := "Skriv organisationens telefonnummer; det skal stå sidst i brevet.", "Enter the organisation's phone number; it must stand last in the letter."
		if theirs != "" {
			da += " Enhedens er " + theirs + "."
			en += " The unit's is " + theirs + "."
		}
		j.say("phone", da, en)
	case !isPhone(phone):
		j.say("phone", "Telefonnummeret skal have mindst otte cifre og højst 25 tegn i alt.", "The phone number must have at least eight digits and at most 25 characters in all.")
	case personal(phone, unit, own):
		da, en := "Nummeret ligner en persons mobilnummer. Brug et nummer, som organisationen svarer på", "The number looks like a person's mobile. Use a number the organisation answers"
		if theirs != "" {
			da += ", fx " + theirs
			en += ", e.g. " + theirs
		}
		j.say("phone", da+". Er det enhedens vagttelefon, så skriv den på siden Enheden.", en+". If it is the unit's duty phone, enter it on the page The unit.")
	}
	return signed(parts, p, phone, now), phone
}

// orgPhone is the number to suggest: the unit's, or the directory's for it.
func orgPhone(u store.Unit, own string) string {
	if u.Phone != "" {
		return u.Phone
	}
	return own
}

func isPhone(s string) bool {
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune("+ -()", r):
			return false
		}
	}
	return digits >= 8 && len(s) <= maxPhone
}

// personal tells whether a number is taken for a person's: it lies in the series of
// Danish mobile numbers and is none that the unit is known by (AGR-404, Amb-16). own
// is the directory's number of the unit. The series are those of two digits; the
// many small ones cannot be told from the numbers of houses.
func personal(phone string, u store.Unit, own string) bool {
	n := national(phone)
	for _, known := range []string{u.Phone, u.Own.Phone, u.File.Phone, own} {
		if known != "" && national(known) == n {
			return false
		}
	}
	if len(n) != 8 {
		return false
	}
	var series int
	fmt.Sscan(n[:2], &series)
	switch {
	case series >= 20 && series <= 31, series >= 40 && series <= 42, series >= 50 && series <= 53, series >= 91 && series <= 93,
		series == 60, series == 61, series == 71, series == 81:
		return true
	}
	return false
}

// national are the digits of a number without the Danish country code.
func national(phone string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
	if s := strings.TrimPrefix(digits, "00"); len(s) == 10 && strings.HasPrefix(s, "45") {
		return s[2:]
	}
	return digits
}

// signed is the block that stands last in the text, one thing to a line.
func signed(parts []string, p Person, phone string, now time.Time) string {
	var lines []string
	for _, part := range parts {
		line := ""
		switch part {
		case signDate:
			line = kalender.DayOf(now).Figures()
		case signTitle:
			line = oneLine(p.Title)
		case signName:
			line = oneLine(p.Name)
		case signPhone:
			if phone != "" {
				line = "Tlf. " + phone
			}
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// ownPhone is the directory's number of one of our units.
func (b *Box) ownPhone(unit brevdue.GLN) string {
	e, _ := b.cfg.Directory().Get(unit)
	return e.Phone
}

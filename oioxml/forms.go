package oioxml

import (
	"strconv"
	"strings"
	"time"
)

// fits tells whether s, already trimmed where the form collapses, has the form.
func (f Form) fits(s string) bool {
	switch f {
	case Date:
		return isDate(s)
	case Time:
		return isTime(s)
	case TenDigits:
		return len(s) == 10 && digits(s)
	case Positive:
		s = strings.TrimLeft(strings.TrimPrefix(s, "+"), "0")
		return s != "" && len(s) <= 18 && digits(s)
	case Whole:
		_, err := strconv.ParseInt(s, 10, 32)
		return err == nil
	case True:
		return s == "true"
	case Boolean:
		return s == "true" || s == "false" || s == "1" || s == "0"
	case UUID:
		return isUUID(s)
	case DateTime:
		return isDateTime(s)
	}
	return true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// isDate tells whether s is a day of the calendar, YYYY-MM-DD.
func isDate(s string) bool {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' || !digits(s[:4]) || !digits(s[5:7]) || !digits(s[8:]) {
		return false
	}
	if month := s[5:7]; month < "01" || month > "12" || s[8:] < "01" {
		return false
	}
	if s[8:] <= "28" { // in every month
		return true
	}
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// isTime tells whether s is hh:mm, 00:00 to 23:59.
func isTime(s string) bool {
	if len(s) != 5 || s[2] != ':' || !digits(s[:2]) || !digits(s[3:]) {
		return false
	}
	return s[:2] < "24" && s[3:] < "60"
}

// zone tells whether s is an XML Schema time zone.
func zone(s string) bool {
	if s == "Z" {
		return true
	}
	return len(s) == 6 && (s[0] == '+' || s[0] == '-') && (isTime(s[1:]) && s[1:] <= "14:00")
}

// isUUID accepts hexadecimal digits of any case (std:xdis91 §7.2: the published
// pattern lets more through).
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
				return false
			}
		}
	}
	return true
}

// isDateTime tells whether s is an xs:dateTime of the common kind.
func isDateTime(s string) bool {
	if len(s) < 19 {
		return false
	}
	if !isDate(s[:10]) || s[10] != 'T' || !isTime(s[11:16]) || s[16] != ':' || !digits(s[17:19]) || s[17:19] > "59" {
		return false
	}
	rest := s[19:]
	if strings.HasPrefix(rest, ".") {
		i := 1
		for i < len(rest) && rest[i] >= '0' && rest[i] <= '9' {
			i++
		}
		if i == 1 {
			return false
		}
		rest = rest[i:]
	}
	return rest == "" || zone(rest)
}

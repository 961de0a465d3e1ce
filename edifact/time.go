package edifact

import "strconv"

// Time turns a date (YYMMDD or CCYYMMDD) and a time (HHMM) into wall-clock text
// "2006-01-02T15:04"; ok is false when they are no date and time. A date of two
// digits gets the century that brings it closest to near (CCYYMMDD), or 20 when
// near is empty (std:xdis91 §2.2).
func Time(date, clock, near string) (at string, ok bool) {
	if len(date) == 6 && digits(date) {
		date = century(date, near) + date
	}
	if len(date) != 8 || len(clock) != 4 || !digits(date) || !digits(clock) {
		return "", false
	}
	year, month, day := number(date[:4]), number(date[4:6]), number(date[6:])
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || number(clock[:2]) > 23 || number(clock[2:]) > 59 {
		return "", false
	}
	return date[:4] + "-" + date[4:6] + "-" + date[6:] + "T" + clock[:2] + ":" + clock[2:], true
}

func century(yymmdd, near string) string {
	if len(near) != 8 || !digits(near) {
		return "20"
	}
	best, gap := "20", 1<<30
	for _, c := range []string{"19", "20", "21"} {
		d := number(c+yymmdd) - number(near)
		if d < 0 {
			d = -d
		}
		if d < gap {
			best, gap = c, d
		}
	}
	return best
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func number(s string) int {
	n, _ := strconv.Atoi(s) // only called on digits
	return n
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

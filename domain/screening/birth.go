package screening

import (
	"strconv"
	"strings"
)

// span is the time a date of birth lies in, by year; month and day are 0 unless it is one day.
type span struct{ from, to, month, day int }

// about widens a date that its list calls approximate, in years.
const about = 2

// birthSpan reads the dates that CheckEntry allows.
func birthSpan(text string) (s span, ok bool) {
	first, last, between := strings.Cut(text, "/")
	s, ok = birthPoint(first)
	if !between || !ok {
		return s, ok
	}
	end, ok := birthPoint(last)
	return span{from: min(s.from, end.from), to: max(s.to, end.to)}, ok
}

func birthPoint(text string) (s span, ok bool) {
	text, approximate := strings.CutSuffix(text, "~")
	fields := strings.Split(text, "-")
	year, err := strconv.Atoi(fields[0])
	if err != nil || year == 0 {
		return s, false
	}
	s.from, s.to = year, year
	if approximate {
		return span{from: year - about, to: year + about}, true
	}
	if len(fields) == 3 {
		s.month, _ = strconv.Atoi(fields[1])
		s.day, _ = strconv.Atoi(fields[2])
	}
	return s, true
}

// birth adds the best that the listed dates of birth say of the known one.
func (ev *evidence) birth(known string, listed []string) {
	k, ok := birthSpan(known)
	if !ok {
		return
	}
	best, ground := otherBirthYear-1, ""
	for _, text := range listed {
		l, ok := birthSpan(text)
		if !ok {
			continue
		}
		if points := compareBirth(k, l); points > best {
			best, ground = points, text
		}
	}
	switch {
	case ground == "":
	case best == sameBirthDate:
		ev.add(best, "born %s", known)
	default:
		ev.add(best, "born %s, listed %s", known, ground)
	}
}

func compareBirth(a, b span) int {
	if gap := max(a.from-b.to, b.from-a.to); gap > 0 {
		switch {
		case gap == 1:
			return closeBirthYear
		case gap <= 3, exchanged(a.from, b.from):
			return unlikeBirthYear
		}
		return otherBirthYear
	}
	if a.day == 0 || b.day == 0 {
		if a.to-a.from > 3 || b.to-b.from > 3 {
			return sameBirthSpan
		}
		return sameBirthYear
	}
	switch {
	case a.month == b.month && a.day == b.day:
		return sameBirthDate
	case a.month == b.day && a.day == b.month, a.month == b.month, a.day == b.day:
		return nearBirthDate
	}
	return otherBirthDay
}

// exchanged reports whether two years differ in the order of their last two digits.
func exchanged(a, b int) bool { return a/100 == b/100 && a%10 == b/10%10 && a/10%10 == b%10 }

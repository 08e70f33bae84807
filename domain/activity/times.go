package activity

import "time"

// day is the day of the time that was read last; the next time is often of the same.
type day struct {
	text  [len(time.DateOnly)]byte
	begin int64 // Unix time
}

// time gives the time in a string.
func (s *skimmer) time(last *day) time.Time {
	text := s.content()
	if at, read := last.utc(text); read {
		return at
	}
	var at time.Time
	if at.UnmarshalText(text) != nil {
		s.fail()
	}
	return at
}

// utc reads a time such as 2026-01-31T09:00:00.25Z, several times as fast as package time. It leaves all others to
// that: those of other zones, and those that are wrong or might be.
func (d *day) utc(text []byte) (at time.Time, read bool) {
	const form = "2006-01-02T15:04:05Z"
	end := len(text) - 1
	if len(text) < len(form) || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[end] != 'Z' {
		return at, false
	}
	hour, minute, second := digits(text[11:13]), digits(text[14:16]), digits(text[17:19])
	nanoseconds := 0
	if fraction := text[19:end]; len(fraction) > 0 {
		if fraction[0] != '.' || len(fraction) < 2 || len(fraction) > 10 {
			return at, false
		}
		nanoseconds = digits(fraction[1:])
		for range 10 - len(fraction) {
			nanoseconds *= 10
		}
	}
	if hour|minute|second|nanoseconds < 0 || hour > 23 || minute > 59 || second > 59 || !d.is(text[:10]) {
		return at, false
	}
	return time.Unix(d.begin+int64(3600*hour+60*minute+second), int64(nanoseconds)).UTC(), true
}

// is makes a date the last day; it leaves one that is wrong.
func (d *day) is(date []byte) bool {
	if string(date) == string(d.text[:]) {
		return true
	}
	year, month, of := digits(date[:4]), digits(date[5:7]), digits(date[8:])
	begin := time.Date(year, time.Month(month), of, 0, 0, 0, 0, time.UTC)
	if year < 0 || month < 1 || begin.Month() != time.Month(month) || begin.Day() != of {
		return false
	}
	copy(d.text[:], date)
	d.begin = begin.Unix()
	return true
}

// digits gives a whole number of at most nine digits; -1 of what is none.
func digits(text []byte) (n int) {
	for _, c := range text {
		if c < '0' || c > '9' {
			return -1
		}
		n = 10*n + int(c-'0')
	}
	return n
}

package activity

import "time"

// time gives the time in a string.
func (s *skimmer) time() time.Time {
	text := s.content()
	if at, read := utc(text); read {
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
func utc(text []byte) (at time.Time, read bool) {
	const form = "2006-01-02T15:04:05Z"
	end := len(text) - 1
	if len(text) < len(form) || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[end] != 'Z' {
		return at, false
	}
	year, month, day := digits(text[:4]), digits(text[5:7]), digits(text[8:10])
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
	if year|month|day|hour|minute|second|nanoseconds < 0 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59 {
		return at, false
	}
	at = time.Date(year, time.Month(month), day, hour, minute, second, nanoseconds, time.UTC)
	return at, day <= 28 || at.Day() == day
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

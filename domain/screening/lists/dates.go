package lists

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// The forms of dates in lists, and what of them is known.
var dateForms = []struct{ from, to string }{
	{time.DateOnly, time.DateOnly},
	{"2/1/2006", time.DateOnly},
	{"2.1.2006", time.DateOnly},
	{"2 January 2006", time.DateOnly},
	{"2 Jan 2006", time.DateOnly},
	{"2006-01", "2006-01"},
	{"1/2006", "2006-01"},
	{"1.2006", "2006-01"},
	{"January 2006", "2006-01"},
	{"Jan 2006", "2006-01"},
	{"2006", "2006"},
	{"2006-01-02T15:04:05", time.DateOnly},
}

var (
	yearPattern = regexp.MustCompile(`\b(1[89]|20)\d\d\b`)
	enumeration = regexp.MustCompile(`\(?\b?[a-z0-9]\)\s*`)
	unknownDay  = regexp.MustCompile(`^00[/.]00[/.](\d{4})$`)
	unknownDate = regexp.MustCompile(`^00[/.](\d\d)[/.](\d{4})$`)
	datesApart  = regexp.MustCompile(`\s*(?:[,;\n]| or | OR | and )\s*`)
	approximate = regexp.MustCompile(`(?i)\b(circa|approx\w*|about|around|early|late)\b`)
	spanOfYears = regexp.MustCompile(`(?i)^(?:approximately:?\s*)?(?:between\s+)?(\d{4})\s*(?:and|to|-|–)\s*(\d{4})\b`)
)

// datesIn gives the dates of a text in the form of ISO 8601-2. What is no date as a whole is dated
// by the years in it.
func datesIn(text string) (dates []string) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\u00A0", " "))
	if span := spanOfYears.FindStringSubmatch(text); span != nil {
		return []string{min(span[1], span[2]) + "/" + max(span[1], span[2])}
	}
	for _, part := range datesApart.Split(enumeration.ReplaceAllString(text, ","), -1) {
		for _, date := range dateIn(part) {
			if !slices.Contains(dates, date) {
				dates = append(dates, date)
			}
		}
	}
	return dates
}

func dateIn(text string) []string {
	if text = plain(text); text == "" {
		return nil
	}
	if m := unknownDay.FindStringSubmatch(text); m != nil {
		return []string{m[1]}
	}
	if m := unknownDate.FindStringSubmatch(text); m != nil {
		text = m[1] + "/" + m[2]
	}
	if date, ok := dateOf(text); ok {
		return []string{date}
	}
	if span := spanOfYears.FindStringSubmatch(text); span != nil {
		return []string{min(span[1], span[2]) + "/" + max(span[1], span[2])}
	}
	years := yearPattern.FindAllString(text, -1)
	if approximate.MatchString(text) {
		for i := range years {
			years[i] += "~"
		}
	}
	return years
}

func dateOf(text string) (date string, ok bool) {
	for _, form := range dateForms {
		if at, err := time.Parse(form.from, text); err == nil && at.Year() > 0 {
			return at.Format(form.to), true
		}
	}
	return "", false
}

// aboutYear gives a date that its list calls approximate.
func aboutYear(text string) string {
	if year := yearPattern.FindString(text); year != "" {
		return year + "~"
	}
	return ""
}

// yearSpan gives the span between two years, or the one that is there.
func yearSpan(first, last string) string {
	first, last = yearPattern.FindString(first), yearPattern.FindString(last)
	switch {
	case first == "" || last == "" || first == last:
		return max(first, last)
	case first > last:
		first, last = last, first
	}
	return first + "/" + last
}

// spreadsheetDay gives the day that a spreadsheet counts from the end of 1899.
func spreadsheetDay(days int) string {
	return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, days).Format(time.DateOnly)
}

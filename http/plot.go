package http

import (
	"fmt"
	"html"
	"strings"
)

// plotSweep draws alerts per day against the values of a sweep, and the budget if there is one, as
// SVG that needs nothing else. Values stand at equal distances, in the order in which they were stated.
func plotSweep(parameter string, rows []sweepRow, budget float64) string {
	const width, height, left, right, top, bottom = 720, 360, 64, 24, 24, 64
	most := budget
	for _, row := range rows {
		most = max(most, row.PerDay)
	}
	if most == 0 {
		most = 1
	}
	x := func(i int) float64 {
		if len(rows) == 1 {
			return left + (width-left-right)/2
		}
		return left + float64(i)*(width-left-right)/float64(len(rows)-1)
	}
	y := func(perDay float64) float64 { return height - bottom - perDay/most*(height-top-bottom) }

	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" role="img" aria-label="Alerts per day by %s">`,
		width, height, html.EscapeString(parameter))
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/>`, width, height)
	for i := range 5 {
		at := most * float64(i) / 4
		fmt.Fprintf(&b, `<path d="M%d %.1fH%d" stroke="#e3e8ee"/><text x="%d" y="%.1f" text-anchor="end" fill="#5b6878">%.4g</text>`, left, y(at), width-right, left-8, y(at)+4, at)
	}
	if budget > 0 {
		fmt.Fprintf(&b, `<path d="M%d %.1fH%d" stroke="#c0362c" stroke-dasharray="6 4"/><text x="%d" y="%.1f" text-anchor="end" fill="#c0362c">budget %.4g</text>`,
			left, y(budget), width-right, width-right, y(budget)-6, budget)
	}
	b.WriteString(`<path d="`)
	for i, row := range rows {
		fmt.Fprintf(&b, "%c%.1f %.1f", "ML"[min(i, 1)], x(i), y(row.PerDay))
	}
	b.WriteString(`" fill="none" stroke="#0b6e6e" stroke-width="2"/>`)
	every := (len(rows) + 11) / 12
	for i, row := range rows {
		fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="3.5" fill="#0b6e6e"><title>%s: %d alerts, %.4g a day</title></circle>`,
			x(i), y(row.PerDay), html.EscapeString(row.Value), row.Alerts, row.PerDay)
		if i%every == 0 {
			fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle" fill="#1b2430">%s</text>`, x(i), height-bottom+20, html.EscapeString(row.Value))
		}
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle" fill="#1b2430">%s</text>`, (left+width-right)/2, height-16, html.EscapeString(parameter))
	fmt.Fprintf(&b, `<text transform="translate(16 %d) rotate(-90)" text-anchor="middle" fill="#1b2430">alerts per day</text></svg>`+"\n", (top+height-bottom)/2)
	return b.String()
}

package journal

import (
	"bufio"
	"fmt"
	"strings"
	"unicode"

	"whocomply/domain"
	"whocomply/domain/posting"
)

// hledger knows the names of the accounts by id.
type hledger struct{ names map[string]string }

func (hledger) name(a *posting.Account) string {
	return roots[a.Type][0] + ":" + escaped(a.ID, '%', func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.", r)
	})
}

// commodity says how many decimals amounts are shown with.
func (hledger) commodity(w *bufio.Writer, c domain.Currency) {
	fmt.Fprintf(w, "commodity 1000.%s %s\n", strings.Repeat("0", c.Decimals()), c)
}

func (h hledger) account(w *bufio.Writer, a *posting.Account) {
	fmt.Fprintf(w, "\naccount %s\n    ; id: %s\n    ; ref: %s\n    ; name: %s\n", h.names[a.ID], tag(a.ID), a.Ref, tag(a.Name))
	if a.CustomerID != "" {
		fmt.Fprintf(w, "    ; customer_id: %s\n", a.CustomerID)
	}
}

func (h hledger) posting(w *bufio.Writer, p *Posting) {
	fmt.Fprintln(w)
	fmt.Fprintln(w, strings.TrimSpace(fmt.Sprintf("%s %c %s", day(p), flag(p), said(p.Description))))
	fmt.Fprintf(w, "    ; posting_id: %s\n    ; ref: %s\n    ; seq: %d\n    ; effective_at: %s\n    ; recorded_at: %s\n",
		tag(p.ID), p.Ref, p.Seq, instant(p.EffectiveAt), instant(p.RecordedAt))
	if p.Reverses != "" {
		fmt.Fprintf(w, "    ; reverses: %s\n", tag(p.Reverses))
	}
	for i := range p.Entries {
		e := &p.Entries[i]
		fmt.Fprintf(w, "    %s  %s %s\n", h.names[e.Account], amount(e), e.Currency)
	}
}

// tag is the value of a tag: a comma would end it, and a date in brackets would be read as one.
func tag(text string) string {
	return escaped(flat.Replace(text), '%', func(r rune) bool { return !strings.ContainsRune("%,[]", r) })
}

// said is a description: a semicolon would begin a comment, and a bracket in front a code.
func said(text string) string {
	text = strings.TrimLeft(strings.ReplaceAll(flat.Replace(text), ";", ","), " *!")
	if strings.HasPrefix(text, "(") {
		return "() " + text
	}
	return text
}

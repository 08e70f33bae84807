package journal

import (
	"bufio"
	"fmt"
	"strings"

	"whocomply/domain"
	"whocomply/domain/posting"
)

// opened is the day from which on accounts are open in a journal: no posting takes effect before it.
const opened = "1900-01-01"

// beancount knows the names of the accounts by id.
type beancount struct{ names map[string]string }

func (beancount) name(a *posting.Account) string {
	name := escaped(a.ID, '-', func(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' })
	if c := name[0]; c == '-' || 'a' <= c && c <= 'z' {
		name = "X-" + name
	}
	return roots[a.Type][1] + ":" + name
}

func (beancount) commodity(w *bufio.Writer, c domain.Currency) {
	fmt.Fprintf(w, "%s commodity %s\n  decimals: %d\n", opened, c, c.Decimals())
}

func (b beancount) account(w *bufio.Writer, a *posting.Account) {
	fmt.Fprintf(w, "\n%s open %s %s\n  id: %s\n  ref: %s\n  name: %s\n", opened, b.names[a.ID], a.Currency, quoted(a.ID), quoted(a.Ref), quoted(a.Name))
	if a.CustomerID != "" {
		fmt.Fprintf(w, "  customer_id: %s\n", quoted(a.CustomerID))
	}
}

func (b beancount) posting(w *bufio.Writer, p *Posting) {
	fmt.Fprintf(w, "\n%s %c %s\n", day(p), flag(p), quoted(p.Description))
	fmt.Fprintf(w, "  posting_id: %s\n  ref: %s\n  seq: %d\n  effective_at: %s\n  recorded_at: %s\n",
		quoted(p.ID), quoted(p.Ref), p.Seq, quoted(instant(p.EffectiveAt)), quoted(instant(p.RecordedAt)))
	if p.Reverses != "" {
		fmt.Fprintf(w, "  reverses: %s\n", quoted(p.Reverses))
	}
	for i := range p.Entries {
		e := &p.Entries[i]
		fmt.Fprintf(w, "  %s  %s %s\n", b.names[e.Account], amount(e), e.Currency)
	}
}

var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func quoted(text string) string { return `"` + escapes.Replace(flat.Replace(text)) + `"` }

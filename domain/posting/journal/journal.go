// Package journal writes an institution's books in the languages of plain-text accounting, so that
// anybody can add them up with tools that are not ours: hledger (https://hledger.org) and beancount
// (https://github.com/beancount/beancount).
//
//	journal.go    what all languages say
//	hledger.go    in the words of hledger; also read by ledger-cli
//	beancount.go  in the words of beancount
//
// A journal names every account, then tells the postings in the order they were recorded, dated by
// the UTC day of their effective_at, with one entry a line: debits are positive, credits negative.
// A posting that is pending has the flag "!", all others "*". Of a posting that was posted in part
// the part is told, and a voided one is left out. Amounts have the decimals of their currency.
//
// # Names
//
// Accounts are the caller's, and may be called anything. In the journal an account is named by its
// type and its id, in which what the language does not allow is written by the bytes of its UTF-8
// in hexadecimal, so that different accounts have different names and the id can be read back:
//
//	hledger     liabilities:acc-ann        %2C for a comma; letters, digits and - _ . are kept
//	beancount   Liabilities:X-acc-2Dann    -2C for a comma; ASCII letters and digits are kept, and an
//	                                       id that begins with neither A to Z nor a digit has X- before
//
// The id itself, our ref and the name stand beside it as tags (hledger) or metadata (beancount), and
// so do posting_id, ref, the times and the position in the ledger beside each posting.
package journal

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"whocomply/domain"
	"whocomply/domain/posting"
)

// The languages.
const (
	Hledger   = "hledger"
	Beancount = "beancount"
)

// Head says what a journal tells.
type Head struct {
	Ledger    string    // slug
	Seq       int64     // what was recorded up to this position
	Effective time.Time // what takes effect up to then; all of it if zero
}

// Posting is a posting to be told.
type Posting struct {
	posting.Posting // Entries are what counts: of a posting that was posted in part, the part

	Seq        int64
	RecordedAt time.Time
}

// language writes the parts of a journal.
type language interface {
	commodity(w *bufio.Writer, c domain.Currency)
	account(w *bufio.Writer, a *posting.Account)
	posting(w *bufio.Writer, p *Posting)
	name(a *posting.Account) string
}

// Write writes a journal. Every account that the postings name must be among the accounts.
func Write(w io.Writer, format string, h Head, accounts []posting.Account, postings iter.Seq2[Posting, error]) error {
	names := make(map[string]string, len(accounts))
	var in language
	switch format {
	case Hledger:
		in = hledger{names}
	case Beancount:
		in = beancount{names}
	default:
		return CheckFormat(format)
	}
	buffer := bufio.NewWriterSize(w, 64<<10)
	h.write(buffer)
	var currencies []domain.Currency
	for i := range accounts {
		if c := accounts[i].Currency; !slices.Contains(currencies, c) {
			currencies = append(currencies, c)
		}
		names[accounts[i].ID] = in.name(&accounts[i])
	}
	slices.Sort(currencies)
	for _, c := range currencies {
		in.commodity(buffer, c)
	}
	for i := range accounts {
		in.account(buffer, &accounts[i])
	}
	for p, err := range postings {
		if err != nil {
			return err
		}
		if p.Status != posting.Voided {
			in.posting(buffer, &p)
		}
	}
	return buffer.Flush()
}

// CheckFormat says what is wrong with the name of a language.
func CheckFormat(format string) error {
	return domain.CheckOneOf("format", format, Hledger, Beancount)
}

func (h *Head) write(w *bufio.Writer) {
	fmt.Fprintf(w, "; The books of %s as recorded up to position %d of its ledger", h.Ledger, h.Seq)
	if !h.Effective.IsZero() {
		fmt.Fprintf(w, ", as far as it takes effect up to %s", instant(h.Effective))
	}
	fmt.Fprint(w, ".\n\n")
}

// roots are the first parts of names by type.
var roots = map[string][2]string{
	"asset": {"assets", "Assets"}, "liability": {"liabilities", "Liabilities"}, "equity": {"equity", "Equity"},
	"income": {"income", "Income"}, "expense": {"expenses", "Expenses"},
}

// escaped writes a text with the bytes of what is not kept in hexadecimal behind a mark.
func escaped(text string, mark byte, keep func(r rune) bool) string {
	b := make([]byte, 0, len(text)+8)
	for _, r := range text {
		if keep(r) {
			b = utf8.AppendRune(b, r)
			continue
		}
		for _, c := range []byte(string(r)) {
			b = fmt.Appendf(b, "%c%02X", mark, c)
		}
	}
	return string(b)
}

// flat is a text on one line.
var flat = strings.NewReplacer("\n", " ", "\r", " ", "\t", " ")

// amount writes an entry's amount, credits negative.
func amount(e *posting.Entry) string {
	if e.Direction == posting.Credit {
		return "-" + e.Amount.String()
	}
	return e.Amount.String()
}

func flag(p *Posting) byte {
	if p.Status == posting.Pending {
		return '!'
	}
	return '*'
}

func day(p *Posting) string { return p.EffectiveAt.UTC().Format(time.DateOnly) }

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

package posting_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"whocomply/domain"
	"whocomply/domain/posting"
)

// tigerBeetle reads a table of operations and their results. A transfer is a posting of two entries, a
// linked chain one posting of all its entries; a ledger is a currency.
type tigerBeetle struct {
	*book
	moved map[string]domain.Event // what a transfer gave
	order []string
	chain []posting.Entry
	fails bool // whether the chain is refused
	asked string
	done  int // transfers
}

func runTigerBeetle(t *testing.T, line []byte) map[string]error {
	var row struct {
		Name  string
		Part  int
		Lines []string
	}
	read(t, line, &row)
	name := fmt.Sprintf("%s#%d", row.Name, row.Part)
	b := &tigerBeetle{book: newBook(t, name), moved: map[string]domain.Event{}}
	for _, line := range row.Lines {
		if strings.Contains(line, " BDR ") || strings.Contains(line, " BCR ") {
			return map[string]error{name: cannot("a balancing transfer")}
		}
	}
	for _, line := range row.Lines {
		line, _, _ = strings.Cut(line, " //")
		if words := strings.Fields(line); len(words) > 0 {
			if err := b.step(words); err != nil {
				return map[string]error{name: err}
			}
		}
	}
	if b.done == 0 {
		return map[string]error{name: cannot("nothing is moved")}
	}
	return map[string]error{name: nil}
}

func (b *tigerBeetle) step(words []string) error {
	switch words[0] {
	case "account":
		return b.account(words)
	case "setup":
		return b.setup(words)
	case "transfer":
		return b.transfer(words)
	case "lookup_account":
		b.lookUp(words)
	case "lookup_transfer":
		if made := b.moved[words[1]] != nil; words[2] != "exists" || words[3] != fmt.Sprint(made) {
			b.Errorf("%s: %v: there is one: %v", b.name, words, made)
		}
	case "get_account_transfers":
		b.asked = words[1]
		b.order = slices.DeleteFunc(b.order, func(id string) bool { return position(b.moved[id], b.asked) < 0 })
	case "get_account_transfers_result":
		if len(b.order) == 0 || b.order[0] != words[1] {
			b.Fatalf("%s: next are %v, want %v", b.name, b.order, words)
		}
		b.order = b.order[1:]
	case "get_account_balances":
		b.asked = words[1]
	case "get_account_balances_result":
		if after := afterOf(b.moved[words[1]])[position(b.moved[words[1]], b.asked)]; columns(after) != strings.Join(words[2:], " ") {
			b.Errorf("%s: %v: %s", b.name, words, columns(after))
		}
	case "commit":
	default:
		return cannot("%s", words[0])
	}
	return nil
}

// account has the columns id, four sums, three of user data, reserved, ledger, code, LNK, D<C, C<D and
// more flags, then the result.
func (b *tigerBeetle) account(words []string) error {
	if words[len(words)-1] != "created" {
		return cannot("an account is refused: %s", words[len(words)-1])
	}
	if words[12] != "_" {
		return cannot("a linked account")
	}
	constraint := posting.NoConstraint
	switch {
	case words[13] == "D<C":
		constraint = posting.NoDebitBalance
	case words[14] == "C<D" || words[13] == "C<D":
		constraint = posting.NoCreditBalance
	}
	b.open(words[1], "asset", ledgers[words[10]], constraint)
	b.open("(setup)", "equity", "JPY", "")
	return nil
}

var ledgers = map[string]domain.Currency{"L1": "JPY", "L2": "KRW", "L3": "ISK", "L4": "CLP"}

// setup states the sums of an account: debits pending and posted, credits pending and posted.
func (b *tigerBeetle) setup(words []string) error {
	for i, text := range words[2:6] {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return cannot("a sum of %s", text)
		}
		if n == 0 {
			continue
		}
		entries := pays(words[1], "(setup)", domain.DecimalFromInt(int64(n)), "JPY")
		if i >= 2 {
			entries = pays("(setup)", words[1], domain.DecimalFromInt(int64(n)), "JPY")
		}
		cmd := posting.Record{ID: fmt.Sprint(words[1], " ", i), EffectiveAt: at, Entries: entries}
		if i%2 == 0 {
			cmd.Status = posting.Pending
		}
		b.try(cmd, true)
	}
	return nil
}

// transfer has the columns id, debit account, credit account, amount, pending id, three of user data,
// timeout, ledger, code, LNK, PEN, POS, VOI, BDR, BCR and more flags, then the result.
func (b *tigerBeetle) transfer(words []string) error {
	flags, result := words[12:len(words)-1], words[len(words)-1]
	n, err := strconv.Atoi(words[4])
	if err != nil || n < 0 || words[4] == "-0" {
		return cannot("an amount of %s", words[4])
	}
	entries := pays(words[2], words[3], domain.DecimalFromInt(int64(n)), ledgers[words[10]])
	b.done++
	if slices.Contains(flags, "POS") {
		event := b.try(posting.Post{ID: words[5], Entries: entries}, result == "created")
		b.note(words[1], event)
		return nil
	}
	if slices.Contains(flags, "VOI") {
		b.note(words[1], b.try(posting.Void{ID: words[5]}, result == "created"))
		return nil
	}
	b.chain, b.fails = append(b.chain, entries...), b.fails || result != "created"
	if slices.Contains(flags, "LNK") {
		return nil
	}
	cmd := posting.Record{ID: words[1], EffectiveAt: at, Entries: b.chain}
	if slices.Contains(flags, "PEN") {
		cmd.Status = posting.Pending
	}
	b.note(words[1], b.try(cmd, !b.fails))
	b.chain, b.fails = nil, false
	return nil
}

func (b *tigerBeetle) note(id string, event domain.Event) {
	if event != nil {
		b.moved[id], b.order = event, append(b.order, id)
	}
}

// lookUp has the columns id, debits pending and posted, credits pending and posted.
func (b *tigerBeetle) lookUp(words []string) {
	if got := columns(b.state.Account(words[1]).Balance); got != strings.Join(words[2:6], " ") {
		b.Errorf("%s: %v: %s", b.name, words, got)
	}
}

func columns(a posting.Balance) string {
	return fmt.Sprint(a.Pending.Debits, " ", a.Posted.Debits, " ", a.Pending.Credits, " ", a.Posted.Credits)
}

func afterOf(event domain.Event) []posting.Balance {
	if settled, ok := event.(posting.Settled); ok {
		return settled.After
	}
	return event.(posting.Recorded).After
}

// position finds an account among those that an event moves.
func position(event domain.Event, account string) int {
	return slices.IndexFunc(afterOf(event), func(a posting.Balance) bool { return a.Account == account })
}

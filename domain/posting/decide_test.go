package posting_test

import (
	"slices"
	"testing"

	"whocomply/domain"
	"whocomply/domain/posting"
)

// balanceOf writes an account's balance as "posted debits/credits pending debits/credits".
func balanceOf(s *posting.State, id string) string {
	b := s.Account(id).Balance
	return b.Posted.Debits.String() + "/" + b.Posted.Credits.String() + " " + b.Pending.Debits.String() + "/" + b.Pending.Credits.String()
}

func TestBalances(t *testing.T) {
	first := record("p1", debit("cash", "100"), credit("deposit", "100.0"))
	for _, tc := range []struct {
		name          string
		cmds          []any
		cash, deposit string
	}{
		{"opened", nil, "0.00/0.00 0.00/0.00", "0.00/0.00 0.00/0.00"},
		{"posted", []any{first}, "100.00/0.00 0.00/0.00", "0.00/100.00 0.00/0.00"},
		{"pending", []any{first, pending("p2", debit("deposit", "30.5"), credit("cash", "30.5"))}, "100.00/0.00 0.00/30.50", "0.00/100.00 30.50/0.00"},
		{"pending, posted", []any{first, pending("p2", debit("deposit", "30.5"), credit("cash", "30.5")), posting.Post{ID: "p2"}}, "100.00/30.50 0.00/0.00", "30.50/100.00 0.00/0.00"},
		{"pending, voided", []any{first, pending("p2", debit("deposit", "30.5"), credit("cash", "30.5")), posting.Void{ID: "p2"}}, "100.00/0.00 0.00/0.00", "0.00/100.00 0.00/0.00"},
		{"pending, posted in part", []any{first, pending("p2", debit("deposit", "30.5"), credit("cash", "30.5")), part("p2", debit("deposit", "10"), credit("cash", "10"))}, "100.00/10.00 0.00/0.00", "10.00/100.00 0.00/0.00"},
		{"one account twice", []any{record("p1", debit("cash", "7"), debit("cash", "0.01"), credit("deposit", "7.01"))}, "7.01/0.00 0.00/0.00", "0.00/7.01 0.00/0.00"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := given(t, append(books(), tc.cmds...)...)
			if got := balanceOf(s, "cash"); got != tc.cash {
				t.Errorf("cash %s, want %s", got, tc.cash)
			}
			if got := balanceOf(s, "deposit"); got != tc.deposit {
				t.Errorf("deposit %s, want %s", got, tc.deposit)
			}
		})
	}
}

// TestConflicts gives the refusals that depend on what happened before.
func TestConflicts(t *testing.T) {
	funded := record("p1", debit("cash", "100"), credit("deposit", "100"))
	original := func(id, status string) *posting.Posting {
		return &posting.Posting{ID: id, Status: status, Entries: funded.Entries}
	}
	held := pending("p2", debit("deposit", "60"), credit("cash", "60"))
	cents := record("p3", debit("deposit", "40.01"), credit("cash", "40.01"))
	reverse := posting.Reverse{ID: "r1", Reverses: "p1", Original: original("p1", posting.Posted)}
	other := reverse
	other.ID = "r2"
	changed := reverse
	changed.Description = "x"
	const overdrawn = "entries[0].amount would break the constraint no_debit_balance of the account"
	for _, tc := range []struct {
		name           string
		before         []any
		cmd            any
		code           domain.Code
		field, message string
	}{
		{"account with other content", nil, posting.OpenAccount{ID: "cash", Name: "Till", Type: "asset", Currency: "EUR"}, domain.Conflict, "id", "id was used before with other content"},
		{"overdraft", []any{funded}, record("p3", debit("deposit", "100.01"), credit("cash", "100.01")), domain.Invalid, "entries[0].amount", overdrawn},
		{"to the last cent", []any{funded}, record("p3", debit("deposit", "100"), credit("cash", "100")), "", "", ""},
		{"overdraft of what is left", []any{funded, held}, cents, domain.Invalid, "entries[0].amount", overdrawn},
		{"pending overdraft", nil, held, domain.Invalid, "entries[0].amount", overdrawn},
		{"void frees", []any{funded, held, posting.Void{ID: "p2"}}, cents, "", "", ""},
		{"pending credit is not spent", []any{pending("p2", debit("cash", "60"), credit("deposit", "60"))}, cents, domain.Invalid, "entries[0].amount", overdrawn},
		{"overpaid loan", nil, record("p3", debit("cash", "1"), credit("loan", "1")), domain.Invalid, "entries[1].amount", "entries[1].amount would break the constraint no_credit_balance of the account"},
		{"net of one posting", nil, record("p3", debit("deposit", "1"), credit("deposit", "1")), "", "", ""},
		{"post of nothing", nil, posting.Post{ID: "p9"}, domain.Unknown, "", "there is no posting with this posting_id"},
		{"post of a voided", []any{funded, held, posting.Void{ID: "p2"}}, posting.Post{ID: "p2", Original: original("p2", posting.Pending)}, domain.Conflict, "", "the posting is already voided"},
		{"more than a part", []any{funded, held}, part("p2", debit("deposit", "60.01"), credit("cash", "60.01")), domain.Invalid, "entries[0].amount", "entries[0].amount is more than the posting holds there"},
		{"more than a part in two", []any{funded, held}, part("p2", debit("deposit", "60"), credit("cash", "30"), credit("cash", "30.5"), debit("deposit", "0.5")), domain.Invalid, "entries[2].amount", "entries[2].amount is more than the posting holds there"},
		{"a part in the other direction", []any{funded, held}, part("p2", credit("deposit", "1"), debit("cash", "1")), domain.Invalid, "entries[0].amount", "entries[0].amount is more than the posting holds there"},
		{"a part that does not balance", []any{funded, held}, part("p2", debit("deposit", "1"), credit("cash", "2")), domain.Invalid, "entries", "entries do not balance in EUR: debits are 1.00, credits are 2.00"},
		{"part of a posted", []any{funded}, posting.Post{ID: "p1", Original: original("p1", posting.Posted), Entries: funded.Entries}, domain.Conflict, "", "the posting is already posted, and in another part"},
		{"all of one posted in part", []any{funded, held, part("p2", debit("deposit", "1"), credit("cash", "1"))}, posting.Post{ID: "p2", Original: original("p2", posting.Pending)}, domain.Conflict, "", "the posting is already posted, and in another part"},
		{"void of one posted in part", []any{funded, held, part("p2", debit("deposit", "1"), credit("cash", "1"))}, posting.Void{ID: "p2", Original: original("p2", posting.Pending)}, domain.Conflict, "", "the posting is already posted"},
		{"a part frees the rest", []any{funded, held, part("p2", debit("deposit", "59.99"), credit("cash", "59.99"))}, cents, "", "", ""},
		{"void of a posted", []any{funded, held, posting.Post{ID: "p2"}}, posting.Void{ID: "p2", Original: original("p2", posting.Pending)}, domain.Conflict, "", "the posting is already posted"},
		{"void of one posted at once", []any{funded}, posting.Void{ID: "p1", Original: original("p1", posting.Posted)}, domain.Conflict, "", "the posting is already posted"},
		{"reversal of nothing", nil, posting.Reverse{ID: "r1", Reverses: "p9"}, domain.Unknown, "", "there is no posting with this posting_id"},
		{"reversal of itself", []any{funded}, posting.Reverse{ID: "p1", Reverses: "p1"}, domain.Invalid, "posting_id", "posting_id must be a new one, not that of the posting to reverse"},
		{"reversal of a pending", []any{funded, held}, posting.Reverse{ID: "r1", Reverses: "p2"}, domain.Conflict, "", "only a posted posting can be reversed; this one is pending"},
		{"reversal of a voided", []any{funded, held, posting.Void{ID: "p2"}}, posting.Reverse{ID: "r1", Reverses: "p2"}, domain.Conflict, "", "only a posted posting can be reversed; this one is voided"},
		{"reversal by a pending's id", []any{funded, held}, posting.Reverse{ID: "p2", Reverses: "p1", Original: reverse.Original}, domain.Conflict, "posting_id", "posting_id was used before with other content"},
		{"second reversal", []any{funded, reverse}, other, domain.Conflict, "", `the posting is already reversed by "r1"`},
		{"reversal with other content", []any{funded, reverse}, changed, domain.Conflict, "posting_id", "posting_id was used before with other content"},
		{"reversal that overdraws", []any{funded, held}, reverse, domain.Invalid, "entries[1].amount", "entries[1].amount would break the constraint no_debit_balance of the account"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := given(t, append(books(), tc.before...)...)
			events, err := decide(s, meta(), tc.cmd)
			wantError(t, err, tc.code, tc.field, tc.message)
			if (err == nil) != (len(events) == 1) {
				t.Errorf("%d events with error %v", len(events), err)
			}
		})
	}
}

func TestReverse(t *testing.T) {
	s := given(t, books()...)
	first := apply(t, s, record("p1", debit("cash", "100"), credit("deposit", "100"))).(posting.Recorded)
	undo := posting.Reverse{ID: "r1", Reverses: "p1", Original: &first.Posting, Description: "wrong account"}
	reversal := apply(t, s, undo).(posting.Recorded)
	want := []posting.Entry{credit("cash", "100.00"), debit("deposit", "100.00")}
	if p := reversal.Posting; !slices.Equal(p.Entries, want) || p.Reverses != "p1" || p.Status != posting.Posted || !p.EffectiveAt.Equal(at) {
		t.Errorf("reversal %+v", p)
	}
	if first.Posting.Entries[0].Direction != posting.Debit {
		t.Error("the original changed")
	}
	if events, err := decide(s, meta(), undo); len(events) != 0 || err != nil {
		t.Errorf("again: %d events, error %v", len(events), err)
	}
	apply(t, s, posting.Reverse{ID: "r2", Reverses: "r1", Original: &reversal.Posting})
	if got := balanceOf(s, "deposit"); got != "100.00/200.00 0.00/0.00" {
		t.Errorf("deposit %s after the reversal of the reversal", got)
	}
}

// TestReversePart shows that what is reversed of a posting that was posted in part is the part.
func TestReversePart(t *testing.T) {
	s := given(t, append(books(), record("p1", debit("cash", "100"), credit("deposit", "100")))...)
	held := apply(t, s, pending("p2", debit("deposit", "60"), credit("cash", "60"))).(posting.Recorded)
	post := part("p2", debit("deposit", "25"), credit("cash", "25"))
	settled := apply(t, s, post).(posting.Settled)
	if want := []posting.Entry{debit("deposit", "25.00"), credit("cash", "25.00")}; !slices.Equal(settled.Entries, want) {
		t.Errorf("settled %+v", settled)
	}
	post.Original = &held.Posting
	if events, err := decide(s, meta(), post); len(events) != 0 || err != nil {
		t.Errorf("again: %d events, error %v", len(events), err)
	}
	reversal := apply(t, s, posting.Reverse{ID: "r1", Reverses: "p2", Original: &held.Posting}).(posting.Recorded)
	if want := []posting.Entry{credit("deposit", "25.00"), debit("cash", "25.00")}; !slices.Equal(reversal.Posting.Entries, want) {
		t.Errorf("reversal %+v", reversal.Posting)
	}
	if got := balanceOf(s, "deposit"); got != "25.00/125.00 0.00/0.00" {
		t.Errorf("deposit %s", got)
	}
}

// TestOverflow shows that a sum of more than 19 digits is refused and changes nothing.
func TestOverflow(t *testing.T) {
	const most = "99999999999999999.99"
	s := given(t, append(books(), record("p1", debit("cash", most), credit("deposit", most)))...)
	before := balanceOf(s, "cash") + balanceOf(s, "deposit")
	_, err := decide(s, meta(), record("p2", debit("cash", "0.01"), credit("deposit", "0.01")))
	wantError(t, err, domain.Invalid, "entries[0].amount", "entries[0].amount would bring the account to more than 19 digits")

	apply(t, s, pending("p3", debit("deposit", most), credit("cash", most)))
	_, err = decide(s, meta(), pending("p4", debit("deposit", "0.01"), credit("cash", "0.01")))
	wantError(t, err, domain.Invalid, "entries[0].amount", "entries[0].amount would bring the account to more than 19 digits")
	apply(t, s, posting.Void{ID: "p3"})
	if after := balanceOf(s, "cash") + balanceOf(s, "deposit"); after != before {
		t.Errorf("balances %s, before %s", after, before)
	}
}

// TestOverflowOfPosting shows that a pending posting that no longer fits stays pending.
func TestOverflowOfPosting(t *testing.T) {
	const most = "99999999999999999.99"
	s := given(t, append(books(),
		pending("p1", debit("cash", "0.01"), credit("deposit", "0.01")),
		record("p2", debit("cash", most), credit("deposit", most)))...)
	_, err := decide(s, meta(), posting.Post{ID: "p1"})
	wantError(t, err, domain.Invalid, "entries[0].amount", "entries[0].amount would bring the account to more than 19 digits")
	if s.Pending("p1") == nil {
		t.Error("no longer pending")
	}
	apply(t, s, posting.Void{ID: "p1"})
}

// TestReadersKeepTheirStanding shows that what the state hands out never changes.
func TestReadersKeepTheirStanding(t *testing.T) {
	s := given(t, books()...)
	held := s.Account("cash")
	copied := *held
	apply(t, s, record("p1", debit("cash", "100"), credit("deposit", "100")))
	if *held != copied {
		t.Errorf("standing changed under its reader: %+v", held)
	}
	if now := s.AccountByRef(held.Account.Ref); now != s.Account("cash") || now == held {
		t.Errorf("by ref %+v, by id %+v", now, s.Account("cash"))
	}
	if s.AccountByRef("acc_unknown") != nil || s.Account("unknown") != nil || s.Pending("unknown") != nil {
		t.Error("found what is not there")
	}
}

func TestWrongOriginal(t *testing.T) {
	_, err := decide(given(t, books()...), meta(), posting.Post{ID: "p1", Original: &posting.Posting{ID: "p2"}})
	if err == nil || domain.CodeOf(err) != "" {
		t.Errorf("error %v, want one without a code", err)
	}
}

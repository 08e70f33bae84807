package posting_test

import (
	"testing"

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

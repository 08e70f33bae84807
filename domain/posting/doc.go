// Package posting keeps the institution's accounts and the double-entry postings on them.
//
// # Postings
//
// A posting is a set of 2 to 200 entries. Each entry debits or credits one account with an
// amount of more than 0, and per currency the debits equal the credits exactly. An account has
// one currency, and so have its entries. Amounts are kept with the decimals of the currency's
// minor unit ("7" EUR is recorded as "7.00") and have at most 19 digits.
//
// A posting is posted at once, or it is pending until it is posted or voided:
//
//	Record ──► posted ──► Reverse, once: a posting of its own with the directions swapped
//	Record ──► pending ──► Post ──► posted, in full or in part
//	               └─────► Void ──► voided
//
// A part is a balanced set of entries on accounts of the posting, none of which moves more than the
// posting does there in the same direction. What is not in it is given up, and what is reversed of
// such a posting is the part.
//
// Nothing is ever changed or deleted. A posting's effective_at is its value date: from 1900 up
// to 366 days after it is recorded. A reversal is a posting like any other and can itself be
// reversed; without an effective_at of its own it takes effect when it is recorded.
//
// # Balances
//
// A Balance is what an account has been debited and credited in all, posted and pending. It is
// computed once, by the decision, and recorded in the event: whoever folds events copies
// balances and never adds. The sums of debits and of credits over all accounts of a currency
// are equal, posted and pending each.
//
// A constraint holds at every moment. Pending entries count where they hurt, so that
// a pending posting reserves what it will need and posting it later cannot break a constraint:
//
//	no_debit_balance    posted debits  + pending debits  <= posted credits
//	no_credit_balance   posted credits + pending credits <= posted debits
//
// # Repetition
//
// The caller's ids bind what they were first used with, for ever: the keys are "account/<id>",
// "posting/<posting_id>" (of postings and reversals), and "settlement/<posting_id>" (posted,
// in part or in full, or voided). The digest is taken over the content in the form it is recorded in, without our ref:
// an amount of "7" or "7.00", another time zone of the same instant, or metadata with its members
// in another order are the same content. That form is storage format.
//
// The state answers repetitions for what it knows: accounts, pending and voided postings,
// settlements and reversals. It forgets postings once they are posted, so that its memory is
// bounded by accounts, pending postings, the ids of voided and of reversed ones, and what was posted
// of those that were posted in part. The permanent index of callers' ids, kept beside the ledger,
// must therefore be asked about Record.Idempotency and Reverse.Idempotency before deciding; and
// commands about a recorded posting carry it along, as it was recorded.
package posting

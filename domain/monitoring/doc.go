// Package monitoring keeps an institution's transaction monitoring rules and evaluates them on
// the events that it pushes.
//
// A rule names the types of events that it looks at and a condition on one event, its
// transaction, and what is known of the customer. When the condition holds, the rule fires: it
// adds its score, and asks for an alert unless its action is score; alert and both are two words
// for the same. A live rule counts; a shadow rule is evaluated and reported, but counts for
// nothing; a rule that is off is not evaluated.
//
// # Rule sets
//
// The rules in force, live and shadow, are a [RuleSet]: immutable, compiled, evaluated in the
// order of creation. Its digest is recorded with each decision. It is the SHA-256, in lower-case
// hex, of the line
//
//	whocomply/rule-set@v1
//
// followed by a line for each rule in force, in byte order of the ids: the rule as it stands in
// its monitoring_rule.set event, as RFC 8785 canonical JSON. The line ends are single newlines,
// the last line has one too. From the events of a ledger alone, the same set can be made again,
// and gives the same answer on the same event. A change of the language below that could change
// an answer takes a new first line.
//
// # Conditions
//
// A condition is an expression of CEL, the Common Expression Language (https://cel.dev), of at
// most 8 KiB, that is true or false. It is type-checked when the rule is made:
//
//	transaction.amont > 5       condition at 1:12: undefined field 'amont'
//	transaction.amount > "5"    condition at 1:20: '>' cannot be applied to (decimal, string)
//
// The places are line and column, from 1, in characters. Some conditions:
//
//	transaction.channel == "cash" && transaction.amount >= 9999.99 && transaction.currency == "EUR"
//	transaction.amount >= 8500 && transaction.amount < 10000               // just below a threshold
//	transaction.amount >= 1000 && transaction.amount % 1000 == 0           // a round amount
//	transaction.counterparty.country in ["IR", "KP", "MM"]
//	transaction.direction == "out" && (customer.pep_declared || risk.pep_flag)
//	lower(transaction.reference).matches("\\b(crypto|bitcoin)\\b")
//	event.occurred_at.getHours() < 5 && customer.type == "individual"      // hours are UTC
//	event.data.items.exists(i, i.category == "gold" && i.amount > 2500)
//	customer.last("7d").direction("in").channel("cash").sum() >= 10000     // this event included
//
// # Context
//
//	event        id, type: string; occurred_at: timestamp; data: the event's JSON object
//	transaction  id, currency, direction, channel, method, purpose, account, reference: string;
//	             amount: decimal, never negative; counterparty
//	transaction.counterparty
//	             name, account, bank, country: string; listed: string, the category of the
//	             watchlist that the name was found on
//	customer     id, external_id, type, country_of_residence, nationality, industry, occupation,
//	             kyc_status: string; pep_declared: bool; declared_monthly: decimal, from
//	             metadata.declared_monthly
//	risk         score: decimal, 0 to 100; rating: string; sanctions_flag, pep_flag: bool
//	session      device, ip, country: string, from event.data.session {device_id, ip, country}
//
// Customer and risk are as they were before the event. Text compares byte by byte, upper and
// lower case apart. Text that was not stated reads as "". An object has no value of its own: a
// condition names its fields.
//
// has(x) says whether a field was stated: false for empty text, and for all of transaction if
// the event has none. Of event.data, it says whether the object has the member.
//
// # Lists and rates
//
// Reference lists are named lists of countries or of keywords. An institution states its own, each
// statement a new version; two are shipped, as version 0, and stand until it states others under
// their names: fatf_black and fatf_grey, the jurisdictions subject to a call for action and those
// under increased monitoring as the FATF listed them on 24 October 2025.
//
//	transaction.counterparty.country in lists.fatf_grey
//	mentions(transaction.reference, lists.crypto)       // a keyword, as whole words in any case
//	customer.last("30d").country(lists.fatf_grey).sum() >= 5000
//	convert(transaction.amount, transaction.currency, "EUR") >= 10000
//
// A list that there is not is refused when the rule is made. Convert takes the newest reference
// rates that were stated for the day of the event or one up to 92 days before it, and that know
// both currencies; it rounds half to even to the minor unit of the currency it converts to. Without
// such rates the evaluation fails. A currency needs no rate to itself.
//
// Each decision names the versions of the lists and rates that its rules asked, in
// Monitored.References, by their digest. That of a list is the SHA-256, in lower-case hex, of the
// line whocomply/reference-list@v1, a line with its kind, and a line for each of its values in byte
// order. That of rates is of the line whocomply/reference-rates@v1, lines with the base and the
// date, and a line for each currency in byte order: the code, a space, the rate as it was stated.
//
// # Postings
//
// What a posting moves on a customer's account is an event of the type posting.recorded, with a
// transaction: the sum of its entries on the account in one direction, which is in or out from the
// customer's point of view. A reversal makes events of the type posting.reversed, which have no
// transaction, so that windows over transactions leave it out: event.data.transaction says what it
// took back. event.data.posting has posting_id, status, description and metadata.
//
// Postings are evaluated only if a rule in force looks at these types, and are in windows from then
// on. The movements of one posting are evaluated side by side: none is in another's window. A posting
// is evaluated once, when it is recorded: one that is pending counts from then on, as an attempt, also
// if it is voided. It occurred when it takes effect, or when it is recorded if that is before.
//
// # Windows
//
// A window is a part of the past of a subject: of the customer, of the account that the
// transaction names, of its counterparty (by account, else by name), or of the device of the
// session. It begins with one of the first two, goes on with any number of filters, and ends with
// a result. Lengths of time are written "90m", "24h" or "30d", up to "400d".
//
//	last("7d")               what happened in the 7 days up to the event, the event included
//	between("97d", "7d")     from 97 days to 7 days before the event, as a baseline
//
//	.direction("in") .channel(…) .method(…) .currency(…) .country(…)    of the counterparty
//	.type("session.opened")  events of a type; without it a window has all transactions
//	.place(…)                session.country
//	.at_least(n) .at_most(n) .below(n) .multiple_of(n)                  amounts
//	.same_account() .same_counterparty() .same_device()                 as the event at hand
//	.earlier()               leaves the event at hand out
//
//	.count() .sum() .avg() .min() .max() .stddev()
//	.customers() .accounts() .counterparties() .devices() .days()       how many different ones
//	.types() .channels() .methods() .currencies() .countries() .places()
//	.first_seen() .last_seen()                                          timestamps
//	.ratio_to(window)        sum per unit of time in relation to that of the other window
//
// Filters take a text or a list of texts, written out or computed: .currency(transaction.currency).
//
//	counterparty.last("24h").direction("out").customers() >= 5                      // many pay one
//	customer.last("400d").same_counterparty().earlier().count() == 0                // a new payee
//	customer.last("24h").direction("out").sum() >= 0.9 * customer.last("24h").direction("in").sum()
//
// A window slides: it holds what happened after its beginning and up to its end by occurred_at, to
// the nanosecond, among the events that were recorded before the one at hand. So it takes in an
// event that came late as soon as it came, and never one that happened later than the event at
// hand. Its value is what anybody computes who goes through the ledger up to there.
//
// Sums are exact. stddev (of the sample; 0 of fewer than two) and ratio_to are cut off after 6
// digits behind the point. Amounts of two currencies have no sum: the evaluation fails, unless
// the window names a currency. It fails too if the event does not name the subject, for avg, min,
// max, first_seen and last_seen of an empty window, and for a ratio to a sum of 0: guard them with
// has(…) && or count() > 0 &&.
//
// The past is kept in memory: 435 days behind the newest event of a subject and at most 131072
// events. A window that would reach further back fails. An event takes some 40 bytes, and 5 more for
// each of its subjects; a subject takes some 40 besides its name.
//
// # Numbers
//
// There is one kind of number: decimal, exact, of at most 19 digits. A number in a condition is
// what is written, so 0.1 + 0.2 == 0.3, and 1.0 equals 1.00; it has no exponent. So is a number
// in event.data. Sums, differences, products and remainders (%, with the sign of the dividend)
// are exact or fail; a quotient is rounded half to even at 19 digits. decimal("1.10") reads a
// number from text, such as an amount in event.data.
//
// Amounts are compared as numbers, whatever their currencies: 10000 IDR is not much. A rule with
// a threshold says which currency it means, as in transaction.currency == "EUR" && ….
//
// # Operators and functions
//
//	&& || ! ?: == != in [] .    and has, all, exists, exists_one, filter, map as in CEL
//	< <= > >= + -               on decimals, strings (no -), timestamps and durations
//	* / % -x                    on decimals
//	contains startsWith endsWith matches (RE2)    of strings, as in s.contains("x")
//	lower(s) size(s) decimal(s) timestamp(s) duration(s)
//	getFullYear getMonth (0 to 11) getDate getDayOfWeek (0 is Sunday) getHours getMinutes
//	                            of timestamps, in UTC, as in event.occurred_at.getHours()
//
// What is taken from event.data has its type only when it is evaluated. Values of different types
// are never equal, so 5 is not "5"; all else with values of different types is a failure. The
// members of an object are gone through in byte order of their names.
//
// # Failures
//
// A rule that admits an event and cannot be evaluated on it is reported in Monitored.Failed,
// which raises an alert, one for each version of a rule while it is open; it never passes in silence.
// It fails if it needs
//
//   - a field of transaction, and the event has none: guard it with has(transaction.amount) &&,
//     or admit only events that have one;
//   - a member that event.data does not have, or values whose types do not go together;
//   - to divide by zero, or a number of more than 19 digits;
//   - a text of the context of more than 4096 bytes;
//   - a reference rate that was not stated;
//   - more than it may cost.
//
// As in CEL, a failure that cannot change the answer is none: false && failure is false, and
// true || failure is true, on either side.
//
// # Cost
//
// An operation costs a unit, and one more for each ten bytes of text or item of a list that it
// makes or reads. A condition that could cost more than 50000 units, if no list or object in
// event.data had more than 50 items, is refused when it is made. An evaluation that comes to cost
// more than 50000 units is stopped and has failed; so have, unevaluated, the rules that remain
// once those before have cost 200000 on one event. Conditions that by their form cannot cost more
// than 1000 are not counted, but for their windows: 16 events of the past are a unit. A condition that
// is false by a comparison of a field with constants is not evaluated and costs nothing. A unit takes
// well below a microsecond.
package monitoring

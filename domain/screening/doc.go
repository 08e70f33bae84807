// Package screening keeps watchlists and looks for names on them.
//
// # Ledgers
//
// One State serves two kinds of ledger. In a tenant's ledger it holds the tenant's own entries
// (EntryAdded, EntryRemoved), the versions of shared lists its decisions rest on (Adopted), and
// the last screening of each customer (Completed). In the ledger "system" it holds the shared
// lists: each publication is its difference to the version before (Changed, in parts of at most
// 500 entries and 256 KiB) and then Published, which puts it in force. An interrupted publication
// has no effect. Content of earlier versions is had by folding the system ledger up to their
// Published.
//
// # Versions and digests
//
// A List is an immutable version of a list's content: its entries ordered by id, bytewise. Its
// digest is the SHA-256, in lower-case hex, of one line for each entry in that order: the entry's
// JSON in the canonical form of RFC 8785, and a line feed. Members without a value are left out.
// A file of these lines is what the format whocomply-ndjson reads, and sha256sum of it is the
// digest. The digest is always computed from the content that is searched, never copied from an
// event, so a Hit cannot name a version that was not looked at. A tenant's own entries form one
// List for each list name they carry; its version counts the changes to that list.
//
// # Matching
//
// Names are compared by package match, which reads any script and says how alike two names are: the
// similarity of a Hit, 0 to 100. 100 is the same words in the same order, "LAST, First" read as
// "First LAST"; another order or spelling is less. A weak alias, one that its list calls broad or
// unreliable, has 15 less and is marked. An entry gives at most one hit for each name looked for, by
// the best of its names.
//
// What else is known is evidence, 1 to 100, with 50 if nothing is: dates of birth (days, years,
// spans), gender, countries, kind of entity, and identifiers of a compatible type and country. It
// never changes the similarity. An identifier that is the same makes a hit whatever the names.
//
// Somebody who is typing a name is shown what has words that begin as typed, in any order, and then
// what is alike; see Lists.Typed. That records nothing, and no decision rests on it.
//
// A Policy says from which similarity a name is a hit, for each list and category, and below which
// evidence it is not: such a name is recorded as cleared, with its grounds, and raises nothing.
// The result names the matcher and the policy by version, and the lists by digest.
//
// # Batches
//
// A batch is names to be looked for that need not be those of customers. It is started with all its
// rows in one append; a row that cannot be looked for is refused by itself. What is found is recorded
// run of rows by run of rows, each with the lists it was looked for on, so that a batch that a process
// left is taken up at the first row that is not done. It raises no alerts.
//
//	screening.batch_started, .batch_rows … ──► .batch_advanced … ──► .batch_ended
//
// # Order
//
// Hits are ordered by falling similarity, falling evidence, list, entry id and the order of the
// input. A name that has no letter or digit in it cannot be looked for and gives no hit. What a row of
// a batch has met is ordered by falling evidence, then similarity.
package screening

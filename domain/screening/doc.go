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
// Names are compared in normal form, see Normalise, and meet in spite of the order of their
// words. The similarity of a Hit says how:
//
//	100  the same words in the same order
//	 95  the same words in another order
//	 85  a weak alias, the same words in the same order
//	 80  a weak alias, the same words in another order
//
// A weak alias is one that its list calls broad or unreliable. The name of a listed individual
// may be written "LAST, First"; it is read as "First LAST", and so is a name looked for when it
// is compared with one. An entry gives at most one hit for each name looked for, by the best of
// its names. Hits are ordered by falling similarity, list, entry id and the order of the input.
//
// A name that has no letter or digit in it cannot be looked for and gives no hit.
package screening

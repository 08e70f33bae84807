// Package chain is the proof of a ledger: how an event is written, hashed, linked, signed and exported, and how an
// auditor checks all of that offline. It does no I/O, knows no clock, and imports only the standard library and
// golang.org/x/mod/sumdb, so that an auditor can read all there is to read. This comment is the specification; the
// example of the package runs through it with real bytes.
//
// # Event text
//
// An event is a text of two lines, each with a newline at its end:
//
//	whocomply/event@v1
//	{"actor":…,"cause":…,"commit":…,"enc":"none","id":…,"ledger":…,"len":…,"prev":…,"schema":…,"seq":…,"subject":…,"time":…,"type":…}
//
// The second line is a [Header] as RFC 8785 canonical JSON: these 13 members, always all of them, in this order,
// without spaces. Integers are len, schema and seq, below 2^53; all else are strings, of at most 1024 bytes each:
//
//	actor    who caused the event: an id, never a name
//	cause    id of the event or command that led to it, or empty
//	commit   base64 of the commitment to the payload
//	enc      how the payload is stored: "none", as it was committed to
//	id       ULID of the event
//	ledger   "<origin>/<tenant>"
//	len      length of the payload in bytes
//	prev     base64 of the leaf hash of the event before; of 32 zero bytes for the first
//	schema   version of the payload's schema, from 1
//	seq      position in the ledger, from 0 without gaps
//	subject  id of the entity the event is about, or empty
//	time     when the ledger recorded it: RFC 3339, UTC, six fractional digits, "Z"; it never goes back
//	type     name of the event's type
//
// Base64 is that of RFC 4648 §4, padded, with unused bits zero. No other spelling of any of this is accepted: what is
// stored is hashed, never a re-encoding. The text holds no personal data.
//
// # Hashes
//
//	leaf        SHA-256(0x00 ‖ text), the leaf hash of RFC 6962
//	commitment  HMAC-SHA-256(key = salt, message = payload)
//
// One hash serves both the chain, as prev, and the Merkle tree, as leaf. The salt is 32 random bytes that are stored
// with the payload, so a text can be shown to an outsider, who cannot even guess at the payload; a payload can be
// disclosed alone; and both can be erased without breaking the chain.
//
// # Signatures
//
// Every event is stored as a C2SP signed note (https://c2sp.org/signed-note): the text, an empty line, and one or more
// lines
//
//	— <ledger> <base64(key id ‖ Ed25519 signature of the text)>
//
// with the ledger's name as the name of the key. The key id is the start of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), so one
// key has another id in each ledger. The first event of a ledger is of type [TypeOpened]; its payload lists the keys
// that sign the ledger. An event of type [TypeRotated] puts others in their place: its payload lists them, and it is
// signed by a key of before and by every new one. From the next event on, and for checkpoints that cover the rotation,
// the new keys alone count. A record with a line by any other key, or with two by one key, is bad: so no byte of a
// record goes unchecked.
//
// # Tree
//
// The event texts are the entries of an RFC 6962 Merkle tree. A [Checkpoint] of it is a C2SP tlog-checkpoint whose
// origin is the ledger's name; tiles and entry bundles are C2SP tlog-tiles; a [Proof] is a C2SP tlog-proof. Tools of
// others can therefore follow a ledger.
//
// # Bundle
//
// A bundle is a folder with one ledger up to a checkpoint. Numbers N are written in groups of three digits, as in
// tlog-tiles: 000, 001, … 999, x001/000.
//
//	events/<N>     the signed notes of events 256·N to 256·N+255, one directly after the other
//	payloads/<N>   a line for each: base64 of the salt, a space, the payload
//	tile/<L>/<N>   the hash tiles of the tree, with .p/<W> for those at its edge
//	checkpoint     the signed checkpoint, with signatures of the ledger's keys alone
//	keys           the verifier keys that the first event lists, in its order, one a line
//	README.txt     how to verify; not verified itself
//
// All files but the last of events and payloads are full. A note begins where a line is [Magic], which no other line
// can be. So every byte of events and payloads, newlines too, belongs to one event, which is the one an [Auditor]
// names when the byte is changed. A changed hash in a tile is named by the first event it covers; a change in keys or
// checkpoint, or a file too many, concerns no event. Where faults are several, the event with the lowest seq is named,
// and one that concerns an event goes before those that do not.
//
// # What an audit shows
//
// An intact ledger was signed, as it is, by the keys that its first event and its rotations list. Whether those are the operator's keys,
// and whether events were cut from the end or another history was shown to somebody else, a bundle alone cannot tell:
// that takes a key and a checkpoint from elsewhere, which [Auditor] takes as Keys and Trusted.
package chain

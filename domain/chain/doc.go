// Package chain is the ledger's proof: how an event is hashed, linked, signed and exported, and how an auditor checks
// all of that offline. It does no I/O and imports only the standard library and golang.org/x/mod/sumdb.
package chain

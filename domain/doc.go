// Package domain is the vocabulary of WhoComply and the map of the house.
//
// Every fact and every decision is one immutable, hash-chained, Ed25519-signed event in its
// tenant's ledger. All else is a projection of the ledgers that can be thrown away and rebuilt.
//
//	domain              events, envelopes, ids, money, countries, errors, what writes itself as JSON: the words all rooms share
//	domain/chain        the record, its hash and signature, the Merkle tree, checkpoints, bundles
//	domain/customer     profiles as the institution states them
//	domain/activity     transaction and onboarding events, each with the decision made on it
//	domain/intake       bulk loads: which files were taken in, and with what outcome
//	…/activity/iso20022 the credit transfers of payment messages
//	domain/posting      accounts and double-entry postings
//	…/posting/journal   the books for other tools: hledger, beancount
//	domain/monitoring   rules (CEL), windows over the past, typologies, backtests
//	domain/screening    watchlists and the search for names on them
//	…/screening/match   how alike two names are, in any script
//	…/screening/lists   the files that watchlists are published in
//	domain/risk         the composite risk rating
//	domain/casework     alerts
//	domain/access       ledgers, tenants and API keys
//	domain/webhook      who is told of which events, and what is sent: bodies, signatures, retries
//	domain/ledger       a tenant's whole state: its areas, and how they answer each other's events
//	eventstore          the durable ledgers, the permanent index of callers' ids, and the writer
//	projections         read models: one file per question they answer
//	http                the REST API
//	http/client         the same, for Go programs
//	http/docs           the API's description as a page
//	cmd/whocomply       the program: wiring and commands
//	cmd/ledger-verify   the auditor's verifier: reads a bundle, trusts nobody
//
// # Areas
//
// Each area has its events (events.go), its state folded from them (state.go), and its decisions
// (decide.go). A decision is pure: it takes the state and a command, and gives events or an
// error; time and ids arrive inside the command. Repeating a command gives no new event. A state
// is changed by Evolve alone, and folding the same envelopes twice gives the same state.
//
//	type State struct{ … }                                   // values in it are never changed, only replaced
//	func New() *State
//	func (s *State) Evolve(e *domain.Envelope)               // ignores events of other areas
//	func (s *State) Decide…(m domain.Meta, c Command) ([]domain.Event, error)
//
// Areas do not know each other. What one must know of another arrives in its commands as a value
// of this package; domain/ledger carries it across.
//
// # Events are storage format
//
// A Kind's name and version are written to disk and never derived from Go names. A new version
// takes a new number and an upcaster from the one before; testdata/events keeps a golden file of
// every version there has ever been.
package domain

// Package intake keeps the bulk loads: which file of customers, events or postings was taken in, how
// far, and with what outcome.
//
// # An import
//
// An import is a file of one kind, a thing a line. It is known by the digest of the file: taking in
// the same file again goes on where it was left off, and gives the first outcome once that is
// complete. A complete import that rejected lines is the exception: the same file is a new import, for
// what was missing may be there by now.
//
//	import.started ──► import.advanced … ──► import.finished
//
// The file is taken in by pieces, a run of lines each. What the lines said is recorded first, piece by
// piece, and then that the piece is done; a crash in between has the piece done again, and each of its
// lines is known by its own id. An import with more than MaxRejected rejected lines ends there: it is
// not the file that somebody meant.
//
// Events of an import hold counts, the digest and, for rejected lines, the words in which the API
// refuses them: they name a field and never quote a whole line.
package intake

import "whocomply/domain"

// The kinds of imports.
const (
	OfCustomers = "customers"
	OfEvents    = "events"
	OfPostings  = "postings"
)

// Kinds lists the kinds of imports.
func Kinds() []string { return []string{OfCustomers, OfEvents, OfPostings} }

// Started says that a file is being taken in.
type Started struct {
	ImportID string `json:"import_id"` // imp_…
	What     string `json:"kind"`
	Digest   string `json:"digest"` // SHA-256 of the file, lower-case hex
	Bytes    int64  `json:"bytes"`
}

// Kind is import.started.
func (Started) Kind() domain.Kind { return domain.Kind{Name: "import.started", Version: 1} }

// Subject is the import.
func (e Started) Subject() string { return e.ImportID }

// Rejected is a line that was not taken, and why.
type Rejected struct {
	Line   int64  `json:"line"` // from 1
	Field  string `json:"field,omitempty"`
	Reason string `json:"reason"`
}

// Advanced says that a run of lines is done.
type Advanced struct {
	ImportID string     `json:"import_id"`
	First    int64      `json:"first"` // line, from 1
	Lines    int64      `json:"lines"`
	Recorded int64      `json:"recorded"` // new, or changed something
	Repeated int64      `json:"repeated"` // were there before
	Rejected []Rejected `json:"rejected"`
}

// Kind is import.advanced.
func (Advanced) Kind() domain.Kind { return domain.Kind{Name: "import.advanced", Version: 1} }

// Subject is the import.
func (e Advanced) Subject() string { return e.ImportID }

// Finished says how an import ended.
type Finished struct {
	ImportID string `json:"import_id"`
	What     string `json:"kind"`
	Digest   string `json:"digest"`
	Status   string `json:"status"` // complete or stopped
	Lines    int64  `json:"lines"`
	Recorded int64  `json:"recorded"`
	Repeated int64  `json:"repeated"`
	Rejected int64  `json:"rejected"`
}

// Kind is import.finished.
func (Finished) Kind() domain.Kind { return domain.Kind{Name: "import.finished", Version: 1} }

// Subject is the import.
func (e Finished) Subject() string { return e.ImportID }

// Events lists the events of this area.
func Events() []domain.Spec {
	return []domain.Spec{domain.Describe[Started](), domain.Describe[Advanced](), domain.Describe[Finished]()}
}

package ledger

import (
	"time"

	"whocomply/domain"
)

// Outcome is what became of a command, once it is durable.
type Outcome struct {
	Reply   any     // of the type the command states; nil for a repetition
	Repeat  bool    // the command was carried out before: Receipt is of that first time
	Changed bool    // the command has made events
	Receipt Receipt // of the command's first event; if there was nothing to do, of the record that made it so
	Last    int64   // position up to which a read model must be to show the command's effect
}

// Placed is a reply about something that a record before has made what it is. Without new events
// the receipt is of that record; of a reply that is not Placed it is of the ledger's last.
type Placed interface {
	Position() int64
}

// Receipt names a record of the ledger. Whoever holds it can ask for the proof that the record
// is in the ledger.
type Receipt struct {
	Ledger     string    `json:"ledger"` // "<origin>/<slug>"
	Seq        int64     `json:"seq"`
	Hash       string    `json:"hash"` // leaf hash, padded base64
	RecordedAt time.Time `json:"recorded_at"`
}

// WriteMember writes r as a member.
func (r *Receipt) WriteMember(w *domain.Writer, name string) {
	w.Open(name)
	w.Text("ledger", r.Ledger)
	w.Int("seq", r.Seq)
	w.Text("hash", r.Hash)
	w.Time("recorded_at", r.RecordedAt)
	w.Close()
}

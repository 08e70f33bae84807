package chain

import "fmt"

// Verdict is what an audit comes to.
type Verdict string

// The verdicts, and the exit codes of the verifier commands.
const (
	Intact     Verdict = "intact"     // 0: every check passed.
	Tampered   Verdict = "tampered"   // 1: a check failed; the report says which and where.
	Unreadable Verdict = "unreadable" // 2: there is no ledger to judge, or it cannot be read.
	Behind     Verdict = "behind"     // 3: what is there is intact, but the trusted checkpoint knows of more.
)

// ExitCode returns the exit code that a verifier command gives for the verdict.
func (v Verdict) ExitCode() int {
	switch v {
	case Intact:
		return 0
	case Tampered:
		return 1
	case Behind:
		return 3
	default:
		return 2
	}
}

// Code names the check that failed. Codes are stable; sentences that explain them are not.
type Code string

// The checks of one event, in the order in which they are made.
const (
	CodeMissingFile  Code = "missing_file"       // The file of a bundle that holds the event is not there.
	CodeLayout       Code = "layout"             // A file of a bundle holds more events than it may.
	CodeNote         Code = "note"               // The record is not a signed note.
	CodeNotCanonical Code = "not_canonical"      // The event text is not the canonical encoding of a valid header.
	CodeSignatureKey Code = "signature_key"      // A signature is not by a key of the ledger.
	CodeSignature    Code = "signature"          // A signature does not verify.
	CodeGenesis      Code = "genesis"            // The first event does not open the ledger with valid keys.
	CodePinnedKey    Code = "pinned_key"         // Neither the first event nor a rotation lists the key that the auditor trusts.
	CodeRotation     Code = "key_rotation"       // A rotation of keys lists none, or is not signed by the old key and the new ones.
	CodeSeq          Code = "seq_gap"            // Another event stands where this seq should.
	CodeLedger       Code = "ledger"             // The event is of another ledger.
	CodePrev         Code = "prev_hash"          // The event does not follow the one before it.
	CodeTime         Code = "time_order"         // The event was recorded before the one before it.
	CodePayload      Code = "payload_commitment" // The payload is not the one that was signed for, or not there.
	CodeTile         Code = "tile"               // A hash tile does not agree with the events it covers.
)

// The checks of a ledger as a whole.
const (
	CodeUnknownFile Code = "unknown_file"      // A bundle holds a file that is no part of it.
	CodeKeys        Code = "keys"              // The keys of a bundle are not those of the first event.
	CodeCheckpoint  Code = "checkpoint"        // The checkpoint is malformed or not signed by the ledger's keys.
	CodeRoot        Code = "checkpoint_root"   // The checkpoint's root is not that of the events.
	CodeBeyond      Code = "beyond_checkpoint" // There are more events than the bundle's checkpoint covers.
	CodeMissingTail Code = "missing_tail"      // There are fewer events than the bundle's checkpoint covers.
	CodeTrusted     Code = "trusted_key"       // The trusted checkpoint is not signed by the ledger's keys.
	CodeForked      Code = "forked"            // The trusted checkpoint has another root at its size.
	CodeStale       Code = "stale"             // The trusted checkpoint is of a later state.
	CodeStore       Code = "store"             // The store of a live ledger lost, hid or overwrote the event.
	CodeUnreadable  Code = "unreadable"        // There is no ledger to judge, or it cannot be read.
)

// Report is the result of an audit. Its JSON form is that of the verifier commands.
type Report struct {
	Verdict     Verdict `json:"verdict"`
	Ledger      string  `json:"ledger"`
	Size        int64   `json:"size"` // Events found intact, counted from seq 0.
	Root        Hash    `json:"root"` // Root of the tree over these.
	FirstBadSeq *int64  `json:"first_bad_seq"`
	Reason      Code    `json:"reason"` // Empty if intact.
	Detail      string  `json:"detail"` // A sentence on the reason.
	Signatures  int64   `json:"signatures_checked"`
}

// fault is a failed check.
type fault struct {
	seq    int64 // The event it concerns, or noSeq.
	code   Code
	detail string
}

const noSeq = -1

// Error makes a fault fit to be yielded by a sequence of records.
func (f *fault) Error() string { return fmt.Sprintf("chain: seq %d: %s: %s", f.seq, f.code, f.detail) }

// first returns the fault with the lower seq; one without a seq gives way. Either may be nil.
func first(f, g *fault) *fault {
	switch {
	case f == nil:
		return g
	case g == nil, g.seq == noSeq:
		return f
	case f.seq == noSeq || g.seq < f.seq:
		return g
	}
	return f
}

// judge sets the verdict by a fault.
func (r *Report) judge(verdict Verdict, f *fault) {
	r.Verdict, r.FirstBadSeq, r.Reason, r.Detail = verdict, nil, f.code, f.detail
	if f.seq != noSeq {
		r.FirstBadSeq = &f.seq
	}
}

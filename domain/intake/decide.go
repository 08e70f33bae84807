package intake

import (
	"strings"

	"whocomply/domain"
)

// MaxRejected is how many rejected lines an import may have before it is stopped.
const MaxRejected = 10_000

// Bounds of what is told of a rejected line, in bytes.
const (
	maxField  = 128
	maxReason = 256
)

// Start is the wish to take in a file.
type Start struct {
	Kind   string
	Digest string // SHA-256 of the file, lower-case hex
	Bytes  int64
}

// Advance says that a run of lines is done.
type Advance Advanced

// Finish says that the file is at its end.
type Finish struct {
	ImportID string
	Lines    int64 // of the whole file
}

// DecideStart gives Started, and nothing where Of gives an import of the same file to go on with, or
// a complete one without rejected lines.
func (s *State) DecideStart(m domain.Meta, cmd Start) ([]domain.Event, error) {
	if err := domain.CheckOneOf("kind", cmd.Kind, Kinds()...); err != nil {
		return nil, err
	}
	if len(cmd.Digest) != 64 || strings.Trim(cmd.Digest, "0123456789abcdef") != "" {
		return nil, domain.InvalidField("digest", "must be a SHA-256 in lower-case hex")
	}
	if cmd.Bytes <= 0 {
		return nil, domain.InvalidField("bytes", "must be more than 0")
	}
	if known := s.Of(cmd.Kind, cmd.Digest); known != nil && (known.Status == Running || known.Status == Complete && known.Rejected == 0) {
		return nil, nil
	}
	return []domain.Event{Started{ImportID: m.IDs.New("imp"), What: cmd.Kind, Digest: cmd.Digest, Bytes: cmd.Bytes}}, nil
}

// DecideAdvance gives Advanced, and Finished too if too many lines are rejected by now. A run that is
// done gives nothing: two who take in the same file at once advance it together.
func (s *State) DecideAdvance(cmd Advance) ([]domain.Event, error) {
	known := s.imports[cmd.ImportID]
	switch {
	case known == nil:
		return nil, errNoImport
	case known.Status != Running || cmd.First <= known.Lines:
		return nil, nil
	case cmd.First != known.Lines+1 || cmd.Lines <= 0 || cmd.Recorded+cmd.Repeated+int64(len(cmd.Rejected)) != cmd.Lines:
		return nil, domain.Errorf(domain.Conflict, "the import is done up to line %d; a run must follow it and account for all its lines", known.Lines)
	}
	for i := range cmd.Rejected {
		cmd.Rejected[i].Field = cut(cmd.Rejected[i].Field, maxField)
		cmd.Rejected[i].Reason = cut(cmd.Rejected[i].Reason, maxReason)
	}
	events := []domain.Event{Advanced(cmd)}
	if rejected := known.Rejected + int64(len(cmd.Rejected)); rejected > MaxRejected {
		events = append(events, Finished{
			ImportID: known.ID, What: known.Kind, Digest: known.Digest, Status: Stopped, Lines: known.Lines + cmd.Lines,
			Recorded: known.Recorded + cmd.Recorded, Repeated: known.Repeated + cmd.Repeated, Rejected: rejected,
		})
	}
	return events, nil
}

// cut gives the beginning of a text, without half a character at its end.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "")
}

// DecideFinish gives Finished, nothing for an import that is, and Conflict while lines are missing.
func (s *State) DecideFinish(cmd Finish) ([]domain.Event, error) {
	known := s.imports[cmd.ImportID]
	switch {
	case known == nil:
		return nil, errNoImport
	case known.Status != Running:
		return nil, nil
	case known.Lines != cmd.Lines:
		return nil, domain.Errorf(domain.Conflict, "the import is done up to line %d of %d", known.Lines, cmd.Lines)
	}
	return []domain.Event{Finished{
		ImportID: known.ID, What: known.Kind, Digest: known.Digest, Status: Complete, Lines: known.Lines,
		Recorded: known.Recorded, Repeated: known.Repeated, Rejected: known.Rejected,
	}}, nil
}

var errNoImport = domain.Errorf(domain.Unknown, "there is no import with this id")

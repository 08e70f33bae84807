package eventstore

import (
	"crypto/rand"
	"fmt"
	"slices"

	"whocomply/domain"
	"whocomply/domain/chain"
)

// codec writes envelopes as records and reads them back. A ledger's name in its records is
// "<origin>/<slug>".
type codec struct {
	catalog *domain.Catalog
	origin  string
}

// maxEvent is how large a payload may be to fit into one append together with its note.
const maxEvent = MaxBatchBytes - chain.MaxText - recordOverhead

func (c *codec) name(slug string) string { return c.origin + "/" + slug }

// encode gives the payload, the salt and the text of an event that follows the record with the leaf hash
// prev in the ledger with this full name. The signature is still to come: behind the text there is room for
// it. Payload and text stand in the arena, which it gives as it then is.
func (c *codec) encode(arena []byte, name string, e *domain.Envelope, prev chain.Hash, room int) (chain.Record, []byte, error) {
	start := len(arena)
	arena, err := c.catalog.Encode(arena, e.Event)
	payload := arena[start:len(arena):len(arena)]
	if err == nil {
		err = checkSize(payload)
	}
	if err != nil {
		return chain.Record{}, arena, err
	}
	r := chain.Record{Payload: payload}
	if _, err := rand.Read(r.Salt[:]); err != nil {
		return chain.Record{}, arena, err
	}
	kind := e.Event.Kind()
	h := chain.Header{
		Actor: e.Actor, Cause: e.Cause, Commit: chain.Commit(r.Salt, payload), Enc: chain.EncNone, ID: e.ID,
		Ledger: name, Len: int64(len(payload)), Prev: prev, Schema: kind.Version, Seq: e.Seq,
		Subject: e.Subject, Time: e.Time, Type: kind.Name,
	}
	if err := h.Check(); err != nil {
		return chain.Record{}, arena, err
	}
	start = len(arena)
	arena = slices.Grow(h.AppendText(arena), room)
	end := len(arena)
	arena = arena[:end+room]
	r.Note = arena[start : end : end+room]
	return r, arena, nil
}

// checkSize reports why a payload cannot be recorded.
func checkSize(payload []byte) error {
	if len(payload) > maxEvent {
		return domain.Errorf(domain.Invalid, "what would be recorded is larger than %d bytes", maxEvent)
	}
	return chain.CheckPayload(payload)
}

// decode reads a stored record. It checks the form, not the proof.
func (c *codec) decode(slug string, s Stored) (domain.Envelope, error) {
	text := s.Text()
	h, err := chain.ParseText(text)
	if err != nil {
		return domain.Envelope{}, fmt.Errorf("%w: ledger %s seq %d: %w", ErrDamaged, slug, s.Seq, err)
	}
	if h.Seq != s.Seq || h.Ledger != c.name(slug) {
		return domain.Envelope{}, fmt.Errorf("%w: ledger %s seq %d holds the record of ledger %s seq %d", ErrDamaged, slug, s.Seq, h.Ledger, h.Seq)
	}
	event, err := c.catalog.Decode(domain.Kind{Name: h.Type, Version: h.Schema}, s.Payload)
	if err != nil {
		return domain.Envelope{}, fmt.Errorf("ledger %s seq %d: %w", slug, s.Seq, err)
	}
	return domain.Envelope{
		Ledger: slug, Seq: h.Seq, Hash: chain.LeafHash(text), ID: h.ID, Time: h.Time,
		Actor: h.Actor, Cause: h.Cause, Subject: h.Subject, Event: event,
	}, nil
}

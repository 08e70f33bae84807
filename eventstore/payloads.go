package eventstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"

	"whocomply/domain"
)

// Payloads yields what the records of a ledger hold, from a position up to the durable end, for who
// goes through a long past and needs little of it: it parses and checks nothing else of a record. What
// it yields is overwritten by the next.
func (l *Ledgers) Payloads(ctx context.Context, slug string, from int64) iter.Seq2[domain.Payload, error] {
	return func(yield func(domain.Payload, error) bool) {
		last := kindReader{catalog: l.codec.catalog}
		for stored, err := range l.store.Read(ctx, slug, from) {
			var p domain.Payload
			if err == nil {
				if p, err = last.payload(stored); err != nil {
					err = fmt.Errorf("%w: ledger %s seq %d: %w", ErrDamaged, slug, stored.Seq, err)
				}
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// kindReader reads the kinds of records, one after the other. Most are of the kind of the one before, and
// say so at the same place.
type kindReader struct {
	catalog *domain.Catalog
	kind    domain.Kind
	current bool   // there is no later version of the kind
	schema  []byte // of a record's text: the member that names the version of the kind
	from    int    // where that begins
	name    []byte // the end of the text, which names the kind
}

func (k *kindReader) payload(s Stored) (domain.Payload, error) {
	_, text, _ := bytes.Cut(s.Note, []byte("\n"))
	if text, _, _ = bytes.Cut(text, []byte("\n")); k.current && k.again(text) {
		return domain.Payload{Seq: s.Seq, Kind: k.kind, Raw: s.Payload}, nil
	}
	k.current = false
	if err := k.read(text); err != nil {
		return domain.Payload{}, err
	}
	kind, payload, err := k.catalog.Upcast(k.kind, s.Payload)
	k.current = err == nil && kind == k.kind
	return domain.Payload{Seq: s.Seq, Kind: kind, Raw: payload}, err
}

// again reports whether a record's text names the last kind. No text within the line of JSON can hold what is
// compared: its quotes would be escaped.
func (k *kindReader) again(text []byte) bool {
	return k.from <= len(text) && bytes.HasPrefix(text[k.from:], k.schema) && bytes.HasSuffix(text, k.name)
}

var errNoKind = errors.New("the record's text names no kind")

// read finds the members schema and type of a record's text, whose line of JSON ends with the type, which
// has no comma.
func (k *kindReader) read(text []byte) (err error) {
	const schema = `,"schema":`
	line, ended := bytes.CutSuffix(text, []byte(`"}`))
	at := max(0, bytes.LastIndexByte(line, ','))
	name, named := bytes.CutPrefix(line[at:], []byte(`,"type":"`))
	if k.from = bytes.Index(line, []byte(schema)); !ended || !named || k.from < 0 {
		return errNoKind
	}
	digits, _, _ := bytes.Cut(line[k.from+len(schema):], []byte(","))
	if k.kind.Version, err = strconv.Atoi(string(digits)); err != nil {
		return err
	}
	k.kind.Name, k.name = string(name), bytes.Clone(text[at:])
	k.schema = bytes.Clone(text[k.from : k.from+len(schema)+len(digits)+1])
	return nil
}

package eventstore

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// namesStream lists the ledgers, one event each with the name as its data. The server's own list, $streams, exists only
// where system projections run, and a walk through $all takes as long as the whole log.
const namesStream = "ledgers"

// namesList is how errors call that stream.
const namesList = "(list of ledgers)"

const admins = "$admins"

// create writes what comes before a ledger's first record, each part once whoever else does it too: the access list,
// so that no one but an administrator can delete, truncate or open up the stream, and the name.
func (s *ESDB) create(ctx context.Context, ledger string, restricted bool) error {
	if s.known.is(s.known.created, ledger) {
		return nil
	}
	if !restricted {
		if err := s.restrict(ctx, streamOf(ledger)); err != nil {
			return err
		}
	}
	if !s.known.is(s.known.created, "") {
		if err := s.restrict(ctx, namesStream); err != nil {
			return err
		}
		s.known.mark(s.known.created, "")
	}
	name := esdb.EventData{EventID: eventID(nil, []byte(nameType+" "+ledger)), EventType: nameType, Data: []byte(ledger)}
	if _, err := s.lanes.do(ctx, func(ctx context.Context, c *esdb.Client) (*esdb.WriteResult, error) {
		return c.AppendToStream(ctx, namesStream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, name)
	}); err != nil {
		return damagedBy(err, namesList, 0)
	}
	s.known.mark(s.known.created, ledger)
	s.known.mark(s.known.checked, ledger)
	return nil
}

// restrict gives a stream its access list, unless it has metadata. By default every user may read, write, delete and
// truncate every stream.
func (s *ESDB) restrict(ctx context.Context, stream string) error {
	var acl esdb.Acl
	acl.AddDeleteRoles(admins)
	acl.AddMetaWriteRoles(admins)
	acl.AddReadRoles(admins)
	acl.AddWriteRoles(admins)
	acl.AddMetaReadRoles(admins)
	if s.user != "" {
		acl.AddReadRoles(s.user)
		acl.AddWriteRoles(s.user)
		acl.AddMetaReadRoles(s.user)
	}
	var metadata esdb.StreamMetadata
	metadata.SetAcl(acl)
	_, err := s.lanes.do(ctx, func(ctx context.Context, c *esdb.Client) (*esdb.WriteResult, error) {
		return c.SetStreamMetadata(ctx, stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}, metadata)
	})
	if errors.Is(err, errRevision) {
		return nil // It has some; another node was quicker, or it is long ago.
	}
	return err
}

// names lists the ledgers that were ever created, sorted. It reads only what is new since the last time.
func (s *ESDB) names(ctx context.Context) (names []string, err error) {
	err = s.settle(ctx, namesList, func(ctx context.Context) error {
		s.known.mu.Lock()
		names = slices.Clone(s.known.names)
		s.known.mu.Unlock()
		return s.readNames(ctx, &names)
	})
	if err != nil {
		return nil, err
	}
	s.known.mu.Lock()
	if len(names) > len(s.known.names) {
		s.known.names = slices.Clone(names)
	}
	s.known.mu.Unlock()
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return !ValidLedger(name) }), nil
}

// readNames appends to names what follows them.
func (s *ESDB) readNames(ctx context.Context, names *[]string) error {
	have := int64(len(*names))
	err := s.node.events(ctx, namesStream, have, math.MaxInt32, func(e *recorded) (bool, error) {
		if e.GetStreamRevision() != uint64(len(*names)) {
			return false, &DamageError{namesList, int64(len(*names)), "the list is truncated or has a gap"}
		}
		*names = append(*names, string(e.GetData()))
		return true, nil
	})
	switch {
	case errors.Is(err, errNoStream) && have > 0:
		return &DamageError{namesList, 0, "the list was deleted"}
	case errors.Is(err, errNoStream):
		return nil
	default:
		return damagedBy(err, namesList, 0)
	}
}

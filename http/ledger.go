package http

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"

	"whocomply/domain"
	"whocomply/domain/chain"
	"whocomply/projections"
)

func (s *Server) ledgerRoutes() []route {
	return []route{
		{"GET", tenants + "/ledger/checkpoint", "ledger:read", s.getCheckpoint},
		{"GET", tenants + "/ledger/events", "ledger:read", s.listRecords},
		{"GET", tenants + "/ledger/events/:id", "ledger:read", s.getRecord},
	}
}

// recordAnswer is a record of the ledger. The payload is a text, byte for byte what was committed
// to, so that whoever holds the answer can check it: HMAC-SHA-256 of payload under salt is the
// member commit of the note, and SHA-256 of a zero byte and the note's text is hash.
type recordAnswer struct {
	Seq     int64  `json:"seq"`
	Hash    string `json:"hash"` // leaf hash, padded base64
	Note    string `json:"note"` // C2SP signed note
	Salt    string `json:"salt"` // padded base64
	Payload string `json:"payload"`
}

func answerRecord(seq int64, r chain.Record) recordAnswer {
	hash := chain.LeafHash(r.Text())
	return recordAnswer{
		Seq: seq, Hash: base64.StdEncoding.EncodeToString(hash[:]), Note: string(r.Note),
		Salt: base64.StdEncoding.EncodeToString(r.Salt[:]), Payload: string(r.Payload),
	}
}

// getCheckpoint answers with the signed note itself, as C2SP tlog-tiles serves it.
func (s *Server) getCheckpoint(c *call) error {
	note, err := s.Ledgers.Checkpoint(c.Context(), c.caller.slug)
	if err != nil {
		return err
	}
	c.reply.Write(note)
	c.sendAs(http.StatusOK, typeText)
	return nil
}

func (s *Server) listRecords(c *call) error {
	values, err := c.query(nil, "from", "limit")
	if err != nil {
		return err
	}
	from, err := number(values, "from", 0, 0, maxSeq)
	if err != nil {
		return err
	}
	limit, err := number(values, "limit", defaultLimit, 1, maxLimit)
	if err != nil {
		return err
	}
	size, err := c.ledgerSize(values)
	if err != nil {
		return err
	}
	records, err := s.Ledgers.Read(c.Context(), c.caller.slug, from, int(limit))
	if err != nil {
		return err
	}
	data := make([]recordAnswer, len(records))
	for i, r := range records {
		data[i] = answerRecord(from+int64(i), r)
	}
	return c.page(data, projections.Page{Limit: int(limit), Offset: int(from)}, max(size, from+int64(len(data))))
}

func (s *Server) getRecord(c *call) error {
	values, err := c.query(nil)
	if err != nil {
		return err
	}
	id, err := c.param("id")
	if err != nil {
		return err
	}
	seq, err := strconv.ParseInt(id, 10, 64)
	if err != nil || seq < 0 {
		return errNoResource
	}
	if _, err := c.ledgerSize(values); err != nil {
		return err
	}
	records, err := s.Ledgers.Read(c.Context(), c.caller.slug, seq, 1)
	switch {
	case err != nil:
		return err
	case len(records) == 0:
		return domain.Errorf(domain.Unknown, "the ledger has no event %d", seq)
	}
	return c.ok(http.StatusOK, answerRecord(seq, records[0]))
}

// ledgerSize gives the number of records, of which there must be one at the position the caller
// asks for. There is nothing to wait for: a write answers once its records can be read here.
func (c *call) ledgerSize(values url.Values) (int64, error) {
	seq, err := c.minSeq(values)
	if err != nil {
		return 0, err
	}
	size, err := c.server.Ledgers.Size(c.Context(), c.caller.slug)
	if err != nil {
		return 0, err
	}
	c.at(size - 1)
	if seq >= size {
		return 0, domain.Errorf(domain.Unavailable, "the ledger ends at position %d, before %d; try again", size-1, seq)
	}
	return size, nil
}

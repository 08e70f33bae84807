package http

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"whocomply/domain"
	"whocomply/domain/chain"
	"whocomply/projections"
)

func (s *Server) ledgerRoutes() []route {
	return []route{
		{"GET", tenants + "/ledger/checkpoint", "ledger:read", s.getCheckpoint},
		{"GET", tenants + "/ledger/tile/:path", "ledger:read", s.getTile},
		{"GET", tenants + "/ledger/events", "ledger:read", s.listRecords},
		{"GET", tenants + "/ledger/events/:id", "ledger:read", s.getRecord},
		{"GET", tenants + "/ledger/events/:id/proof", "ledger:read", s.getProof},
		{"GET", tenants + "/ledger/events/:id/replay", "ledger:read", s.replayRecord},
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
	if _, err := c.query(nil); err != nil {
		return err
	}
	note, err := s.Ledgers.Checkpoint(c.Context(), c.caller.slug)
	if err != nil {
		return err
	}
	c.reply.Write(note)
	c.sendAs(http.StatusOK, typeText)
	return nil
}

// getTile answers with a hash tile or an entry bundle, at the path that C2SP tlog-tiles gives it.
func (s *Server) getTile(c *call) error {
	if _, err := c.query(nil); err != nil {
		return err
	}
	tile, err := chain.ParseTilePath("tile/" + c.echo.Param("path"))
	if err != nil {
		return errNoResource
	}
	data, err := s.Ledgers.Tile(c.Context(), c.caller.slug, tile)
	if err != nil {
		return err
	}
	c.reply.Write(data)
	c.sendAs(http.StatusOK, typeBytes)
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
	if len(data) > 0 {
		size = max(size, from+int64(len(data))) // it may have grown meanwhile
	}
	return c.page(data, projections.Page{Limit: int(limit), Offset: int(from)}, size)
}

func (s *Server) getRecord(c *call) error {
	seq, err := c.seq()
	if err != nil {
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

// proofAnswer shows that an event is in the ledger, by an audit path (RFC 6962, 2.1.1) from its leaf
// hash to the root that the checkpoint states.
type proofAnswer struct {
	Seq        int64    `json:"seq"`
	Hash       string   `json:"hash"` // leaf hash, padded base64
	Note       string   `json:"note"` // C2SP signed note of the event
	Size       int64    `json:"size"` // of the tree
	Root       string   `json:"root"`
	Path       []string `json:"path"`
	Checkpoint string   `json:"checkpoint"` // C2SP tlog-checkpoint, signed
	Proof      string   `json:"proof"`      // all of it as C2SP tlog-proof
}

// getProof answers with a C2SP tlog-proof to whoever accepts text/plain, and with the same in
// pieces to others.
func (s *Server) getProof(c *call) error {
	seq, err := c.seq()
	if err != nil {
		return err
	}
	proof, err := s.Ledgers.Prove(c.Context(), c.caller.slug, seq)
	if err != nil {
		return err
	}
	text := proof.Format()
	if strings.HasPrefix(c.Header.Get("Accept"), "text/plain") {
		c.reply.Write(text)
		c.sendAs(http.StatusOK, typeText)
		return nil
	}
	stated, err := chain.ParseCheckpoint(chain.Record{Note: proof.Checkpoint}.Text())
	if err != nil {
		return err
	}
	leaf := chain.LeafHash(chain.Record{Note: proof.Extra}.Text())
	answer := proofAnswer{
		Seq: seq, Hash: leaf.String(), Note: string(proof.Extra), Size: stated.Size, Root: stated.Root.String(),
		Path: make([]string, len(proof.Path)), Checkpoint: string(proof.Checkpoint), Proof: string(text),
	}
	for i, h := range proof.Path {
		answer.Path[i] = h.String()
	}
	return c.ok(http.StatusOK, answer)
}

// seq gives the position of the ledger in the path, once the ledger is where the caller wants it.
func (c *call) seq() (int64, error) {
	values, err := c.query(nil)
	if err != nil {
		return 0, err
	}
	id, err := c.param("id")
	if err != nil {
		return 0, err
	}
	seq, err := strconv.ParseInt(id, 10, 64)
	if err != nil || seq < 0 || strconv.FormatInt(seq, 10) != id {
		return 0, errNoResource
	}
	_, err = c.ledgerSize(values)
	return seq, err
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

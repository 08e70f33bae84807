package http

import (
	"context"
	"encoding/csv"
	"mime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
	"whocomply/projections"
)

func (s *Server) nameBatchRoutes() []route {
	return []route{
		{"POST", tenants + "/screening/batches", "watchlists:write", s.startBatch},
		{"GET", tenants + "/screening/batches", "watchlists:read", s.listBatches},
		{"GET", tenants + "/screening/batches/:id", "watchlists:read", s.getBatch},
		{"POST", tenants + "/screening/batches/:id/cancel", "watchlists:write", s.cancelBatch},
		{"GET", tenants + "/screening/batches/:id/results", "watchlists:read", s.listBatchResults},
		{"GET", tenants + "/screening/batches/:id/results.csv", "watchlists:read", s.exportBatchResults},
	}
}

// nameBatchRequest are names to be looked for. Each row is read by itself, so that what is wrong with
// one does not hold up the others.
type nameBatchRequest struct {
	Description string           `json:"description"`
	Rows        []jsontext.Value `json:"rows"`
}

// nameRow is a row: a name to be looked for, and what is known of who has it.
type nameRow struct {
	Ref         string                 `json:"ref"`
	Name        string                 `json:"name"`
	Aliases     []string               `json:"aliases"`
	EntityType  string                 `json:"entity_type"`
	DateOfBirth string                 `json:"date_of_birth"`
	Gender      string                 `json:"gender"`
	Countries   []string               `json:"countries"`
	Identifiers []screening.Identifier `json:"identifiers"`
}

func (r *nameRow) row() screening.BatchRow {
	return screening.BatchRow{
		Ref: r.Ref, Name: r.Name, Aliases: r.Aliases, EntityType: r.EntityType, DateOfBirth: r.DateOfBirth, Gender: r.Gender,
		Countries: r.Countries, Identifiers: r.Identifiers,
	}
}

// nameBatchAnswer is a batch as it began. How far it has come is told by a read.
type nameBatchAnswer struct {
	ID          string                 `json:"id"`
	Description string                 `json:"description"`
	Rows        int                    `json:"rows"`
	Refused     int                    `json:"refused"`
	Errors      []screening.RefusedRow `json:"errors"` // of the rows that are refused, the first 100
	StartedAt   time.Time              `json:"started_at"`
	Receipt     ledger.Receipt         `json:"receipt"`
}

// maxRowErrors is how many rows that are refused the answer names; the results have them all.
const maxRowErrors = 100

// startBatch has the names of a JSON body or of a CSV file looked for, in the background.
func (s *Server) startBatch(c *call) error {
	cmd, err := c.nameBatch()
	if err != nil {
		return err
	}
	if cmd.Idem, err = c.idempotency("screening.batches", cmd); err != nil {
		return err
	}
	batch, err := screening.NewBatch(cmd)
	if err != nil {
		return err
	}
	outcome, err := c.execute(ledger.StartBatch(batch))
	if err != nil {
		return err
	}
	answer := nameBatchAnswer{Rows: len(cmd.Rows), Errors: []screening.RefusedRow{}, Description: cmd.Description, Receipt: outcome.Receipt}
	refused := batch.Refused()
	answer.Refused, answer.Errors = len(refused), append(answer.Errors, refused[:min(maxRowErrors, len(refused))]...)
	if begun, fresh := outcome.Reply.(*screening.BatchStanding); fresh {
		answer.ID, answer.StartedAt = begun.ID, begun.StartedAt
		return c.wrote(true, outcome, answer)
	}
	first, err := c.find(cmd.Idem.Key)
	if err != nil {
		return err
	}
	answer.ID, answer.StartedAt = first.Event.(screening.BatchStarted).BatchID, first.Time
	return c.wrote(false, outcome, answer)
}

// nameBatch reads the body, whichever of the two it is.
func (c *call) nameBatch() (cmd screening.StartBatch, err error) {
	var by struct {
		Description string `query:"description"`
	}
	if _, err := c.query(&by); err != nil {
		return cmd, err
	}
	if media, _, err := mime.ParseMediaType(c.Header.Get("Content-Type")); err == nil && media == "text/csv" {
		text, err := c.readAll("a CSV file")
		if err != nil {
			return cmd, err
		}
		cmd.Description = by.Description
		cmd.Rows, err = readNameSheet(text)
		return cmd, err
	}
	var in nameBatchRequest
	if err := c.decode(&in); err != nil {
		return cmd, err
	}
	if by.Description != "" {
		return cmd, domain.InvalidField("description", "is a member of the body")
	}
	cmd.Description = in.Description
	for _, raw := range in.Rows {
		cmd.Rows = append(cmd.Rows, readNameRow(raw))
	}
	return cmd, nil
}

// readNameRow reads a row of a JSON body; one that cannot be read is refused.
func readNameRow(raw jsontext.Value) screening.BatchRow {
	var row nameRow
	if raw.Kind() != '{' {
		return screening.BatchRow{Refused: &screening.RowRefusal{Reason: "must be an object"}}
	}
	if err := json.Unmarshal(raw, &row, strict); err != nil {
		return screening.BatchRow{Ref: row.Ref, Refused: screening.Refusal(domain.Malformed(err))}
	}
	return row.row()
}

func (s *Server) listBatches(c *call) error {
	var filter struct {
		Status string `query:"status" validate:"omitempty,oneof=running completed cancelled"`
	}
	return list(c, projections.Batches, &filter, func(ctx context.Context, p projections.Page) ([]projections.ScreeningBatch, int64, error) {
		return s.Models.ScreeningBatches(ctx, c.caller.slug, filter.Status, p)
	})
}

func (s *Server) getBatch(c *call) error {
	return one(c, projections.Batches, s.Models.ScreeningBatch)
}

// rowFilter narrows the rows of a batch.
type rowFilter struct {
	Status string `query:"status" validate:"omitempty,oneof=waiting hit no_hit refused"`
}

func (s *Server) listBatchResults(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	var filter rowFilter
	return list(c, projections.Batches, &filter, func(ctx context.Context, p projections.Page) ([]projections.BatchResult, int64, error) {
		return s.Models.BatchResults(ctx, c.caller.slug, id, filter.Status, p)
	})
}

// batchStopped says what a batch came to.
type batchStopped struct {
	ID      string         `json:"id"`
	Status  string         `json:"status"` // cancelled, or completed if it was
	Receipt ledger.Receipt `json:"receipt"`
}

func (s *Server) cancelBatch(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	var in reasonRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	idem, err := c.idempotency("screening.batches.cancel", struct{ ID, Body any }{id, in})
	if err != nil {
		return err
	}
	outcome, err := c.execute(ledger.CancelBatch(screening.CancelBatch{ID: id, Reason: in.Reason, Idem: idem}))
	if err != nil {
		return err
	}
	answer := batchStopped{ID: id, Receipt: outcome.Receipt}
	err = c.view(func(s *ledger.State) error { answer.Status = s.Screening.BatchOutcome(id); return nil })
	if err != nil {
		return err
	}
	return c.wrote(false, outcome, answer)
}

// exportPage is how many rows are read at once for a file.
const exportPage = 500

// exportBatchResults answers with a CSV file of the rows of a batch that has ended, the strongest hits
// first: a line for each hit, and one for a row without any. It is written while it is read.
func (s *Server) exportBatchResults(c *call) error {
	var filter rowFilter
	values, err := c.query(&filter)
	if err != nil {
		return err
	}
	if err := c.await(values, projections.Batches); err != nil {
		return err
	}
	id, err := c.param("id")
	if err != nil {
		return err
	}
	batch, err := s.Models.ScreeningBatch(c.Context(), c.caller.slug, id)
	if err != nil {
		return err
	}
	if batch.EndedAt.IsZero() { // rows would change their places from page to page
		return domain.Errorf(domain.Conflict, "the batch is running; there is a file of its results once it has ended")
	}
	out := &stream{call: c, mediaType: typeCSV}
	return out.end(s.writeResults(c, csv.NewWriter(out), id, filter.Status))
}

func (s *Server) writeResults(c *call, sheet *csv.Writer, id, status string) error {
	if err := sheet.Write(resultColumns); err != nil {
		return err
	}
	for page := (projections.Page{Limit: exportPage}); ; page.Offset += exportPage {
		rows, _, err := s.Models.BatchResults(c.Context(), c.caller.slug, id, status, page)
		if err != nil {
			return err
		}
		for i := range rows {
			for _, line := range resultLines(&rows[i]) {
				if err := sheet.Write(line); err != nil {
					return err
				}
			}
		}
		if len(rows) < exportPage {
			sheet.Flush()
			return sheet.Error()
		}
	}
}

var resultColumns = []string{"index", "ref", "status", "name", "category", "list", "entry_id", "listed_name", "similarity", "evidence", "explanation", "grounds", "error"}

// resultLines writes a row: a line for each hit.
func resultLines(r *projections.BatchResult) (lines [][]string) {
	head := []string{strconv.Itoa(r.Index), cell(r.Row.Ref), r.Status, cell(r.Row.Name)}
	if len(r.Hits) == 0 {
		line := append(head, make([]string, len(resultColumns)-len(head))...)
		if r.Error != nil {
			line[len(line)-1] = cell(r.Error.Reason)
		}
		return [][]string{line}
	}
	for i := range r.Hits {
		h := &r.Hits[i]
		lines = append(lines, append(slices.Clip(head), h.Category, h.List.List, cell(h.EntryID), cell(h.Name),
			strconv.Itoa(h.Similarity), strconv.Itoa(h.Evidence), cell(h.Explained), cell(strings.Join(h.Grounds, "; ")), ""))
	}
	return lines
}

// cell keeps a spreadsheet from taking a text for a formula.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

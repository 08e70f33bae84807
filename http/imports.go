package http

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"slices"
	"time"

	"whocomply/domain"
	"whocomply/domain/intake"
	"whocomply/domain/ledger"
	"whocomply/projections"
)

// An import needs the scopes of what is imported: any of them opens the door, and the kind decides.
const (
	importWrite = "customers:write events:write postings:write"
	importRead  = "customers:read events:read postings:read"
)

func (s *Server) importRoutes() []route {
	return []route{
		{"POST", tenants + "/imports", importWrite, s.postImport},
		{"GET", tenants + "/imports", importRead, s.listImports},
		{"GET", tenants + "/imports/:id", importRead, s.getImport},
		{"GET", tenants + "/imports/:id/rejects", importRead, s.listRejects},
	}
}

const (
	maxImport     = 16 << 20         // bytes of a body
	importTimeout = 15 * time.Minute // for the whole request
)

// importAnswer is an import as far as it has come.
type importAnswer struct {
	ID         string          `json:"id"`
	Kind       string          `json:"kind"`
	Status     string          `json:"status"` // running, complete or stopped
	Digest     string          `json:"digest"` // SHA-256 of the file
	Bytes      int64           `json:"bytes"`
	Lines      int64           `json:"lines"` // done
	Recorded   int64           `json:"recorded"`
	Repeated   int64           `json:"repeated"`
	Rejected   int64           `json:"rejected"`
	StartedAt  time.Time       `json:"started_at"`
	FinishedAt time.Time       `json:"finished_at,omitzero"`
	Receipt    *ledger.Receipt `json:"receipt,omitempty"` // of a write: the record of the outcome
}

func answerImport(i *intake.Import) importAnswer {
	return importAnswer{
		ID: i.ID, Kind: i.Kind, Status: i.Status, Digest: i.Digest, Bytes: i.Bytes, Lines: i.Lines,
		Recorded: i.Recorded, Repeated: i.Repeated, Rejected: i.Rejected, StartedAt: i.StartedAt, FinishedAt: i.FinishedAt,
	}
}

// postImport takes in a file and answers when it is at its end. The file is kept aside first, so that
// it is known by its digest before anything is recorded.
func (s *Server) postImport(c *call) error {
	kind, err := c.importKind()
	if err != nil {
		return err
	}
	if media, _, err := mime.ParseMediaType(c.Header.Get("Content-Type")); err != nil || media != "application/x-ndjson" {
		return domain.Errorf(unsupportedMedia, "the body must be sent with Content-Type: application/x-ndjson")
	}
	if err := c.takeTime(importTimeout); err != nil {
		return err
	}
	file, start, err := c.spool()
	if err != nil {
		return err
	}
	defer file.Close()
	start.Kind = kind
	into := &Import{Ledgers: s.Ledgers, Slug: c.caller.slug, Actor: c.caller.actor, Names: c.caller.names}
	known, outcome, err := into.Start(c.Context(), start)
	if err != nil {
		return err
	}
	made := outcome.Changed
	if known.Status == intake.Running {
		if known, outcome, err = c.takeIn(into, known, file); err != nil {
			return err
		}
	}
	answer := answerImport(known)
	answer.Receipt = &outcome.Receipt
	return c.wrote(made, outcome, answer)
}

// takeIn takes in what is left of a file.
func (c *call) takeIn(into *Import, known *intake.Import, file io.Reader) (*intake.Import, ledger.Outcome, error) {
	line, done := int64(0), known.Lines
	for lines, err := range Runs(file) {
		if err != nil {
			return nil, ledger.Outcome{}, err
		}
		first := line + 1
		line += int64(len(lines))
		if line <= done {
			continue
		}
		if skip := done + 1 - first; skip > 0 {
			lines, first = lines[skip:], done+1
		}
		if known, err = into.Run(c.Context(), known, first, lines); err != nil {
			return nil, ledger.Outcome{}, err
		}
		if known.Status != intake.Running {
			break
		}
	}
	return into.Finish(c.Context(), known.ID, line)
}

// importKind reads the kind and holds it against the caller's scopes.
func (c *call) importKind() (string, error) {
	var in struct {
		Kind string `query:"kind"`
	}
	if _, err := c.query(&in); err != nil {
		return "", err
	}
	if err := domain.CheckOneOf("kind", in.Kind, intake.Kinds()...); err != nil {
		return "", err
	}
	return in.Kind, c.caller.need(in.Kind + ":write")
}

// takeTime gives the request more time than others have.
func (c *call) takeTime(d time.Duration) error {
	control, until := http.NewResponseController(c.echo.Response().Writer), time.Now().Add(d)
	for _, err := range []error{control.SetReadDeadline(until), control.SetWriteDeadline(until)} {
		if err != nil && !errors.Is(err, http.ErrNotSupported) {
			return err
		}
	}
	return nil
}

var errImportTooLarge = domain.Errorf(tooLarge, "the body is larger than %d bytes; send the file in parts, or with whocomply import", maxImport)

// spool writes the body to a file that nobody else can open and that ends with the request.
func (c *call) spool() (file *os.File, start intake.Start, err error) {
	if c.ContentLength > maxImport {
		return nil, start, errImportTooLarge
	}
	if file, err = os.CreateTemp("", "whocomply-import-"); err != nil {
		return nil, start, err
	}
	digest := sha256.New()
	start.Bytes, err = io.Copy(io.MultiWriter(file, digest), io.LimitReader(c.Body, maxImport+1))
	switch {
	case err != nil:
		err = domain.Errorf(domain.Invalid, "the body could not be read to its end")
	case start.Bytes > maxImport:
		err = errImportTooLarge
	case start.Bytes == 0:
		err = domain.Errorf(domain.Invalid, "the body is empty; it must hold a JSON object a line")
	}
	if removed := os.Remove(file.Name()); err == nil {
		err = removed
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, start, errors.Join(err, file.Close())
	}
	start.Digest = hex.EncodeToString(digest.Sum(nil))
	return file, start, nil
}

// imports gives the imports of the kinds that the caller may read, newest first. Like API keys they
// are few, and told by the ledger's state itself.
func (c *call) imports(values map[string][]string) (all []*intake.Import, err error) {
	if _, err := c.ledgerSize(values); err != nil {
		return nil, err
	}
	err = c.view(func(s *ledger.State) error {
		all = s.Imports.Imports()
		return nil
	})
	return slices.DeleteFunc(all, func(i *intake.Import) bool { return !c.caller.key.Allows(i.Kind + ":read") }), err
}

func (s *Server) listImports(c *call) error {
	var filter struct {
		Kind   string `query:"kind" validate:"omitempty,oneof=customers events postings"`
		Status string `query:"status" validate:"omitempty,oneof=running complete stopped"`
	}
	values, page, err := c.paging(&filter)
	if err != nil {
		return err
	}
	all, err := c.imports(values)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(i *intake.Import) bool {
		return filter.Kind != "" && i.Kind != filter.Kind || filter.Status != "" && i.Status != filter.Status
	})
	answers := []importAnswer{}
	for _, i := range part(all, page) {
		answers = append(answers, answerImport(i))
	}
	return c.page(answers, page, int64(len(all)))
}

func part[T any](all []T, p projections.Page) []T {
	from := min(p.Offset, len(all))
	return all[from:min(from+p.Limit, len(all))]
}

// importNamed gives the import in the path.
func (c *call) importNamed(values map[string][]string) (*intake.Import, error) {
	id, err := c.param("id")
	if err != nil {
		return nil, err
	}
	all, err := c.imports(values)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(i *intake.Import) bool { return i.ID == id })
	if at < 0 {
		return nil, domain.Errorf(domain.Unknown, "there is no import with this id")
	}
	return all[at], nil
}

func (s *Server) getImport(c *call) error {
	values, err := c.query(nil)
	if err != nil {
		return err
	}
	known, err := c.importNamed(values)
	if err != nil {
		return err
	}
	return c.ok(http.StatusOK, answerImport(known))
}

func (s *Server) listRejects(c *call) error {
	values, page, err := c.paging(nil)
	if err != nil {
		return err
	}
	known, err := c.importNamed(values)
	if err != nil {
		return err
	}
	into := &Import{Ledgers: s.Ledgers, Slug: c.caller.slug}
	rejects, err := into.Rejects(c.Context(), known, page)
	if err != nil {
		return err
	}
	return c.page(rejects, page, known.Rejected)
}

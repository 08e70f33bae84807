package http

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/ledger"
	"whocomply/projections"
)

// call is one request being answered. Calls are pooled: nothing may keep one, nor bytes of its
// buffers, after the answer.
type call struct {
	*http.Request
	server *Server
	echo   echo.Context
	id     string // of the request
	caller caller
	status int

	body  bytes.Buffer
	limit io.LimitedReader
	reply bytes.Buffer
}

// maxPooled is how large a buffer may be to be used again.
const maxPooled = 64 << 10

func (s *Server) acquire(ec echo.Context) *call {
	c := s.calls.Get().(*call)
	c.Request, c.echo = ec.Request(), ec
	c.id = s.requestID(c.Request)
	c.echo.Response().Header()["X-Request-Id"] = []string{c.id}
	return c
}

func (s *Server) release(c *call) {
	if c.body.Cap() > maxPooled || c.reply.Cap() > maxPooled {
		return
	}
	c.Request, c.echo, c.id, c.caller, c.status = nil, nil, "", caller{}, 0
	c.limit = io.LimitedReader{}
	c.body.Reset()
	c.reply.Reset()
	s.calls.Put(c)
}

// execute carries out a command on the caller's ledger.
func (c *call) execute(cmd ledger.Command) (ledger.Outcome, error) {
	return c.server.Ledgers.Execute(c.Context(), c.caller.slug, c.caller.actor, cmd)
}

// find gives the event bound to an idempotency key in the caller's ledger.
func (c *call) find(key string) (domain.Envelope, error) {
	return c.server.Ledgers.Find(c.Context(), c.caller.slug, key)
}

// view looks at the state of the caller's ledger.
func (c *call) view(look func(*ledger.State) error) error {
	return c.server.Ledgers.View(c.Context(), c.caller.slug, look)
}

// lastSeq is the position of the last event of the caller's ledger.
func (c *call) lastSeq() (seq int64, err error) {
	err = c.view(func(s *ledger.State) error {
		seq = s.Next() - 1
		return nil
	})
	return seq, err
}

// read takes in the whole body, which must be JSON.
func (c *call) read() ([]byte, error) {
	if sent := c.Header["Content-Type"]; len(sent) == 0 || !isJSON(sent[0], c.Method) {
		return nil, domain.Errorf(unsupportedMedia, "the body must be sent with Content-Type: application/json")
	}
	return c.readAll("a JSON object")
}

// readXML takes in the whole body, which must be XML.
func (c *call) readXML() ([]byte, error) {
	media, _, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if err != nil || media != "application/xml" && media != "text/xml" {
		return nil, domain.Errorf(unsupportedMedia, "the body must be sent with Content-Type: application/xml")
	}
	return c.readAll("an XML document")
}

func (c *call) readAll(what string) ([]byte, error) {
	if c.ContentLength > maxBody {
		return nil, errTooLarge
	}
	c.limit = io.LimitedReader{R: c.Body, N: maxBody + 1}
	if _, err := c.body.ReadFrom(&c.limit); err != nil {
		return nil, domain.Errorf(domain.Invalid, "the body could not be read to its end")
	}
	if c.body.Len() > maxBody {
		return nil, errTooLarge
	}
	if len(bytes.TrimSpace(c.body.Bytes())) == 0 {
		return nil, domain.Errorf(domain.Invalid, "the body is empty; it must be %s", what)
	}
	return c.body.Bytes(), nil
}

var errTooLarge = domain.Errorf(tooLarge, "the body is larger than %d bytes", maxBody)

// isJSON accepts JSON, and for PATCH also the media type of RFC 7396.
func isJSON(contentType, method string) bool {
	if contentType == "application/json" {
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" || method == http.MethodPatch && media == "application/merge-patch+json")
}

var strict = json.RejectUnknownMembers(true)

// decode reads the body into the wire type that v points at, or onto the one it holds.
func (c *call) decode(v any) error {
	raw, err := c.read()
	if err != nil {
		return err
	}
	if jsontext.Value(raw).Kind() == 'n' { // Unmarshal takes null for nothing stated
		return domain.Errorf(domain.Invalid, "the body must be a JSON object")
	}
	if err := json.Unmarshal(raw, v, strict); err != nil {
		return domain.Malformed(err)
	}
	return nil
}

// ok answers with data.
func (c *call) ok(status int, data any) error {
	if err := c.write(data); err != nil {
		return err
	}
	c.send(status)
	return nil
}

// okTagged answers with data that callers ask for again and again.
func (c *call) okTagged(data any) error {
	if err := c.write(data); err != nil {
		return err
	}
	c.tagged()
	return nil
}

func (c *call) write(data any) error {
	c.reply.WriteString(`{"status":"ok","data":`)
	if err := c.writeValue(data); err != nil {
		return err
	}
	c.reply.WriteString("}\n")
	return nil
}

func (c *call) writeValue(data any) error {
	written, ok := data.(domain.Written)
	if !ok {
		return json.MarshalWrite(&c.reply, data, json.Deterministic(true))
	}
	b, err := domain.AppendJSON(c.reply.AvailableBuffer(), written)
	c.reply.Write(b)
	return err
}

// raw answers as okTagged does, with data that is JSON already.
func (c *call) raw(data []byte) {
	c.reply.WriteString(`{"status":"ok","data":`)
	c.reply.Write(data)
	c.reply.WriteString("}\n")
	c.tagged()
}

// pagination says which part of a list an answer is.
type pagination struct {
	Limit  int   `json:"limit"`
	Offset int64 `json:"offset"`
	Total  int64 `json:"total"`
}

// page answers with a part of a list.
func (c *call) page(data any, p projections.Page, total int64) error {
	return c.envelope(http.StatusOK, struct {
		Status     string     `json:"status"`
		Data       any        `json:"data"`
		Pagination pagination `json:"pagination"`
	}{"ok", data, pagination{p.Limit, int64(p.Offset), total}})
}

// wrote answers a write: 201 if it made something, 200 otherwise. The data holds the receipt.
func (c *call) wrote(made bool, o ledger.Outcome, data any) error {
	c.at(o.Last)
	if made {
		return c.ok(http.StatusCreated, data)
	}
	return c.ok(http.StatusOK, data)
}

// removed answers a write that took something away.
func (c *call) removed(o ledger.Outcome) {
	c.at(o.Last)
	c.send(http.StatusNoContent)
}

// at says which position of the ledger the answer shows.
func (c *call) at(seq int64) {
	c.echo.Response().Header()["Ledger-Seq"] = []string{strconv.FormatInt(seq, 10)}
}

func (c *call) envelope(status int, body any) error {
	c.reply.Reset()
	if err := json.MarshalWrite(&c.reply, body, json.Deterministic(true)); err != nil {
		return err
	}
	c.reply.WriteByte('\n')
	c.send(status)
	return nil
}

// Header values that never change.
var (
	typeJSON = []string{"application/json"}
	typeText = []string{"text/plain; charset=utf-8"}
	// typeBytes is the media type that C2SP tlog-tiles asks for.
	typeBytes = []string{"application/octet-stream"}
	typeCSV   = []string{"text/csv; charset=utf-8"}
	noStore   = []string{"no-store"} // answers hold personal data
	noSniff   = []string{"nosniff"}
)

// send writes the reply as JSON. Nothing can be answered after it.
func (c *call) send(status int) { c.sendAs(status, typeJSON) }

func (c *call) sendAs(status int, mediaType []string) {
	h := c.echo.Response().Header()
	h["Cache-Control"], h["X-Content-Type-Options"] = noStore, noSniff
	c.status = status
	w := c.echo.Response().Writer
	if status == http.StatusNoContent || status == http.StatusNotModified {
		w.WriteHeader(status)
		return
	}
	h["Content-Type"] = mediaType
	h["Content-Length"] = []string{strconv.Itoa(c.reply.Len())}
	w.WriteHeader(status)
	_, _ = w.Write(c.reply.Bytes()) // A client that went away hears nothing.
}

// actor names the owner of an API key in the ledger.
func actor(key *access.KeyState) string { return "key:" + key.ID }

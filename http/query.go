package http

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-playground/validator/v10"

	"whocomply/domain"
	"whocomply/projections"
)

// Bounds of a page of a list.
const (
	defaultLimit = 20
	maxLimit     = 100
	maxOffset    = 1 << 31
)

// param gives a parameter of the path, unescaped, so that an id may hold any character. It is ""
// where the route has none by that name.
func (c *call) param(name string) (string, error) {
	text := c.echo.Param(name)
	if strings.Contains(text, "/") { // a last parameter takes in all that follows
		return "", errNoResource
	}
	if c.URL.RawPath == "" { // the router saw the path unescaped
		return text, nil
	}
	text, err := url.PathUnescape(text)
	if err != nil {
		return "", errNoResource
	}
	return text, nil
}

// query reads the query string into the fields that filter points at, by their tag query, and
// checks them. It refuses parameters that are neither these nor named in known.
func (c *call) query(filter any, known ...string) (url.Values, error) {
	values, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil {
		return nil, domain.Errorf(domain.Invalid, "the query string is malformed")
	}
	fields := map[string]reflect.Value{}
	if filter != nil {
		fields = fieldsOf(filter)
	}
	for name, texts := range values {
		field, filters := fields[name]
		switch {
		case len(texts) > 1:
			return nil, domain.InvalidField(name, "appears twice")
		case filters:
			field.SetString(texts[0])
		case name != minSeqParam && !slices.Contains(known, name):
			return nil, domain.InvalidField(name, "is not a parameter of this endpoint")
		}
	}
	if filter == nil {
		return values, nil
	}
	return values, c.server.check(filter)
}

func fieldsOf(filter any) map[string]reflect.Value {
	v := reflect.ValueOf(filter).Elem()
	fields := make(map[string]reflect.Value, v.NumField())
	for i := range v.NumField() {
		fields[v.Type().Field(i).Tag.Get("query")] = v.Field(i)
	}
	return fields
}

// newChecks makes the validator of wire types; it names fields as the caller does.
func newChecks() *validator.Validate {
	checks := validator.New(validator.WithRequiredStructEnabled())
	checks.RegisterTagNameFunc(func(f reflect.StructField) string {
		if name := f.Tag.Get("query"); name != "" {
			return name
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
	return checks
}

// check says what is wrong with a wire type, by its tags validate.
func (s *Server) check(v any) error {
	err := s.checks.Struct(v)
	wrong, ok := errors.AsType[validator.ValidationErrors](err)
	if !ok {
		return err
	}
	field := wrong[0].Field()
	switch wrong[0].Tag() {
	case "required":
		return domain.InvalidField(field, "is required")
	case "oneof":
		return domain.InvalidField(field, "must be one of %s", strings.ReplaceAll(wrong[0].Param(), " ", ", "))
	case "max":
		return domain.InvalidField(field, "is longer than %s characters", wrong[0].Param())
	}
	return domain.InvalidField(field, "is not valid")
}

// list answers with a part of a list out of a read model. The filter, if any, is filled in before
// rows is called.
func list[T any](c *call, model projections.Model, filter any, rows func(context.Context, projections.Page) ([]T, int64, error)) error {
	values, page, err := c.paging(filter)
	if err != nil {
		return err
	}
	if err := c.await(values, model); err != nil {
		return err
	}
	data, total, err := rows(c.Context(), page)
	if err != nil {
		return err
	}
	return c.page(data, page, total)
}

// paging reads the query string of a list, which may have the parameters named in known besides.
func (c *call) paging(filter any, known ...string) (values url.Values, p projections.Page, err error) {
	if values, err = c.query(filter, append(known, "limit", "offset")...); err != nil {
		return values, p, err
	}
	limit, err := number(values, "limit", defaultLimit, 1, maxLimit)
	if err != nil {
		return values, p, err
	}
	offset, err := number(values, "offset", 0, 0, maxOffset)
	return values, projections.Page{Limit: int(limit), Offset: int(offset)}, err
}

// number reads a whole number between least and most; absent is the number that stands for it.
func number(values url.Values, name string, absent, least, most int64) (int64, error) {
	if !values.Has(name) {
		return absent, nil
	}
	n, err := strconv.ParseInt(values.Get(name), 10, 64)
	if err != nil || n < least || n > most {
		return 0, domain.InvalidField(name, "must be a whole number from %d to %d", least, most)
	}
	return n, nil
}

// period reads the optional parameters <what>_since and <what>_until, RFC 3339 times.
func period(what, since, until string) (from, before time.Time, err error) {
	if from, err = instant(what+"_since", since); err != nil {
		return from, before, err
	}
	before, err = instant(what+"_until", until)
	return from, before, err
}

// instant reads an optional RFC 3339 time; none is the zero time.
func instant(name, text string) (at time.Time, err error) {
	if text == "" {
		return at, nil
	}
	if err := domain.CheckTime(name, text); err != nil {
		return at, err
	}
	return time.Parse(time.RFC3339Nano, text)
}

// ago reads an optional span, and gives the moment that long before now.
func ago(name, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	d, err := span(name, text)
	return now.Add(-d), err
}

// span reads a span of time such as 90m, 72h or 3d.
func span(name, text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if days, isDays := strings.CutSuffix(text, "d"); isDays {
		var n uint64
		n, err = strconv.ParseUint(days, 10, 16)
		d = time.Duration(n) * 24 * time.Hour
	}
	if err != nil || d < 0 {
		return 0, domain.InvalidField(name, "must be a span such as 90m, 72h or 3d")
	}
	return d, nil
}

// one answers with one row of a read model.
func one[T any](c *call, model projections.Model, row func(ctx context.Context, ledger, id string) (T, error)) error {
	id, err := c.ready(model)
	if err != nil {
		return err
	}
	data, err := row(c.Context(), c.caller.slug, id)
	if err != nil {
		return err
	}
	return c.ok(http.StatusOK, data)
}

// bound gives a row by the caller's id of a thing, whose place in the read model is the position
// of the event that the id is bound to.
func bound[T any](s *Server, thing string, row func(ctx context.Context, ledger string, seq int64) (T, error)) func(ctx context.Context, ledger, id string) (T, error) {
	return func(ctx context.Context, ledger, id string) (none T, err error) {
		seq, found, err := s.Ledgers.SeqOf(ctx, ledger, thing+"/"+id)
		if err != nil {
			return none, err
		}
		if !found {
			return none, domain.Errorf(domain.Unknown, "%s not found", thing)
		}
		return row(ctx, ledger, seq)
	}
}

// ready gives the id in the path once the read model is where the caller wants it.
func (c *call) ready(model projections.Model) (id string, err error) {
	var values url.Values
	if c.URL.RawQuery != "" {
		if values, err = c.query(nil); err != nil {
			return "", err
		}
	}
	if err := c.await(values, model); err != nil {
		return "", err
	}
	return c.param("id")
}

// The two ways of asking for a position.
const (
	minSeqHeader = "Min-Ledger-Seq"
	minSeqParam  = "min_seq"
	maxSeq       = 1<<53 - 1
)

// await lets a read model come to the position the caller asks for, and says where it is.
func (c *call) await(values url.Values, model projections.Model) error {
	seq, err := c.minSeq(values)
	if err != nil {
		return err
	}
	models, slug := c.server.Models, c.caller.slug
	if seq >= 0 && models.Position(slug, model) < seq {
		ctx, cancel := context.WithTimeout(c.Context(), c.server.Patience)
		defer cancel()
		if err := models.Wait(ctx, slug, seq, model); err != nil {
			if domain.CodeOf(err) != domain.Unavailable {
				return err
			}
			at := models.Position(slug, model)
			c.at(at)
			return domain.Errorf(domain.Unavailable, "this read has reached position %d of the ledger and not yet %d; try again", at, seq)
		}
	}
	c.at(models.Position(slug, model))
	return nil
}

// reach lets a read model come to a position that another one has shown.
func (c *call) reach(model projections.Model, seq int64) error {
	if c.server.Models.Position(c.caller.slug, model) >= seq {
		return nil
	}
	ctx, cancel := context.WithTimeout(c.Context(), c.server.Patience)
	defer cancel()
	return c.server.Models.Wait(ctx, c.caller.slug, seq, model)
}

// minSeq gives the position the caller asks for, or -1.
func (c *call) minSeq(values url.Values) (int64, error) {
	texts := c.Header[minSeqHeader]
	if len(texts) == 0 {
		return number(values, minSeqParam, -1, 0, maxSeq)
	}
	return number(url.Values{minSeqHeader: texts}, minSeqHeader, -1, 0, maxSeq)
}

package domain

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Code classifies an error for whoever must react to it. The HTTP room maps each to a status once.
type Code string

// The codes. Anything without a code is internal: it is logged and hidden.
const (
	Invalid     Code = "invalid"      // the input is wrong; Field says where
	Unknown     Code = "not_found"    // no such thing, or not for this caller
	Conflict    Code = "conflict"     // the same idempotency id with other content, or a name taken
	Unsigned    Code = "unauthorized" // no key, or none that we know
	Forbidden   Code = "forbidden"    // a valid key of another tenant or without the scope
	Unavailable Code = "unavailable"  // cannot be made durable now; try again
)

// Error is an error a caller can act on. Message never holds secrets or personal data
// beyond what the caller sent in the named field.
type Error struct {
	Code    Code
	Field   string // path of the offending field, such as "entries[1].amount"; empty if none
	Message string
}

// Error says the field, if any, and what is wrong with it.
func (e *Error) Error() string { return e.Message }

// Errorf makes an error with a code and no field.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// InvalidField makes the error for one wrong field; its message starts with the field's name.
func InvalidField(field, format string, args ...any) *Error {
	return &Error{Code: Invalid, Field: field, Message: field + " " + fmt.Sprintf(format, args...)}
}

// CodeOf gives the code of the first *Error that err wraps, or "" if there is none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// Malformed makes the error for JSON that cannot be read into what it should be, naming the
// field where the reader stopped and leaving out the reader's own vocabulary.
func Malformed(err error) *Error {
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.As(err, &syntactic):
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return &Error{Code: Invalid, Field: fieldOf(syntactic.JSONPointer), Message: fieldOf(syntactic.JSONPointer) + " appears twice"}
		}
		return Errorf(Invalid, "the body is not valid JSON at byte %d", syntactic.ByteOffset)
	case errors.As(err, &semantic):
		field := fieldOf(semantic.JSONPointer)
		switch {
		case errors.Is(err, json.ErrUnknownName):
			return InvalidField(field, "is not a known field")
		case field == "":
			return Errorf(Invalid, "the body must be a JSON object")
		case semantic.JSONKind == 0 && semantic.Err != nil:
			return InvalidField(field, "%v", semantic.Err)
		}
		return InvalidField(field, "%s", wantedKind(semantic))
	}
	return Errorf(Invalid, "the body cannot be read as JSON")
}

// fieldOf writes a JSON pointer as people write field paths: entries[1].amount.
func fieldOf(pointer jsontext.Pointer) string {
	var path strings.Builder
	for token := range pointer.Tokens() {
		switch {
		case isDigits(token):
			path.WriteString("[" + token + "]")
		case path.Len() == 0:
			path.WriteString(token)
		default:
			path.WriteString("." + token)
		}
	}
	return path.String()
}

func wantedKind(e *json.SemanticError) string {
	switch kind := e.GoType; {
	case kind == nil:
		return "has the wrong type"
	case kind == reflect.TypeFor[time.Time]():
		return notTime
	case e.Err != nil && e.JSONKind == '"':
		return e.Err.Error()
	case kind == reflect.TypeFor[Decimal]():
		return "must be a decimal in a string, such as \"1200.50\""
	case kind.Kind() == reflect.String:
		return "must be a string"
	case kind.Kind() == reflect.Bool:
		return "must be true or false"
	case kind.Kind() == reflect.Slice:
		return "must be an array"
	case kind.Kind() == reflect.Struct || kind.Kind() == reflect.Map:
		return "must be an object"
	case kind.Kind() >= reflect.Int && kind.Kind() <= reflect.Uint64:
		return "must be a whole number"
	}
	return "has the wrong type"
}

package domain

import (
	"errors"
	"fmt"
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

package monitoring

import (
	"bytes"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"whocomply/domain"
)

// The limits of a rule's texts.
const (
	maxName        = 200      // characters
	maxDescription = 2000     // characters
	maxEventTypes  = 50       // entries
	maxEventType   = 100      // bytes
	maxCondition   = 8 * 1024 // bytes
	maxTags        = 20       // entries
	maxTag         = 100      // bytes
)

// checked gives the rule with its defaults filled in, or says which field is wrong.
func checked(r Rule) (Rule, error) {
	if r.Action == "" {
		r.Action = "alert"
	}
	if r.Mode == "" {
		r.Mode = "live"
	}
	r.EventTypes = slices.Clone(r.EventTypes)
	for _, check := range []func(Rule) error{checkTexts, checkEventTypes, checkWords, checkCoolDown, checkTags, checkCondition} {
		if err := check(r); err != nil {
			return Rule{}, err
		}
	}
	return r, nil
}

func checkTexts(r Rule) error {
	if n := utf8.RuneCountInString(r.Name); n < 1 || n > maxName || strings.TrimSpace(r.Name) == "" {
		return domain.InvalidField("name", "must have 1 to %d characters", maxName)
	}
	if !utf8.ValidString(r.Name) || strings.ContainsFunc(r.Name, unicode.IsControl) {
		return domain.InvalidField("name", "must be one line of text")
	}
	if !utf8.ValidString(r.Description) || utf8.RuneCountInString(r.Description) > maxDescription {
		return domain.InvalidField("description", "must have at most %d characters", maxDescription)
	}
	return nil
}

func checkEventTypes(r Rule) error {
	if len(r.EventTypes) == 0 || len(r.EventTypes) > maxEventTypes {
		return domain.InvalidField("event_types", "must name 1 to %d event types", maxEventTypes)
	}
	for i, t := range r.EventTypes {
		if !validPattern(t) {
			return &domain.Error{
				Code: domain.Invalid, Field: "event_types",
				Message: `event_types must each be a type such as "transaction.created", a prefix such as "transaction.*", or "*"`,
			}
		}
		if slices.Contains(r.EventTypes[:i], t) {
			return domain.InvalidField("event_types", "must not name %s twice", t)
		}
	}
	return nil
}

// validPattern reports whether t is *, or dotted words of which the last may be *.
func validPattern(t string) bool {
	if t == "*" {
		return true
	}
	if len(t) > maxEventType {
		return false
	}
	for word := range strings.SplitSeq(strings.TrimSuffix(t, ".*"), ".") {
		if word == "" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
			return false
		}
	}
	return true
}

func checkWords(r Rule) error {
	if r.Score < 0 || r.Score > 100 {
		return domain.InvalidField("score", "must be 0 to 100")
	}
	if r.Severity.Rank() == 0 {
		return domain.InvalidField("severity", "must be low, medium, high or critical")
	}
	if r.Action != "alert" && r.Action != "score" && r.Action != "both" {
		return domain.InvalidField("action", "must be alert, score or both")
	}
	if r.Mode != "live" && r.Mode != "shadow" && r.Mode != "off" {
		return domain.InvalidField("mode", "must be live, shadow or off")
	}
	return nil
}

func checkCoolDown(r Rule) error {
	if r.DedupBy == "" && r.CoolDown == "" {
		return nil
	}
	if !slices.Contains(subjectNames[:], r.DedupBy) {
		return domain.InvalidField("dedup_by", "must be customer, account, counterparty or device, together with cool_down")
	}
	if span, ok := parseSpan(r.CoolDown); !ok || span < time.Minute {
		return domain.InvalidField("cool_down", "must be a length of time such as 90m, 24h or 30d, at most 400d, together with dedup_by")
	}
	return nil
}

func checkTags(r Rule) error {
	if len(r.Tags) > maxTags {
		return domain.InvalidField("tags", "must be at most %d", maxTags)
	}
	for i, tag := range r.Tags {
		if err := domain.CheckText("tags", tag, maxTag, true); err != nil {
			return err
		}
		if slices.Contains(r.Tags[:i], tag) {
			return domain.InvalidField("tags", "must not name %s twice", tag)
		}
	}
	for field, text := range map[string]string{"template": r.Template, "author": r.Author} {
		if err := domain.CheckText(field, text, maxTag, false); err != nil {
			return err
		}
	}
	return domain.CheckText("change_reason", r.ChangeReason, maxDescription, false)
}

func checkCondition(r Rule) error {
	if strings.TrimSpace(r.Condition) == "" {
		return domain.InvalidField("condition", "is required")
	}
	if len(r.Condition) > maxCondition {
		return domain.InvalidField("condition", "must have at most %d bytes", maxCondition)
	}
	if !utf8.ValidString(r.Condition) {
		return domain.InvalidField("condition", "must be UTF-8")
	}
	_, err := compile(r.Condition)
	return err
}

func (r Rule) inForce() bool { return r.Mode == "live" || r.Mode == "shadow" }

// looksAt reports whether the rule looks at an event.
func (r *Rule) looksAt(e *Event) bool {
	return !e.OccurredAt.Before(r.EffectiveFrom) && r.admits(e.Type)
}

// admits reports whether the rule looks at events of the type.
func (r *Rule) admits(eventType string) bool { return admits(r.EventTypes, eventType) }

func admits(patterns []string, eventType string) bool {
	for _, pattern := range patterns {
		if matches(pattern, eventType) {
			return true
		}
	}
	return false
}

func matches(pattern, eventType string) bool {
	prefix, wild := strings.CutSuffix(pattern, "*")
	return pattern == eventType || wild && strings.HasPrefix(eventType, prefix)
}

// equal reports whether two rules are the same, their versions included.
func (r Rule) equal(o Rule) bool { return bytes.Equal(canonical(r), canonical(o)) }

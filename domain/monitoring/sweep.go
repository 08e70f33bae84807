package monitoring

import (
	"regexp"
	"slices"
	"strings"

	"whocomply/domain"
)

// maxSweep is how many values a sweep may have.
const maxSweep = 50

var (
	sweptName  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	sweptValue = regexp.MustCompile(`^(-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?|[1-9][0-9]{0,5}[mhd])$`)
)

// Sweep makes one version of a rule for each value of what its condition writes as {name}, its id
// the value, to be run in one backtest. A value is a number, or a length of time, which stands for
// a text: last({window}).
func Sweep(r Rule, name string, values []string) ([]Rule, error) {
	if !sweptName.MatchString(name) || !strings.Contains(r.Condition, "{"+name+"}") {
		return nil, domain.InvalidField("sweep.parameter", "must be a name that the condition has in braces, such as {threshold}")
	}
	return sweep(values, func(value string) (Rule, error) {
		if !sweptValue.MatchString(value) {
			return r, domain.InvalidField("sweep.values", "must be numbers such as 5000, or lengths of time such as 7d")
		}
		written := value
		if strings.HasSuffix(value, "m") || strings.HasSuffix(value, "h") || strings.HasSuffix(value, "d") {
			written = `"` + value + `"`
		}
		swept := r
		swept.Condition = strings.ReplaceAll(r.Condition, "{"+name+"}", written)
		return swept, nil
	})
}

// Sweep makes one version of a template's rule for each value of a parameter, its id the value, to
// be run in one backtest.
func (t *Template) Sweep(parameters map[string]string, name string, values []string) ([]Rule, error) {
	return sweep(values, func(value string) (Rule, error) {
		with := map[string]string{name: value}
		for other, set := range parameters {
			if other != name {
				with[other] = set
			}
		}
		return t.Rule(with)
	})
}

func sweep(values []string, make func(value string) (Rule, error)) ([]Rule, error) {
	if len(values) == 0 || len(values) > maxSweep {
		return nil, domain.InvalidField("sweep.values", "must be 1 to %d", maxSweep)
	}
	var rules []Rule
	for i, value := range values {
		if slices.Contains(values[:i], value) {
			return nil, domain.InvalidField("sweep.values", "must not have %s twice", value)
		}
		r, err := make(value)
		if err != nil {
			return nil, err
		}
		r.ID = value
		rules = append(rules, r)
	}
	return rules, nil
}

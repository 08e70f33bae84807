package domain

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Difference is a place at which two events differ.
type Difference struct {
	Path     string         `json:"path"`               // JSON pointer into the events; empty for the whole
	Recorded jsontext.Value `json:"recorded,omitempty"` // nothing if there is none
	Replayed jsontext.Value `json:"replayed,omitempty"`
}

// Differences compares an event that was recorded with one that was made again, as they are stored.
// Either may be nil.
func Differences(recorded, replayed Event) ([]Difference, error) {
	var texts [2]jsontext.Value
	for i, event := range []Event{recorded, replayed} {
		if event == nil {
			continue
		}
		text, err := json.Marshal(event, json.Deterministic(true))
		if err != nil {
			return nil, err
		}
		texts[i] = text
	}
	var d differences
	d.compare("", texts[0], texts[1])
	return d, nil
}

type differences []Difference

func (d *differences) compare(path string, recorded, replayed jsontext.Value) {
	if bytes.Equal(recorded, replayed) {
		return
	}
	var before, after map[string]jsontext.Value
	if json.Unmarshal(recorded, &before) == nil && json.Unmarshal(replayed, &after) == nil && before != nil && after != nil {
		names := slices.Collect(maps.Keys(before))
		for name := range after {
			if _, both := before[name]; !both {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			d.compare(path+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name), before[name], after[name])
		}
		return
	}
	var was, is []jsontext.Value
	if json.Unmarshal(recorded, &was) == nil && json.Unmarshal(replayed, &is) == nil && was != nil && is != nil && len(was) == len(is) {
		for i := range was {
			d.compare(path+"/"+strconv.Itoa(i), was[i], is[i])
		}
		return
	}
	*d = append(*d, Difference{Path: path, Recorded: recorded, Replayed: replayed})
}

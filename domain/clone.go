package domain

import (
	"maps"
	"slices"
)

// CloneLists copies a map of lists so that both maps can go on by appending: no list of the copy has
// room that one of the original would use.
func CloneLists[K comparable, V any](lists map[K][]V) map[K][]V {
	clone := maps.Clone(lists)
	for key, list := range clone {
		clone[key] = slices.Clip(list)
	}
	return clone
}

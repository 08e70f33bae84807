package screening

import (
	"slices"
	"sync"
	"weak"

	"whocomply/domain/screening/match"
)

// lexicons are those in use, so that sets of the same shared lists, which most tenants have, share one.
// It keeps none in memory.
var lexicons struct {
	sync.Mutex
	used []weak.Pointer[match.Lexicon]
}

// lexiconOf gives a lexicon of the words of lists, but for a small change of them, or nil if there is but one index to look in.
func lexiconOf(lists []*List) *match.Lexicon {
	var indexes []*match.Index
	for _, list := range lists {
		for _, seg := range list.searchable().segments {
			indexes = append(indexes, seg.names)
		}
	}
	if len(indexes) < 2 {
		return nil
	}
	lexicons.Lock()
	defer lexicons.Unlock()
	lexicons.used = slices.DeleteFunc(lexicons.used, func(p weak.Pointer[match.Lexicon]) bool { return p.Value() == nil })
	for _, p := range lexicons.used {
		if l := p.Value(); l != nil && l.Covers(indexes) {
			return l
		}
	}
	l := match.NewLexicon(indexes)
	lexicons.used = append(lexicons.used, weak.Make(l))
	return l
}

package match

import (
	"cmp"
	"slices"
)

// Keys lead from a word to all words like it: two words are candidates if they share a key. A word
// has its sound, its letters, its letters less one, its bones, and its bones less one or two.
const (
	longestText = 14 // whose parts are keys
	soundKey    = 's'
	textKey     = 't'
	bonesKey    = 'b'
	guessedKey  = 'g' // bones of words that are not written in Latin letters
)

// wordKeys calls f with every key of a word of an index; some may come twice.
func wordKeys(t *token, f func(key uint32)) {
	wholeKeys(t, f)
	fewerLetters(t.text, f)
	if len(t.bones) > 1 {
		f(hash(bonesKey, t.bones, -1, -1))
		if t.script != latin {
			f(hash(guessedKey, t.bones, -1, -1))
		}
	}
	fewerBones(t.bones, f)
}

// queryKeys calls f with every key that words like a token may have, and joinedKeys with those of
// words written as one. Two consonants are shared by too many words: they lead from another script
// or to one, but not from Latin to Latin.
func queryKeys(t *token, f func(key uint32)) {
	joinedKeys(t, f)
	fewerLetters(t.text, f)
	fewerBones(t.bones, f)
}

func joinedKeys(t *token, f func(key uint32)) {
	wholeKeys(t, f)
	switch {
	case len(t.bones) > 2, len(t.bones) == 2 && t.script != latin:
		f(hash(bonesKey, t.bones, -1, -1))
	case len(t.bones) == 2:
		f(hash(guessedKey, t.bones, -1, -1))
	}
}

func wholeKeys(t *token, f func(key uint32)) {
	f(hash(soundKey, t.sound, -1, -1))
	f(hash(textKey, t.text, -1, -1))
}

// fewerLetters leaves short words whole: with a letter less, too many are the same.
func fewerLetters(text string, f func(key uint32)) {
	if len(text) < 4 || len(text) > longestText {
		return
	}
	for i := range len(text) {
		f(hash(textKey, text, i, -1))
	}
}

func fewerBones(bones string, f func(key uint32)) {
	if len(bones) < 5 {
		return
	}
	for i := range len(bones) {
		f(hash(bonesKey, bones, i, -1))
		if len(bones) < 8 || len(bones) > 12 {
			continue
		}
		for j := range i {
			f(hash(bonesKey, bones, i, j))
		}
	}
}

// hash is FNV-1a over a word without the letters at two places.
func hash(kind byte, text string, i, j int) uint32 {
	const prime = 16777619
	h := (2166136261 ^ uint32(kind)) * prime
	for k := range len(text) {
		if k != i && k != j {
			h = (h ^ uint32(text[k])) * prime
		}
	}
	return h
}

// keyIndex finds words by key.
type keyIndex struct {
	entries []keyed
	from    []int32 // of the entries, by the upper bits of the key
	shift   uint
}

type keyed struct {
	key  uint32
	word int32
}

func newKeyIndex(words []*token) *keyIndex {
	x := &keyIndex{}
	for id, t := range words {
		start := len(x.entries)
		wordKeys(t, func(key uint32) { x.entries = append(x.entries, keyed{key, int32(id)}) })
		own := x.entries[start:]
		slices.SortFunc(own, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
		x.entries = x.entries[:start+len(slices.Compact(own))]
	}
	slices.SortFunc(x.entries, func(a, b keyed) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.word, b.word)) })
	x.entries = slices.Clip(x.entries)
	bits := uint(1)
	for 1<<bits < len(x.entries)/2 && bits < 20 {
		bits++
	}
	x.shift = 32 - bits
	x.from = make([]int32, 1<<bits+1)
	for _, e := range x.entries {
		x.from[e.key>>x.shift+1]++
	}
	for i := range 1 << bits {
		x.from[i+1] += x.from[i]
	}
	return x
}

// with gives the words that have a key.
func (x *keyIndex) with(key uint32) []keyed {
	bucket := x.entries[x.from[key>>x.shift]:x.from[key>>x.shift+1]]
	for len(bucket) > 0 && bucket[0].key < key {
		bucket = bucket[1:]
	}
	n := 0
	for n < len(bucket) && bucket[n].key == key {
		n++
	}
	return bucket[:n]
}

// batch is how many keys are looked up side by side, so that one needs not wait for the memory of another;
// an index of cached entries is so small that there is nothing to wait for.
const (
	batch  = 16
	cached = 1 << 12
)

// sharing appends to words those that have one of the keys; some may come twice.
func (x *keyIndex) sharing(keys []uint32, words []int32) []int32 {
	if len(x.entries) <= cached {
		for _, key := range keys {
			for _, e := range x.with(key) {
				words = append(words, e.word)
			}
		}
		return words
	}
	for len(keys) > 0 {
		some := keys[:min(len(keys), batch)]
		keys = keys[len(some):]
		var from, to [batch]int32
		for i, key := range some {
			from[i%batch], to[i%batch] = x.from[key>>x.shift], x.from[key>>x.shift+1]
		}
		var first [batch]uint32
		for i := range some {
			if at := from[i%batch]; at < to[i%batch] {
				first[i%batch] = x.entries[at].key
			}
		}
		for i, key := range some {
			if first[i%batch] > key {
				continue
			}
			for _, e := range x.entries[from[i%batch]:to[i%batch]] {
				if e.key >= key {
					if e.key > key {
						break
					}
					words = append(words, e.word)
				}
			}
		}
	}
	return words
}

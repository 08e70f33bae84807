package match

import "math/bits"

// sought is the name looked for as names of one kind are compared with it. Its words are bits by place.
type sought struct {
	*Name
	words   []*feature
	digest  uint64 // of the words in their order
	wholes  uint32 // words that may be several of another name
	numbers uint32
	telling uint32 // words that are not part of one if the other name has them too
}

// read notes what the features of the words say.
func (q *sought) read() {
	q.words = make([]*feature, len(q.tokens))
	for i, t := range q.tokens {
		f := t.feature
		q.words[i], q.digest = f, q.digest*0x9e3779b97f4a7c15^f.digest
		if f.traits&single == 0 {
			q.wholes |= 1 << i
		}
		if f.traits&numeric != 0 {
			q.numbers |= 1 << i
		}
		if f.tells() {
			q.telling |= 1 << i
		}
	}
}

// candidate is a name of an index beside the name looked for.
type candidate struct {
	q        *sought
	x        *Index
	words    []int32
	kin      [maxTokens]kin // what its words are to those looked for
	features [maxTokens]*feature
	found    [maxTokens]float32 // by word looked for: the most that a word like it agrees with any
	same     uint32             // words looked for that it has
}

// hopeless reports that a name of the index is less alike to the query than the floor, without
// assigning their words to each other. It never says so of names that are not.
//
// What score gives is a quotient; it reaches the floor where the agreement of the pairs, less the
// floor for each weight of them, makes up for what stands alone. No word agrees better than with the
// word most like it, and a word that is like none stands alone.
func (x *Index) hopeless(s *Search, at int32, floor float32) bool {
	h := &x.heads[at]
	q := s.as(h.kind)
	if floor <= 0 || len(q.tokens) == 1 && h.acronym || h.words == 1 && q.acronym != "" && isAcronym(x.names[at], q.Name) {
		return false
	}
	c := &s.candidate
	c.lay(s, q, x, x.spelled[h.from:h.from+int32(h.words)])
	missing, extra, shared := c.alone()
	each := float32(mostExtra)
	if h.kind == Person {
		each = price(Person, shared+0.01)
	}
	conflict := min(missing, extra)
	least := (conflicting+floor)*conflict + floor*each*(max(missing, extra)-conflict)
	margin := floor * min(each, conflicting/floor+1-each) // for each weight of words that stand alone besides
	return c.surplus(floor, margin) < least-0.001 && !c.joins(s)
}

// lay puts the words of a name beside those looked for.
func (c *candidate) lay(s *Search, q *sought, x *Index, words []int32) {
	c.q, c.x, c.words, c.same = q, x, words, 0
	clear(c.found[:len(q.words)])
	for j, word := range words {
		c.features[j] = &x.features[word]
		k := s.kin(q, x, word)
		c.kin[j] = *k
		c.same |= k.same
		for rest := k.alike; rest != 0; rest &= rest - 1 {
			i := bits.TrailingZeros32(rest)
			c.found[i] = max(c.found[i], k.best)
		}
	}
}

// alone gives the weights of the words on each side that are like none of the other, and the bits of
// the rest, of the side that has fewer.
func (c *candidate) alone() (missing, extra, shared float32) {
	var looked, listed float32
	for i, f := range c.q.words {
		if c.found[i] == 0 {
			missing += f.weight
		} else {
			looked += f.bits
		}
	}
	for j := range c.words {
		if f := c.features[j]; c.kin[j].best == 0 {
			extra += f.weight
		} else {
			listed += f.bits
		}
	}
	return missing, extra, min(looked, listed)
}

// surplus is the most that words can have above the floor. A word that lowers the similarity in any
// pair may stand alone instead.
func (c *candidate) surplus(floor, margin float32) (most float32) {
	add := func(agreed, weight float32) {
		if agreed > 0 {
			most += weight * max((agreed-floor)/2, -margin)
		}
	}
	for i, f := range c.q.words {
		add(c.found[i], f.weight)
	}
	for j := range c.words {
		add(c.kin[j].best, c.features[j].weight)
	}
	return most
}

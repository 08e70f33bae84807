package match

import "math/bits"

// side is what the words of one of two names agree with those of the other.
type side struct {
	words  [maxTokens]*feature
	agreed [maxTokens]float32 // with the word most like it, 0 if it is like none
	n      int
	same   uint32 // words that both names have, as bits
}

// candidate is a name of an index beside the name looked for.
type candidate struct {
	*Search
	x      *Index
	looked []*token
	listed []int32 // words of the index
	a, b   side    // of the name looked for and of the other
	kind   Kind
	floor  float32
}

// hopeless reports that a name of the index is less alike to the query than the floor, without
// assigning their words to each other; it never says so of names that are not. joins is false only if
// none of their words are written together in the other name.
func (x *Index) hopeless(s *Search, at int32, floor float32) (hopeless, joins bool) {
	h := &x.heads[at]
	looked := s.as(h.kind)
	if floor <= 0 || len(looked.tokens) == 1 && h.acronym || h.words == 1 && looked.acronym != "" && isAcronym(x.names[at], looked) {
		return false, true
	}
	c := &s.candidate
	c.Search, c.x, c.kind, c.floor = s, x, h.kind, floor
	c.lay(looked.tokens, x.spelled[h.from:h.from+int32(h.words)])
	unlike := c.apart() || c.unlike()
	joins = c.joins()
	return unlike && !joins, joins
}

// lay puts the words of the names beside each other.
func (c *candidate) lay(looked []*token, listed []int32) {
	a, b := &c.a, &c.b
	c.looked, c.listed = looked, listed
	a.n, b.n, a.same, b.same = len(looked), len(listed), 0, 0
	for j, word := range listed {
		b.words[j] = &c.x.features[word]
	}
	for i, t := range looked {
		f := t.feature
		a.words[i] = f
		for j, o := range b.words[:b.n] {
			if f.digest == o.digest {
				a.same, b.same = a.same|1<<i, b.same|1<<j
			}
		}
	}
}

// apart reports that by a count of words: each has one counterpart at most, so where the name of fewer
// words has some that are like none, as many more of the other stand alone.
func (c *candidate) apart() bool {
	few, many, meets := &c.a, &c.b, c.found
	if many.n < few.n {
		few, many, meets = many, few, c.finds
	}
	most := many.heaviest()
	var alone, paired, bits float32
	for _, f := range few.words[:few.n] {
		paired, bits = paired+f.weight, bits+f.bits
	}
	left := few.n
	for i, f := range few.words[:few.n] {
		if few.same&(1<<i) != 0 || meets(i) {
			continue
		}
		left--
		alone, paired, bits = alone+f.weight, paired-f.weight, bits-f.bits
		if c.lacks((paired+most[left])*(1-c.floor)/2, alone, most[many.n]-most[left], bits) {
			return true
		}
	}
	return false
}

// heaviest gives the most that so many of the words weigh together.
func (a *side) heaviest() (most [maxTokens + 1]float32) {
	for i, f := range a.words[:a.n] {
		k := i + 1
		for ; k > 1 && most[k-1] < f.weight; k-- {
			most[k] = most[k-1]
		}
		most[k] = f.weight
	}
	for i := range a.n {
		most[i+1] += most[i]
	}
	return most
}

// found reports whether a word looked for is like any of the name.
func (c *candidate) found(i int) bool {
	t, fresh := c.looked[i], uint32(0)
	for j, f := range c.b.words[:c.b.n] {
		if s, known := c.remembered(t.place, f.digest); !known {
			fresh |= 1 << j
		} else if s >= alike {
			return true
		}
	}
	for ; fresh != 0; fresh &= fresh - 1 {
		if c.x.likeness(c.Search, t, t.feature, c.listed[bits.TrailingZeros32(fresh)]) >= alike {
			return true
		}
	}
	return false
}

// finds reports whether a word of the name is like any that is looked for.
func (c *candidate) finds(j int) bool {
	digest, fresh := c.b.words[j].digest, uint32(0)
	for i, t := range c.looked {
		if s, known := c.remembered(t.place, digest); !known {
			fresh |= 1 << i
		} else if s >= alike {
			return true
		}
	}
	for ; fresh != 0; fresh &= fresh - 1 {
		t := c.looked[bits.TrailingZeros32(fresh)]
		if c.x.likeness(c.Search, t, t.feature, c.listed[j]) >= alike {
			return true
		}
	}
	return false
}

// unlike reports that by what each word agrees with the one of the other name that is most like it: none
// agrees better, and one that is like none stands alone.
func (c *candidate) unlike() bool {
	c.compare()
	missing, bitsA := c.a.alone()
	extra, bitsB := c.b.alone()
	bits := min(bitsA, bitsB)
	margin := c.floor * min(c.each(bits), conflicting/c.floor+1-c.each(bits)) // for each weight of words that stand alone besides
	return c.lacks(c.a.surplus(c.floor, margin)+c.b.surplus(c.floor, margin), missing, extra, bits)
}

// lacks reports that a surplus does not make up for the words that stand alone. What score gives is a
// quotient; it reaches the floor where the agreement of the pairs, less the floor for each weight of
// them, does.
func (c *candidate) lacks(surplus, missing, extra, bits float32) bool {
	conflict := min(missing, extra)
	least := (conflicting+c.floor)*conflict + c.floor*c.each(bits)*(max(missing, extra)-conflict)
	return surplus < least-0.001
}

// each is the least that words cost which one name leaves out, where the others have so many bits at most.
func (c *candidate) each(bits float32) float32 {
	return price(c.kind, bits+0.01)
}

// compare finds what the words agree.
func (c *candidate) compare() {
	a, b := &c.a, &c.b
	clear(a.agreed[:a.n])
	clear(b.agreed[:b.n])
	for i, t := range c.looked {
		for j, word := range c.listed {
			if like := c.x.likeness(c.Search, t, t.feature, word); like >= alike {
				agreed := agreement(like)
				a.agreed[i], b.agreed[j] = max(a.agreed[i], agreed), max(b.agreed[j], agreed)
			}
		}
	}
}

// alone gives the weight of the words that are like none, and the bits of the others.
func (a *side) alone() (weight, bits float32) {
	for i, f := range a.words[:a.n] {
		if a.agreed[i] == 0 {
			weight += f.weight
		} else {
			bits += f.bits
		}
	}
	return weight, bits
}

// surplus is the most that words can have above the floor. A word that lowers the similarity in any
// pair may stand alone instead.
func (a *side) surplus(floor, margin float32) (most float32) {
	for i, f := range a.words[:a.n] {
		if a.agreed[i] > 0 {
			most += f.weight * max((a.agreed[i]-floor)/2, -margin)
		}
	}
	return most
}

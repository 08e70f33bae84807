package match

// side is what the words of one of two names agree with those of the other.
type side struct {
	words  [maxTokens]*feature
	tokens [maxTokens]*token
	agreed [maxTokens]float32 // with the word most like it, 0 if it is like none
	n      int
	same   uint32 // words that both names have, as bits
}

// hopeless reports that a name of the index is less alike to the query than the floor, without
// assigning their words to each other. It never says so of names that are not.
//
// What score gives is a quotient; it reaches the floor where the agreement of the pairs, less the
// floor for each weight of them, makes up for what stands alone. No word agrees better than with the
// word most like it, and a word that is like none stands alone.
func (x *Index) hopeless(s *Search, at int32, floor float32) bool {
	h := &x.heads[at]
	looked := s.as(h.kind)
	if floor <= 0 || len(looked.tokens) == 1 && h.acronym || h.words == 1 && looked.acronym != "" && isAcronym(x.names[at], looked) {
		return false
	}
	var a, b side
	x.agreements(s, looked.tokens, x.spelled[h.from:h.from+int32(h.words)], &a, &b)
	missing, bitsA := a.alone()
	extra, bitsB := b.alone()
	each := float32(mostExtra)
	if h.kind == Person {
		each = price(Person, min(bitsA, bitsB)+0.01)
	}
	conflict := min(missing, extra)
	least := (conflicting+floor)*conflict + floor*each*(max(missing, extra)-conflict)
	margin := floor * min(each, conflicting/floor+1-each) // for each weight of words that stand alone besides
	if a.surplus(floor, margin)+b.surplus(floor, margin) >= least-0.001 {
		return false
	}
	return !s.joins(&a, &b) && !s.joins(&b, &a)
}

// agreements compares all words of two names.
func (x *Index) agreements(s *Search, looked []*token, words []int32, a, b *side) {
	a.n, b.n = len(looked), len(words)
	for j, word := range words {
		b.words[j], b.tokens[j] = &x.features[word], x.words[word]
	}
	for i, t := range looked {
		a.words[i], a.tokens[i] = t.feature, t
		for j, word := range words {
			like := x.likeness(s, t, t.feature, word)
			if like < alike {
				continue
			}
			agreed := agreement(like)
			a.agreed[i], b.agreed[j] = max(a.agreed[i], agreed), max(b.agreed[j], agreed)
			if like == 1 && t.feature.traits&b.words[j].traits&entire != 0 {
				a.same, b.same = a.same|1<<i, b.same|1<<j
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

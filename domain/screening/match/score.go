package match

// alike is the least likeness of two words that may be the same.
const alike = 0.6

// agreement is what a pair of words of some likeness counts for. Small differences hardly count
// against it, great ones make it worthless.
func agreement(s float32) float32 {
	switch {
	case s >= 0.85:
		return 0.94 + (s-0.85)*0.4
	case s >= 0.7:
		return 0.64 + (s-0.7)*2
	}
	return max(0, 0.2+(s-0.6)*4.4)
}

// Weights of what speaks against a match.
const (
	conflicting = 0.6  // for each weight of words that both names have without counterpart
	leastExtra  = 0.12 // for each weight of words that one name leaves out, where the rest is rare
	mostExtra   = 0.6  // and where it is not
	enoughBits  = 24   // what is rare
	fewBits     = 10
	reordered   = 0.03
	otherForm   = 0.06 // another class of legal form
	otherCount  = 0.7  // bound if numbers do not agree
	acronymous  = 0.86
	adrift      = 0.06 // no word that is more than frequent is the same
	fewAnchored = 5
)

// Result is how alike two names are.
type Result struct {
	Similarity float64 // 0 to 1
	Pairs      []Pair
	Missing    []string // words looked for that the listed name does not have
	Extra      []string // words of the listed name that were not looked for
}

// Pair is a word looked for and its counterpart in the listed name.
type Pair struct {
	Screened, Listed string
	Likeness         float64 // 0 to 1
}

// Compare says how alike two names are. It is symmetric.
func Compare(a, b *Name) Result {
	al, similarity := compare(a, b, likeness, true)
	return al.result(similarity)
}

// compare takes the names in one order whichever way they come: of several alignments that are as
// good, it finds the same. joins is false if it is known that no words are written together.
func compare(a, b *Name, like liken, joins bool) (alignment, float32) {
	if b.plain < a.plain {
		al := assign(b.tokens, a.tokens, like, joins)
		similarity := score(b, a, &al)
		al.flip()
		return al, similarity
	}
	al := assign(a.tokens, b.tokens, like, joins)
	return al, score(a, b, &al)
}

func (al *alignment) flip() {
	for i, p := range al.pairs {
		al.pairs[i] = pair{p.b, p.a, p.to, p.at, p.s}
	}
	al.restA, al.restB = al.restB, al.restA
}

func (al *alignment) result(similarity float32) Result {
	r := Result{Similarity: float64(similarity)}
	for _, p := range al.pairs {
		r.Pairs = append(r.Pairs, Pair{p.a.shown, p.b.shown, float64(p.s)})
	}
	for _, t := range al.restA {
		r.Missing = append(r.Missing, t.shown)
	}
	for _, t := range al.restB {
		r.Extra = append(r.Extra, t.shown)
	}
	return r
}

// score weighs an alignment.
func score(a, b *Name, al *alignment) float32 {
	if len(a.tokens) == 0 || len(b.tokens) == 0 {
		return 0
	}
	if a.plain == b.plain {
		return 1
	}
	kind := kindOf(a, b)
	var agreed, weight, bits, anchored float32
	content, changed := 0, false
	for _, p := range al.pairs {
		w := (p.a.weight + p.b.weight) / 2
		agreed += w * agreement(p.s)
		weight += w
		if p.s >= 0.95 {
			anchored += min(p.a.bits, p.b.bits)
		} else {
			changed = true
		}
		if p.a.class == word && p.b.class == word {
			content++
		}
		bits += min(p.a.bits, p.b.bits) * p.s * p.s * trust(p.a, p.b)
	}
	missing, extra := sum(al.restA), sum(al.restB)
	conflict := min(missing, extra)
	left := max(missing, extra) - conflict
	if syllabic(al.pairs) {
		bits = 0 // one name more or less is another person
	}
	each := price(kind, bits)
	if kind != Person && content < 2 {
		each = 1
	}
	s := (agreed - conflicting*conflict) / (weight + conflict + left*each)
	if kind == Person && changed && anchored < fewAnchored {
		s -= adrift
	}
	return max(0, adjust(s, kind, a, b, al))
}

// syllabic reports whether a name is written in an East Asian script.
func syllabic(pairs []pair) bool {
	for _, p := range pairs {
		if p.a.script == cjk || p.b.script == cjk {
			return true
		}
	}
	return false
}

// trust is how much of a name's rarity is left when its letters were guessed.
func trust(a, b *token) float32 {
	if a.script != b.script && a.script+b.script != latin {
		return 0.7
	}
	return 1
}

func kindOf(a, b *Name) Kind {
	if a.kind == Person && b.kind == Person {
		return Person
	}
	if a.kind == Vessel || b.kind == Vessel {
		return Vessel
	}
	return Organisation
}

func sum(tokens []*token) (weight float32) {
	for _, t := range tokens {
		weight += t.weight
	}
	return weight
}

// price is what words cost that one name leaves out: little if the others name somebody without
// them.
func price(kind Kind, bits float32) float32 {
	if kind != Person {
		return mostExtra
	}
	share := (bits - fewBits) / (enoughBits - fewBits)
	return mostExtra - (mostExtra-leastExtra)*max(0, min(1, share))
}

// adjust applies what concerns names as wholes.
func adjust(s float32, kind Kind, a, b *Name, al *alignment) float32 {
	if !al.ordered {
		s -= reordered
	}
	if kind == Person {
		return min(s, 0.99)
	}
	if !sameNumbers(al) {
		s = min(s, otherCount)
	}
	if formsDiffer(al) {
		s -= otherForm
	}
	if s < acronymous && (isAcronym(a, b) || isAcronym(b, a)) {
		return acronymous
	}
	return min(s, 0.99)
}

func sameNumbers(al *alignment) bool {
	for _, rest := range [][]*token{al.restA, al.restB} {
		for _, t := range rest {
			if t.class == number {
				return false
			}
		}
	}
	return true
}

// formsDiffer reports whether both names have a legal form that the other does not have.
func formsDiffer(al *alignment) bool {
	has := func(tokens []*token) bool {
		for _, t := range tokens {
			if t.class == legalForm && t.text != "corp" {
				return true
			}
		}
		return false
	}
	return has(al.restA) && has(al.restB)
}

// isAcronym reports whether a is the initials of b's words.
func isAcronym(a, b *Name) bool {
	if b.acronym == "" {
		return false
	}
	return len(a.tokens) == 1 && a.tokens[0].text == b.acronym
}

// Version names the rules and tables of this package. Another version may give other similarities.
const Version = "names@1"

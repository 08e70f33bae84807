package match

import "slices"

// Query is a name to look for. It is safe for concurrent use.
type Query struct {
	person, organisation, vessel *Name
	probes                       []probe // of the tokens of all readings, each once
	joined                       []probe // of neighbours written together
	divided                      [][]halves
	acronyms, wholes             []string
	orders                       [3]uint64 // digests of the readings
	total                        float32
}

// probe is a token to look for, and the keys of words that may be like it.
type probe struct {
	*token
	keys []uint32
}

// halves are two words that a token may be, by sound, with their keys.
type halves struct {
	first, second       string
	firstKey, secondKey uint32
}

// NewQuery reads a name to look for. It is compared with each name of a list by the rules of that
// name's kind.
func NewQuery(text string) *Query {
	q := &Query{person: Parse(text, Person), organisation: Parse(text, Organisation), vessel: Parse(text, Vessel)}
	if !hasOrganisation(q.organisation.tokens) {
		q.organisation.acronym = "" // more likely a person, whose initials mean nothing
	}
	q.total = min(tellingSum(q.person.tokens), tellingSum(q.organisation.tokens), tellingSum(q.vessel.tokens))
	for _, n := range []*Name{q.person, q.organisation} {
		telling := slices.ContainsFunc(n.tokens, (*token).telling)
		for _, t := range n.tokens {
			if (t.telling() || !telling) && !slices.ContainsFunc(q.probes, func(o probe) bool { return o.text == t.text }) {
				q.probes = append(q.probes, probe{t, keysOf(t, queryKeys)})
				q.divided = append(q.divided, divide(t))
			}
		}
		if n.acronym != "" {
			q.acronyms = append(q.acronyms, n.acronym)
		}
	}
	if len(q.person.tokens) == 1 {
		q.wholes = append(q.wholes, q.person.tokens[0].text)
	}
	q.orders = [3]uint64{q.person.unordered(), q.organisation.unordered(), q.vessel.unordered()}
	q.join()
	q.number()
	return q
}

// join collects what neighbouring tokens are when they are written as one.
func (q *Query) join() {
	tokens := q.person.tokens
	add := func(parts ...*token) {
		t := together(parts, false)
		t.bones = bones(t.sound)
		q.joined = append(q.joined, probe{t, keysOf(t, joinedKeys)})
	}
	for n := 2; n <= 3; n++ {
		for i := range len(tokens) - n + 1 {
			add(tokens[i : i+n]...)
		}
	}
	if n := len(tokens); n >= 2 { // a last name first, as lists have it
		add(tokens[n-1], tokens[0])
	}
}

// number gives tokens their places; what is compared alike has the same.
func (q *Query) number() {
	var numbered []*feature
	each := func(t *token) {
		f := featureOf(t)
		at := slices.IndexFunc(numbered, func(o *feature) bool { return o.digest == f.digest })
		if at < 0 {
			at = len(numbered)
			numbered = append(numbered, &f)
		}
		t.place, t.feature = uint64(at)+1, numbered[at]
	}
	for _, n := range []*Name{q.person, q.organisation, q.vessel} {
		for _, t := range n.tokens {
			each(t)
		}
	}
	for _, p := range q.joined {
		each(p.token)
	}
}

// keysOf gives the keys of a token and of the other words for the same name.
func keysOf(t *token, all func(*token, func(uint32))) []uint32 {
	keys := make([]uint32, 0, 32)
	all(t, func(key uint32) { keys = append(keys, key) })
	if t.kin || len(t.groups) > 0 {
		for _, text := range known.related(t.text) {
			keys = append(keys, hash(textKey, text, -1, -1))
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// longestDivided bounds the words that may be two: no list has words half as long.
const longestDivided = 2 * maxSound

// divide gives the words that a token may be, written together.
func divide(t *token) (all []halves) {
	if len(t.text) < 6 || len(t.text) > longestDivided || t.script != latin {
		return nil
	}
	for i := 3; i < len(t.text)-2; i++ {
		first, second := soundOf(t.text[:i], latin), soundOf(t.text[i:], latin)
		all = append(all, halves{first, second, hash(soundKey, first, -1, -1), hash(soundKey, second, -1, -1)})
	}
	return all
}

// as gives the query as a name of some kind is read.
func (q *Query) as(kind Kind) *Name {
	switch kind {
	case Organisation:
		return q.organisation
	case Vessel:
		return q.vessel
	}
	return q.person
}

// sought gives the token that is looked for in a turn.
func (q *Query) sought(turn uint16) *probe {
	if at := int(turn) - 1; at < len(q.probes) {
		return &q.probes[at]
	}
	return &q.joined[int(turn)-1-len(q.probes)]
}

// Empty reports whether there is nothing to look for.
func (q *Query) Empty() bool { return len(q.person.tokens) == 0 }

// Compare says how alike the query and a name are.
func (q *Query) Compare(n *Name) Result { return Compare(q.as(n.kind), n) }

// telling reports whether a token says enough to look names up by it.
func (t *token) telling() bool { return t.weight > 0.2 && t.class != initial }

func tellingSum(tokens []*token) (weight float32) {
	for _, t := range tokens {
		if t.telling() {
			weight += t.weight
		}
	}
	return weight
}

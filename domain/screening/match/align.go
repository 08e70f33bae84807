package match

import "strings"

// pair is a token of each name, or several written together, with their likeness.
type pair struct {
	a, b   *token
	at, to int // their places among the words of their names
	s      float32
}

// alignment is how the tokens of two names go together.
type alignment struct {
	pairs        []pair
	restA, restB []*token
	ordered      bool
}

// assign gives the alignment of greatest likeness, of words written together too if there may be any.
func assign(a, b []*token, like liken, joins bool) alignment {
	if joins {
		a, b = join(a, b)
	}
	pairs := pairing{a: a, b: b, out: alignment{pairs: make([]pair, 0, min(len(a), len(b)))}}
	pairs.same()
	m := matrix{rows: left(len(a), pairs.usedA), columns: left(len(b), pairs.usedB)}
	m.fill(a, b, like)
	m.solve(pairs.take)
	for _, i := range left(len(a), pairs.usedA) {
		pairs.out.restA = append(pairs.out.restA, a[i])
	}
	for _, j := range left(len(b), pairs.usedB) {
		pairs.out.restB = append(pairs.out.restB, b[j])
	}
	pairs.out.ordered = inOrder(pairs.out.pairs)
	return pairs.out
}

// pairing is an alignment being made; used are the tokens that have a counterpart, as bits.
type pairing struct {
	a, b         []*token
	usedA, usedB uint32
	out          alignment
}

func (p *pairing) take(i, j int, s float32) {
	p.usedA, p.usedB = p.usedA|1<<i, p.usedB|1<<j
	p.out.pairs = append(p.out.pairs, pair{p.a[i], p.b[j], i, j, s})
}

// same pairs the tokens that are the same.
func (p *pairing) same() {
	for i, t := range p.a {
		for j, other := range p.b {
			if p.usedB&(1<<j) == 0 && t.text == other.text && t.class == other.class {
				p.take(i, j, 1)
				break
			}
		}
	}
}

// left lists the places below n that are not used.
func left(n int, used uint32) (places []int) {
	for i := range n {
		if used&(1<<i) == 0 {
			places = append(places, i)
		}
	}
	return places
}

// matrix holds the likeness of the tokens that are not the same.
type matrix struct {
	rows, columns []int
	s, value      [maxTokens][maxTokens]float32
}

func (m *matrix) fill(a, b []*token, like liken) {
	for r, i := range m.rows {
		for c, j := range m.columns {
			s := like(a[i], b[j])
			m.s[r][c] = s
			if s >= alike {
				m.value[r][c] = agreement(s) * (a[i].weight + b[j].weight)
			}
		}
	}
}

// solve takes the pairs whose value is greatest in sum (the Hungarian method).
func (m *matrix) solve(take func(i, j int, s float32)) {
	rows, columns := len(m.rows), len(m.columns)
	if rows == 0 || columns == 0 {
		return
	}
	flipped := rows > columns
	if flipped {
		rows, columns = columns, rows
	}
	cost := func(r, c int) float32 {
		if flipped {
			r, c = c, r
		}
		return -m.value[r][c]
	}
	for c, r := range hungarian(rows, columns, cost) {
		if r < 0 {
			continue
		}
		if flipped {
			r, c = c, r
		}
		if m.value[r][c] > 0 {
			take(m.rows[r], m.columns[c], m.s[r][c])
		}
	}
}

// hungarian gives for each column the row assigned to it, or -1, so that the cost is least. There
// are no more rows than columns.
func hungarian(rows, columns int, cost func(r, c int) float32) []int {
	h := potentials{columns: columns, cost: cost}
	for r := 1; r <= rows; r++ {
		h.match[0] = r
		for at := h.augment(); at != 0; at = h.way[at] {
			h.match[at] = h.match[h.way[at]]
		}
	}
	assigned := make([]int, columns)
	for c := range columns {
		assigned[c] = h.match[c+1] - 1
	}
	return assigned
}

// potentials is the state of the method; rows and columns count from 1.
type potentials struct {
	columns    int
	cost       func(r, c int) float32
	u, v       [maxTokens + 1]float32
	match, way [maxTokens + 1]int
}

// augment gives the free column at the end of the cheapest path from the row that match[0] names.
func (h *potentials) augment() (at int) {
	const far = float32(1e9)
	var seen [maxTokens + 1]bool
	var least [maxTokens + 1]float32
	for c := range least {
		least[c] = far
	}
	for h.match[at] != 0 {
		seen[at] = true
		row, delta, next := h.match[at], far, 0
		for c := 1; c <= h.columns; c++ {
			if seen[c] {
				continue
			}
			if d := h.cost(row-1, c-1) - h.u[row] - h.v[c]; d < least[c] {
				least[c], h.way[c] = d, at
			}
			if least[c] < delta {
				delta, next = least[c], c
			}
		}
		for c := range h.columns + 1 {
			if seen[c] {
				h.u[h.match[c]] += delta
				h.v[c] -= delta
			} else {
				least[c] -= delta
			}
		}
		at = next
	}
	return at
}

// inOrder reports whether the words of the pairs stand in the same order in both names.
func inOrder(pairs []pair) bool {
	for i, p := range pairs {
		for _, q := range pairs[:i] {
			if (p.at < q.at) != (p.to < q.to) && p.a.weight > 0.2 && q.a.weight > 0.2 {
				return false
			}
		}
	}
	return true
}

// join writes tokens together that stand as one in the other name.
func join(a, b []*token) (joinedA, joinedB []*token) {
	a = joinTo(a, b)
	return a, joinTo(b, a)
}

// joinTo writes neighbours in a together that are like one token of b.
func joinTo(a, b []*token) []*token {
	for _, whole := range b {
		if !mayBeSeveral(a, whole) {
			continue
		}
		if i, n, t := joinable(a, b, whole); t != nil {
			joined := append(append(append(make([]*token, 0, len(a)), a[:i]...), t), a[i+n:]...)
			a = joined
		}
	}
	return a
}

// mayBeSeveral reports whether a word may be several of a name, written together.
func mayBeSeveral(a []*token, whole *token) bool {
	return whole.class != initial && whole.class != number && whole.class != legalForm && len(whole.text) >= 4 && !has(a, whole)
}

func has(tokens []*token, t *token) bool {
	for _, other := range tokens {
		if other.text == t.text {
			return true
		}
	}
	return false
}

// Least likeness of words written together and the one they may be: in general, where one word is
// all there is of a name, and where words are of one or two syllables.
const (
	joinedLikeness   = 0.8
	onlyLikeness     = 0.84
	syllableLikeness = 0.93
)

// syllables reports whether tokens are words of an East Asian script that were written apart.
func syllables(tokens []*token) bool {
	return tokens[0].script == cjk && tokens[0].shown != tokens[len(tokens)-1].shown
}

// mostJoined is how many words may be written as one.
const mostJoined = 4

// joinable gives the neighbours that make the token most like whole, if they are liker than any
// of them alone.
func joinable(a, b []*token, whole *token) (at, n int, joined *token) {
	best := float32(joinedLikeness)
	if len(b) == 1 || whole.script == cjk {
		best = onlyLikeness
	}
	for i := range a {
		length := len(a[i].letters)
		for k := i + 1; k < len(a) && k < i+mostJoined; k++ {
			length += len(a[k].letters)
			if length > len(whole.text)+3 {
				break
			}
			parts := a[i : k+1]
			if length < len(whole.text)-3 || parts[0].script == abjad {
				continue
			}
			for turned := range 2 {
				if !mayEnd(parts, whole, turned > 0) || taken(parts, b) || farTogether(parts, whole, turned > 0) {
					continue
				}
				if syllables(parts) {
					best = max(best, syllableLikeness)
				}
				t := together(parts, turned > 0)
				if s := likeness(t, whole); s > best && s > nearest(parts, whole)+0.08 {
					best, at, n, joined = s, i, k+1-i, t
				}
			}
		}
	}
	return at, n, joined
}

// mayEnd reports whether tokens written as one may be whole; a pair also turned, with the second first,
// as lists that put the family name first would have it.
func mayEnd(tokens []*token, whole *token, turned bool) bool {
	first, last := tokens[0], tokens[len(tokens)-1]
	if turned {
		return len(tokens) == 2 && first.script != cjk && whole.script != cjk && ends(last, first, whole)
	}
	return ends(first, last, whole)
}

// ends reports whether what begins with one token and ends with another may be whole: one of its
// ends is the same.
func ends(first, last, whole *token) bool {
	return first.letters[0] == whole.text[0] && last.letters[len(last.letters)-1] == whole.text[len(whole.text)-1] ||
		len(first.letters) > 1 && strings.HasPrefix(whole.text, first.letters[:2]) ||
		len(last.letters) > 1 && strings.HasSuffix(whole.text, last.letters[len(last.letters)-2:])
}

// taken reports whether one of the tokens, long enough to mean something, stands in b as it is.
func taken(tokens, b []*token) bool {
	for _, t := range tokens {
		if t.class == number || t.weight > 0.2 && len(t.text) > 2 && has(b, t) {
			return true
		}
	}
	return false
}

func nearest(tokens []*token, whole *token) (s float32) {
	for _, t := range tokens {
		s = max(s, likeness(t, whole))
	}
	return s
}

// together is the token of several written as one, or of two turned.
func together(tokens []*token, turned bool) *token {
	if turned {
		tokens = []*token{tokens[1], tokens[0]}
	}
	t := &token{script: tokens[0].script, family: true}
	for i, part := range tokens {
		t.text += part.letters
		if i > 0 && part.shown != tokens[i-1].shown {
			t.shown += " "
		}
		if i == 0 || part.shown != tokens[i-1].shown {
			t.shown += part.shown
		}
		t.weight += part.weight
		t.bits += part.bits
	}
	t.weight = min(t.weight, 1.6)
	t.letters = t.text
	t.sound = soundOf(t.text, t.script)
	t.groups = known.groups[t.text]
	return t.lettered()
}

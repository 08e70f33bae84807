package match

// liken says how alike two words are.
type liken func(a, b *token) float32

// likened is what two words were found to be. It keeps them, so that no other takes their place in memory.
type likened struct {
	a, b *token
	s    float32
}

// likenedBits is how many of them a search remembers, as a power of two. The words of one name are compared
// with the same words of many others.
const likenedBits = 11

// recall is likeness for words that a search may have compared before.
func (s *scratch) recall(a, b *token) float32 {
	at := (hash(textKey, a.text, -1, -1)*31 + hash(textKey, b.text, -1, -1)) >> (32 - likenedBits)
	k := &s.known[at]
	if k.a != a || k.b != b {
		*k = likened{a, b, likeness(a, b)}
	}
	return k.s
}

package match

import "math/bits"

// letterSet is which letters and digits a word has, one bit for each of them that words are written
// in; what else there is, which costs the same whatever it is compared with, has none.
type letterSet uint64

// places gives the bit of a letter; 63 stands for none.
var places = func() (by [256]uint8) {
	for i := range by {
		by[i] = 63
	}
	for i, c := range []byte("abcdefghijklmnopqrstuvwxyz0123456789SCZAWY?") {
		by[c] = uint8(i)
	}
	return by
}()

// lettersOf gives the set of the letters that are compared.
func lettersOf(text string) (set letterSet) {
	for i := range min(len(text), maxSound) {
		set |= 1 << places[text[i]]
	}
	return set &^ (1 << 63)
}

// unshared is what a letter costs that the other word does not have.
type unshared struct {
	near  letterSet // what it may be taken for, at less than leaving it out
	taken int       // the least of that
	leave int
}

// bounded completes a table with what letters cost that only one word has.
func (c *costs) bounded() *costs {
	for i := range 256 {
		at := places[i]
		if at == 63 {
			continue
		}
		u := unshared{leave: int(c.drop[i]), taken: int(c.drop[i])}
		for j := range 256 {
			if cost := int(c.swap[i][j]); i != j && cost < u.leave {
				u.near |= 1 << places[j]
				u.taken = min(u.taken, cost)
			}
		}
		if u.near&(1<<63) != 0 {
			u.leave = u.taken // also of what has no bit
		}
		c.unshared[at] = u
	}
	return c
}

// least is a lower bound of the cost of turning a word into another, from their letters alone: one
// that only one of them has is left out or taken for one of the other's.
func (c *costs) least(a, b letterSet) int {
	return max(c.missing(a&^b, b), c.missing(b&^a, a))
}

func (c *costs) missing(letters, among letterSet) (cost int) {
	for rest := uint64(letters); rest != 0; rest &= rest - 1 {
		u := &c.unshared[bits.TrailingZeros64(rest)]
		if u.near&among != 0 {
			cost += u.taken
		} else {
			cost += u.leave
		}
	}
	return cost
}

package monitoring

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"slices"
)

// roll has the subjects of one sort by name, numbered from 1 in the order in which they came. Names lie
// side by side in runs of bytes: millions of them are no work for the garbage collector.
type roll struct {
	seed     maphash.Seed
	slots    []uint64 // a table of numbers by name, with the upper half of the name's hash; 0 is free
	texts    [][]byte
	subjects []*[rollChunk]subject
	n        uint32
}

// subject is what is kept of one. One of whom a single event is known needs no History.
type subject struct {
	history *History
	row     uint32 // the single event; 0 of none, and once there is a history
	text    uint32 // where the name lies: number of the run, and a fourth of the place in it
}

const (
	rollChunk   = 256
	textRun     = 1 << 16 // bytes
	textPlace   = 14      // bits
	textAligned = 4       // bytes
)

func newRoll() *roll { return &roll{seed: maphash.MakeSeed()} }

// find gives the number of a name; 0 if it has none.
func (r *roll) find(name string) uint32 {
	id, _ := r.look(name, maphash.String(r.seed, name))
	return id
}

// look gives the number of a name or, if it has none, the slot that is free for it.
func (r *roll) look(name string, hash uint64) (id uint32, free int) {
	if len(r.slots) == 0 {
		return 0, 0
	}
	mask := len(r.slots) - 1
	for at := int(hash) & mask; ; at = (at + 1) & mask {
		slot := r.slots[at]
		if slot == 0 {
			return 0, at
		}
		if slot>>32 == hash>>32 && string(r.name(uint32(slot))) == name {
			return uint32(slot), at
		}
	}
}

// take gives the number of a name, a new one if it has none.
func (r *roll) take(name string) uint32 {
	hash := maphash.String(r.seed, name)
	id, free := r.look(name, hash)
	if id != 0 {
		return id
	}
	if int(r.n)+1 > len(r.slots)*7/8 {
		r.widen()
		_, free = r.look(name, hash)
	}
	if r.n++; int(r.n-1)%rollChunk == 0 {
		r.subjects = append(r.subjects, new([rollChunk]subject))
	}
	r.at(r.n).text = r.write(name)
	r.slots[free] = hash>>32<<32 | uint64(r.n)
	return r.n
}

func (r *roll) widen() {
	old := r.slots
	r.slots = make([]uint64, max(16, 2*len(old)))
	mask := len(r.slots) - 1
	for _, slot := range old {
		if slot == 0 {
			continue
		}
		at := int(maphash.Bytes(r.seed, r.name(uint32(slot)))) & mask
		for r.slots[at] != 0 {
			at = (at + 1) & mask
		}
		r.slots[at] = slot
	}
}

func (r *roll) at(id uint32) *subject { return &r.subjects[(id-1)/rollChunk][(id-1)%rollChunk] }

// name gives a subject's name, which must not be kept.
func (r *roll) name(id uint32) []byte {
	text := r.at(id).text
	run := r.texts[text>>textPlace][text&(1<<textPlace-1)*textAligned:]
	size, used := binary.Uvarint(run)
	return run[used : used+int(size)]
}

// write keeps a name and gives its place.
func (r *roll) write(name string) uint32 {
	last := len(r.texts) - 1
	if last < 0 || len(r.texts[last])+binary.MaxVarintLen32+len(name) > textRun {
		r.texts, last = append(r.texts, nil), last+1
		if bits.Len(uint(last)) > 32-textPlace {
			panic("monitoring: the names of a ledger's subjects need more than 16 GiB")
		}
	}
	run := r.texts[last]
	place := uint32(last)<<textPlace | uint32(len(run)/textAligned)
	run = append(binary.AppendUvarint(run, uint64(len(name))), name...)
	for len(run)%textAligned > 0 {
		run = append(run, 0)
	}
	r.texts[last] = run
	return place
}

// clone gives a roll that goes its own way from here.
func (r *roll) clone() *roll {
	c := &roll{seed: r.seed, slots: slices.Clone(r.slots), texts: slices.Clone(r.texts), n: r.n}
	if last := len(c.texts) - 1; last >= 0 {
		c.texts[last] = slices.Clip(c.texts[last])
	}
	for _, chunk := range r.subjects {
		own := *chunk
		for i := range own {
			own[i].history = own[i].history.clone()
		}
		c.subjects = append(c.subjects, &own)
	}
	return c
}

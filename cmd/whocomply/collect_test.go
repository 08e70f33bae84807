package main

import "testing"

func TestPercentOf(t *testing.T) {
	for heap, want := range map[[2]uint64]int{
		{0, 0}: 300, {100 << 20, 120 << 20}: 300, {100 << 20, 100 << 20}: 300, {120 << 20, 40 << 20}: 100, {100 << 20, 50 << 20}: 150, {1 << 40, 1}: 50,
	} {
		if got := percentOf(heap[0], heap[1]); got != want {
			t.Errorf("%d bytes of %d: %d, want %d", heap[1], heap[0], got, want)
		}
	}
}

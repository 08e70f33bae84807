package main

import (
	"maps"
	"slices"
	"sync"
)

// dueLedgers are ledgers that may have something to do. The zero value is none.
type dueLedgers struct {
	mu    sync.Mutex
	slugs map[string]bool
}

func (d *dueLedgers) add(slug string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.slugs == nil {
		d.slugs = map[string]bool{}
	}
	d.slugs[slug] = true
}

func (d *dueLedgers) any() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.slugs) > 0
}

// take gives them in order and forgets them.
func (d *dueLedgers) take() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	slugs := slices.Sorted(maps.Keys(d.slugs))
	d.slugs = nil
	return slugs
}

package projections

// viewsCached bounds the cache of risk views: some 100,000 of about 1 KiB each.
const viewsCached = 100_000

// viewCache holds ready JSON of risk views by the names they were asked for, ours or the
// institution's. It is guarded by DB.mu, under which positions move too: a view that a
// transaction changed has left the cache when the position reports that transaction.
//
// It is two generations. A full young one becomes the old one, and what was old is
// forgotten, so that what is asked for often stays, at the price of one miss in a generation.
type viewCache struct {
	limit      int // of one generation
	young, old generation
}

type generation struct {
	views map[entity][]byte // by our id
	ids   map[entity]string // our id by external_id, which never changes
}

func newGeneration() generation {
	return generation{map[entity][]byte{}, map[entity]string{}}
}

func newViewCache(limit int) viewCache {
	return viewCache{limit / 2, newGeneration(), newGeneration()}
}

// get gives the view of a name, or nil.
func (c *viewCache) get(name entity) []byte {
	if view := c.view(name); view != nil {
		return view
	}
	id, known := c.young.ids[name]
	if !known {
		id, known = c.old.ids[name]
	}
	if !known {
		return nil
	}
	return c.view(entity{name.ledger, id})
}

func (c *viewCache) view(id entity) []byte {
	if view := c.young.views[id]; view != nil {
		return view
	}
	return c.old.views[id]
}

// put keeps a view under its id and under the name it was asked for.
func (c *viewCache) put(name, id entity, view []byte) {
	if len(c.young.views) >= c.limit || len(c.young.ids) >= c.limit {
		c.old, c.young = c.young, newGeneration()
	}
	c.young.views[id] = view
	if name != id {
		c.young.ids[name] = id.id
	}
}

// drop forgets the view of an id.
func (c *viewCache) drop(id entity) {
	delete(c.young.views, id)
	delete(c.old.views, id)
}

// clear forgets all views.
func (c *viewCache) clear() { c.young, c.old = newGeneration(), newGeneration() }

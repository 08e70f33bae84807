package screening

import (
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"testing"

	"whocomply/domain"
)

// shelf gives lists of persons who bear a name each, and whose words come on several of them.
func shelf(names ...string) (lists []*List) {
	for i, name := range names {
		var entries []*Entry
		for j, other := range names[:i+1] {
			entries = append(entries, &Entry{ID: fmt.Sprint(j), List: fmt.Sprint("list", i), Category: "sanctions", EntityType: "individual", Name: name, Aliases: []string{other}})
		}
		lists = append(lists, NewList(fmt.Sprint("list", i), entries))
	}
	return lists
}

func look(l *Lists, name string) []domain.Hit {
	return l.search(Query{Names: []Name{{Field: "name", Text: name}}}).Hits
}

// What is found on several lists together, by one lexicon, is what is found on each alone.
func TestLexiconChangesNothing(t *testing.T) {
	lists := shelf("Ann Example", "Anne Exampel Brown", "BROWN, Bob", "Брoун Боб", "Bobbrown Ltd")
	together := NewLists(lists, nil)
	if together.lexicon == nil {
		t.Fatal("no lexicon")
	}
	found := 0
	for _, name := range []string{"Ann Example", "Exampel, Anne", "Bob Brown", "bobbrown", "Braun Bob", "Nobody"} {
		var alone []domain.Hit
		for _, list := range lists {
			alone = append(alone, look(NewLists([]*List{list}, nil), name)...)
		}
		got := look(together, name)
		if found += len(got); len(got) != len(alone) {
			t.Errorf("%q: %d hits together, %d alone", name, len(got), len(alone))
		}
		for _, hit := range alone {
			if !containsHit(got, hit) {
				t.Errorf("%q: %+v is found alone only", name, hit)
			}
		}
	}
	if found == 0 {
		t.Error("nothing is found")
	}
}

func containsHit(hits []domain.Hit, hit domain.Hit) bool {
	for _, h := range hits {
		if reflect.DeepEqual(h, hit) {
			return true
		}
	}
	return false
}

// Sets of the same shared lists, and of some of them, have one lexicon, whatever lists of their own they have.
func TestLexiconIsShared(t *testing.T) {
	lists := shelf("Ann Example", "Bob Brown", "Carl Cooper")
	all := NewLists(lists, nil)
	if again := NewLists(lists, shelf("Own Entry")); again.lexicon != all.lexicon {
		t.Error("another lexicon for the same lists")
	}
	if some := NewLists(lists[1:], nil); some.lexicon != all.lexicon {
		t.Error("another lexicon for some of the lists")
	}
	if other := NewLists(append(shelf("Ann Example"), lists[1:]...), nil); other.lexicon == all.lexicon {
		t.Error("the same lexicon for a list that it was not made of")
	}
}

// A lexicon does not outlive the sets that use it.
func TestLexiconIsForgotten(t *testing.T) {
	for i := range 50 {
		NewLists(shelf("Ann Example", fmt.Sprint("Bob Brown", i)), nil)
	}
	runtime.GC()
	kept := NewLists(shelf("Ann Example", "Bob Brown"), nil)
	lexicons.Lock()
	defer lexicons.Unlock()
	if n := len(lexicons.used); n > 25 {
		t.Errorf("%d lexicons are remembered", n)
	}
	runtime.KeepAlive(kept)
}

// Lists are replaced while others are searched.
func TestListsAreReplacedWhileSearched(t *testing.T) {
	var wait sync.WaitGroup
	lists := shelf("Ann Example", "Bob Brown", "Carl Cooper")
	for i := range 4 {
		wait.Go(func() {
			for j := range 20 {
				own := append(lists[:i%3:i%3], lists[i%3].next([]*Entry{{ID: "new", List: lists[i%3].name, Category: "sanctions", EntityType: "individual", Name: fmt.Sprint("Dora Duck", j)}}, nil))
				all := NewLists(append(own, lists[i%3+1:]...), nil)
				if hits := look(all, fmt.Sprint("Dora Duck", j)); len(hits) != 1 {
					t.Errorf("%d hits", len(hits))
				}
				if hits := look(all, "Bob Brown"); len(hits) == 0 {
					t.Error("no hit")
				}
			}
		})
	}
	wait.Wait()
}

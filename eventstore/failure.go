package eventstore

import (
	"fmt"
	"sync"
)

// failure latches the first reason for which a store cannot go on.
type failure struct {
	once sync.Once
	done chan struct{}
	err  error // written before done is closed
}

func newFailure() *failure { return &failure{done: make(chan struct{})} }

// set latches the cause, if it is the first, and returns what Err returns from now on.
func (f *failure) set(cause error) error {
	f.once.Do(func() {
		f.err = fmt.Errorf("%w: %w", ErrFailed, cause)
		close(f.done)
	})
	return f.err
}

// Failed implements [Store].
func (f *failure) Failed() <-chan struct{} { return f.done }

// Err implements [Store].
func (f *failure) Err() error {
	select {
	case <-f.done:
		return f.err
	default:
		return nil
	}
}

//go:build race

package http_test

// raced says that the race detector is at work: what is long is then made shorter.
const raced = true

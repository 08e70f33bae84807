//go:build race

package chain_test

// flips is the number of bits that TestBundleBitFlips flips: signatures verify many times slower under the race detector.
const flips = 40

//go:build !race

package chain_test

// flips is the number of bits that TestBundleBitFlips flips.
const flips = 200

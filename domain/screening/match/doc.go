// Package match says how alike two names of persons, organisations or vessels are, and finds the
// names of a list that are like one looked for. It does no I/O, keeps no state between calls, and
// gives the same answer everywhere: its tables are part of the program, and Version names them.
//
// # Reading a name
//
// Parse turns a name in any script into tokens of Latin letters: compatibility forms and accents
// go, Cyrillic, Greek, Armenian, Georgian, Arabic, Hebrew, Indic scripts, Thai, Kana, Hangul and Han
// are transliterated. "LAST, First" is read as "First LAST". Each token is a word, an initial, a
// number, a title, a particle (bin, al, von), a generic word of companies or a legal form; what it
// weighs depends on that and on how many people bear it.
//
// # Comparing tokens
//
// A token has a sound: its letters with the differences between systems of transliteration taken
// out (kh and h, w and v, ou and u, -off and -ov). The likeness of two tokens is 1 less the cost of
// turning one into the other per letter, by spelling or by sound, whichever is cheaper; vowels and
// related consonants cost less than others, and letters that scripts do not write cost next to
// nothing. Spellings of one name in the tables are alike whatever their letters. Two different
// names of the tables are never taken for a misspelling of each other.
//
// # Comparing names
//
// Tokens written together or apart are joined first. Then the tokens of both names are assigned to
// each other so that the likeness is greatest. What speaks against a match is a token on both
// sides that has no counterpart, not a token that one side leaves out; but leaving out is free only
// where the rest is rare enough to name somebody. Numbers of organisations and vessels must agree.
//
// # Finding
//
// An Index finds candidates by the union of tokens, their sounds, the consonants of their sounds,
// these with letters missing, joined and split tokens, other spellings, short forms and acronyms.
// Candidates whose words, by what they weigh and share, are too far from the query are not compared
// further. The others are bounded, first by how many of their words are like none of the other name, then by
// what each agrees with the one most like it; a bound drops only names that would score less than asked
// for, so it changes nothing of what is found.
// A Search remembers how alike words are, across the indexes it is used with, and a Lexicon lets it look up
// its words once for many of them.
//
// # Bounds
//
// Of a name the first 24 words are compared, and of a word the first 32 letters: no listed name has more
// that tell it apart. Longer input is read, and what is behind does not count.
package match

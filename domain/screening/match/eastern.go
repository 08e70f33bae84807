package match

import (
	_ "embed" // for the tables
	"strings"
	"unicode/utf8"
)

// hanTable has a line for each syllable: its spelling in pinyin and the characters read so. The
// readings are those of the Unihan database as github.com/mozillazg/go-pinyin (MIT) orders them.
//
//go:embed han.txt
var hanTable string

// The Han characters that have a reading.
const (
	hanFirst = 0x4E00
	hanLast  = 0x9FFF
)

var hanSounds = readHan(hanTable)

func readHan(table string) *[hanLast - hanFirst + 1]string {
	var sounds [hanLast - hanFirst + 1]string
	for line := range lines(table) {
		sound, characters, _ := strings.Cut(line, " ")
		for _, r := range characters {
			sounds[r-hanFirst] = sound
		}
	}
	return &sounds
}

// hanSound gives the reading of a character, or itself.
func hanSound(r rune) string {
	if r >= hanFirst && r <= hanLast && hanSounds[r-hanFirst] != "" {
		return hanSounds[r-hanFirst]
	}
	return string(r)
}

// Characters that are read otherwise as family names, and family names of two characters.
var (
	familySounds = map[rune]string{
		'单': "shan", '單': "shan", '曾': "zeng", '仇': "qiu", '解': "xie", '区': "ou", '區': "ou", '查': "zha",
		'盖': "ge", '朴': "park", '翟': "zhai", '乐': "yue", '尹': "yin", '任': "ren", '华': "hua", '纪': "ji",
	}
	doubleFamilies = "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 东方 東方 皇甫 尉迟 尉遲 公孙 公孫 慕容 司徒 令狐 长孙 長孫 宇文 夏侯 端木 南宫 独孤 "
)

// splitHan gives the family and the given name of a Han name of two to four characters as one
// would write them in pinyin, and one word for a longer one, which is foreign.
func splitHan(han []rune) []string {
	if len(han) < 2 || len(han) > 4 {
		return []string{hanText(han)}
	}
	n := 1
	if len(han) > 2 && strings.Contains(doubleFamilies, string(han[:2])+" ") {
		n = 2
	}
	family := hanText(han[:n])
	if sound, known := familySounds[han[0]]; known && n == 1 {
		family = sound
	}
	return []string{family, hanText(han[n:])}
}

func hanText(han []rune) string {
	var b strings.Builder
	for _, r := range han {
		b.WriteString(hanSound(r))
	}
	return b.String()
}

// The parts of a Hangul syllable, in the order of their code points, as names are spelled.
var (
	hangulInitials = strings.Split("k,kk,n,d,tt,r,m,b,pp,s,ss,,j,jj,ch,k,t,p,h", ",")
	hangulVowels   = strings.Split("a,ae,ya,yae,o,e,yo,ye,o,wa,wae,oe,yo,u,wo,we,wi,yu,u,ui,i", ",")
	hangulFinals   = strings.Split(",k,k,k,n,n,n,t,l,k,m,l,l,l,p,l,m,p,p,t,t,ng,t,t,k,t,p,t", ",")
)

func appendHangul(dst []byte, r rune) []byte {
	at := int(r - 0xAC00)
	dst = append(dst, hangulInitials[at/588]...)
	dst = append(dst, hangulVowels[at%588/28]...)
	return append(dst, hangulFinals[at%28]...)
}

// splitHangul divides a name of two to four syllables, written together, into family and given name.
func splitHangul(text string) []string {
	if utf8.RuneCountInString(text) > 4 {
		return []string{text}
	}
	_, size := utf8.DecodeRuneInString(text)
	return []string{text[:size], text[size:]}
}

// hangulFamilies spells family names that would be a bare vowel.
var hangulFamilies = map[string]string{"i": "lee", "o": "oh", "u": "woo", "im": "lim", "no": "roh"}

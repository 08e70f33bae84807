package match

import "strings"

// soundOf gives the sound of a word in Latin letters: one byte for each sound. Capitals are S for
// sh, C for ch and Z for zh; in scripts that leave vowels out, A, W and Y are letters that may be
// vowels.
func soundOf(text string, s script) string {
	return string(appendSound(make([]byte, 0, len(text)), text, s))
}

// appendSound appends the sound of a word to nothing, in the memory of out.
func appendSound(out []byte, text string, s script) []byte {
	w := speech{in: text, abjad: s == abjad, out: out}
	for w.at < len(w.in) {
		w.step()
	}
	return w.ending()
}

type speech struct {
	in    string
	at    int
	out   []byte
	abjad bool
}

// say appends a sound for n letters; the same sound twice is one.
func (w *speech) say(sound byte, n int) {
	w.at += n
	if len(w.out) == 0 || w.out[len(w.out)-1] != sound || sound >= '0' && sound <= '9' || sound == '?' {
		w.out = append(w.out, sound)
	}
}

func (w *speech) next(n int) byte {
	if w.at+n < len(w.in) {
		return w.in[w.at+n]
	}
	return 0
}

func isVowel(c byte) bool {
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y'
}

// clusters are letters spoken as one sound, longest first where one begins another.
var clusters = func() (by [256][]cluster) {
	for entry := range strings.FieldsSeq(`aa=a ae=e ai=e ay=e aj=e au=o aw=o bh=b cz=C cs=C ch=C ck=k dzh=j dj=j dh=d
		ei=e ey=e ej=e ee=i eu=u eo=o gh=g gy=d iy=i ij=i yi=i ii=i yy=i yj=i ie=i kh=h ou=u oo=u oe=o ow=o ph=f q=k qu=k
		rh=r shch=S sch=S sh=S sz=S tsch=C tch=C tsj=C tsh=C th=t ts=c tz=c ue=u uu=u uw=u zh=Z zs=Z w=v y=i`) {
		letters, sound, _ := strings.Cut(entry, "=")
		by[letters[0]] = append(by[letters[0]], cluster{letters, sound[0]})
	}
	for _, list := range by {
		for i := range list {
			for j := i; j > 0 && len(list[j].letters) > len(list[j-1].letters); j-- {
				list[j], list[j-1] = list[j-1], list[j]
			}
		}
	}
	return by
}()

type cluster struct {
	letters string
	sound   byte
}

func (w *speech) step() {
	c := w.next(0)
	if w.abjad {
		switch c {
		case 'a', 'w', 'y':
			w.say(c-'a'+'A', 1)
			return
		}
	}
	for _, k := range clusters[c] {
		if !strings.HasPrefix(w.in[w.at:], k.letters) {
			continue
		}
		if last := k.letters[len(k.letters)-1]; (last == 'w' || last == 'j' || last == 'y') && len(k.letters) > 1 && isVowel(w.next(len(k.letters))) {
			continue // it begins the next syllable
		}
		if k.letters == "w" && len(w.out) == 0 && w.next(1) == 'u' {
			break
		}
		w.say(k.sound, len(k.letters))
		return
	}
	w.single(c)
}

func (w *speech) single(c byte) {
	switch c {
	case 'c':
		switch w.next(1) {
		case 'e', 'i', 'y':
			w.say('s', 1)
		case 0:
			w.say('C', 1)
		default:
			w.say('k', 1)
		}
	case 'x':
		if len(w.out) == 0 {
			w.say('S', 1)
			return
		}
		w.say('k', 0)
		w.say('s', 1)
	default:
		w.say(c, 1)
	}
}

// ending takes a silent h off and writes -of as -ov.
func (w *speech) ending() []byte {
	n := len(w.out)
	if n > 3 && w.out[n-1] == 'h' && isVowel(w.out[n-2]) {
		return w.out[:n-1]
	}
	if n > 3 && w.out[n-1] == 'f' && (w.out[n-2] == 'o' || w.out[n-2] == 'e') {
		w.out[n-1] = 'v'
	}
	return w.out
}

// bones gives the consonants of a sound with related ones made one: what is left of a name in any
// transliteration.
func bones(sound string) string {
	out := make([]byte, 0, len(sound))
	for i := range len(sound) {
		c := bone(sound[i])
		if c != 0 && (len(out) == 0 || out[len(out)-1] != c) {
			out = append(out, c)
		}
	}
	return string(out)
}

func bone(c byte) byte {
	switch c {
	case 'a', 'e', 'i', 'o', 'u', 'h', 'A', 'W', 'Y', '?':
		return 0
	case 'p', 'b', 'v', 'f':
		return 'p'
	case 'k', 'g':
		return 'k'
	case 's', 'z', 'S', 'Z', 'C', 'c', 'j':
		return 's'
	case 'd', 't':
		return 't'
	case 'l', 'r':
		return 'l'
	case 'm', 'n':
		return 'n'
	}
	return c
}

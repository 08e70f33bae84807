package activity

import "strings"

// texts makes texts. Those of many events lie side by side: that is less work for the garbage collector.
type texts struct {
	run   strings.Builder
	words [256][2]string // that were made last, by what they look like
}

// textRun is how many bytes of texts are made at once.
const textRun = 1 << 15

func (t *texts) add(text []byte) string {
	if t.run.Len()+len(text) > t.run.Cap() {
		t.run.Reset()
		t.run.Grow(max(textRun, len(text)))
	}
	from := t.run.Len()
	t.run.Write(text)
	return t.run.String()[from:]
}

// word gives a text that many events have, such as a currency; it is not made anew if it was made lately.
func (t *texts) word(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	looks := 31*(31*(31*uint(text[0])+uint(text[len(text)/2]))+uint(text[len(text)-1])) + uint(len(text))
	alike := &t.words[looks%uint(len(t.words))]
	for _, word := range alike {
		if word == string(text) {
			return word
		}
	}
	alike[0], alike[1] = string(text), alike[0]
	return alike[0]
}

package activity

import "strings"

// texts makes texts. Those of many events lie side by side: that is less work for the garbage collector.
type texts struct{ run strings.Builder }

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

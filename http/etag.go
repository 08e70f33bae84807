package http

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// tagged answers with the reply and its entity tag, or with 304 if the request says that the caller
// has it already (RFC 9110, 13.1.2).
func (c *call) tagged() {
	sum := sha256.Sum256(c.reply.Bytes())
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	c.echo.Response().Header()["Etag"] = []string{tag}
	if hasTag(c.Header["If-None-Match"], tag) {
		c.send(http.StatusNotModified)
		return
	}
	c.send(http.StatusOK)
}

// hasTag reports whether one of the lists of entity tags names the tag, by weak comparison.
func hasTag(lists []string, tag string) bool {
	for _, list := range lists {
		for one := range strings.SplitSeq(list, ",") {
			one = strings.TrimSpace(one)
			if one == "*" || strings.TrimPrefix(one, "W/") == tag {
				return true
			}
		}
	}
	return false
}

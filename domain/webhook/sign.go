package webhook

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// The headers of a delivery.
const (
	HeaderID         = "Webhook-Id"
	HeaderTimestamp  = "Webhook-Timestamp"
	HeaderSignature  = "Webhook-Signature" // Standard Webhooks: v1, and v1a if asked for
	HeaderComplyWise = "X-Complywise-Signature"
	HeaderComplyCube = "Complycube-Signature"
	previousSuffix   = "-Previous" // the two above, by the secret that was rotated away
)

const secretPrefix = "whsec_"

// Keys are what deliveries to one endpoint are signed with.
type Keys struct {
	Secret   string             // as it was shown
	Previous string             // the one before, while it is valid; else empty
	Ed25519  ed25519.PrivateKey // nil: not asked for
}

// Header is one header of a delivery.
type Header struct{ Name, Value string }

// Sign gives the headers that prove a body under an id at a time.
func Sign(k Keys, id string, at time.Time, body []byte) []Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	content := make([]byte, 0, len(id)+len(stamp)+len(body)+2)
	content = append(append(append(content, id...), '.'), stamp...)
	content = append(append(content, '.'), body...)
	signatures := "v1," + base64.StdEncoding.EncodeToString(mac(standardKey(k.Secret), content))
	if k.Previous != "" {
		signatures += " v1," + base64.StdEncoding.EncodeToString(mac(standardKey(k.Previous), content))
	}
	if k.Ed25519 != nil {
		signatures += " v1a," + base64.StdEncoding.EncodeToString(ed25519.Sign(k.Ed25519, content))
	}
	of := hex.EncodeToString(mac([]byte(k.Secret), body))
	headers := []Header{
		{HeaderID, id},
		{HeaderTimestamp, stamp},
		{HeaderSignature, signatures},
		{HeaderComplyWise, "sha256=" + of},
		{HeaderComplyCube, of},
	}
	if k.Previous != "" {
		of = hex.EncodeToString(mac([]byte(k.Previous), body))
		headers = append(headers, Header{HeaderComplyWise + previousSuffix, "sha256=" + of}, Header{HeaderComplyCube + previousSuffix, of})
	}
	return headers
}

// standardKey gives the key of Standard Webhooks: what the secret is the Base64 of, or the secret
// itself where it is none.
func standardKey(secret string) []byte {
	text := strings.TrimPrefix(secret, secretPrefix)
	if key, err := base64.StdEncoding.DecodeString(text); err == nil {
		return key
	}
	return []byte(text)
}

func mac(key, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message)
	return h.Sum(nil)
}

// PublicKey writes the key that v1a is verified with, in the form of Standard Webhooks.
func PublicKey(k ed25519.PrivateKey) string {
	return "whpk_" + base64.StdEncoding.EncodeToString(k.Public().(ed25519.PublicKey))
}

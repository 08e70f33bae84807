package webhook

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"whocomply/domain"
)

// MasterSize is the size of the key that all secrets of an installation hang on.
const MasterSize = 32

// Vault seals and opens the secrets of subscriptions. It may be used by many at once.
type Vault struct {
	seal   cipher.AEAD
	master []byte
}

// sealedPrefix says how a secret is sealed.
const sealedPrefix = "aes256gcm1:"

var errSealed = errors.New("the secret of a webhook cannot be opened with this installation's webhook key")

// NewVault makes the vault of a master key of MasterSize random bytes.
func NewVault(master []byte) (*Vault, error) {
	if len(master) != MasterSize {
		return nil, fmt.Errorf("a webhook key has %d bytes, not %d", MasterSize, len(master))
	}
	v := &Vault{master: master}
	key, err := v.derive("whocomply/webhook/seal", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	v.seal, err = cipher.NewGCM(block)
	return v, err
}

func (v *Vault) derive(info string, size int) ([]byte, error) {
	return hkdf.Key(sha256.New, v.master, nil, info, size)
}

// NonceSize is the size of the nonces that Seal takes.
const NonceSize = 12

// Seal gives a secret in the form in which the ledger keeps it. It opens again for the same ledger
// and subscription alone. The nonce is random.
func (v *Vault) Seal(nonce [NonceSize]byte, ledger, id, secret string) string {
	return sealedPrefix + base64.StdEncoding.EncodeToString(v.seal.Seal(nonce[:], nonce[:], []byte(secret), []byte(ledger+"/"+id)))
}

// Open gives the secret that was sealed.
func (v *Vault) Open(ledger, id, sealed string) (string, error) {
	text, ours := strings.CutPrefix(sealed, sealedPrefix)
	raw, err := base64.StdEncoding.DecodeString(text)
	if !ours || err != nil || len(raw) < NonceSize {
		return "", errSealed
	}
	secret, err := v.seal.Open(nil, raw[:NonceSize], raw[NonceSize:], []byte(ledger+"/"+id))
	if err != nil {
		return "", errSealed
	}
	return string(secret), nil
}

// Ed25519 gives the key by which a subscription is signed with v1a. It is derived and kept nowhere.
func (v *Vault) Ed25519(ledger, id string) (ed25519.PrivateKey, error) {
	seed, err := v.derive("whocomply/webhook/ed25519/"+ledger+"/"+id, ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// BodySecret gives the secret that payloads of the format icomply hold. It is derived and kept
// nowhere, and has nothing to do with the one that signs: whoever sees a payload sees it.
func (v *Vault) BodySecret(ledger, id string) (string, error) {
	secret, err := v.derive("whocomply/webhook/body/"+ledger+"/"+id, 16)
	return "whs_" + hex.EncodeToString(secret), err
}

// Digest stands for a secret where two requests are compared, and tells nobody else anything.
func (v *Vault) Digest(secret string) string {
	h := hmac.New(sha256.New, v.master)
	h.Write([]byte("whocomply/webhook/digest/" + secret))
	return hex.EncodeToString(h.Sum(nil))
}

// NewSecret writes 32 random bytes as a secret of Standard Webhooks.
func NewSecret(random [32]byte) string {
	return secretPrefix + base64.StdEncoding.EncodeToString(random[:])
}

// CheckSecret says what is wrong with a secret of the caller's choice. What begins as a secret of
// Standard Webhooks must be one.
func CheckSecret(secret string) error {
	if err := domain.CheckText("secret", secret, 256, false); err != nil {
		return err
	}
	if len(secret) < 8 {
		return domain.InvalidField("secret", "must be 8 to 256 bytes")
	}
	if text, standard := strings.CutPrefix(secret, secretPrefix); standard {
		if key, err := base64.StdEncoding.DecodeString(text); err != nil || len(key) < 24 || len(key) > 64 {
			return domain.InvalidField("secret", "must be whsec_ and 24 to 64 bytes in Base64, or not begin with whsec_")
		}
	}
	return nil
}

package chain

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"strconv"
)

const (
	plainType     = "PRIVATE KEY"
	encryptedType = "WHOCOMPLY ENCRYPTED PRIVATE KEY"

	keyDerivation = "PBKDF2-HMAC-SHA256"
	keyCipher     = "AES-256-GCM"
	minIterations = 600_000    // OWASP's figure for PBKDF2-HMAC-SHA256.
	maxIterations = 20_000_000 // A file must not be able to stall its reader for minutes.
)

var (
	// ErrPassphrase says that a key file is encrypted and that the passphrase is missing or wrong.
	ErrPassphrase = errors.New("chain: key file: passphrase is missing or wrong")

	errKeyFile = errors.New("chain: key file: not one PEM block with an Ed25519 private key")
)

// FormatKey returns the PEM file of a private key. Without a passphrase it is PKCS #8, which openssl reads; with one
// the PKCS #8 bytes are sealed with AES-256-GCM under PBKDF2-HMAC-SHA256, whose parameters are PEM headers.
// The caller writes the file for its owner alone. rand gives the salt.
func FormatKey(rand io.Reader, key ed25519.PrivateKey, passphrase []byte) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("chain: key file: %w", err)
	}
	if len(passphrase) == 0 {
		return pem.EncodeToMemory(&pem.Block{Type: plainType, Bytes: der}), nil
	}
	salt := make([]byte, SaltSize)
	if _, err := io.ReadFull(rand, salt); err != nil {
		return nil, fmt.Errorf("chain: key file: salt: %w", err)
	}
	aead, err := keyCipherOf(passphrase, salt, minIterations)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{
		Type: encryptedType,
		Headers: map[string]string{
			"Cipher":     keyCipher,
			"Iterations": strconv.Itoa(minIterations),
			"KDF":        keyDerivation,
			"Salt":       base64.StdEncoding.EncodeToString(salt),
		},
		Bytes: aead.Seal(nil, nil, der, []byte(encryptedType)),
	}), nil
}

// ParseKey reads a file made by [FormatKey], or an Ed25519 key made by "openssl genpkey". A passphrase given for a
// plain key is ignored; one missing or wrong for an encrypted key is [ErrPassphrase].
func ParseKey(file, passphrase []byte) (ed25519.PrivateKey, error) {
	block, rest := pem.Decode(file)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errKeyFile
	}
	der := block.Bytes
	switch {
	case block.Type == encryptedType:
		opened, err := openKey(block, passphrase)
		if err != nil {
			return nil, err
		}
		der = opened
	case block.Type != plainType || len(block.Headers) > 0:
		return nil, errKeyFile
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errKeyFile // The parser's own error could quote the file.
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, errKeyFile
	}
	return private, nil
}

func openKey(block *pem.Block, passphrase []byte) ([]byte, error) {
	iterations, err := strconv.Atoi(block.Headers["Iterations"])
	if err != nil || iterations < minIterations || iterations > maxIterations {
		return nil, fmt.Errorf("chain: key file: iterations must be %d to %d", minIterations, maxIterations)
	}
	salt, err := base64.StdEncoding.DecodeString(block.Headers["Salt"])
	if err != nil || len(salt) != SaltSize || block.Headers["KDF"] != keyDerivation || block.Headers["Cipher"] != keyCipher {
		return nil, errors.New("chain: key file: unknown encryption")
	}
	if len(passphrase) == 0 {
		return nil, ErrPassphrase
	}
	aead, err := keyCipherOf(passphrase, salt, iterations)
	if err != nil {
		return nil, err
	}
	der, err := aead.Open(nil, nil, block.Bytes, []byte(encryptedType))
	if err != nil {
		return nil, ErrPassphrase
	}
	return der, nil
}

func keyCipherOf(passphrase, salt []byte, iterations int) (cipher.AEAD, error) {
	secret, err := pbkdf2.Key(sha256.New, string(passphrase), salt, iterations, 32)
	if err != nil {
		return nil, fmt.Errorf("chain: key file: %w", err)
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, fmt.Errorf("chain: key file: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

package main

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"whocomply/domain"
	"whocomply/domain/chain"
	"whocomply/domain/webhook"
)

// dataFlags say where an installation is. Every command has them.
type dataFlags struct {
	Data       string `help:"Data directory." default:"./var" env:"WHOCOMPLY_DATA" type:"path" json:"-"`
	Origin     string `help:"Name of this installation in its ledgers; fixed on the first start." default:"whocomply.localhost" env:"WHOCOMPLY_ORIGIN" json:"-"`
	EventStore string `name:"eventstore" help:"EventStoreDB cluster for the ledgers, esdb://…, instead of a file in the data directory." env:"WHOCOMPLY_EVENTSTORE" json:"-"`
	Database   string `help:"PostgreSQL for the read models, postgres://…, instead of a file in the data directory." env:"WHOCOMPLY_DATABASE" json:"-"`
	Passphrase string `help:"Passphrase of the signing key, if it has one." env:"WHOCOMPLY_KEY_PASSPHRASE" hidden:"" json:"-"`
	LogLevel   string `help:"debug, info, warn or error." default:"info" enum:"debug,info,warn,error" env:"WHOCOMPLY_LOG_LEVEL" json:"-"`
}

// Files of a data directory.
const (
	keyFile     = "signing-key.pem"      // Ed25519, 0600: whoever has it can sign as this installation
	nextKeyFile = "signing-key-next.pem" // 0600: the key of a rotation that is under way
	webhookFile = "webhook-key"          // 32 random bytes in hex, 0600: whoever has it can read the secrets of webhooks
	readFile    = "read.db"              // read models, rebuildable from the ledgers
	socketFile  = "operator.sock"        // 0600: operators' commands while the server runs
)

// database is where the read models are, as projections.Open takes it.
func (f *dataFlags) database() (string, error) {
	switch {
	case f.Database == "":
		return f.path(readFile), nil
	case !strings.Contains(f.Database, "://"): // it would pass for a path
		return "", domain.InvalidField("--database", "must be a URL that begins with postgres://")
	}
	return f.Database, nil
}

func (f *dataFlags) path(name string) string { return filepath.Join(f.Data, name) }

func (f *dataFlags) logger() *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(f.LogLevel)) // checked by the enum of the flag
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

// writable makes the data directory, if it is not there, and a file in it, which it removes.
func (f *dataFlags) writable() error {
	if err := os.MkdirAll(f.Data, 0o700); err != nil {
		return err
	}
	probe, err := os.CreateTemp(f.Data, ".writable-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// signingKey reads the installation's key, making one on the first start.
func (f *dataFlags) signingKey() (crypto.Signer, error) {
	key, err := f.readKey(f.path(keyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return f.newKey(f.path(keyFile))
	}
	return key, err
}

// nextKey reads the key of a rotation that was begun and not finished; nil if there is none.
func (f *dataFlags) nextKey() (crypto.Signer, error) {
	key, err := f.readKey(f.path(nextKeyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return key, err
}

// readKey reads a key file that nobody else can.
func (f *dataFlags) readKey(path string) (crypto.Signer, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others (mode %04o); run chmod 600 on it", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := chain.ParseKey(text, []byte(f.Passphrase))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

func (f *dataFlags) newKey(path string) (crypto.Signer, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	text, err := chain.FormatKey(rand.Reader, key, []byte(f.Passphrase))
	if err != nil {
		return nil, err
	}
	return key, writeDurably(path, text)
}

// vault opens the secrets of webhooks by the installation's webhook key, making one on the first start.
func (f *dataFlags) vault() (*webhook.Vault, error) {
	path := f.path(webhookFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		var master [webhook.MasterSize]byte
		rand.Read(master[:])
		text = []byte(hex.EncodeToString(master[:]) + "\n")
		err = writeDurably(path, text)
	}
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others (mode %04o); run chmod 600 on it", path, info.Mode().Perm())
	}
	master, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s must hold %d bytes in hex", path, webhook.MasterSize)
	}
	return webhook.NewVault(master)
}

// writeDurably puts a file at path that only its owner may read: whole or not at all, and when it
// returns a crash can no longer lose it.
func writeDurably(path string, content []byte) error {
	fresh := path + ".new"
	file, err := os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(fresh))
	}
	return renameDurably(fresh, path)
}

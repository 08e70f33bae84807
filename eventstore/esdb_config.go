package eventstore

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// esdbDeadline is how long one call may take unless the connection string says otherwise.
const esdbDeadline = 10 * time.Second

// esdbMaxMessage is the greatest answer taken, as in the client library: an event of 16 MiB with room.
const esdbMaxMessage = 17 << 20

// parseESDB reads a connection string. The library's errors quote parts of the string, which holds a password; so they
// are not passed on.
func parseESDB(url string, log *slog.Logger) (*esdb.Configuration, error) {
	config, err := esdb.ParseConnectionString(url)
	if file, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, fmt.Errorf("eventstore: a file named by the EventStoreDB connection string: %w", file)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: the EventStoreDB connection string cannot be read; it is like "+
			"esdb://user:password@host:2113,host:2113?tls=true, with special characters in the password as %%XX", ErrInvalid)
	}
	if config.DefaultDeadline == nil || *config.DefaultDeadline <= 0 {
		deadline := esdbDeadline
		config.DefaultDeadline = &deadline
	}
	if config.DisableTLS && config.Username != "" {
		log.Warn("the event store's user and password are not sent, because tls is false")
	}
	config.MaxDiscoverAttempts = 1 // We try again ourselves, with a new client.
	config.NodePreference = esdb.NodePreferenceLeader
	config.Logger = func(level esdb.LogLevel, format string, args ...any) {
		log.Debug("event store client", "level", level, "message", fmt.Sprintf(format, args...))
	}
	return config, config.Validate()
}

// dialOptions are those of the library's own connections.
func dialOptions(config *esdb.Configuration) ([]grpc.DialOption, error) {
	options := []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(esdbMaxMessage))}
	if config.KeepAliveInterval >= 0 {
		options = append(options, grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time: config.KeepAliveInterval, Timeout: config.KeepAliveTimeout, PermitWithoutStream: true,
		}))
	}
	if config.DisableTLS {
		return append(options, grpc.WithTransportCredentials(insecure.NewCredentials())), nil
	}
	transport := &tls.Config{RootCAs: config.RootCAs, InsecureSkipVerify: config.SkipCertificateVerification, MinVersion: tls.VersionTLS12}
	if config.UserCertFile != "" {
		pair, err := tls.LoadX509KeyPair(config.UserCertFile, config.UserKeyFile)
		if err != nil {
			return nil, fmt.Errorf("eventstore: certificate of the EventStoreDB user: %w", err)
		}
		transport.Certificates = []tls.Certificate{pair}
	}
	options = append(options, grpc.WithTransportCredentials(credentials.NewTLS(transport)))
	if config.Username != "" {
		options = append(options, grpc.WithPerRPCCredentials(basicAuth{config.Username, config.Password}))
	}
	return options, nil
}

// basicAuth sends a user and password with each call, over TLS only.
type basicAuth struct{ user, password string }

// GetRequestMetadata implements [credentials.PerRPCCredentials].
func (a basicAuth) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(a.user+":"+a.password))}, nil
}

// RequireTransportSecurity implements [credentials.PerRPCCredentials].
func (basicAuth) RequireTransportSecurity() bool { return true }

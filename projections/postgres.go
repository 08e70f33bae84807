package projections

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"whocomply/domain"
)

// postgres is a PostgreSQL database, or a schema in one if the URL says search_path. Its encoding
// must be UTF-8; the order of its texts is ours, whatever the database's is.
type postgres struct {
	config pq.Config
}

// Every statement goes by an index that was made for it. A planner that has no statistics of a new
// table yet would read it whole, and keep to that plan while the table grows.
var settings = map[string]string{
	"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "jit": "off",
	// The database notices within some 15 s that the machine of a session is gone.
	"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "3", "tcp_keepalives_count": "3",
}

const (
	// connectWithin bounds the making of a connection.
	connectWithin = 5 * time.Second
	// answerWithin bounds how long the database may be silent in the middle of a statement.
	answerWithin = 30 * time.Second
)

// errNoDatabase quotes nothing of the URL, for there may be a password in it.
var errNoDatabase = domain.Errorf(domain.Invalid, "the database must be a URL such as postgres://user:password@host:5432/name?sslmode=verify-full")

// newPostgres reads a URL.
func newPostgres(database string) (*postgres, error) {
	config, err := pq.NewConfig(database)
	if u, fault := url.Parse(database); err != nil || fault != nil || u.Host == "" && u.Query().Get("host") == "" {
		return nil, errNoDatabase
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectWithin
	}
	if config.ApplicationName == "" {
		config.ApplicationName = "whocomply"
	}
	config = config.Clone()
	if config.Runtime == nil {
		config.Runtime = map[string]string{}
	}
	for name, value := range settings {
		if _, said := config.Runtime[name]; !said {
			config.Runtime[name] = value
		}
	}
	return &postgres{config}, nil
}

// String gives host and database.
func (p *postgres) String() string {
	return (&url.URL{Scheme: "postgres", Host: p.config.Host, Path: p.config.Database}).String()
}

func (p *postgres) open(connections int, writer bool) (*sqlx.DB, error) {
	connector, err := pq.NewConnectorConfig(p.config)
	if err != nil {
		return nil, domain.Errorf(domain.Invalid, "the settings in the URL of %s do not go together", p)
	}
	connector.Dialer(dialer{})
	db := sqlx.NewDb(sql.OpenDB(connector), "postgres")
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	if writer {
		db.SetMaxIdleConns(-1) // a session ends when it is given back, and what it holds with it
	}
	return db, nil
}

func (*postgres) schema(text string) string {
	return strings.ReplaceAll(text, " TEXT ", ` TEXT COLLATE "C" `)
}

// run sends a column of the rows as an array each, in one statement for all of them.
func (*postgres) run(w *writer, b *bulk, r *rows) (changed int64, err error) {
	columns := make([]any, len(r.args)/r.n)
	for i := range columns {
		if columns[i], err = arrayOf(r.args, i, len(columns)); err != nil {
			return 0, err
		}
	}
	return w.count(b.arrays, columns...)
}

// leadKey is the advisory lock of whoever changes the read models in a schema. It is the session's, and
// all changes are made in that session: one that has lost the lock cannot commit either.
const leadKey = "hashtextextended('whocomply read models in ' || COALESCE(current_schema(), ''), 0)"

// dismissLeader ends the session that holds the lock. Its node makes another one, and is too late.
const dismissLeader = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_locks, (SELECT " + leadKey + " AS key) k " +
	"WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pid <> pg_backend_pid() " +
	"AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) " +
	"AND classid::bigint = (k.key >> 32) & 4294967295 AND objid::bigint = k.key & 4294967295"

// dismissWithin bounds how long a dismissed session may take to end.
const dismissWithin = 10 * time.Second

func (*postgres) lead(ctx context.Context, s session, force bool) (leads bool, err error) {
	for end := time.Now().Add(dismissWithin); ; time.Sleep(10 * time.Millisecond) {
		if err := sqlx.GetContext(ctx, s, &leads, "SELECT pg_try_advisory_lock("+leadKey+")"); err != nil || leads || !force {
			return leads, err
		}
		if time.Now().After(end) {
			return false, domain.Errorf(domain.Unavailable, "another node does not let go of the read models")
		}
		if _, err := s.ExecContext(ctx, dismissLeader); err != nil {
			return false, err
		}
	}
}

func (*postgres) begin() string { return "BEGIN" }

func (*postgres) exclude(ctx context.Context, tx *sqlx.Tx) error {
	var encoding string
	if err := tx.GetContext(ctx, &encoding, "SHOW server_encoding"); err != nil {
		return err
	}
	if encoding != "UTF8" {
		return domain.Errorf(domain.Invalid, "the database must have the encoding UTF8, not %s", encoding)
	}
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock("+leadKey+" + 1)")
	return err
}

// noText is in no text of a ledger: it is no character.
const noText = "\uFFFF"

// arguments replaces what PostgreSQL does not take for text.
func (*postgres) arguments(args []any) []any {
	for i, arg := range args {
		if text, ok := arg.(string); ok && (!utf8.ValidString(text) || strings.Contains(text, "\x00")) {
			args[i] = strings.ReplaceAll(strings.ToValidUTF8(text, noText), "\x00", noText)
		}
	}
	return args
}

func (*postgres) among(list []int64) (condition string, argument any) {
	return "= ANY(?::BIGINT[])", numbers('{', list, '}')
}

// away includes tables and columns that are not there, or not yet.
func (p *postgres) away(err error) bool {
	return p.transient(err) || pq.As(err, pqerror.UndefinedTable, pqerror.UndefinedColumn) != nil
}

// The classes of PostgreSQL's errors that are the statement's own: values, constraints, names, limits.
const statementFaults = "21 22 23 42 44 54"

func (*postgres) transient(err error) bool {
	if failure := pq.As(err); failure != nil {
		return !strings.Contains(statementFaults, string(failure.Code.Class()))
	}
	return errors.Is(err, sql.ErrConnDone) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrTxDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || isNet(err)
}

func isNet(err error) bool {
	_, ok := errors.AsType[net.Error](err)
	return ok
}

// dialer makes connections on which a silent database is noticed.
type dialer struct{ net.Dialer }

// DialContext implements pq.DialerContext.
func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &impatient{Conn: conn}, nil
}

// DialTimeout implements pq.Dialer.
func (d dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// Dial implements pq.Dialer.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// impatient is a connection whose reads and writes end. An idle one is neither read nor written.
type impatient struct{ net.Conn }

// Read implements net.Conn.
func (c *impatient) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(answerWithin)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// Write implements net.Conn.
func (c *impatient) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(answerWithin)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

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

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"whocomply/domain"
)

// postgres is a PostgreSQL database, or a schema in one if the URL says search_path. Its encoding
// must be UTF-8; the order of its texts is ours, whatever the database's is.
type postgres struct {
	config pq.Config
}

// Every statement goes by an index that was made for it. A planner that has no statistics of a new
// table yet would read it whole, and keep to that plan while the table grows. A lost transaction
// is applied again from the ledgers, so none waits for its fsync.
var session = map[string]string{
	"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "jit": "off",
	"synchronous_commit": "off",
	// The database notices within some 15 s that the machine of a session is gone.
	"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "3", "tcp_keepalives_count": "3",
}

const (
	// connectWithin bounds the making of a connection.
	connectWithin = 5 * time.Second
	// answerWithin bounds how long the database may be silent in the middle of a statement.
	answerWithin = time.Minute
)

// newPostgres reads a URL. The error quotes nothing of it, for there may be a password in it.
func newPostgres(database string) (*postgres, error) {
	config, err := pq.NewConfig(database)
	if u, fault := url.Parse(database); err != nil || fault != nil || u.Host == "" && u.Query().Get("host") == "" {
		return nil, domain.Errorf(domain.Invalid, "the database must be a URL such as postgres://user:password@host:5432/name?sslmode=verify-full")
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
	for name, value := range session {
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

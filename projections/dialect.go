package projections

import (
	"context"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"
)

// dialect is what the two databases do differently. All else is the same statements on both.
type dialect interface {
	// open makes a pool that has at most so many connections; a writer is one connection of a pool of its own.
	open(connections int, writer bool) (*sqlx.DB, error)
	// schema gives the text of a schema file as the database takes it.
	schema(text string) string
	// run carries out a statement on rows and says how many it changed.
	run(w *writer, b *bulk, r *rows) (changed int64, err error)
	// arguments gives the arguments of a query so that a text which no ledger holds finds nothing.
	arguments(args []any) []any
	// among gives a condition that a number is one of a list, after its name, and the argument for the list.
	among(list []int64) (condition string, argument any)
	// transient reports whether a statement failed for the database's sake (a full disk, a lock, a
	// lost connection), rather than for what it was to write.
	transient(err error) bool
	// away reports whether a query failed because the database cannot be reached, or is another
	// version's by now, so that the same query may be answered later.
	away(err error) bool
	// begin is the statement that begins a transaction that writes.
	begin() string
	// lead makes a session, until it is closed, the one that changes the database, and reports
	// whether it is. If another one is and force is set, that one is ended.
	lead(ctx context.Context, s session, force bool) (bool, error)
	// exclude lets a transaction that migrates go on when no other is under way, unless the database
	// cannot hold our texts.
	exclude(ctx context.Context, tx *sqlx.Tx) error
	// String names the database without a secret.
	String() string
}

// session is a connection, or a transaction on it.
type session interface {
	sqlx.QueryerContext
	sqlx.ExecerContext
}

// dialectOf gives the dialect of a database named by a postgres:// URL or by the path of a SQLite file.
func dialectOf(database string) (dialect, error) {
	if strings.HasPrefix(database, "postgres://") || strings.HasPrefix(database, "postgresql://") {
		return newPostgres(database)
	}
	if strings.Contains(database, "://") {
		return nil, errNoDatabase
	}
	return sqliteFile(database), nil
}

// numbers writes a list between brackets.
func numbers(first byte, list []int64, last byte) string {
	b := []byte{first}
	for i, n := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, n, 10)
	}
	return string(append(b, last))
}

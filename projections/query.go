package projections

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
)

// scanner is a row, or rows at one of them.
type scanner interface{ Scan(dest ...any) error }

// statement gives the prepared form of a query. Their texts are few: values are always arguments.
func (db *DB) statement(text string) (*sql.Stmt, error) {
	if s, prepared := db.statements.Load(text); prepared {
		return s.(*sql.Stmt), nil
	}
	s, err := db.pool.PrepareContext(context.Background(), db.pool.Rebind(text))
	if err != nil {
		return nil, db.told(err)
	}
	if first, raced := db.statements.LoadOrStore(text, s); raced {
		return first.(*sql.Stmt), s.Close()
	}
	return s, nil
}

// one reads a single row, or gives domain.Unknown for a thing named what. Reading one row is too
// short to be cancelled, and a context that can be costs a goroutine.
func one[T any](ctx context.Context, db *DB, what string, scan func(scanner) (T, error), text string, args ...any) (T, error) {
	var value T
	statement, err := db.statement(text)
	if err == nil {
		value, err = scan(statement.QueryRowContext(context.WithoutCancel(ctx), db.dialect.arguments(args)...))
	}
	if noRows(err) {
		return value, domain.Errorf(domain.Unknown, "%s not found", what)
	}
	return value, db.told(err)
}

// told is the error of a query as callers are told it: one that may be answered later says so.
func (db *DB) told(err error) error {
	if err == nil || domain.CodeOf(err) != "" || !db.dialect.away(err) {
		return err
	}
	return fmt.Errorf("%w: %w", domain.Errorf(domain.Unavailable, "the read models cannot be read now; try again"), err)
}

// many reads all rows of a query. It never gives nil for an empty list.
func many[T any](ctx context.Context, db *DB, scan func(scanner) (T, error), text string, args ...any) ([]T, error) {
	statement, err := db.statement(text)
	if err != nil {
		return nil, err
	}
	found, err := statement.QueryContext(ctx, db.dialect.arguments(args)...)
	if err != nil {
		return nil, db.told(err)
	}
	defer found.Close()
	list := []T{}
	for found.Next() {
		value, err := scan(found)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, db.told(found.Err())
}

// listing is a list to be read in pages; where and args narrow both the rows and their total.
type listing struct {
	columns, from, where, order string
	args                        []any
}

// list reads a page of a listing and counts its rows.
func list[T any](ctx context.Context, db *DB, q listing, p Page, scan func(scanner) (T, error)) ([]T, int64, error) {
	total, err := one(ctx, db, "total", scanColumn[int64], "SELECT COUNT(*) FROM "+q.from+" WHERE "+q.where, q.args...)
	if err != nil {
		return nil, 0, err
	}
	found, err := rowsOf(ctx, db, q, p, scan)
	return found, total, err
}

// rowsOf reads a page of a listing.
func rowsOf[T any](ctx context.Context, db *DB, q listing, p Page, scan func(scanner) (T, error)) ([]T, error) {
	return many(ctx, db, scan, "SELECT "+q.columns+" FROM "+q.from+" WHERE "+q.where+" ORDER BY "+q.order+" LIMIT ? OFFSET ?",
		append(slices.Clone(q.args), p.Limit, p.Offset)...)
}

// narrow adds a condition on a column if the value is not empty.
func (q *listing) narrow(column, value string) {
	if value != "" {
		q.where += " AND " + column + " = ?"
		q.args = append(q.args, value)
	}
}

// between adds bounds on a column of times: from since on and before until, where these are not zero.
func (q *listing) between(column string, since, until time.Time) {
	if !since.IsZero() {
		q.where += " AND " + column + " >= ?"
		q.args = append(q.args, micros(since))
	}
	if !until.IsZero() {
		q.where += " AND " + column + " < ?"
		q.args = append(q.args, micros(until))
	}
}

// scanColumn reads a row of one column.
func scanColumn[T any](row scanner) (value T, err error) {
	err = row.Scan(&value)
	return value, err
}

// scanDoc reads a row whose only column is the JSON of a T.
func scanDoc[T any](row scanner) (value T, err error) {
	var doc []byte
	if err := row.Scan(&doc); err != nil {
		return value, err
	}
	return value, json.Unmarshal(doc, &value)
}

// docOf gives the JSON of a value to be stored. It is deterministic: so are rows.
func docOf(value any) (string, error) {
	doc, err := domain.AppendJSON(nil, value)
	return string(doc), err
}

func micros(t time.Time) int64 { return t.UnixMicro() }

func timeOf(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

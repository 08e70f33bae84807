package projections

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"whocomply/domain"
)

// projection folds events into one read model. It is used by one goroutine. Between two writes
// it keeps in memory what a batch changes, so that a row that changes often is written once.
type projection interface {
	model() Model
	version() int // of schema and fold together; another one rebuilds the model
	// apply folds one event into the batch. It reads the database only where the fold needs the past.
	apply(w *writer, e *domain.Envelope) error
	// write brings the batch to the database.
	write(w *writer) error
	// forget drops the batch, be it written or not.
	forget()
}

// newProjections makes one projection of each model, in the order of models.
func newProjections() []projection {
	return []projection{
		&customers{}, &riskViews{}, &alerts{}, newAccounts(), newEvents(), &rules{}, newFirings(), &watchlists{}, &screenings{}, &batches{}, newOutbox(),
	}
}

// writer is the one connection that writes, with its prepared statements and the present transaction.
type writer struct {
	dialect    dialect
	conn       *sqlx.Conn
	leads      bool // it may change the database
	statements map[string]*sql.Stmt
	stale      []entity    // risk views that the transaction changes
	moved      []OutboxEnd // webhooks that have something new after it
}

func newWriter(ctx context.Context, dialect dialect, pool *sqlx.DB) (*writer, error) {
	conn, err := pool.Connx(ctx)
	if err != nil {
		return nil, err
	}
	return &writer{dialect: dialect, conn: conn, statements: map[string]*sql.Stmt{}}, nil
}

func (w *writer) close() error { return errors.Join(w.release(), w.conn.Close()) }

// release lets go of the statements.
func (w *writer) release() (err error) {
	for _, s := range w.statements {
		err = errors.Join(err, s.Close())
	}
	clear(w.statements)
	return err
}

// alive reports whether the connection still works.
func (w *writer) alive() bool { return w.conn.PingContext(context.Background()) == nil }

// within runs f in a transaction. It does not end with any context: a batch is short, and
// cutting it would only have it done again. It is no sql.Tx, for in one of those the statements that
// a lost connection has prepared wait for it for ever.
func (w *writer) within(f func() error) error {
	if _, err := w.exec(w.dialect.begin()); err != nil {
		return err
	}
	w.stale, w.moved = w.stale[:0], w.moved[:0]
	err := f()
	if err == nil {
		_, err = w.exec("COMMIT")
	}
	if err == nil {
		return nil
	}
	if _, undo := w.exec("ROLLBACK"); undo != nil {
		return fmt.Errorf("%w, and roll back: %w", err, undo)
	}
	return err
}

// prepared gives the statement for a text, prepared once per connection.
func (w *writer) prepared(text string) (*sql.Stmt, error) {
	if s := w.statements[text]; s != nil {
		return s, nil
	}
	s, err := w.conn.PrepareContext(context.Background(), w.conn.Rebind(text))
	if err != nil {
		return nil, err
	}
	w.statements[text] = s
	return s, nil
}

// exec runs a statement on any number of rows.
func (w *writer) exec(text string, args ...any) (sql.Result, error) {
	s, err := w.prepared(text)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(context.Background(), args...)
}

// count runs a statement and says how many rows it changed.
func (w *writer) count(text string, args ...any) (int64, error) {
	result, err := w.exec(text, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// change runs a statement that must change one row: there being none is an error.
func (w *writer) change(text string, args ...any) error {
	n, err := w.count(text, args...)
	if err == nil && n != 1 {
		err = fmt.Errorf("%d rows changed instead of one", n)
	}
	return err
}

// get reads one row into dest, and leaves it alone if there is none.
func (w *writer) get(text string, args []any, dest ...any) error {
	s, err := w.prepared(text)
	if err != nil {
		return err
	}
	if err := s.QueryRowContext(context.Background(), args...).Scan(dest...); !noRows(err) {
		return err
	}
	return nil
}

package projections

import (
	"context"
	"embed"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
)

//go:embed schema/*.sql
var schemas embed.FS

// migrations are the forward-only steps of the database itself, oldest first.
var migrations = []string{"0001", "0002", "0003"}

// schemaOf gives the statements of a schema file.
func schemaOf(name string) (string, error) {
	text, err := schemas.ReadFile("schema/" + name + ".sql")
	return string(text), err
}

// columnTypes are the types of all columns, by "table.column". In a schema file each column has a line
// of its own.
var columnTypes = readColumnTypes()

func readColumnTypes() map[string]string {
	types := map[string]string{}
	files, _ := schemas.ReadDir("schema") // embedded
	for _, file := range files {
		text, _ := schemaOf(strings.TrimSuffix(file.Name(), ".sql"))
		table := ""
		for line := range strings.Lines(text) {
			words := strings.Fields(line)
			switch {
			case strings.HasPrefix(line, "CREATE TABLE "):
				table = words[2]
			case strings.HasPrefix(line, "    ") && len(words) > 1:
				types[table+"."+words[0]] = words[1]
			}
		}
	}
	return types
}

// migrate brings the database to the present schema in one transaction. Nodes that start together do
// it one after the other. A node of another version that is at work on the read models loses them.
func (db *DB) migrate(ctx context.Context) error {
	conn, err := db.write.Connx(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // the transaction has ended
	tx, err := conn.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it has nothing to do
	if err := db.dialect.exclude(ctx, tx); err != nil {
		return err
	}
	if err := db.migrateBase(ctx, tx); err != nil {
		return err
	}
	old, err := outdated(ctx, tx)
	if err != nil {
		return err
	}
	if len(old) > 0 {
		if _, err := db.dialect.lead(ctx, tx, true); err != nil {
			return err
		}
	}
	for _, p := range old {
		if err := db.recreate(ctx, tx, p); err != nil {
			return fmt.Errorf("read model %s: %w", p.model(), err)
		}
	}
	return tx.Commit()
}

// outdated lists the read models of which the database has another version than this program, or none.
func outdated(ctx context.Context, q sqlx.QueryerContext) (old []projection, err error) {
	var found []struct {
		Name    Model
		Version int
	}
	if err := sqlx.SelectContext(ctx, q, &found, "SELECT name, version FROM models"); err != nil {
		return nil, err
	}
	versions := map[Model]int{}
	for _, row := range found {
		versions[row.Name] = row.Version
	}
	for _, p := range newProjections() {
		if versions[p.model()] != p.version() {
			old = append(old, p)
		}
	}
	return old, nil
}

func (db *DB) migrateBase(ctx context.Context, tx *sqlx.Tx) error {
	if _, err := tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)"); err != nil {
		return err
	}
	var done int
	if err := tx.GetContext(ctx, &done, "SELECT COUNT(*) FROM schema_version"); err != nil {
		return err
	}
	if done > len(migrations) {
		return fmt.Errorf("schema version %d is newer than this program's %d", done, len(migrations))
	}
	for i, name := range migrations[done:] {
		text, err := schemaOf(name)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, db.dialect.schema(text)); err != nil {
			return fmt.Errorf("schema %s: %w", name, err)
		}
		if _, err := tx.ExecContext(ctx, tx.Rebind("INSERT INTO schema_version (version) VALUES (?)"), done+i+1); err != nil {
			return err
		}
	}
	return nil
}

// recreate drops what tables the read model had, makes those it has now, and forgets its positions.
func (db *DB) recreate(ctx context.Context, tx *sqlx.Tx, p projection) error {
	var tables string
	err := tx.GetContext(ctx, &tables, tx.Rebind("SELECT tables FROM models WHERE name = ?"), p.model())
	if err != nil && !noRows(err) {
		return err
	}
	for table := range strings.FieldsSeq(tables) {
		if _, err := tx.ExecContext(ctx, "DROP TABLE "+table); err != nil {
			return err
		}
	}
	text, err := schemaOf(string(p.model()))
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, db.dialect.schema(text)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, tx.Rebind("DELETE FROM positions WHERE model = ?"), p.model()); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, tx.Rebind("INSERT INTO models (name, version, tables) VALUES (?, ?, ?) "+
		"ON CONFLICT (name) DO UPDATE SET version = excluded.version, tables = excluded.tables"),
		p.model(), p.version(), strings.Join(tablesOf(text), " "))
	return err
}

// tablesOf lists the tables that a schema makes, in its order.
func tablesOf(schema string) (tables []string) {
	for line := range strings.Lines(schema) {
		if rest, ok := strings.CutPrefix(line, "CREATE TABLE "); ok {
			name, _, _ := strings.Cut(rest, " ")
			tables = append(tables, name)
		}
	}
	return tables
}

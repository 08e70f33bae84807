-- What an event says stands in the ledger; here is what leads to it.
CREATE TABLE events (
    ledger       TEXT   NOT NULL,
    seq          BIGINT NOT NULL,
    event_type   TEXT   NOT NULL,
    occurred_at  BIGINT NOT NULL, -- microseconds since 1970
    late         BIGINT NOT NULL, -- 0 or 1
    out_of_order BIGINT NOT NULL, -- 0 or 1
    PRIMARY KEY (ledger, seq)
) /* clustered */;

-- Events of a time, whatever their order in the ledger.
CREATE INDEX events_occurred ON events (ledger, occurred_at, seq);

-- The events of each type, of each customer and of each rule that fired, those that came late or out
-- of order, and the ledger events about each customer that are not activity events, by digest of ledger,
-- kind and value (see keys.go). A customer's timeline is both.
CREATE TABLE event_keys (
    key   BIGINT NOT NULL,
    first BIGINT NOT NULL, -- position
    n     BIGINT NOT NULL, -- positions
    more  BYTEA  NOT NULL, -- the others
    PRIMARY KEY (key, first)
) /* clustered */;

-- The newest of event_keys.
CREATE TABLE event_keys_recent (
    key     BIGINT NOT NULL, -- the least of the entries
    first   BIGINT NOT NULL, -- its position
    entries BYTEA  NOT NULL,
    PRIMARY KEY (key, first)
) /* clustered */;

-- Events by type, so that totals are not counted.
CREATE TABLE event_totals (
    ledger TEXT   NOT NULL,
    type   TEXT   NOT NULL,
    n      BIGINT NOT NULL,
    PRIMARY KEY (ledger, type)
) /* clustered */;

CREATE TABLE alerts (
    ledger      TEXT   NOT NULL,
    created_seq BIGINT NOT NULL,
    id          TEXT   NOT NULL,
    customer_id TEXT   NOT NULL,
    status      TEXT   NOT NULL,
    severity    TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    seq         BIGINT NOT NULL,
    doc         TEXT   NOT NULL, -- Alert as it was raised
    PRIMARY KEY (ledger, created_seq)
);

-- GET of one alert.
CREATE UNIQUE INDEX alerts_id ON alerts (ledger, id);

-- The queue of work: newest first, filtered, and counted without the table.
CREATE INDEX alerts_queue ON alerts (ledger, status, created_seq, severity, kind);

-- A customer's alerts; the ids of the open ones are read from here alone.
CREATE INDEX alerts_customer ON alerts (ledger, customer_id, status, created_seq, id);

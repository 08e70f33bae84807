CREATE TABLE alerts (
    ledger      TEXT   NOT NULL,
    created_seq BIGINT NOT NULL,
    id          TEXT   NOT NULL,
    customer_id TEXT   NOT NULL,
    created_at  BIGINT NOT NULL, -- microseconds since 1970; rises with created_seq
    severity    TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    status      TEXT   NOT NULL,
    is_open     BIGINT NOT NULL, -- 1 unless it is resolved or dismissed
    assignee    TEXT   NOT NULL, -- or empty
    outcome     TEXT   NOT NULL, -- or empty
    updated_at  BIGINT NOT NULL,
    due_at      BIGINT NOT NULL, -- the greatest number there is without a deadline
    seq         BIGINT NOT NULL,
    doc         TEXT   NOT NULL, -- payload of alert.raised
    PRIMARY KEY (ledger, created_seq)
);

-- GET of one alert.
CREATE UNIQUE INDEX alerts_id ON alerts (ledger, id);

-- The queue of work: newest first, filtered, and counted without the table.
CREATE INDEX alerts_queue ON alerts (ledger, status, created_seq, severity, kind, assignee, created_at);

-- A customer's alerts; the ids of the open ones are read from here alone.
CREATE INDEX alerts_customer ON alerts (ledger, customer_id, is_open, created_seq, id);

-- Alerts that are overdue, and those that will be next.
CREATE INDEX alerts_due ON alerts (ledger, is_open, due_at);

-- What was done about each alert.
CREATE TABLE alert_steps (
    ledger TEXT   NOT NULL,
    seq    BIGINT NOT NULL,
    alert  TEXT   NOT NULL,
    doc    TEXT   NOT NULL, -- AlertStep
    PRIMARY KEY (ledger, seq)
);

CREATE INDEX alert_steps_alert ON alert_steps (ledger, alert, seq);

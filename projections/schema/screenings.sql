CREATE TABLE screening_dispositions (
    ledger      TEXT   NOT NULL,
    created_seq BIGINT NOT NULL,
    id          TEXT   NOT NULL,
    customer_id TEXT   NOT NULL,
    met         TEXT   NOT NULL, -- digest of the counterparty, list and entry: one of them is in force
    status      TEXT   NOT NULL, -- in_force, superseded or void
    doc         TEXT   NOT NULL, -- Disposition
    void        TEXT   NOT NULL, -- DispositionVoid, or empty
    PRIMARY KEY (ledger, created_seq)
);

CREATE UNIQUE INDEX screening_dispositions_id ON screening_dispositions (ledger, id);

-- What was found about a customer, newest first; holds what it is filtered by.
CREATE INDEX screening_dispositions_customer ON screening_dispositions (ledger, customer_id, created_seq, status, met);

CREATE TABLE good_guys (
    ledger      TEXT   NOT NULL,
    created_seq BIGINT NOT NULL,
    id          TEXT   NOT NULL,
    status      TEXT   NOT NULL, -- proposed, approved, rejected or withdrawn
    doc         TEXT   NOT NULL, -- GoodGuy
    PRIMARY KEY (ledger, created_seq)
);

CREATE UNIQUE INDEX good_guys_id ON good_guys (ledger, id);

CREATE TABLE screening_runs (
    ledger      TEXT   NOT NULL,
    created_seq BIGINT NOT NULL,
    id          TEXT   NOT NULL,
    status      TEXT   NOT NULL, -- running, completed or superseded
    ended_seq   BIGINT NOT NULL, -- or 0
    doc         TEXT   NOT NULL, -- ScreeningRun
    PRIMARY KEY (ledger, created_seq)
);

CREATE UNIQUE INDEX screening_runs_id ON screening_runs (ledger, id);

-- The last run that came to its end.
CREATE INDEX screening_runs_status ON screening_runs (ledger, status, created_seq, ended_seq);

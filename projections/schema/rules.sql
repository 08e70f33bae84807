CREATE TABLE rules (
    ledger      TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    created_seq BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    doc         TEXT   NOT NULL, -- Rule, but for created_at
    PRIMARY KEY (ledger, id)
);

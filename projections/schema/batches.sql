CREATE TABLE screening_batches (
    ledger      TEXT   NOT NULL,
    created_seq BIGINT NOT NULL,
    id          TEXT   NOT NULL,
    status      TEXT   NOT NULL, -- running, completed or cancelled
    doc         TEXT   NOT NULL, -- ScreeningBatch
    PRIMARY KEY (ledger, created_seq)
);

CREATE UNIQUE INDEX screening_batches_id ON screening_batches (ledger, id);

CREATE TABLE screening_batch_rows (
    ledger   TEXT   NOT NULL,
    batch    BIGINT NOT NULL, -- created_seq of the batch
    place    BIGINT NOT NULL, -- index of the row
    status   TEXT   NOT NULL, -- waiting, hit, no_hit or refused
    strength BIGINT NOT NULL, -- of its strongest hit, see strengthOf; 0 without one
    doc      TEXT   NOT NULL, -- screening.BatchRow
    found    TEXT   NOT NULL, -- screening.RowFound, or empty
    PRIMARY KEY (ledger, batch, place)
) /* clustered */;

-- The rows of a batch, those with the strongest hits first.
CREATE INDEX screening_batch_rows_strength ON screening_batch_rows (ledger, batch, strength DESC, place);

CREATE TABLE customers (
    ledger      TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    external_id TEXT   NOT NULL,
    created_seq BIGINT NOT NULL,
    created_at  BIGINT NOT NULL, -- microseconds since 1970, as all times
    seq         BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    type        TEXT   NOT NULL,
    name_key    TEXT   NOT NULL, -- name in lower case
    kyc_status  TEXT   NOT NULL,
    profile     TEXT   NOT NULL, -- customer.Profile
    rating      TEXT   NOT NULL,
    score       BIGINT NOT NULL,
    risk        TEXT   NOT NULL, -- Risk
    screening   TEXT   NOT NULL, -- Screening
    status      TEXT   NOT NULL, -- active or closed
    closed_at   BIGINT NOT NULL, -- 0 while it is active
    reason      TEXT   NOT NULL, -- why it was closed or reopened last
    PRIMARY KEY (ledger, id)
);

-- The institution's systems know a customer by its external_id.
CREATE UNIQUE INDEX customers_external ON customers (ledger, external_id);

-- Lists in order of creation; holds what they filter by, so that totals are counted here alone.
CREATE INDEX customers_list ON customers (ledger, created_seq, rating, kyc_status, type, status, updated_at);

-- Other orders, and the search for the beginning of a name.
CREATE INDEX customers_updated ON customers (ledger, updated_at, created_seq);
CREATE INDEX customers_score ON customers (ledger, score, created_seq);
CREATE INDEX customers_name ON customers (ledger, name_key);

-- Positions of the events that made a customer's versions and changed its status.
CREATE TABLE customer_changes (
    ledger  TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    seq     BIGINT NOT NULL,
    version BIGINT NOT NULL, -- 0 for a change of the status
    PRIMARY KEY (ledger, id, seq)
) /* clustered */;

CREATE TABLE customers (
    ledger      TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    external_id TEXT   NOT NULL,
    created_seq BIGINT NOT NULL,
    created_at  BIGINT NOT NULL, -- microseconds since 1970, as all times
    updated_at  BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    rating      TEXT   NOT NULL,
    kyc_status  TEXT   NOT NULL,
    profile     TEXT   NOT NULL, -- customer.Profile
    risk        TEXT   NOT NULL, -- Risk
    screening   TEXT   NOT NULL, -- Screening
    seq         BIGINT NOT NULL,
    PRIMARY KEY (ledger, id)
);

-- The institution's systems know a customer by its external_id.
CREATE UNIQUE INDEX customers_external ON customers (ledger, external_id);

-- Lists in order of creation; holds what they filter by, so that totals are counted here alone.
CREATE INDEX customers_list ON customers (ledger, created_seq, rating, kyc_status);

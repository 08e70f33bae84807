CREATE TABLE accounts (
    ledger      TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    ref         TEXT   NOT NULL,
    customer_id TEXT   NOT NULL,
    type        TEXT   NOT NULL,
    currency    TEXT   NOT NULL,
    posting_key BIGINT NOT NULL, -- digest that leads to its postings in posting_keys
    created_seq BIGINT NOT NULL,
    doc         TEXT   NOT NULL, -- Account without balances
    PRIMARY KEY (ledger, id)
);

-- GET by our ref.
CREATE UNIQUE INDEX accounts_ref ON accounts (ledger, ref);

-- Lists in order of creation, and those of one customer.
CREATE INDEX accounts_list ON accounts (ledger, created_seq);
CREATE INDEX accounts_customer ON accounts (ledger, customer_id, created_seq) WHERE customer_id <> '';

-- Apart from accounts because it changes with every posting and is small.
CREATE TABLE balances (
    ledger  TEXT   NOT NULL,
    account TEXT   NOT NULL,
    sums    TEXT   NOT NULL, -- decimals: posted debits and credits, pending debits and credits
    posted  BIGINT NOT NULL, -- the account's postings by status, so that totals are not counted
    pending BIGINT NOT NULL,
    voided  BIGINT NOT NULL,
    seq     BIGINT NOT NULL,
    PRIMARY KEY (ledger, account)
) /* clustered */;

CREATE TABLE postings (
    ledger      TEXT   NOT NULL,
    seq         BIGINT NOT NULL, -- of posting.recorded
    posting_id  TEXT   NOT NULL,
    status      TEXT   NOT NULL,
    changed     BIGINT NOT NULL, -- seq of the last event that changed the row
    recorded_at BIGINT NOT NULL, -- microseconds since 1970
    effective   BIGINT NOT NULL, -- microseconds since 1970
    part        TEXT   NOT NULL, -- entries that were posted, JSON; empty if that is all of them
    doc         TEXT   NOT NULL, -- the posting as it was recorded, JSON
    PRIMARY KEY (ledger, seq)
);

-- Lists by value date. The time of recording rises with seq and needs no index.
CREATE INDEX postings_effective ON postings (ledger, effective, seq);

-- The way to the posting that a settlement names. All others are found by seq.
CREATE UNIQUE INDEX postings_pending ON postings (ledger, posting_id) WHERE status = 'pending';

-- The few postings that are not posted, for lists of them.
CREATE INDEX postings_unposted ON postings (ledger, status, seq) WHERE status <> 'posted';

-- The postings of each account, by digest of ledger and account (see keys.go).
CREATE TABLE posting_keys (
    key   BIGINT NOT NULL,
    first BIGINT NOT NULL, -- position
    n     BIGINT NOT NULL, -- positions
    more  BYTEA  NOT NULL, -- the others
    PRIMARY KEY (key, first)
) /* clustered */;

-- The newest of posting_keys.
CREATE TABLE posting_keys_recent (
    key     BIGINT NOT NULL, -- the least of the entries
    first   BIGINT NOT NULL, -- its position
    entries BYTEA  NOT NULL,
    PRIMARY KEY (key, first)
) /* clustered */;

-- Postings by status, so that totals are not counted.
CREATE TABLE posting_totals (
    ledger TEXT   NOT NULL,
    status TEXT   NOT NULL,
    n      BIGINT NOT NULL,
    PRIMARY KEY (ledger, status)
) /* clustered */;

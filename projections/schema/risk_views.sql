CREATE TABLE risk_views (
    ledger      TEXT   NOT NULL,
    id          TEXT   NOT NULL, -- of the customer
    external_id TEXT   NOT NULL,
    rating      TEXT   NOT NULL, -- risk.Rating
    kyc_status  TEXT   NOT NULL,
    status      TEXT   NOT NULL, -- active or closed
    open_alerts BIGINT NOT NULL,
    seq         BIGINT NOT NULL, -- as_of
    hash        TEXT   NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (ledger, id)
);

-- The institution's systems ask by external_id.
CREATE UNIQUE INDEX risk_views_external ON risk_views (ledger, external_id);

-- When API keys were last used. It comes from requests, not from the ledgers: it cannot be rebuilt,
-- and nothing is decided by it.
CREATE TABLE key_uses (
    ledger    TEXT   NOT NULL,
    key_id    TEXT   NOT NULL,
    last_used BIGINT NOT NULL, -- microseconds since 1970
    PRIMARY KEY (ledger, key_id)
) /* clustered */;

-- What each rule did on the events of each day.
CREATE TABLE rule_days (
    ledger TEXT   NOT NULL,
    key    TEXT   NOT NULL, -- of the three columns that follow
    rule   TEXT   NOT NULL,
    day    TEXT   NOT NULL, -- YYYY-MM-DD of occurred_at, UTC
    mode   TEXT   NOT NULL, -- live or shadow; empty for events on which it could not be evaluated
    fired  BIGINT NOT NULL, -- events
    alerts BIGINT NOT NULL, -- that it asked for and no other stood for
    alone  BIGINT NOT NULL, -- events on which no live rule fired but itself
    failed BIGINT NOT NULL,
    PRIMARY KEY (ledger, key)
) /* clustered */;

CREATE INDEX rule_days_rule ON rule_days (ledger, rule, day);

CREATE INDEX rule_days_day ON rule_days (ledger, mode, day);

-- Events on which a shadow rule and a live one fired together.
CREATE TABLE rule_pairs (
    ledger TEXT   NOT NULL,
    key    TEXT   NOT NULL, -- of the two columns that follow
    rule   TEXT   NOT NULL, -- the shadow rule
    other  TEXT   NOT NULL, -- the live one
    n      BIGINT NOT NULL,
    PRIMARY KEY (ledger, key)
) /* clustered */;

CREATE INDEX rule_pairs_rule ON rule_pairs (ledger, rule);

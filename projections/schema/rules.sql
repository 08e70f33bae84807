CREATE TABLE rules (
    ledger      TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    created_seq BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    doc         TEXT   NOT NULL, -- Rule, but for created_at
    PRIMARY KEY (ledger, id)
);

-- All that each rule has been.
CREATE TABLE rule_versions (
    ledger TEXT   NOT NULL,
    seq    BIGINT NOT NULL,
    rule   TEXT   NOT NULL,
    doc    TEXT   NOT NULL, -- RuleVersion
    PRIMARY KEY (ledger, seq)
);

CREATE INDEX rule_versions_rule ON rule_versions (ledger, rule, seq);

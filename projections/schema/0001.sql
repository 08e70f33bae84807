-- What the database itself keeps: the read models that are in it, and how far each has come.
CREATE TABLE models (
    name    TEXT   NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL, -- of the code that filled it; another version drops and rebuilds it
    tables  TEXT   NOT NULL  -- what to drop then, divided by spaces
);

CREATE TABLE positions (
    ledger TEXT   NOT NULL,
    model  TEXT   NOT NULL,
    next   BIGINT NOT NULL, -- seq of the next event to apply
    PRIMARY KEY (ledger, model)
) /* clustered */;

CREATE TABLE watchlist_entries (
    ledger      TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    list        TEXT   NOT NULL,
    created_seq BIGINT NOT NULL,
    doc         TEXT   NOT NULL, -- WatchlistEntry
    PRIMARY KEY (ledger, id)
);

-- Lists in the order entries were added; holds what they filter by.
CREATE INDEX watchlist_entries_list ON watchlist_entries (ledger, created_seq, list);

CREATE TABLE watchlists (
    ledger     TEXT    NOT NULL,
    list       TEXT    NOT NULL,
    doc        TEXT   NOT NULL, -- Watchlist, but for the following
    subscribed INTEGER NOT NULL,
    PRIMARY KEY (ledger, list)
);

-- The subscriptions of webhooks, as far as matching needs them.
CREATE TABLE outbox_endpoints (
    ledger  TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    webhook BIGINT NOT NULL, -- digest of ledger and id (see keys.go), by which all other tables know it
    doc     TEXT   NOT NULL, -- webhook.Subscription
    active  BIGINT NOT NULL,
    last    BIGINT NOT NULL, -- sequence number of its newest event
    replays BIGINT NOT NULL, -- place of its newest replay
    skipped BIGINT NOT NULL, -- sequence number up to which held events are left alone
    PRIMARY KEY (ledger, id)
) /* clustered */;

-- The events of each subscription: each is to be delivered once.
CREATE TABLE outbox (
    webhook     BIGINT NOT NULL,
    sequence    BIGINT NOT NULL, -- 1, 2, … without gaps
    seq         BIGINT NOT NULL, -- of the event in its ledger
    type        TEXT   NOT NULL,
    event_id    TEXT   NOT NULL,
    customer    TEXT   NOT NULL, -- or empty
    recorded_at BIGINT NOT NULL, -- microseconds since 1970
    backfilled  BIGINT NOT NULL, -- 1: it goes the way of replays
    PRIMARY KEY (webhook, sequence)
) /* clustered */;

-- The search for an event by its id.
CREATE INDEX outbox_event ON outbox (webhook, event_id);

-- What is to be delivered beside: replays that were asked for, and backfilled events.
CREATE TABLE outbox_replays (
    webhook  BIGINT NOT NULL,
    place    BIGINT NOT NULL, -- 1, 2, … without gaps
    sequence BIGINT NOT NULL,
    replay   BIGINT NOT NULL, -- seq of the record that asked for it
    PRIMARY KEY (webhook, place)
) /* clustered */;

-- What the ledger says of deliveries that were made.
CREATE TABLE outbox_reports (
    webhook BIGINT NOT NULL,
    replay  BIGINT NOT NULL, -- 0: the first sending
    first   BIGINT NOT NULL, -- sequence numbers
    last    BIGINT NOT NULL,
    outcome TEXT   NOT NULL,
    PRIMARY KEY (webhook, replay, first)
) /* clustered */;

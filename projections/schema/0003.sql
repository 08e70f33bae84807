-- What became of deliveries of webhooks. It comes from receivers, not from the ledgers, and stays when
-- read models are rebuilt, so that a rebuild sends nothing twice. The ledgers have a summary of it.

-- Every attempt.
CREATE TABLE webhook_attempts (
    webhook  BIGINT NOT NULL, -- as in outbox
    id       BIGINT NOT NULL, -- when it ended, in microseconds since 1970; rises for each webhook
    sequence BIGINT NOT NULL, -- 0: a test
    replay   BIGINT NOT NULL,
    attempt  BIGINT NOT NULL, -- 1, 2, …
    status   BIGINT NOT NULL, -- of HTTP; 0: there was no answer
    took     BIGINT NOT NULL, -- microseconds
    outcome  TEXT   NOT NULL, -- delivered, failed (it is tried again) or undelivered
    error    TEXT   NOT NULL, -- class of what went wrong, or empty
    response TEXT   NOT NULL, -- beginning of the body of an answer that is not a success
    PRIMARY KEY (webhook, id)
) /* clustered */;

CREATE INDEX webhook_attempts_delivery ON webhook_attempts (webhook, sequence, replay, id);

-- What is to be tried again.
CREATE TABLE webhook_retries (
    webhook  BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    replay   BIGINT NOT NULL,
    attempts BIGINT NOT NULL, -- so far
    due_at   BIGINT NOT NULL, -- microseconds since 1970
    PRIMARY KEY (webhook, sequence, replay)
) /* clustered */;

CREATE INDEX webhook_retries_due ON webhook_retries (webhook, due_at);

-- How far each endpoint has come, who delivers to it, and how it answers.
CREATE TABLE webhook_endpoints (
    webhook      BIGINT NOT NULL,
    owner        TEXT   NOT NULL, -- the process that delivers to it, or empty
    lease_until  BIGINT NOT NULL, -- microseconds since 1970, as all times
    fresh        BIGINT NOT NULL, -- of all events up to this one a first attempt was made
    replayed     BIGINT NOT NULL, -- the same by the place of replays
    failures     BIGINT NOT NULL, -- webhook.Breaker
    events       BIGINT NOT NULL,
    since        BIGINT NOT NULL, -- or 0
    until        BIGINT NOT NULL, -- or 0
    delivered    BIGINT NOT NULL, -- deliveries that ended, each once
    undelivered  BIGINT NOT NULL,
    last_attempt BIGINT NOT NULL, -- id, or 0
    last_success BIGINT NOT NULL,
    PRIMARY KEY (webhook)
);

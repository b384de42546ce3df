-- The address that a request came from, until the audit has it. Account events say it in their data.
ALTER TABLE outbox ADD COLUMN address TEXT;

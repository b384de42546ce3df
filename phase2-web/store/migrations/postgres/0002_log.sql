-- What is asked of what consumers wrote.

-- By whom it was done.
CREATE INDEX audit_of_actor ON audit (owner, actor_kind, at, seq);
-- What was said of a task that is gone.
CREATE INDEX notifications_of_task ON notifications (owner, task, seq);

//! What the core promises, by law and by example.

mod bulk;
mod conformance;
mod cursor;
mod days;
mod dry_run;
mod due;
mod due_stored;
mod import;
mod invariants;
mod laws;
mod matches;
mod naive;
mod order;
mod play;
mod recurrence;
mod snapshots;
mod stale;
mod subtasks;
mod texts;
mod transitions;
mod trash;
mod undo;
mod undo_laws;
mod wire;
mod words;
mod words_eighty;

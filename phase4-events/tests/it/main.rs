//! What happened reaches everybody once, whoever dies meanwhile (SPEC 9).

mod scheduler;

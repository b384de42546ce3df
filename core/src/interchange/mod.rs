//! Ways in and out.

//! `todo-web`.
fn main() {}

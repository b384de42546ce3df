//! The suite that every store passes.

use crate::support;

mod sqlite {
    use super::support;
    todo_core::conformance_tests!(support::run, support::sqlite);
}

mod postgres {
    use super::support;
    todo_core::conformance_tests!(
        #[ignore = "needs PostgreSQL: tests/run"]
        support::run,
        support::postgres
    );
}

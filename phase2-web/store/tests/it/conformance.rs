//! The suite that every store passes.

use crate::support;

mod sqlite {
    use super::support;
    todo_core::conformance_tests!(support::run, support::sqlite);
}

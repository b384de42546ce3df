//! The environment, of which not every value is a text.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use tempfile::TempDir;
use todo_web::settings::read;

/// SPEC 13: what was said is followed or refused. An empty file beside the database that was named
/// would be neither.
#[test]
fn a_variable_that_is_no_text_is_refused_by_its_name() {
    let hostile = OsString::from_vec(b"sqlite:///srv/caf\xe9/private.db".to_vec());
    let folder = TempDir::new().unwrap();
    for name in ["DATABASE_URL", "JWT_SECRET", "PORT", "OTEL_EXPORTER_OTLP_ENDPOINT"] {
        let variable = |asked: &str| (asked == name).then(|| hostile.clone());
        let refused = read([OsString::from("todo-web")], variable, folder.path()).unwrap_err();
        assert_eq!(refused.to_string(), format!("{name} in the environment is not UTF-8"));
    }
}

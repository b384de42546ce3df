//! Who collects traces.

use axum::http::Uri;
use todo_core::error::excerpt;

use super::given::Given;
use super::{SettingsError, read_one};
use crate::telemetry::Traces;

/// What was said of it, if anything.
pub(super) fn read(given: &Given) -> Result<Option<Traces>, SettingsError> {
    let endpoint = read_one(given, "otel_exporter_otlp_endpoint", |text| match text {
        "" => Ok(None),
        text => endpoint(text).map(Some),
    })?;
    let ratio = read_one(given, "otel_traces_sampler_arg", |text| {
        let ratio = text.parse().ok().filter(|ratio: &f64| (0.0..=1.0).contains(ratio));
        ratio.ok_or_else(|| format!("must be a number from 0 to 1, not {:?}", excerpt(text)))
    })?;
    Ok(endpoint.map(|endpoint| Traces { endpoint, ratio }))
}

/// `https://otel.example.org:4318/tenant`: nothing in it may be a secret, for it is shown.
fn endpoint(text: &str) -> Result<String, String> {
    let uri = text.parse::<Uri>().ok().filter(|uri| {
        let host = uri.authority().map_or("", |authority| authority.as_str());
        let scheme = matches!(uri.scheme_str(), Some("http" | "https"));
        scheme && !host.is_empty() && !host.contains('@') && uri.query().is_none()
    });
    let problem = || {
        const LIKE: &str = "must be like http://127.0.0.1:4318";
        // Where a password ends nobody can say of a text that is no URL; a query may hold one as well.
        if text.contains(['@', '?']) {
            return format!("{LIKE}, without a user, a password or a query");
        }
        format!("{LIKE}, not {:?}", excerpt(text))
    };
    uri.map(|_| text.to_owned()).ok_or_else(problem)
}

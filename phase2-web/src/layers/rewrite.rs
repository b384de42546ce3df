//! Other names of the same routes: `/api/v1/…`, and `/api/{user_id}/tasks…` for the caller's own.
//! They are rewritten before any route is looked for, so there is one of each.

use axum::Router;
use axum::extract::Request;
use axum::http::Uri;
use tower::{ServiceExt, service_fn};
use uuid::Uuid;

/// Whose tasks the path says they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PathOwner(pub(crate) Uuid);

/// Routes that have these names too.
pub(crate) fn rewritten(routes: Router) -> Router {
    let rewrite = move |mut request: Request| {
        rename(&mut request);
        routes.clone().oneshot(request)
    };
    Router::new().fallback_service(service_fn(rewrite))
}

fn rename(request: &mut Request) {
    let path = request.uri().path();
    let (renamed, owner) = renamed(path);
    let Some(renamed) = renamed else { return };
    let mut target = renamed;
    if let Some(query) = request.uri().query() {
        target.extend(["?", query]);
    }
    let mut parts = request.uri().clone().into_parts();
    // A part of a path is one as well.
    parts.path_and_query = target.parse().ok();
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
        if let Some(owner) = owner {
            request.extensions_mut().insert(PathOwner(owner));
        }
    }
}

/// What a path stands for, if it is another name, and whose tasks it speaks of.
fn renamed(path: &str) -> (Option<String>, Option<Uuid>) {
    let plain = path.strip_prefix("/api/v1/");
    let rest = plain.or_else(|| path.strip_prefix("/api/"));
    let owned = rest.and_then(|rest| {
        let (owner, rest) = rest.split_once('/')?;
        let is_tasks = rest == "tasks" || rest.starts_with("tasks/");
        // As uids are written; nothing else is somebody's.
        let owner = Uuid::try_parse(owner).ok().filter(|_| owner.len() == 36 && is_tasks)?;
        Some((owner, rest))
    });
    match owned {
        Some((owner, rest)) => (Some(format!("/api/{rest}")), Some(owner)),
        None => (plain.map(|rest| format!("/api/{rest}")), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_names_stand_for_the_same_routes() {
        let ann = "01900000-0000-7000-8000-000000000001";
        let owner = Uuid::try_parse(ann).ok();
        for (path, expected) in [
            ("/api/tasks".to_owned(), (None, None)),
            ("/api/v1/tasks/3".to_owned(), (Some("/api/tasks/3"), None)),
            (format!("/api/{ann}/tasks"), (Some("/api/tasks"), owner)),
            (format!("/api/{ann}/tasks/3/complete"), (Some("/api/tasks/3/complete"), owner)),
            (format!("/api/v1/{ann}/tasks"), (Some("/api/tasks"), owner)),
            (format!("/api/{ann}/taskset"), (None, None)),
            (format!("/api/{ann}/steps"), (None, None)),
            (format!("/api/{}/tasks", ann.replace('-', "")), (None, None)),
            ("/apiv1/tasks".to_owned(), (None, None)),
        ] {
            let (renamed, owner) = renamed(&path);
            assert_eq!((renamed.as_deref(), owner), expected, "{path}");
        }
    }
}

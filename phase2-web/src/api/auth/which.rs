//! Which session or token a path names.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use uuid::Uuid;

use crate::ApiError;
use crate::api::faults::{Faults, Trouble};
use crate::problem::Place;

/// Length of an id as it is written.
const WRITTEN: usize = 36;

/// The id in a path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Which(pub(super) Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Which {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let id = Path::<String>::from_request_parts(parts, state).await;
        let id = id.map(|Path(id)| id).unwrap_or_default();
        let read = Uuid::try_parse(&id).ok().filter(|_| id.len() == WRITTEN);
        read.map(Self).ok_or_else(|| {
            let trouble = Trouble::new("not_an_id", "is no id; write it as the list has it");
            Faults::one(Place::Parameter("id".to_owned()), trouble)
        })
    }
}

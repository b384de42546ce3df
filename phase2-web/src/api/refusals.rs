//! What routes can refuse, for the OpenAPI document. What every route can refuse (401, 429, 500 …)
//! is added to all of them in one place (`openapi`).

use std::collections::BTreeMap;

use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

use crate::problem::{MEDIA_TYPE, Problem};

macro_rules! refusals {
    ($($vis:vis $name:ident = $status:literal $description:literal,)+) => {
        $(
            #[doc = $description]
            #[derive(Debug)]
            $vis enum $name {}

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    BTreeMap::from([($status.to_owned(), problem($description).into())])
                }
            }
        )+
    };
}

refusals! {
    pub Malformed = "400" "The body cannot be read, or a parameter or header is unknown or ill-formed.",
    pub ReadOnly = "403" "The token may only read.",
    pub(crate) NotFound = "404" "There is no such task for this caller.",
    pub(crate) NoneSuch = "404" "There is none such for this caller.",
    pub(crate) Conflict = "409" "How the task stands does not allow it; or it has changed meanwhile.",
    pub(crate) Moved = "412" "The task is at another version than `If-Match` names; `current` is the task.",
    pub Invalid = "422" "A value breaks a rule: see `errors`; or the idempotency key came with another request.",
    pub(crate) WrongProof = "401" "What was sent proves nothing: see `WWW-Authenticate`.",
    pub(crate) Closed = "403" "This server takes no registrations, or none without an invitation that counts.",
    pub(crate) ElseWhere = "403" "The cookie was sent for another site's page.",
    pub(crate) Taken = "409" "The e-mail address has an account.",
    pub(crate) NoSession = "403" "The cookie was sent for another site's page, or a personal access token came.",
    pub NotByToken = "403" "A personal access token cannot do this.",
    pub(crate) NoSuchId = "404" "The caller has none of this id.",
    pub(crate) NoKeys = "404" "Tokens are signed with a secret; there is nothing to show.",
    pub(crate) NoSuchCalendar = "404" "There is no calendar of this address, or none to take away.",
    pub(crate) ProfileMoved = "412" "The profile is at another version than `If-Match` names.",
}

fn problem(description: &str) -> Response {
    let schema = RefOr::Ref(Ref::from_schema_name(Problem::name()));
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(description).content(MEDIA_TYPE, content).build()
}

//! What several routes answer, for the OpenAPI document. What they refuse is in `refusals`.
#![expect(dead_code, reason = "only what is said of them is used")]

use utoipa::IntoResponses;

use super::schema::TaskChange;

/// A task was written.
#[derive(IntoResponses)]
#[response(
    status = 200,
    description = "The task as it stands.",
    headers(("ETag" = String, description = "Names this state of the task.")),
)]
pub(crate) struct Written(TaskChange);

/// A task was to be made.
#[derive(IntoResponses)]
pub(crate) enum Made {
    #[response(
        status = 201,
        description = "The task was made.",
        headers(
            ("ETag" = String, description = "Names this state of the task."),
            ("Location" = String, description = "The task's address."),
        ),
    )]
    Now(TaskChange),
    #[response(status = 200, description = "It was there already, or this was a dry run.")]
    Not(TaskChange),
}

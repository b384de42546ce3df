//! Parameters that several routes take, for the OpenAPI document.
#![expect(dead_code, reason = "only their schemas are used")]

use utoipa::IntoParams;

/// Which tasks.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filtered {
    /// Any of `pending`, `in_progress`, `completed`, `cancelled`, `open`, `closed`, `all`; repeated,
    /// or with commas between them.
    #[param(example = json!(["open"]))]
    status: Option<Vec<String>>,
    /// Any of `high`, `medium`, `low`; repeated, or with commas between them.
    priority: Option<Vec<String>>,
    /// Any of these and what lies below them; `none` is without one.
    project: Option<Vec<String>>,
    /// All of these.
    tag: Option<Vec<String>>,
    /// At least one of these.
    tag_any: Option<Vec<String>>,
    /// None of these.
    tag_none: Option<Vec<String>>,
    /// The subtasks of a task (id or uid), or `none`: what is no subtask.
    parent: Option<String>,
    /// `none`, `any`, `overdue`, `today`, `tomorrow`, `week`, or a day.
    due: Option<String>,
    /// Due then or later: a day, or an instant (RFC 3339).
    due_from: Option<String>,
    /// Due before.
    due_to: Option<String>,
    /// Every word occurs in the title, the description, a tag or the project.
    search: Option<Vec<String>>,
    /// An expression: `priority:high and due<tomorrow`, or the name of a saved filter.
    filter: Option<String>,
    /// What lies in the trash, and nothing else.
    trash: Option<bool>,
    /// Also what waits for its start date.
    waiting: Option<bool>,
    /// The zone in which dates are meant: an IANA name. Not said, the caller's own.
    tz: Option<String>,
}

/// Which page.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Pages {
    /// `due`, `priority`, `created`, `updated`, `title`, `urgency`, `id`; `-key` the other way round;
    /// several with commas.
    #[param(example = "-priority,due")]
    sort: Option<String>,
    /// How many.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// `exact` counts all that match.
    #[param(example = "exact")]
    count: Option<String>,
    /// Each task with its `urgency`.
    urgency: Option<bool>,
}

/// Which task.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct Id {
    /// The task's id, or its uid.
    id: String,
}

/// Whether in earnest (S5).
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DryRun {
    /// Only to say what would come of it.
    dry_run: Option<bool>,
}

/// Whether the trash is looked into (S4).
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ShowTrash {
    /// The task even if it lies in the trash.
    trash: Option<bool>,
}

/// What a write expects of its task (S3).
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct IfMatch {
    /// The `ETag` that the task must have, or `*`.
    #[param(rename = "If-Match")]
    if_match: Option<String>,
}

/// Under which name a write is done once.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct OnceKey {
    /// See `POST /api/tasks`.
    #[param(rename = "Idempotency-Key")]
    key: Option<String>,
}

/// How a file is written.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileFormat {
    /// `json` (own), `taskwarrior`, `icalendar`, `todotxt`, `csv` or `todoist`.
    format: Option<String>,
}

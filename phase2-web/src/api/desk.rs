//! Where handlers work: who asks, when, and with what; how a command is carried out, and how what
//! came of it is told.

use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use todo_core::batch::NUMBER_MAX;
use todo_core::query::Moment;
use todo_core::service::{Once, Server, Told};
use todo_core::task::is_expired;
use todo_core::wire::{self, notes};
use todo_core::words::Asking;
use todo_core::{
    Action, Bulk, Command, Ctx, ErrorCode, Item, Needs, Outcome, Revision, StepNo, Task, TaskError,
    TaskNo, TaskRef, Verb,
};
use todo_store::Store;
use uuid::Uuid;

use super::etag::{self, Tags};
use super::faults::{Faults, Trouble};
use super::once::{self, Kept};
use crate::auth::{Caller, CanWrite};
use crate::layers::{PathOwner, RequestId};
use crate::problem::Place;
use crate::{ApiError, App};

/// What reading works with.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The application.
    pub app: App,
    /// Who asks, when, and for which request.
    pub ctx: Ctx,
    /// In which session, where it is asked in one.
    pub(crate) session: Option<Uuid>,
}

/// What writing works with.
#[derive(Debug, Clone)]
pub struct WriteDesk {
    /// The same as for reading.
    pub desk: Desk,
    matching: Option<Tags>,
    key: Option<String>,
}

/// How a command is to be carried out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How {
    /// Only to say what would come of it (S5).
    pub(crate) dry_run: bool,
    /// A digest of the request.
    pub(crate) fingerprint: [u8; 32],
}

impl FromRequestParts<App> for Desk {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        Self::of(&caller, parts, app)
    }
}

impl FromRequestParts<App> for WriteDesk {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let CanWrite(caller) = CanWrite::from_request_parts(parts, app).await?;
        let desk = Desk::of(&caller, parts, app)?;
        let matching = Tags::if_match(&parts.headers)?;
        // A condition is about the task that the path names.
        let named = parts.extensions.get::<MatchedPath>();
        let of_one = named.is_some_and(|path| path.as_str().contains("{id}"));
        if matching.is_some() && !of_one {
            return Err(not_looked_at("If-Match", "it is for what is done to one task"));
        }
        if parts.headers.contains_key(header::IF_NONE_MATCH) {
            return Err(not_looked_at("If-None-Match", "it is for reading one task"));
        }
        let key = once::key(&parts.headers)?;
        Ok(Self { desk, matching, key })
    }
}

impl Desk {
    fn of(caller: &Caller, parts: &Parts, app: &App) -> Result<Self, ApiError> {
        let named = parts.extensions.get::<PathOwner>();
        if named.is_some_and(|PathOwner(owner)| *owner != caller.owner.0) {
            return Err(ApiError::new(ErrorCode::NotFound, "there is nothing at this address"));
        }
        let now = app.clock.now();
        let correlation = RequestId::correlated(parts, app);
        let (app, ctx) = (app.clone(), caller.ctx(now, correlation));
        Ok(Self { app, ctx, session: caller.session() })
    }

    /// The shell.
    pub(crate) fn server(&self) -> Server<'_, Store> {
        self.app.server()
    }

    /// When and where is asked.
    pub(crate) fn moment(&self) -> Moment {
        let Ctx { now, zone, week_start, .. } = self.ctx;
        Moment { now, zone, owner_zone: zone, week_start }
    }

    /// How words are read.
    pub(crate) fn asking(&self) -> Asking {
        Asking { moment: self.moment(), date_order: None }
    }

    /// One task, in the trash or not.
    pub(crate) async fn task(&self, reference: &TaskRef) -> Result<Task, ApiError> {
        let needs = Needs::to_show(reference.clone());
        let mut facts = self.server().load(&needs, &self.ctx).await?;
        let fits = facts.resolved.get(reference).and_then(|fits| fits.first().copied());
        let task = fits.and_then(|uid| facts.tasks.remove(&uid));
        let there = task.filter(|task| !is_expired(task.trash, self.ctx.now));
        there.ok_or_else(|| TaskError::NotFound(reference.clone()).into())
    }

    /// One task, or none: for a write that looks at it before, and says itself if it is not there.
    /// It may also have been carried out before, and the task be gone since.
    pub(crate) async fn known(&self, reference: &TaskRef) -> Result<Option<Task>, ApiError> {
        match self.task(reference).await {
            Ok(task) => Ok(Some(task)),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// One task as it is shown: what lies in the trash only to who asks for that (S4).
    pub(crate) async fn shown(&self, reference: &TaskRef, trash: bool) -> Result<Task, ApiError> {
        let task = self.task(reference).await?;
        let shown = Some(task).filter(|task| trash || task.trash.is_none());
        shown.ok_or_else(|| TaskError::NotFound(reference.clone()).into())
    }
}

impl WriteDesk {
    /// The version that `If-Match` lets a write of the task expect (S3).
    async fn expected(&self, reference: &TaskRef) -> Result<Option<Revision>, ApiError> {
        let Some(tags) = &self.matching else { return Ok(None) };
        if let TaskRef::No(id) = reference
            && let Some(version) = tags.single(*id)
        {
            return Ok(Some(version));
        }
        let task = self.desk.known(reference).await?;
        Ok(task.and_then(|task| tags.expected(&task)))
    }

    /// Does something to one task, and tells of it.
    pub(crate) async fn act(
        &self,
        task: TaskRef,
        verb: Verb,
        how: How,
    ) -> Result<Response, ApiError> {
        let expect = self.expected(&task).await?;
        let command = Command::One(Item::Act(Action { task, verb, expect }));
        self.carry_out(&command, how, one).await
    }

    /// Carries out a command, or says what it would come to, or answers again what it came to.
    pub(crate) async fn carry_out(
        &self,
        command: &Command,
        how: How,
        tell: impl Fn(&Outcome, bool) -> Kept + Send + Sync + 'static,
    ) -> Result<Response, ApiError> {
        let done = self.try_to(command, how, tell).await;
        done.map_err(|error| if self.matching.is_some() { error.conditional() } else { error })
    }

    async fn try_to(
        &self,
        command: &Command,
        how: How,
        tell: impl Fn(&Outcome, bool) -> Kept + Send + Sync + 'static,
    ) -> Result<Response, ApiError> {
        let (server, ctx) = (self.desk.server(), &self.desk.ctx);
        if how.dry_run {
            let outcome = server.preview(command, ctx).await?;
            return Ok(tell(&outcome, true).into_response());
        }
        let Some(key) = self.key.clone() else {
            let outcome = server.execute(command, ctx).await?;
            return Ok(tell(&outcome, false).into_response());
        };
        let tell = Arc::new(tell);
        let answer = Arc::clone(&tell);
        let answer = Arc::new(move |outcome: &Outcome| answer(outcome, false).to_bytes());
        let once = Once { key, fingerprint: how.fingerprint, answer };
        Ok(match server.execute_once(command, ctx, &once).await? {
            Told::Now(outcome) => tell(&outcome, false).into_response(),
            Told::Before(bytes) => Kept::from_bytes(&bytes)?.replayed(),
        })
    }

    /// Carries out a part of what is asked, which is told of with the rest.
    pub(crate) async fn part(&self, command: &Command, dry_run: bool) -> Result<Outcome, ApiError> {
        let (server, ctx) = (self.desk.server(), &self.desk.ctx);
        Ok(if dry_run {
            server.preview(command, ctx).await?
        } else {
            server.execute(command, ctx).await?
        })
    }

    /// Answers what is done beside the tasks, and keeps the answer where the request has a key; or
    /// answers what was kept under it.
    pub(crate) async fn remember(&self, how: How, answer: Kept) -> Result<Response, ApiError> {
        let nothing = Command::Bulk(Bulk { items: Vec::new(), atomic: false });
        self.carry_out(&nothing, how, move |_, _| answer.clone()).await
    }

    /// One task, or none, for a request that must be measured by it; not if it was answered before:
    /// it is answered again, however the task stands now.
    pub(crate) async fn measure(
        &self,
        reference: &TaskRef,
        dry_run: bool,
    ) -> Result<Option<Task>, ApiError> {
        if !dry_run && self.was_answered().await? {
            return Ok(None);
        }
        self.desk.known(reference).await
    }

    /// Whether the request has a key under which something was answered before.
    pub(crate) async fn was_answered(&self) -> Result<bool, ApiError> {
        let Some(key) = &self.key else { return Ok(false) };
        let needs = Needs { receipt: Some(key.clone()), ..Needs::default() };
        let facts = self.desk.server().load(&needs, &self.desk.ctx).await?;
        Ok(facts.receipt.is_some_and(|kept| kept.counts(self.desk.ctx.now)))
    }
}

/// What came of a command about one task.
#[derive(Serialize)]
struct One<'o> {
    task: Option<&'o Task>,
    step: Option<StepNo>,
    changed: bool,
    others: Vec<&'o Task>,
    purged: Vec<&'o Task>,
    notes: Vec<Value>,
    dry_run: bool,
}

/// Tells of a command about one task.
pub(crate) fn one(outcome: &Outcome, dry_run: bool) -> Kept {
    let item = outcome.items.iter().flatten().next();
    let task = item.and_then(|item| outcome.tasks.get(&item.task));
    let changed = outcome.changed.iter().filter_map(|uid| outcome.tasks.get(uid));
    let told = One {
        task,
        step: outcome.step,
        changed: item.is_some_and(todo_core::Decided::changed),
        others: changed.filter(|other| task.is_none_or(|task| task.uid != other.uid)).collect(),
        purged: outcome.purged.iter().collect(),
        notes: notes(outcome),
        dry_run,
    };
    let kept = Kept::json(StatusCode::OK, &told);
    match task.filter(|_| !dry_run) {
        Some(task) => kept.with_etag(etag::of(task)),
        None => kept,
    }
}

/// Tells of a task that was to be made.
pub(crate) fn created(outcome: &Outcome, dry_run: bool) -> Kept {
    let kept = one(outcome, dry_run);
    let item = outcome.items.iter().flatten().next().filter(|item| item.changed() && !dry_run);
    match item.and_then(|item| outcome.tasks.get(&item.task)) {
        Some(task) => kept.created(format!("/api/tasks/{}", task.id)),
        None => kept,
    }
}

/// Tells of a command about several tasks, whose items were named so.
pub(crate) fn several(
    named: Vec<String>,
) -> impl Fn(&Outcome, bool) -> Kept + Send + Sync + 'static {
    move |outcome, dry_run| Kept::json(StatusCode::OK, &wire::Told::new(outcome, &named, dry_run))
}

/// The task that a path names: by its number or its uid.
#[derive(Debug, Clone)]
pub(crate) struct Named(pub(crate) TaskRef);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(fields) = Path::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map_err(|_| ill_formed_id(Trouble::new("encoding", "is not percent-encoded UTF-8")))?;
        let id = fields.iter().find(|(name, _)| name == "id");
        reference(id.map(|(_, id)| id.as_str()).unwrap_or_default()).map(Self)
    }
}

/// A task's number or uid.
pub(crate) fn reference(text: &str) -> Result<TaskRef, ApiError> {
    match text.parse() {
        // No number is as large, and none of a store holds more.
        Ok(TaskRef::No(TaskNo(no))) if no > NUMBER_MAX => {
            Err(TaskError::NotFound(TaskRef::No(TaskNo(no))).into())
        }
        Ok(TaskRef::Prefix(_)) | Err(_) => Err(ill_formed_id(Trouble::not_a_task(text))),
        Ok(reference) => Ok(reference),
    }
}

fn ill_formed_id(trouble: Trouble) -> ApiError {
    Faults::one(Place::Parameter("id".to_owned()), trouble)
}

/// A condition that would be passed over in silence.
fn not_looked_at(header: &str, advice: &str) -> ApiError {
    ApiError::malformed(format!("{header} is not looked at here; leave it away: {advice}"))
}

/// An answer of JSON.
pub fn json(body: &impl Serialize) -> Response {
    Kept::json(StatusCode::OK, body).into_response()
}

/// Whether a reader has the state of a task already.
pub(crate) fn is_known(headers: &HeaderMap, etag: &str) -> Result<bool, ApiError> {
    Ok(Tags::if_none_match(headers)?.is_some_and(|tags| tags.name(etag)))
}

//! One task that is to be written.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use todo_core::words::Asking;
use todo_core::{Ctx, TaskRef, Verb};

use super::written::Written;
use crate::api::desk::{How, Named, WriteDesk};
use crate::api::form::Form;
use crate::api::params::DryRun;
use crate::api::sent::Sent;
use crate::{ApiError, App};

/// The task that a request is to write, and whether in earnest (S5).
#[derive(Debug, Clone)]
pub(crate) struct OneTask {
    write: WriteDesk,
    reference: TaskRef,
    dry_run: bool,
}

impl FromRequestParts<App> for OneTask {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        // Who may not write is told so before anything else.
        let write = WriteDesk::from_request_parts(parts, app).await?;
        let Named(reference) = Named::from_request_parts(parts, app).await?;
        let DryRun(dry_run) = DryRun::from_request_parts(parts, app).await?;
        Ok(Self { write, reference, dry_run })
    }
}

impl OneTask {
    /// Does what the path alone says: a body that says anything is refused.
    pub(super) async fn act(self, sent: Sent, verb: Verb) -> Result<Response, ApiError> {
        self.act_by(sent, |_, _| Some(verb)).await
    }

    /// Does what the body says.
    pub(super) async fn act_by(
        self,
        sent: Sent,
        read: impl FnOnce(&mut Form<'_>, &Ctx) -> Option<Verb>,
    ) -> Result<Response, ApiError> {
        let Self { write, reference, dry_run } = self;
        let how = How { dry_run, fingerprint: sent.fingerprint };
        let verb = sent.read(|form| read(form, &write.desk.ctx))?;
        write.act(reference, verb, how).await
    }

    /// Changes the fields that the body names.
    pub(super) async fn change(
        self,
        sent: Sent,
        read: impl FnOnce(&mut Form<'_>, &Asking) -> Option<Written>,
    ) -> Result<Response, ApiError> {
        let Self { write, reference, dry_run } = self;
        let how = How { dry_run, fingerprint: sent.fingerprint };
        let asking = write.desk.asking();
        let written = sent.read(|form| read(form, &asking))?;
        let looks = written.looks_at_task();
        let task = if looks { write.measure(&reference, dry_run).await? } else { None };
        let patch = written.into_patch(task.as_ref(), &asking)?;
        write.act(reference, Verb::Change(Box::new(patch)), how).await
    }
}

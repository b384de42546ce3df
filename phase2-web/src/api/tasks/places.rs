//! Where the items of a bulk request stand in it: what is wrong with one is told with its place, and
//! refuses no other (S5).

use axum::http::StatusCode;
use serde_json::{Value, json};
use todo_core::service::ServiceError;
use todo_core::wire::{self, refusal};
use todo_core::{Outcome, TaskError};

use super::written::Unfit;
use crate::ApiError;
use crate::api::faults::Faults;
use crate::api::once::Kept;
use crate::error::Cause;
use crate::problem::{Fault, Place, faults_of};

/// The items of a request, by what they came to.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Those that the rules decide, in order.
    taken: Vec<Spot>,
    /// Those that did not fit their tasks.
    refused: Vec<(Spot, Unfit)>,
}

/// Where an item stands, and how it names its task.
#[derive(Debug)]
struct Spot {
    index: usize,
    named: String,
    /// Where its fields are.
    at: String,
}

impl Spot {
    fn new(index: usize, named: String, below: &str) -> Self {
        Self { index, named, at: format!("/items/{index}{below}") }
    }

    fn faults(&self, error: &TaskError) -> Vec<Fault> {
        faults_of(error).into_iter().map(|fault| fault.below(&self.at)).collect()
    }
}

impl Places {
    /// An item that the rules decide.
    pub(super) fn taken(&mut self, index: usize, named: String, below: &str) {
        self.taken.push(Spot::new(index, named, below));
    }

    /// An item that does not fit its task.
    pub(super) fn refused(&mut self, index: usize, named: String, below: &str, unfit: Unfit) {
        self.refused.push((Spot::new(index, named, below), unfit));
    }

    /// The refusal of all, for the first item that did not fit.
    pub(super) fn first_fault(&self) -> Option<ApiError> {
        self.refused.first().map(|(spot, unfit)| amiss(spot, unfit))
    }

    /// The refusal of all by the rules, with its place in the request.
    pub(super) fn located(&self, error: ApiError) -> ApiError {
        let Cause::Service(ServiceError::Refused(TaskError::Refused { index, error: inner })) =
            error.cause()
        else {
            return error;
        };
        let faults = self.taken.get(*index).map(|spot| spot.faults(inner));
        error.with_faults(faults.unwrap_or_default())
    }

    /// What came of each.
    pub(super) fn tell(&self, outcome: &Outcome, dry_run: bool) -> Kept {
        let named: Vec<_> = self.taken.iter().map(|spot| spot.named.as_str()).collect();
        let mut told = wire::Told::new(outcome, &named, dry_run);
        let by_rules = outcome.refused().filter_map(|(at, error)| {
            let spot = self.taken.get(at)?;
            Some((spot.index, placed(refusal(Some(&spot.named), error), &spot.faults(error))))
        });
        let unfit = self.refused.iter().map(|(spot, unfit)| {
            let error = amiss(spot, unfit);
            let refusal = json!({
                "ref": spot.named, "code": error.code().as_str(), "message": error.to_string(),
            });
            (spot.index, placed(refusal, error.listed()))
        });
        let mut refused: Vec<_> = by_rules.chain(unfit).collect();
        refused.sort_by_key(|(index, _)| *index);
        told.refused = refused.into_iter().map(|(_, refusal)| refusal).collect();
        Kept::json(StatusCode::OK, &told)
    }
}

/// Why an item does not fit its task.
fn amiss(spot: &Spot, Unfit(field, trouble): &Unfit) -> ApiError {
    Faults::one(Place::Pointer(format!("{}/{field}", spot.at)), trouble.clone())
}

/// A refusal with the places of its faults.
fn placed(mut refusal: Value, faults: &[Fault]) -> Value {
    if !faults.is_empty() {
        refusal["errors"] = json!(faults);
    }
    refusal
}

//! Who makes something of events: one small file each.
//!
//! A consumer is asked about one event at a time, each owner's in the order in which it happened, and
//! answers what follows as a value ([`Work`]). That is written in one transaction with the mark that the
//! event was handled: however often the event comes again, the effect is there once.

use std::any::Any;
use std::error::Error;
use std::fmt;

use futures_util::future::BoxFuture;
use todo_core::StoreError;
use todo_store::log::{Entry, Unreadable, Work};
use todo_web::Chain;

/// Longest reason that is kept, in characters.
const REASON_MAX: usize = 500;

/// Where a consumer begins that was never there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With the oldest that the log still holds.
    Beginning,
    /// With what happens from now on.
    Now,
}

/// Makes something of events.
pub trait Consumer: Send + Sync + 'static {
    /// By which its marks, its place and its parked events are known: never to be changed.
    const NAME: &'static str;
    /// Where it begins.
    const START: Start;

    /// It is about to be asked, after another may have been: what it remembers may be out of date.
    fn begins(&self) {}

    /// Puts into `work` what follows from an event. What is in it counts only with [`Verdict::Done`]. A
    /// panic parks the event.
    fn handle(&self, entry: &Entry, work: &mut Work) -> impl Future<Output = Verdict> + Send;
}

/// What a consumer says of an event.
#[derive(Debug)]
pub enum Verdict {
    /// What follows is in the work; perhaps nothing.
    Done,
    /// It may be another time.
    Retry(Reason),
    /// It will not be until somebody has looked at it.
    Park(Reason),
}

/// Why an event is not handled.
#[derive(Debug, Clone)]
pub struct Reason {
    text: String,
    outage: bool,
}

impl Reason {
    /// For an operator to read. It is kept with the event.
    pub fn new(text: impl fmt::Display) -> Self {
        Self { text: text.to_string().chars().take(REASON_MAX).collect(), outage: false }
    }

    /// What is needed is away: it is waited for, however long that takes, and that is no try.
    pub fn outage(error: &(dyn Error + 'static)) -> Self {
        Self { outage: true, ..Self::new(Chain(error)) }
    }

    pub(crate) fn is_outage(&self) -> bool {
        self.outage
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What passes is waited for; what is damaged is not.
impl From<StoreError> for Verdict {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Retry(Reason::outage(&error)),
            StoreError::Corrupt(_) => Self::Park(Reason::new(Chain(&error))),
            error => Self::Retry(Reason::new(Chain(&error))),
        }
    }
}

impl From<Unreadable> for Verdict {
    fn from(error: Unreadable) -> Self {
        Self::Park(Reason::new(Chain(&error)))
    }
}

/// A consumer of any kind.
pub trait AnyConsumer: fmt::Debug + Send + Sync {
    /// [`Consumer::NAME`].
    fn name(&self) -> &'static str;
    /// [`Consumer::START`].
    fn start(&self) -> Start;
    /// [`Consumer::begins`].
    fn begins(&self);
    /// [`Consumer::handle`].
    fn handle<'h>(&'h self, entry: &'h Entry, work: &'h mut Work) -> BoxFuture<'h, Verdict>;
}

impl<C: Consumer + fmt::Debug> AnyConsumer for C {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn start(&self) -> Start {
        C::START
    }

    fn begins(&self) {
        Consumer::begins(self);
    }

    fn handle<'h>(&'h self, entry: &'h Entry, work: &'h mut Work) -> BoxFuture<'h, Verdict> {
        Box::pin(Consumer::handle(self, entry, work))
    }
}

/// What a panic said, if that is text of ours and not of users.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Reason {
    match panic.downcast_ref::<&'static str>() {
        Some(text) => Reason::new(format_args!("it panicked: {text}")),
        None => Reason::new("it panicked"),
    }
}

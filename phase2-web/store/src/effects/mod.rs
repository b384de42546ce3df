//! What follows from what happened: the audit, what somebody is told, how much they did (SPEC 9).
//!
//! Consumers of the log write here, each in the transaction of the note that it has handled an event;
//! everybody else only reads, and notes which notifications were read. An account may be deleted while its
//! events are handled: what is written of it after that stays until the consumer comes to its last event,
//! `user.deleted`, and goes with it (`Store::settle`).

mod activity;
mod audit;
mod notifications;
mod subjects;

pub(crate) use activity::Counts;
pub use activity::{Activity, Deed};
pub use audit::{AUDIT_PAGE_MAX, AuditQuery, Audited, AuditedActor, Kept};
pub use notifications::{
    NOTIFICATIONS_KEPT, Notification, NotificationKind, Notifications, ToRead,
};
pub(crate) use notifications::{forget, make_room};
pub use subjects::{Settled, Subject};

//! What follows from what happened: the audit, what somebody is told, how much they did (SPEC 9).
//!
//! Consumers of the log write here, each in the transaction of the note that it has handled an event;
//! everybody else only reads. An account may be deleted while its events are handled: every row is made
//! of the owner's own, which stays until the transaction ends, so nothing of it comes back.

mod activity;
mod audit;
mod notifications;

pub use activity::{Activity, Deed};
pub use audit::{AUDIT_PAGE_MAX, AuditQuery, Audited, AuditedActor, Kept};
pub use notifications::{
    NOTIFICATIONS_KEPT, Notification, NotificationKind, Notifications, Subject, ToRead,
};

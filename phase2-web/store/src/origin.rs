//! Where a request comes from, as far as what it sets off is to tell.

/// What is noted beside an event until everybody was told of it. It is in no message, and goes when the event
/// leaves the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The trace that the request belongs to, as W3C writes it.
    pub trace: Option<String>,
    /// The address that it was sent from, for the audit; nothing where it came over no network.
    pub address: Option<String>,
}

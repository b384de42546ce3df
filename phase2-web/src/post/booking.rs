//! A mail that somebody has sent, before it is known whether there will be one: it has its place in
//! the queue and is paid for, or whoever asks is told so before anything is done.

use todo_core::{Owner, Timestamp};
use todo_store::accounts::Email;
use tokio::sync::OwnedSemaphorePermit;

use super::Post;

/// Why there can be no mail now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoMail {
    /// Too many wait already.
    Full,
    /// Too many went there, or were asked for by the same user; in so many seconds one may.
    TooSoon(u64),
}

/// Room for a mail by which an address is confirmed. Dropped without being sent, it has cost nothing.
#[derive(Debug)]
#[must_use]
pub(crate) struct Booking<'p> {
    post: &'p Post,
    place: Option<OwnedSemaphorePermit>,
    owner: Owner,
    to: String,
}

impl Post {
    /// Room for a mail to an address that a user has it sent to. The address has a ration of its own for
    /// these: users must not be able to use up the one for what its owner needs.
    pub(crate) fn book(
        &self,
        owner: Owner,
        to: &Email,
        now: Timestamp,
    ) -> Result<Booking<'_>, NoMail> {
        let place = self.place().ok_or(NoMail::Full)?;
        self.ration.take(owner.0, now).map_err(NoMail::TooSoon)?;
        let to = to.key().to_owned();
        self.ration.take(("confirm", &*to), now).map_err(|wait| {
            self.ration.give_back(owner.0);
            NoMail::TooSoon(wait)
        })?;
        Ok(Booking { post: self, place: Some(place), owner, to })
    }
}

impl Booking<'_> {
    /// The place in the queue, which something is sent from now.
    pub(super) fn place(mut self) -> Option<OwnedSemaphorePermit> {
        self.place.take()
    }
}

impl Drop for Booking<'_> {
    fn drop(&mut self) {
        if self.place.is_some() {
            self.post.ration.give_back(self.owner.0);
            self.post.ration.give_back(("confirm", &*self.to));
        }
    }
}

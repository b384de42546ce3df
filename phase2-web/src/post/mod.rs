//! Mail, sent beside requests and never by them: nobody waits for a mail server, and nobody learns
//! from the time of an answer whether there was anything to send.
//!
//! What is to be sent is an [`Errand`]. It waits in memory, in a queue with a bound; what it says is
//! looked up when it is its turn. A mail server that fails is tried again a few times, for less than a
//! link counts. When the server stops, each errand that is left gets one more try. What is lost in a
//! crash is asked for again by whoever waits for it.

mod booking;
mod errand;
mod mail;
mod ration;
mod texts;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use todo_core::Timestamp;
use todo_store::accounts::Email;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;

pub(crate) use booking::{Booking, NoMail};
pub(crate) use errand::Errand;
pub(crate) use mail::link;
pub use mail::{BadMail, Mail, Sender};
pub(crate) use texts::Text;

use self::mail::Unsent;
use self::ration::Ration;
use crate::App;
use crate::metrics::Fate;

/// How many errands there are at most, waiting to be tried again or not.
const WAITING_MAX: u32 = 1_000;
/// How many are on the line at once.
const ABREAST: usize = 4;
/// How long until each further try.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(10),
    Duration::from_mins(1),
    Duration::from_mins(5),
];
/// How long those that are left are waited for at the end.
const LAST: Duration = Duration::from_secs(10);

/// A mail.
#[derive(Debug)]
pub(crate) struct Letter {
    to: String,
    subject: &'static str,
    body: String,
}

/// All that is to be sent.
#[derive(Debug)]
pub(crate) struct Post {
    mail: Mail,
    waiting: Arc<Semaphore>,
    lines: Semaphore,
    ration: Ration,
    ending: watch::Sender<bool>,
    /// An outage is one line in the log, and so is its end.
    failing: AtomicBool,
}

impl Post {
    /// With nothing to send yet.
    pub(crate) fn new(mail: Mail) -> Self {
        Self {
            mail,
            waiting: Arc::new(Semaphore::new(WAITING_MAX as usize)),
            lines: Semaphore::new(ABREAST),
            ration: Ration::default(),
            ending: watch::Sender::new(false),
            failing: AtomicBool::new(false),
        }
    }

    /// Whether one more link to a new password may go to an address now; if not, in how many seconds.
    pub(crate) fn may_reset(&self, email: &Email, now: Timestamp) -> Result<(), u64> {
        self.ration.take(("reset", email.key()), now)
    }

    /// A place in the queue, unless it is full.
    fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.waiting).try_acquire_owned().ok()
    }

    fn note(&self, unsent: &Unsent) {
        let Unsent { why, code, of_one, .. } = unsent;
        if *of_one {
            // No outage, and it must not hide one. Rations bound how often this is said.
            tracing::warn!(why, code, "a mail was refused");
        } else if !self.failing.swap(true, Ordering::Relaxed) {
            tracing::warn!(why, code, "mail cannot be sent; this is said once until it can");
        }
    }

    fn note_sent(&self) {
        if self.failing.swap(false, Ordering::Relaxed) {
            tracing::info!("mail can be sent again");
        }
    }
}

impl App {
    /// Has a mail sent, some time after this. Where there is no mail, nothing happens.
    pub(crate) fn dispatch(&self, errand: Errand) {
        let Some(post) = self.post() else { return };
        let Some(place) = post.place() else {
            self.metrics().mailed(Fate::Dropped);
            return post.note(&Unsent::of_all("too many mails wait"));
        };
        self.set_out(place, errand);
    }

    /// Has a mail sent that there is room for.
    pub(crate) fn dispatch_booked(&self, booking: Booking<'_>, errand: Errand) {
        if let Some(place) = booking.place() {
            self.set_out(place, errand);
        }
    }

    fn set_out(&self, place: OwnedSemaphorePermit, errand: Errand) {
        let app = self.clone();
        tokio::spawn(async move {
            let _place = place;
            if let Some(post) = app.post() {
                app.carry(post, &errand).await;
            }
        });
    }

    async fn carry(&self, post: &Post, errand: &Errand) {
        let mut ending = post.ending.subscribe();
        for pause in PAUSES.into_iter().map(Some).chain([None]) {
            let last = *ending.borrow();
            let unsent = match self.try_to_send(post, errand).await {
                Ok(sent) => {
                    if sent {
                        self.metrics().mailed(Fate::Sent);
                        post.note_sent();
                    }
                    return;
                }
                Err(unsent) => unsent,
            };
            post.note(&unsent);
            let Some(pause) = pause.filter(|_| unsent.again && !last) else { break };
            // At the end there is no time to wait, only to try once more.
            let _over = timeout(pause, ending.wait_for(|ending| *ending)).await;
        }
        self.metrics().mailed(Fate::Failed);
    }

    /// Says whether there was anything to send.
    async fn try_to_send(&self, post: &Post, errand: &Errand) -> Result<bool, Unsent> {
        // Nobody closes it.
        let _line = post.lines.acquire().await;
        let letter = errand.letter(self, &post.mail).await;
        let letter = letter.map_err(|_| Unsent::of_all("the database cannot be asked"))?;
        let Some(letter) = letter else { return Ok(false) };
        post.mail.send(&letter, self.clock.now()).await?;
        Ok(true)
    }

    /// Lets what is left be tried once more, and waits for that, but not for long.
    pub(crate) async fn send_what_is_left(&self) {
        let Some(post) = self.post() else { return };
        post.ending.send_replace(true);
        if timeout(LAST, post.waiting.acquire_many(WAITING_MAX)).await.is_err() {
            let left = WAITING_MAX as usize - post.waiting.available_permits();
            tracing::warn!(left, "mails were given up");
        }
    }
}

/// Sends one mail now, for somebody who waits for it.
pub(crate) async fn send(mail: &Mail, letter: &Letter, now: Timestamp) -> Result<(), NotSent> {
    mail.send(letter, now).await.map_err(|Unsent { why, code, .. }| {
        NotSent(code.map_or_else(|| why.to_owned(), |code| format!("{why} ({code})")))
    })
}

/// A mail did not go out.
#[derive(Debug, thiserror::Error)]
#[error("the mail was not sent: {0}")]
pub(crate) struct NotSent(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_recipient_is_refused_is_no_outage() {
        let from = "todo@example.org".parse().unwrap();
        let mail = Mail::new("smtp://127.0.0.1", from, "https://todo.example").unwrap();
        let post = Post::new(mail);
        let failing = || post.failing.load(Ordering::Relaxed);
        post.note(&Unsent { of_one: true, again: false, ..Unsent::of_all("refused") });
        assert!(!failing());
        post.note(&Unsent::of_all("away"));
        assert!(failing());
        post.note(&Unsent { of_one: true, again: false, ..Unsent::of_all("refused") });
        assert!(failing(), "nor does it end one");
        post.note_sent();
        assert!(!failing());
    }
}

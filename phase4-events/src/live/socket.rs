//! One socket, from its first message to its last.
//!
//! What asks the storage is boxed: its futures are large, and an idle socket would keep room for each.

use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket};
use todo_core::Owner;
use todo_web::{Admission, App};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;

use super::close::Close;
use super::door::Guest;
use super::hub::Seat;
use super::message::{Seen, Sent};
use super::stream::{Due, Stream};
use super::{Live, Treatment};

/// How many messages of a client are taken in a while: it has reason for one every few minutes, and for
/// the answers to our pings.
const MESSAGES_MAX: u32 = 30;
/// What asking for the history again counts beside its message: it is read anew for that.
const REPLAY: u32 = 14;
const WHILE: std::time::Duration = std::time::Duration::from_secs(10);
/// How long a client may take to hear that it is over.
const LAST: std::time::Duration = std::time::Duration::from_secs(2);

/// Serves a socket until one of its sides has enough.
pub(super) async fn serve(
    mut socket: WebSocket,
    app: App,
    live: Live,
    guest: Guest,
    only: Option<Owner>,
) {
    let open = live.measures.open();
    let close = match attend(&mut socket, &app, &live, guest, only).await {
        Ok(never) => match never {},
        Err(close) => close,
    };
    drop(open);
    tracing::debug!(code = close.code(), why = close.word(), "a socket ends");
    // It may not be listening any more.
    let _told = timeout(LAST, hang_up(&mut socket, close)).await;
}

/// Says why, and reads what still comes: to close with something unread may lose what was said.
async fn hang_up(socket: &mut WebSocket, close: Close) {
    if socket.send(Message::Close(Some(close.frame()))).await.is_ok() {
        while let Some(Ok(_)) = socket.recv().await {}
    }
}

async fn attend(
    socket: &mut WebSocket,
    app: &App,
    live: &Live,
    guest: Guest,
    only: Option<Owner>,
) -> Result<std::convert::Infallible, Close> {
    let treatment = &live.treatment;
    let mut pace = Pace::new();
    let (admission, seen) = if let Some(admission) = guest.admission {
        // Where it was it may say later.
        (admission, None)
    } else {
        tokio::select! {
            greeted = timeout(treatment.greeting, Box::pin(greeting(socket, app, guest, &mut pace))) => {
                greeted.map_err(|_| Close::Timeout)??
            }
            () = app.draining() => return Err(Close::Restart),
        }
    };
    let owner = admission.owner();
    if only.is_some_and(|only| only != owner) {
        return Err(Close::Forbidden);
    }
    let seat = live.hub.listen(owner).ok_or(Close::TooMany)?;
    let mut host = Host { socket, app, treatment, guest, admission, seat, pace };
    host.attend(seen).await
}

/// Waits for the first message.
async fn greeting(
    socket: &mut WebSocket,
    app: &App,
    guest: Guest,
    pace: &mut Pace,
) -> Result<(Admission, Option<Seen>), Close> {
    loop {
        let message = socket.recv().await;
        if let Some(sent) = pace.take(message)? {
            return admit(app, guest, sent).await;
        }
    }
}

/// Who a message says the client is.
async fn admit(app: &App, guest: Guest, sent: Sent) -> Result<(Admission, Option<Seen>), Close> {
    let Sent::Auth { token, ticket, since, history } = sent;
    let admitted = match (token, ticket) {
        (Some(token), None) => Admission::by_token(&token, app, guest.from).await,
        (None, Some(ticket)) => Admission::by_ticket(&ticket, app).await,
        _ => return Err(Close::Malformed),
    };
    let admission = admitted.map_err(|refused| match refused.status_code().as_u16() {
        429 => Close::Flood,
        500.. => Close::Unavailable,
        _ => Close::Unauthorized,
    })?;
    Ok((admission, since.map(|seq| Seen { seq, history })))
}

/// What a client sends, and how fast.
#[derive(Debug)]
struct Pace {
    heard: Instant,
    since: Instant,
    count: u32,
}

impl Pace {
    fn new() -> Self {
        let now = Instant::now();
        Self { heard: now, since: now, count: 0 }
    }

    /// So many messages more, or as good as that.
    fn count(&mut self, more: u32) -> Result<(), Close> {
        self.count += more;
        if self.count > MESSAGES_MAX { Err(Close::Flood) } else { Ok(()) }
    }

    /// What a message says, if it is one of ours.
    fn take(
        &mut self,
        message: Option<Result<Message, axum::Error>>,
    ) -> Result<Option<Sent>, Close> {
        let message = match message {
            Some(Ok(message)) => message,
            Some(Err(error)) => return Err(why(error)),
            None => return Err(Close::Done),
        };
        self.heard = Instant::now();
        if self.heard - self.since > WHILE {
            (self.since, self.count) = (self.heard, 0);
        }
        self.count(1)?;
        match message {
            Message::Text(text) => {
                serde_json::from_str(&text).map(Some).map_err(|_| Close::Malformed)
            }
            Message::Binary(_) => Err(Close::Binary),
            Message::Ping(_) | Message::Pong(_) => Ok(None),
            Message::Close(_) => Err(Close::Done),
        }
    }
}

/// Why a message could not be read.
fn why(error: axum::Error) -> Close {
    match error.into_inner().downcast_ref() {
        // It is gone without a word.
        Some(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => Close::Done,
        Some(Error::Protocol(_)) => Close::Protocol,
        Some(Error::Utf8(_)) => Close::NoText,
        Some(Error::Capacity(_)) => Close::TooLong,
        _ => Close::Done,
    }
}

/// A socket whose owner is known.
struct Host<'s> {
    socket: &'s mut WebSocket,
    app: &'s App,
    treatment: &'s Treatment,
    guest: Guest,
    admission: Admission,
    seat: Seat,
    pace: Pace,
}

impl Host<'_> {
    async fn attend(&mut self, seen: Option<Seen>) -> Result<std::convert::Infallible, Close> {
        let app = self.app;
        let (mut stream, mut due) =
            Box::pin(begin(app, self.treatment, self.admission.owner(), seen)).await?;
        let mut checks = interval(self.treatment.check);
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut asked = Instant::now();
        let draining = app.draining();
        tokio::pin!(draining);
        loop {
            let mut checked = Instant::now();
            for text in due.texts.drain(..) {
                self.push(Message::Text(text)).await?;
                // One that takes little at a time takes long for all of it.
                if checked.elapsed() >= self.treatment.check {
                    admitted(app, &self.admission).await?;
                    checked = Instant::now();
                }
            }
            tokio::select! {
                // What has come is read before it is decided that nothing came; and all of this between
                // two pages of the history, too.
                biased;
                () = &mut draining => return Err(sent_away(self.treatment, &self.seat).await),
                message = self.socket.recv() => {
                    if let Some(sent) = self.pace.take(message)?
                        && let Some(anew) = Box::pin(self.renew(sent)).await?
                    {
                        (stream, due) = anew;
                    }
                }
                _ = checks.tick() => {
                    check(app, self.treatment, &self.admission, self.pace.heard).await?;
                    if asked.elapsed() >= self.treatment.ping {
                        asked = Instant::now();
                        self.push(Message::Ping(Bytes::new())).await?;
                    }
                }
                () = std::future::ready(()), if due.more => {
                    check(app, self.treatment, &self.admission, self.pace.heard).await?;
                    let bytes = self.treatment.queue_bytes;
                    due = Box::pin(stream.missed(app, bytes)).await.map_err(|_| Close::Unavailable)?;
                }
                told = self.seat.next(), if !due.more => {
                    let told = match told {
                        Err(Close::Restart) => return Err(sent_away(self.treatment, &self.seat).await),
                        told => told?,
                    };
                    due = Box::pin(stream.hear(app, told)).await.map_err(|_| Close::Unavailable)?;
                }
            }
        }
    }

    /// Takes the word of the same user that goes on from here: with another token, or from another
    /// event on.
    async fn renew(&mut self, sent: Sent) -> Result<Option<(Stream, Due)>, Close> {
        let (admission, seen) = match sent {
            // Who it is was said when the socket was asked for.
            Sent::Auth { token: None, ticket: None, since: Some(seq), history } => {
                (self.admission, Some(Seen { seq, history }))
            }
            sent @ Sent::Auth { .. } => admit(self.app, self.guest, sent).await?,
        };
        if admission.owner() != self.admission.owner() {
            return Err(Close::Forbidden);
        }
        self.admission = admission;
        if seen.is_none() {
            return Ok(None);
        }
        self.pace.count(REPLAY)?;
        begin(self.app, self.treatment, admission.owner(), seen).await.map(Some)
    }

    /// Sends one message; not for longer than its queue lasts, or the server stays.
    async fn push(&mut self, message: Message) -> Result<(), Close> {
        tokio::select! {
            biased;
            sent = self.socket.send(message) => sent.map_err(|_| Close::Done),
            why = self.seat.over() => Err(why),
            () = self.app.draining() => Err(Close::Restart),
            () = sleep(self.treatment.patience) => Err(Close::Behind),
        }
    }
}

/// Waits until a client that is sent away is to come back: in turn, as they came.
async fn sent_away(treatment: &Treatment, seat: &Seat) -> Close {
    let turn = u32::try_from(seat.id % 64).unwrap_or_default();
    sleep(treatment.spread / 64 * turn).await;
    Close::Restart
}

/// Where a client stands from now on, and what it is told first.
async fn begin(
    app: &App,
    treatment: &Treatment,
    owner: Owner,
    seen: Option<Seen>,
) -> Result<(Stream, Due), Close> {
    let begun = Stream::begin(app, owner, seen, treatment.silence.as_secs()).await;
    begun.map_err(|_| Close::Unavailable)
}

/// Whether the client is there and may still listen.
async fn check(
    app: &App,
    treatment: &Treatment,
    admission: &Admission,
    heard: Instant,
) -> Result<(), Close> {
    if heard.elapsed() > treatment.silence {
        return Err(Close::Timeout);
    }
    admitted(app, admission).await
}

/// Whether the client may still listen.
async fn admitted(app: &App, admission: &Admission) -> Result<(), Close> {
    // While the storage cannot be reached nothing is told either.
    match Box::pin(admission.counts(app)).await {
        Ok(false) => Err(Close::Over),
        Ok(true) | Err(_) => Ok(()),
    }
}

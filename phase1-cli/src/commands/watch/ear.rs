//! Listening to a server, on a thread of its own: whatever it is asked meanwhile and however long it takes to
//! answer, what it tells is heard, and a connection that ends is replaced.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use todo_client::Client;
use todo_client::live::{Ending, Heard, Seen, Told};
use todo_core::ErrorCode;

use crate::edge;
use crate::error::CliError;
use crate::remote::ServerError;

/// The first pause before it is tried again, and the longest.
pub(super) const PAUSE: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// How long nothing is waited for at a time.
pub(super) const QUIET: Duration = Duration::from_secs(5);
/// How much may wait to be taken. The rest waits in the connection, and at the server for a while.
const NEWS_MAX: usize = 100;
/// By which code the server says that no more may listen.
const TOO_MANY: u16 = 4430;
/// And that it does not understand what it is told.
const MALFORMED: u16 = 4400;
/// The first that it says on each connection.
pub(super) const HELLO: &str = "hello";

/// What comes to who watches.
pub(super) enum News {
    /// A connection stands.
    Listens,
    /// Something happened.
    Told(Told),
    /// The connection is gone, or none can be made, where that is to be told for this reason. It is tried again.
    Lost(Option<CliError>),
    /// There will be no more.
    Over(CliError),
    /// What the server was asked beside it is over.
    Looked(Result<(), CliError>),
    /// One of the threads is gone.
    Panicked(Box<dyn Any + Send>),
}

/// Where what is told arrives.
pub(super) struct Ear {
    news: Receiver<News>,
    teller: Teller,
}

/// Tells who watches.
#[derive(Clone)]
pub(super) struct Teller(SyncSender<News>);

impl Ear {
    /// Listens from there on.
    pub(super) fn open(client: Client, seen: Seen) -> Result<Self, CliError> {
        let (teller, news) = sync_channel(NEWS_MAX);
        let teller = Teller(teller);
        let mut listening = Listening {
            client,
            seen,
            begun: false,
            unauthorized: false,
            pause: PAUSE,
            teller: teller.clone(),
        };
        let listens = {
            let teller = teller.clone();
            move || teller.tell_end(|| News::Over(listening.go_on()))
        };
        let began = thread::Builder::new().name("listening".to_owned()).spawn(listens);
        let failed = |error| CliError::Io { doing: "begin to listen".to_owned(), error };
        began.map_err(failed)?;
        Ok(Self { news, teller })
    }

    /// What comes next, if it comes in this time.
    pub(super) fn next(&self, patience: Duration) -> Option<News> {
        self.news.recv_timeout(patience).ok()
    }

    /// Who tells the same ear of something else.
    pub(super) fn teller(&self) -> Teller {
        self.teller.clone()
    }
}

impl Teller {
    /// Does something, and tells its end, whatever that is.
    pub(super) fn tell_end(&self, what: impl FnOnce() -> News) {
        // Who is told that it is gone goes, too.
        let end = catch_unwind(AssertUnwindSafe(what)).unwrap_or_else(News::Panicked);
        // Nobody may be there any more.
        let _told = self.tell(end);
    }

    fn tell(&self, news: News) -> Result<(), CliError> {
        let gone = |_| CliError::Output(io::ErrorKind::BrokenPipe.into());
        self.0.send(news).map_err(gone)
    }
}

struct Listening {
    client: Client,
    /// How far it has been told.
    seen: Seen,
    /// Whether the server has ever said that it tells.
    begun: bool,
    /// Whether the token did not count the last time.
    unauthorized: bool,
    /// How long until a connection is tried again that was lost or not made.
    pause: Duration,
    teller: Teller,
}

impl Listening {
    /// Stays, with a server that is away for a while, too. Answers why it ends.
    fn go_on(&mut self) -> CliError {
        loop {
            let why = match self.sit() {
                Ok(Ending::Lost | Ending::Unauthorized) => None,
                // Its own connection of before may not be given up yet.
                Ok(Ending::Refused(TOO_MANY)) if self.begun => Some(self.refused(TOO_MANY)),
                // An older server takes its turn, as where they are replaced one by one.
                Ok(Ending::Refused(MALFORMED)) if self.seen.history.take().is_some() => None,
                Ok(Ending::Refused(code)) => return self.refused(code),
                // What is wrong from the beginning is the answer; and what waiting does not mend.
                Err(error) if !self.begun || !is_passing(&error) => return error,
                Err(error) => Some(error),
            };
            if let Err(gone) = self.teller.tell(News::Lost(why)) {
                return gone;
            }
            edge::wait(next(&mut self.pause));
        }
    }

    /// Listens until it ends.
    fn sit(&mut self) -> Result<Ending, CliError> {
        if self.unauthorized {
            self.client.see_to_token()?;
            self.unauthorized = false;
        }
        let mut listener = self.client.listen(self.seen)?;
        self.teller.tell(News::Listens)?;
        loop {
            match listener.next(QUIET) {
                Heard::Nothing => {}
                Heard::Told(told) => {
                    self.seen = told.seen(Some(self.seen));
                    if told.kind == HELLO {
                        (self.begun, self.pause) = (true, PAUSE);
                    }
                    self.teller.tell(News::Told(told))?;
                }
                Heard::Over(ending) => {
                    self.unauthorized = ending == Ending::Unauthorized;
                    return Ok(ending);
                }
            }
        }
    }

    fn refused(&self, code: u16) -> CliError {
        let what = match code {
            TOO_MANY => "it lets no more of your programs listen; end one of them".to_owned(),
            code => format!("it lets nobody listen (code {code})"),
        };
        ServerError::Strange { server: self.client.server().to_string(), what }.into()
    }
}

/// How long is waited now; the next time, longer.
pub(super) fn next(pause: &mut Duration) -> Duration {
    let now = *pause;
    *pause = PAUSE_MAX.min(now * 2);
    edge::jitter(now)
}

/// Whether to wait may mend it. A fault of the server's may be mended, too, by whoever works on it.
pub(super) fn is_passing(error: &CliError) -> bool {
    use ErrorCode::{Internal, RateLimited, StorageUnavailable};
    !error.is_broken_pipe() && matches!(error.code(), StorageUnavailable | RateLimited | Internal)
}

//! Listening to a server. Whatever is told, the list is read from the copy, which is brought up to date
//! before: so a message that is lost, doubled or not understood makes no difference to what is shown.

use std::collections::VecDeque;
use std::io::Write;
use std::mem::take;
use std::panic::resume_unwind;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use todo_client::live::{Ending, Heard, Listener, Told, beside};
use todo_core::{ErrorCode, Filter, Needs, TaskId, TaskRef};

use super::{Done, Trouble, Watch};
use crate::edge;
use crate::error::CliError;
use crate::remote::ServerError;
use crate::session::Session;
use crate::view::screen::{Screen, visible};

/// The first pause before it is tried again, and the longest.
const PAUSE: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// What comes together is shown together: so long after the first of it, whatever still comes.
const TOGETHER: Duration = Duration::from_millis(100);
/// How long the server is left alone between two looks at it.
const REST: Duration = Duration::from_secs(1);
/// How much may wait to be shown. The rest waits in the connection, and at the server for a while.
const WAITING_MAX: usize = 1000;
/// How long nothing is waited for at a time.
const QUIET: Duration = Duration::from_secs(5);
/// By which code the server says that no more may listen.
const TOO_MANY: u16 = 4430;
/// How many reminders stay below the list.
const REMINDERS: usize = 5;
const REMINDER: &str = "reminder";
const MUCH: &str = "much has changed";

/// Stays. A server that is away for a while is waited for, and what was missed is told then.
pub(super) fn run(session: &mut Session, screen: &mut Screen, watch: &Watch<'_>) -> Done {
    if !watch.drawn && watch.filter != Filter::default() {
        let hint = "leave it out, or watch on a terminal; --no-context lifts a context";
        let what = "a filter is for the list on a terminal: into a pipe goes whatever happens";
        return Err(CliError::usage(what, None, Some(hint.to_owned())));
    }
    let mut eye = Eye::new(watch);
    let (mut pause, mut trouble, mut begun) = (PAUSE, Trouble::default(), false);
    loop {
        let sat = eye.sit(session, screen, &mut || {
            (pause, begun) = (PAUSE, true);
            trouble.is_over();
        });
        match sat {
            Ok(Ending::Lost | Ending::Unauthorized) => {}
            // Its own connection of before may not be given up yet.
            Ok(Ending::Refused(TOO_MANY)) if begun => trouble.tell(&refused(session, TOO_MANY)),
            Ok(Ending::Refused(code)) => return Err(refused(session, code)),
            // What is wrong from the beginning is the answer; and what waiting does not mend.
            Err(error) if !begun || !is_passing(&error) => return Err(error),
            Err(error) => trouble.tell(&error),
        }
        edge::wait(edge::jitter(pause));
        pause = PAUSE_MAX.min(pause * 2);
    }
}

/// Whether to wait may mend it.
fn is_passing(error: &CliError) -> bool {
    !error.is_broken_pipe()
        && matches!(error.code(), ErrorCode::StorageUnavailable | ErrorCode::RateLimited)
}

fn refused(session: &Session, code: u16) -> CliError {
    let server = session.path().display().to_string();
    let what = match code {
        TOO_MANY => "it lets no more of your programs listen; end one of them".to_owned(),
        code => format!("it lets nobody listen (code {code})"),
    };
    ServerError::Strange { server: session.server_name().unwrap_or(server), what }.into()
}

/// What has been seen.
struct Eye<'w> {
    watch: &'w Watch<'w>,
    /// The number of the event that was told last.
    last: Option<u64>,
    /// What was told and is not shown yet.
    waiting: Vec<Note>,
    /// Since when something is to be shown.
    due: Option<Instant>,
    /// When the server was asked last.
    looked: Option<Instant>,
    /// Whether the account has changed, and not only tasks.
    account: bool,
    reminders: VecDeque<String>,
    minute: i64,
    /// Whether the server has said that it tells.
    greeted: bool,
    /// Whether the token did not count the last time.
    unauthorized: bool,
}

impl<'w> Eye<'w> {
    fn new(watch: &'w Watch<'w>) -> Self {
        Self {
            watch,
            last: None,
            waiting: Vec::new(),
            due: None,
            looked: None,
            account: false,
            reminders: VecDeque::new(),
            minute: 0,
            greeted: false,
            unauthorized: false,
        }
    }

    /// Listens until it ends.
    fn sit(
        &mut self,
        session: &mut Session,
        screen: &mut Screen,
        begun: &mut dyn FnMut(),
    ) -> Result<Ending, CliError> {
        self.greeted = false;
        let ending = self.listen(session, screen, begun)?;
        self.unauthorized = ending == Ending::Unauthorized;
        Ok(ending)
    }

    fn listen(
        &mut self,
        session: &mut Session,
        screen: &mut Screen,
        begun: &mut dyn FnMut(),
    ) -> Result<Ending, CliError> {
        // Who knows from where on listens before all else: a reminder may have come meanwhile. But to look
        // gets another token, where that is needed.
        let mut listener = if self.last.is_some() && !take(&mut self.unauthorized) {
            let mut listener = session.listen(self.last)?;
            (self.account, self.due) = (true, Some(edge::tick()));
            if let Some(ending) = self.show(session, screen, Some(&mut listener))? {
                return Ok(ending);
            }
            listener
        } else {
            session.look_again()?;
            self.looked = Some(edge::tick());
            if self.watch.drawn {
                self.draw(session, screen)?;
            }
            session.listen(self.last)?
        };
        loop {
            if take(&mut self.greeted) {
                begun();
            }
            match self.wait(session, &mut listener)? {
                Heard::Told(told) => self.take(screen, &told)?,
                Heard::Nothing => {}
                Heard::Over(ending) => {
                    self.show(session, screen, None)?;
                    return Ok(ending);
                }
            }
            if (self.rest().is_zero() || self.due.is_none())
                && let Some(ending) = self.show(session, screen, Some(&mut listener))?
            {
                return Ok(ending);
            }
        }
    }

    /// How long until what waits is shown.
    fn rest(&self) -> Duration {
        let Some(due) = self.due else { return QUIET };
        let end = self.looked.map_or(due + TOGETHER, |looked| (looked + REST).max(due + TOGETHER));
        end.saturating_duration_since(edge::tick())
    }

    fn wait(&self, session: &mut Session, listener: &mut Listener) -> Result<Heard, CliError> {
        // Others may write to the copy.
        session.close();
        let heard = if self.waiting.len() < WAITING_MAX {
            listener.next(self.rest())
        } else {
            edge::wait(self.rest());
            Heard::Nothing
        };
        session.tell_time()?;
        Ok(heard)
    }

    fn take(&mut self, screen: &mut Screen, told: &Told) -> Result<(), CliError> {
        self.last = Some(told.seq);
        self.greeted |= told.kind == "hello";
        if screen.is_json() {
            writeln!(screen, "{}", told.text)?;
            return Ok(screen.flush()?);
        }
        if told.kind == "hello" {
            return Ok(());
        }
        self.due = self.due.or_else(|| Some(edge::tick()));
        self.account |= told.kind.starts_with("user.") || told.kind == "refetch";
        match Note::of(told) {
            Some(note) if note.rings() => self.ring(screen, &note)?,
            // What is drawn shows in the list itself.
            note => self.waiting.extend(note.filter(|_| !self.watch.drawn)),
        }
        Ok(())
    }

    /// Shows a reminder at once, below what stands there: it counts by the second, and the server may take
    /// longer to say what has become of the list.
    fn ring(&mut self, screen: &mut Screen, note: &Note) -> Result<(), CliError> {
        let line = note.line(note.title.as_deref());
        if self.watch.args.bell {
            write!(screen, "\x07")?;
        }
        writeln!(screen, "{line}")?;
        self.reminders.push_back(line);
        if self.reminders.len() > REMINDERS {
            self.reminders.pop_front();
        }
        Ok(screen.flush()?)
    }

    /// Shows what was told, and takes what is told while it is looked at. Answers if that ends.
    fn show(
        &mut self,
        session: &mut Session,
        screen: &mut Screen,
        listener: Option<&mut Listener>,
    ) -> Result<Option<Ending>, CliError> {
        let minute = self.watch.minute(session);
        if self.due.is_none() && self.minute == minute {
            return Ok(None);
        }
        self.looked = Some(edge::tick());
        // What is told from here on is looked at the next time.
        self.due = None;
        let account = take(&mut self.account);
        let told = take(&mut self.waiting);
        let look = |session: &mut Session| {
            if account { session.look_again() } else { session.look_on() }
        };
        let (looked, heard) = match listener {
            None => (look(session), Ok(None)),
            Some(listener) => thread::scope(|scope| {
                let (doing, mut done) = beside();
                let looks = scope.spawn(|| {
                    let looked = look(session);
                    drop(doing);
                    looked
                });
                let mut heard = Ok(None);
                while let Ok(None) = heard
                    && self.waiting.len() < WAITING_MAX
                {
                    heard = match listener.next_beside(&mut done) {
                        None => break,
                        Some(Heard::Told(told)) => self.take(screen, &told).map(|()| None),
                        Some(Heard::Nothing) => Ok(None),
                        Some(Heard::Over(ending)) => Ok(Some(ending)),
                    };
                }
                (looks.join().unwrap_or_else(|panic| resume_unwind(panic)), heard)
            }),
        };
        let ending = match looked.and(heard) {
            Ok(ending) => ending,
            Err(error) => {
                self.waiting.splice(..0, told);
                return Err(error);
            }
        };
        for note in told {
            let line = note.line(note.known(session)?.as_deref());
            writeln!(screen, "{line}")?;
        }
        if self.watch.drawn {
            self.draw(session, screen)?;
        }
        screen.flush()?;
        Ok(ending)
    }

    fn draw(&mut self, session: &mut Session, screen: &mut Screen) -> Result<(), CliError> {
        self.minute = self.watch.minute(session);
        self.watch.show(session, screen, self.reminders.make_contiguous())
    }
}

/// What happened: what, to which task, and what that is called.
struct Note {
    what: &'static str,
    id: Option<u64>,
    uid: Option<TaskId>,
    title: Option<String>,
}

impl Note {
    /// Nothing of what is told beside what it changes, or not understood.
    fn of(told: &Told) -> Option<Self> {
        let what = match told.kind.as_str() {
            "task.created" => "added",
            "task.updated" => "changed",
            "task.completed" => "completed",
            "task.reopened" => "reopened",
            "task.cancelled" => "cancelled",
            "task.deleted" => "deleted",
            "task.restored" => "restored",
            "task.purged" => "purged",
            "reminder" => REMINDER,
            "reminder.missed" => "missed",
            "refetch" => MUCH,
            _ => return None,
        };
        let number = |at: &str| told.data.pointer(at).and_then(Value::as_u64);
        let text = |at: &str| told.data.pointer(at).and_then(Value::as_str);
        Some(Self {
            what,
            id: number("/id").or_else(|| number("/task/id")),
            uid: text("/uid").and_then(|uid| uid.parse().ok()).map(TaskId),
            title: text("/task/title").or_else(|| text("/title")).map(str::to_owned),
        })
    }

    fn rings(&self) -> bool {
        self.what == REMINDER
    }

    /// What its task is called, by the message or else by the copy.
    fn known(&self, session: &mut Session) -> Result<Option<String>, CliError> {
        if self.title.is_some() || self.what == MUCH {
            return Ok(self.title.clone());
        }
        let tasks = self.uid.map(TaskRef::Uid).into_iter().collect();
        let facts = session.load(&Needs { tasks, ..Needs::default() })?;
        Ok(facts.tasks.values().next().map(|task| task.title.as_str().to_owned()))
    }

    fn line(&self, title: Option<&str>) -> String {
        let what = self.what;
        if what == MUCH {
            return what.to_owned();
        }
        let id = self.id.map(|id| id.to_string()).unwrap_or_default();
        format!("{what:<9} {id:>5}  {}", visible(title.unwrap_or_default()))
    }
}

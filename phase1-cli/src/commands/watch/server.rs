//! Listening to a server. Whatever is told, the list is read from the copy, which is brought up to date
//! before: so a message that is lost, doubled or not understood makes no difference to what is shown.

use std::collections::VecDeque;
use std::io::Write;
use std::mem::take;
use std::panic::resume_unwind;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use todo_client::live::{Ending, Heard, Listener, Seen, Told, beside};
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
/// And that it does not understand what it is told.
const MALFORMED: u16 = 4400;
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
    loop {
        match eye.sit(session, screen) {
            Ok(Ending::Lost | Ending::Unauthorized) => {}
            // Its own connection of before may not be given up yet.
            Ok(Ending::Refused(TOO_MANY)) if eye.begun => {
                eye.trouble.tell(&refused(session, TOO_MANY));
            }
            // An older server takes its turn, as where they are replaced one by one.
            Ok(Ending::Refused(MALFORMED)) if eye.forgets_history() => {}
            Ok(Ending::Refused(code)) => {
                // What was told before is shown, if that can be had.
                eye.show(session, screen, None)?;
                return Err(refused(session, code));
            }
            // What is wrong from the beginning is the answer; and what waiting does not mend.
            Err(error) if !eye.begun || !is_passing(&error) => return Err(error),
            Err(error) => eye.trouble.tell(&error),
        }
        edge::wait(next(&mut eye.pause));
    }
}

/// How long is waited now; the next time, longer.
fn next(pause: &mut Duration) -> Duration {
    let now = *pause;
    *pause = PAUSE_MAX.min(now * 2);
    edge::jitter(now)
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
    /// How far it has been told.
    last: Option<Seen>,
    /// What was told and is not shown yet.
    waiting: Vec<Note>,
    /// Since when something is to be shown.
    due: Option<Instant>,
    /// Until when the server is left alone.
    rests: Option<Instant>,
    /// Whether the account has changed, and not only tasks.
    account: bool,
    reminders: VecDeque<String>,
    minute: i64,
    /// Whether the server has ever said that it tells.
    begun: bool,
    /// Whether the token did not count the last time.
    unauthorized: bool,
    /// What is waited for.
    trouble: Trouble,
    /// How long until a connection is tried again that was lost or not made.
    pause: Duration,
    /// The same of a look that failed beside a connection that stands.
    look_pause: Duration,
}

impl<'w> Eye<'w> {
    fn new(watch: &'w Watch<'w>) -> Self {
        Self {
            watch,
            last: None,
            waiting: Vec::new(),
            due: None,
            rests: None,
            account: false,
            reminders: VecDeque::new(),
            minute: 0,
            begun: false,
            unauthorized: false,
            trouble: Trouble::default(),
            pause: PAUSE,
            look_pause: PAUSE,
        }
    }

    /// Leaves out of which history it has been told, if it has said so. Not every server knows the word.
    fn forgets_history(&mut self) -> bool {
        self.last.as_mut().and_then(|seen| seen.history.take()).is_some()
    }

    /// Listens until it ends.
    fn sit(&mut self, session: &mut Session, screen: &mut Screen) -> Result<Ending, CliError> {
        let ending = self.listen(session, screen)?;
        self.unauthorized = ending == Ending::Unauthorized;
        Ok(ending)
    }

    fn listen(&mut self, session: &mut Session, screen: &mut Screen) -> Result<Ending, CliError> {
        // Who knows from where on listens before all else: a reminder may have come meanwhile. What is not
        // shown yet is looked at beside it. But to look gets another token, where that is needed.
        let mut listener = if self.last.is_some() && !take(&mut self.unauthorized) {
            let listener = session.listen(self.last)?;
            (self.account, self.due) = (true, self.due.or_else(|| Some(edge::tick())));
            listener
        } else {
            session.look_again()?;
            self.rests = Some(edge::tick() + REST);
            if self.watch.drawn {
                self.draw(session, screen)?;
            }
            session.listen(self.last)?
        };
        loop {
            match self.wait(session, &mut listener)? {
                Heard::Told(told) => self.take(screen, &told)?,
                Heard::Nothing => {}
                Heard::Over(ending) => return Ok(ending),
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
        let end = self.rests.map_or(due + TOGETHER, |rests| rests.max(due + TOGETHER));
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
        self.last = Some(told.seen(self.last));
        if told.kind == "hello" {
            (self.begun, self.pause, self.look_pause) = (true, PAUSE, PAUSE);
            self.rests = self.rests.min(Some(edge::tick() + REST));
            self.trouble.is_over();
        }
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

    /// Shows what was told, and takes what is told while it is looked at. Answers if that ends. What cannot
    /// be looked at now waits, and whoever listens goes on.
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
        self.rests = Some(edge::tick() + REST);
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
                    && told.len() + self.waiting.len() < 2 * WAITING_MAX
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
        if looked.is_err() || heard.is_err() {
            self.waiting.splice(..0, told);
            self.account |= account;
            self.due = Some(edge::tick());
            let ending = heard?;
            return match looked {
                Err(error) if is_passing(&error) => {
                    self.trouble.tell(&error);
                    self.rests = self.rests.max(Some(edge::tick() + next(&mut self.look_pause)));
                    Ok(ending)
                }
                looked => looked.map(|()| ending),
            };
        }
        let ending = heard?;
        // A look ends what looks have complained of, and nothing else.
        if self.look_pause > PAUSE {
            self.look_pause = PAUSE;
            self.trouble.is_over();
        }
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

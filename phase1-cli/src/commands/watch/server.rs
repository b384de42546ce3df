//! Listening to a server. Whatever is told, the list is read from the copy, which is brought up to date
//! before: so a message that is lost, doubled or not understood makes no difference to what is shown.

use std::collections::VecDeque;
use std::io::Write;
use std::mem::take;
use std::panic::resume_unwind;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use todo_client::live::Told;
use todo_core::{Filter, Needs, TaskId, TaskRef};

use super::ear::{Ear, HELLO, News, PAUSE, QUIET, is_passing, next};
use super::{Done, Trouble, Watch};
use crate::edge;
use crate::error::CliError;
use crate::session::Session;
use crate::view::screen::{Screen, visible};

/// What comes together is shown together: so long after the first of it, whatever still comes.
const TOGETHER: Duration = Duration::from_millis(100);
/// How long the server is left alone between two looks at it.
const REST: Duration = Duration::from_secs(1);
/// How much may wait to be shown one by one.
const WAITING_MAX: usize = 1000;
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
    session.look_again()?;
    let mut eye = Eye::new(watch);
    if watch.drawn {
        eye.draw(session, screen)?;
    }
    let (client, seen) = session.listening()?;
    let ear = Ear::open(client, seen)?;
    loop {
        match eye.go_on(session, screen, &ear) {
            // What is wrong from the beginning is the answer; and what waiting does not mend.
            Err(error) if !eye.begun || !is_passing(&error) => return Err(error),
            Err(error) => eye.trouble.tell(&error),
            Ok(()) => {}
        }
        if let Some(error) = eye.over.take() {
            // What was told before is shown, if that can be had.
            eye.show(session, screen, &ear)?;
            return Err(error);
        }
    }
}

/// What has been seen.
struct Eye<'w> {
    watch: &'w Watch<'w>,
    /// Whether a connection stands.
    listens: bool,
    /// Why there will be none any more.
    over: Option<CliError>,
    /// What was told and is not shown yet.
    waiting: VecDeque<Note>,
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
    /// What is waited for.
    trouble: Trouble,
    /// How long until it is looked again where a look has failed.
    look_pause: Duration,
}

impl<'w> Eye<'w> {
    fn new(watch: &'w Watch<'w>) -> Self {
        Self {
            watch,
            listens: false,
            over: None,
            waiting: VecDeque::new(),
            due: None,
            rests: Some(edge::tick() + REST),
            account: false,
            reminders: VecDeque::new(),
            minute: 0,
            begun: false,
            trouble: Trouble::default(),
            look_pause: PAUSE,
        }
    }

    /// Takes what comes next, and shows what is due.
    fn go_on(
        &mut self,
        session: &mut Session,
        screen: &mut Screen,
        ear: &Ear,
    ) -> Result<(), CliError> {
        // Others may write to the copy.
        session.close();
        let news = ear.next(self.rest());
        session.tell_time()?;
        if let Some(news) = news {
            self.hear(screen, news)?;
        }
        // A server that is away is not asked for anything before it is listened to.
        if self.listens && (self.rest().is_zero() || self.due.is_none()) {
            self.show(session, screen, ear)?;
        }
        Ok(())
    }

    /// How long until what waits is shown.
    fn rest(&self) -> Duration {
        let Some(due) = self.due.filter(|_| self.listens) else { return QUIET };
        let end = self.rests.map_or(due + TOGETHER, |rests| rests.max(due + TOGETHER));
        end.saturating_duration_since(edge::tick())
    }

    fn hear(&mut self, screen: &mut Screen, news: News) -> Result<(), CliError> {
        match news {
            News::Told(told) => return self.take(screen, &told),
            News::Listens => {
                self.listens = true;
                // What has become of everything meanwhile is looked at; where messages alone are handed on, by
                // whoever reads them.
                if self.begun && !screen.is_json() {
                    (self.account, self.due) = (true, self.due.or_else(|| Some(edge::tick())));
                }
            }
            News::Lost(why) => {
                self.listens = false;
                if let Some(error) = why {
                    self.trouble.tell(&error);
                }
            }
            News::Over(error) => (self.listens, self.over) = (false, Some(error)),
            News::Looked(looked) => return looked,
            News::Panicked(panic) => resume_unwind(panic),
        }
        Ok(())
    }

    fn take(&mut self, screen: &mut Screen, told: &Told) -> Result<(), CliError> {
        if told.kind == HELLO {
            (self.begun, self.look_pause) = (true, PAUSE);
            self.rests = self.rests.min(Some(edge::tick() + REST));
            self.trouble.is_over();
        }
        if screen.is_json() {
            writeln!(screen, "{}", told.text)?;
            return Ok(screen.flush()?);
        }
        if told.kind == HELLO {
            return Ok(());
        }
        self.due = self.due.or_else(|| Some(edge::tick()));
        self.account |= told.kind.starts_with("user.") || told.kind == "refetch";
        match Note::of(told) {
            Some(note) if note.rings() => self.ring(screen, &note)?,
            // What is drawn shows in the list itself.
            note => self.waiting.extend(note.filter(|_| !self.watch.drawn)),
        }
        self.gather();
        Ok(())
    }

    /// What is too much to be shown one by one is shown as one.
    fn gather(&mut self) {
        if self.waiting.len() > WAITING_MAX {
            self.waiting = VecDeque::from([Note::much()]);
        }
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

    /// Shows what was told. What cannot be shown now waits.
    fn show(
        &mut self,
        session: &mut Session,
        screen: &mut Screen,
        ear: &Ear,
    ) -> Result<(), CliError> {
        let minute = self.watch.minute(session);
        if self.due.is_none() && self.minute == minute {
            return Ok(());
        }
        self.rests = Some(edge::tick() + REST);
        // What is told from here on is looked at the next time.
        self.due = None;
        let account = take(&mut self.account);
        let mut told = take(&mut self.waiting);
        let looked = self.look(session, screen, ear, account);
        let shown = looked.and_then(|()| self.lay_out(session, screen, &mut told));
        let Err(error) = shown else {
            // A look ends what looks have complained of, and nothing else.
            if self.look_pause > PAUSE {
                self.look_pause = PAUSE;
                self.trouble.is_over();
            }
            return Ok(());
        };
        told.append(&mut self.waiting);
        self.waiting = told;
        self.gather();
        self.account |= account;
        self.due = Some(edge::tick());
        if !is_passing(&error) {
            return Err(error);
        }
        self.trouble.tell(&error);
        self.rests = self.rests.max(Some(edge::tick() + next(&mut self.look_pause)));
        Ok(())
    }

    /// Brings the copy up to date, however long that takes, and takes what comes meanwhile.
    fn look(
        &mut self,
        session: &mut Session,
        screen: &mut Screen,
        ear: &Ear,
        account: bool,
    ) -> Result<(), CliError> {
        let teller = ear.teller();
        thread::scope(|scope| {
            scope.spawn(move || {
                teller.tell_end(|| {
                    let looked = if account { session.look_again() } else { session.look_on() };
                    News::Looked(looked)
                });
            });
            let mut heard = Ok(());
            loop {
                match ear.next(QUIET) {
                    Some(News::Looked(looked)) => return heard.and(looked),
                    // Whatever it comes to: nothing can be shown before the look is over.
                    Some(news) => {
                        let taken = self.hear(screen, news);
                        heard = heard.and(taken);
                    }
                    None => {}
                }
            }
        })
    }

    /// Shows the list as it is by now, or what was told, which is gone from there then.
    fn lay_out(
        &mut self,
        session: &mut Session,
        screen: &mut Screen,
        told: &mut VecDeque<Note>,
    ) -> Result<(), CliError> {
        while let Some(note) = told.front() {
            let line = note.line(note.known(session)?.as_deref());
            writeln!(screen, "{line}")?;
            told.pop_front();
        }
        if self.watch.drawn {
            self.draw(session, screen)?;
        }
        Ok(screen.flush()?)
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

    /// That so much has happened that it is not told one by one.
    fn much() -> Self {
        Self { what: MUCH, id: None, uid: None, title: None }
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

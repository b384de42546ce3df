//! Listening to a server. Whatever is told, the list is read from the copy, which is brought up to date
//! before: so a message that is lost, doubled or not understood makes no difference to what is shown.

use std::collections::VecDeque;
use std::io::Write;
use std::time::Duration;

use serde_json::Value;
use todo_client::live::{Ending, Heard, Listener, Told};
use todo_core::{ErrorCode, Needs, TaskRef};

use super::{Done, Trouble, Watch};
use crate::edge;
use crate::error::CliError;
use crate::remote::ServerError;
use crate::session::Session;
use crate::view::screen::{Screen, visible};

/// The first pause before it is tried again, and the longest.
const PAUSE: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// What comes together is shown together.
const TOGETHER: Duration = Duration::from_millis(50);
/// How long nothing is waited for at a time.
const QUIET: Duration = Duration::from_secs(5);
/// How many reminders stay below the list.
const REMINDERS: usize = 5;

/// Stays. A server that is away for a while is waited for, and what was missed is told then.
pub(super) fn run(session: &mut Session, screen: &mut Screen, watch: &Watch<'_>) -> Done {
    let mut eye =
        Eye { watch, last: None, waiting: Vec::new(), reminders: VecDeque::new(), minute: 0 };
    let (mut pause, mut trouble, mut begun) = (PAUSE, Trouble::default(), false);
    loop {
        let sat = eye.sit(session, screen, &mut || {
            (pause, begun) = (PAUSE, true);
            trouble.is_over();
        });
        match sat {
            Ok(Ending::Lost | Ending::Unauthorized) => {}
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
        4430 => "it lets no more of your programs listen; end one of them".to_owned(),
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
    waiting: Vec<Told>,
    reminders: VecDeque<String>,
    minute: i64,
}

impl Eye<'_> {
    /// Listens until it ends.
    fn sit(
        &mut self,
        session: &mut Session,
        screen: &mut Screen,
        begun: &mut dyn FnMut(),
    ) -> Result<Ending, CliError> {
        session.look_again()?;
        if self.watch.drawn {
            self.draw(session, screen)?;
        }
        let mut listener = session.listen(self.last)?;
        loop {
            match self.wait(session, &mut listener)? {
                Heard::Told(told) => {
                    if told.kind == "hello" {
                        begun();
                    }
                    self.take(screen, told)?;
                }
                Heard::Nothing => self.show(session, screen)?,
                Heard::Over(ending) => {
                    self.show(session, screen)?;
                    return Ok(ending);
                }
            }
        }
    }

    fn wait(&self, session: &mut Session, listener: &mut Listener) -> Result<Heard, CliError> {
        // Others may write to the copy.
        session.close();
        let heard = listener.next(if self.waiting.is_empty() { QUIET } else { TOGETHER });
        session.tell_time()?;
        Ok(heard)
    }

    fn take(&mut self, screen: &mut Screen, told: Told) -> Result<(), CliError> {
        self.last = Some(told.seq);
        if screen.is_json() {
            writeln!(screen, "{}", told.text)?;
            screen.flush()?;
        } else if told.kind != "hello" {
            self.waiting.push(told);
        }
        Ok(())
    }

    /// Shows what was told.
    fn show(&mut self, session: &mut Session, screen: &mut Screen) -> Result<(), CliError> {
        let minute = self.watch.minute(session);
        if self.waiting.is_empty() && self.minute == minute {
            return Ok(());
        }
        session.look_again()?;
        for told in std::mem::take(&mut self.waiting) {
            let Some(line) = line(session, &told)? else { continue };
            if told.kind == "reminder" {
                if self.watch.args.bell {
                    write!(screen, "\x07")?;
                }
                self.reminders.push_back(line.clone());
                if self.reminders.len() > REMINDERS {
                    self.reminders.pop_front();
                }
            }
            if !self.watch.drawn {
                writeln!(screen, "{line}")?;
            }
        }
        if self.watch.drawn { self.draw(session, screen) } else { Ok(screen.flush()?) }
    }

    fn draw(&mut self, session: &mut Session, screen: &mut Screen) -> Result<(), CliError> {
        self.minute = self.watch.minute(session);
        self.watch.show(session, screen, self.reminders.make_contiguous())
    }
}

/// What happened, in a line: what, to which task, and what that is called.
fn line(session: &mut Session, told: &Told) -> Result<Option<String>, CliError> {
    let what = match told.kind.as_str() {
        "task.created" => "added",
        "task.updated" => "changed",
        "task.completed" => "completed",
        "task.reopened" => "reopened",
        "task.cancelled" => "cancelled",
        "task.deleted" => "deleted",
        "task.restored" => "restored",
        "task.purged" => "purged",
        "reminder" => "reminder",
        "reminder.missed" => "missed",
        "refetch" => return Ok(Some("much has changed".to_owned())),
        // Told beside what it changes; or not understood.
        _ => return Ok(None),
    };
    let number = |at: &str| told.data.pointer(at).and_then(Value::as_u64);
    let id = number("/id").or_else(|| number("/task/id"));
    let id = id.map(|id| id.to_string()).unwrap_or_default();
    let text = |at: &str| told.data.pointer(at).and_then(Value::as_str).map(str::to_owned);
    let mut title = text("/task/title").or_else(|| text("/title"));
    if title.is_none() {
        let uid = text("/uid").and_then(|uid| uid.parse().ok());
        let tasks = uid.map(|uid| TaskRef::Uid(todo_core::TaskId(uid))).into_iter().collect();
        let facts = session.load(&Needs { tasks, ..Needs::default() })?;
        title = facts.tasks.values().next().map(|task| task.title.as_str().to_owned());
    }
    Ok(Some(format!("{what:<9} {id:>5}  {}", visible(&title.unwrap_or_default()))))
}

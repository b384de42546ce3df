//! Tasks as lines.

use std::io::{self, Write};

use super::keys::{compact, escaped, one_word};
use super::{reminders, repeat};
use crate::due::Due;
use crate::interchange::{Losses, Writing};
use crate::task::{Priority, Status, Task};
use crate::time::{Timestamp, Zone, day_start};
use crate::words::Asking;

/// Writes tasks, one a line; those in the trash stay where they are.
pub fn export(tasks: &[Task], writing: &Writing, out: &mut impl Write) -> io::Result<Losses> {
    let mut losses = Losses::default();
    let asking = writing.asking();
    for task in tasks {
        if task.trash.is_some() {
            losses.leave_out("trash", "has no place there; left out", task.title.as_str());
            continue;
        }
        lost(task, writing.zone, &mut losses);
        writeln!(out, "{}", line(task, &asking))?;
    }
    Ok(losses)
}

fn lost(task: &Task, zone: Zone, losses: &mut Losses) {
    let title = task.title.as_str();
    if task.description.is_some() {
        losses.add("description", "has no place in a line; left out", title);
    }
    if task.created_at != day_start(super::day(task.created_at, zone), zone) {
        losses.add("created_at", "its day alone is written", title);
    }
    losses.add("updated_at", "not written; the time of the file stands for it", title);
}

fn line(task: &Task, asking: &Asking) -> String {
    let zone = asking.moment.zone;
    let mut words = Vec::new();
    let day = |at: Timestamp| super::day(at, zone).to_string();
    let ended = task.completed_at.or(task.cancelled_at).unwrap_or(task.updated_at);
    let closed = (!task.status.is_open()).then_some(ended);
    let letter = letter(task.priority);
    if let Some(at) = closed {
        words.extend(["x".to_owned(), day(at)]);
    } else if let Some(letter) = letter {
        words.push(format!("({letter})"));
    }
    words.push(day(task.created_at));
    let text = task.title.as_str().split(' ');
    words.extend(text.map(|word| escaped(word).unwrap_or_else(|| word.to_owned())));
    words.extend(task.project.iter().map(|project| format!("+{}", one_word(project.as_str()))));
    words.extend(task.tags.iter().map(|tag| format!("@{tag}")));
    keys(task, closed.and(letter), asking, &mut words);
    words.join(" ")
}

/// Ours of the middle is theirs without any.
fn letter(priority: Priority) -> Option<char> {
    match priority {
        Priority::High => Some('A'),
        Priority::Medium => None,
        Priority::Low => Some('C'),
    }
}

/// What the rest of the line does not say.
fn keys(task: &Task, letter: Option<char>, asking: &Asking, words: &mut Vec<String>) {
    words.extend(letter.map(|letter| format!("pri:{letter}")));
    date(task.start_date, ["t", "t-time"], words);
    date(task.due_date, ["due", "time"], words);
    words.extend(task.zone().map(|zone| format!("tz:{zone}")));
    if let Some((recurrence, due)) = task.recurrence.as_deref().zip(task.due_date) {
        words.push(repeat::key_of(recurrence, due, asking));
    }
    words.extend(repeat::series(task, asking).map(|said| format!("series:{said}")));
    for (place, reminder) in task.reminders.iter().enumerate() {
        words.push(format!("remind:{}", reminders::written(reminder, place)));
    }
    words.extend(match task.status {
        Status::Pending => None,
        Status::InProgress => Some(format!("status:{}", task.status)),
        Status::Completed => task.completed_at.map(|at| format!("completed:{}", compact(at))),
        Status::Cancelled => task.cancelled_at.map(|at| format!("cancelled:{}", compact(at))),
    });
    words.extend(task.parent.map(|parent| format!("p:{}", parent.uid)));
    words.push(format!("uid:{}", task.uid));
}

/// The day by which everybody knows it, and a time beside it.
fn date(due: Option<Due>, [day, time]: [&str; 2], words: &mut Vec<String>) {
    let Some(due) = due else { return };
    let text = due.date_text();
    let (Some(date), Some(zone)) = (text.get(..10), due.zone()) else {
        words.push(format!("{day}:{text}"));
        return;
    };
    words.push(format!("{day}:{date}"));
    let clock = text.get(11..19).unwrap_or_default();
    // Where a time comes twice, its offset tells which of the two it is.
    let plain = format!("{date}T{clock}").parse().ok().map(|wall| Due::at(wall, zone, None));
    let offset = text.get(19..).filter(|_| plain != Some(due)).unwrap_or_default();
    let clock = clock.strip_suffix(":00").unwrap_or(clock);
    words.push(format!("{time}:{}", compact(format!("{clock}{offset}"))));
}

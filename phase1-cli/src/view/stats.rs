//! Statistics on a page, with small pictures that need no colour.
//!
//! Every line fits the terminal: a picture takes what the numbers beside it leave over, and where
//! there is no room for four weeks, fewer days are shown, and said.

use std::io::{self, Write};

use todo_core::stats::{DayCounts, LabelCount, Labels, Stats};

use super::screen::{Screen, columns, fit, visible};

/// Columns a line takes where the terminal does not say.
const WIDTH: usize = 80;
const BAR_MAX: usize = 30;
const NAME_MAX: usize = 24;
const WEEK: usize = 7;
/// Heights of a day's bar; the first is for a day without anything.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Eighths of a column, for a bar's end.
const ENDS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Prints the page.
pub(crate) fn print(screen: &mut Screen, stats: &Stats) -> io::Result<()> {
    for sentence in sentences(stats) {
        wrap(screen, &sentence)?;
    }
    days(screen, &stats.days)?;
    let weekdays = stats.weekdays.iter();
    let weekdays = weekdays.map(|day| (day.weekday.to_string(), day.completed)).collect();
    bars(screen, "Done by weekday", weekdays, 0)?;
    let by = stats.priorities;
    let priorities = [("high", by.high), ("medium", by.medium), ("low", by.low)];
    let priorities = priorities.map(|(name, count)| (name.to_owned(), count)).to_vec();
    bars(screen, "Open by priority", priorities, 0)?;
    labels(screen, "Open by project", "", &stats.projects)?;
    labels(screen, "Open by tag", "#", &stats.tags)
}

/// The single numbers; of what stands out, only what there is.
fn sentences(stats: &Stats) -> [String; 3] {
    let some = |count: u64, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let open = stats.open;
    let parts = [
        Some(format!("{} open", stats.status.open())),
        some(stats.status.in_progress, "in progress"),
        some(open.overdue, "overdue"),
        some(open.today, "due today"),
        some(open.week, "due this week"),
        some(open.waiting, "waiting"),
        some(open.repeating, "repeating"),
    ];
    let ended = [
        Some(format!("{} completed", stats.status.completed)),
        some(stats.status.cancelled, "cancelled"),
        some(stats.trash, "in the trash"),
    ];
    let times = [
        Some(format!("streak {}", counted(stats.streak_days, "day"))),
        stats.median_age_days.map(|days| format!("median age {}", counted(days, "day"))),
        stats.median_seconds_to_complete.map(|time| format!("median time to done {}", span(time))),
    ];
    let joined = |parts: &[Option<String>]| {
        parts.iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" · ")
    };
    [joined(&parts), joined(&ended), joined(&times)]
}

/// `1 day`, `3 days`.
fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A time in its largest unit.
fn span(seconds: u64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let unit = units.into_iter().find(|(unit, _)| seconds >= *unit);
    unit.map_or_else(|| "under a minute".to_owned(), |(unit, what)| counted(seconds / unit, what))
}

/// Prints a line, and what does not fit below it.
fn wrap(screen: &mut Screen, text: &str) -> io::Result<()> {
    let width = screen.width.unwrap_or(WIDTH);
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && columns(&line) + 1 + columns(word) > width {
            writeln!(screen, "{line}")?;
            " ".clone_into(&mut line);
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    writeln!(screen, "{line}")
}

/// What came and went, day by day, both on one scale.
fn days(screen: &mut Screen, days: &[DayCounts]) -> io::Result<()> {
    let rows = |days: &[DayCounts]| -> [Vec<u64>; 2] {
        [
            days.iter().map(|day| day.created).collect(),
            days.iter().map(|day| day.completed).collect(),
        ]
    };
    let sum = |row: &Vec<u64>| row.iter().sum::<u64>();
    let number = rows(days).iter().map(sum).max().unwrap_or_default().to_string().len();
    let room = screen.width.unwrap_or(WIDTH).saturating_sub(number + "   done".len());
    let weeks = (room / WEEK).max(1);
    let days = &days[days.len().saturating_sub(weeks * WEEK)..];
    let rows = rows(days);
    let highest = rows.iter().flatten().copied().max().unwrap_or_default();
    heading(screen, &format!("Last {} days", days.len()))?;
    let palette = screen.palette();
    let looks = [("new", palette.active), ("done", palette.done)];
    for (row, (what, style)) in rows.iter().zip(looks) {
        let picture: String = row.iter().map(|count| height(*count, highest)).collect();
        writeln!(screen, "{style}{picture}{style:#}  {:>number$} {what}", sum(row))?;
    }
    Ok(())
}

/// The least that is more than nothing can be told from nothing.
fn height(count: u64, highest: u64) -> char {
    let steps = HEIGHTS.len() as u64 - 1;
    let step = (count * steps).div_ceil(highest.max(1));
    HEIGHTS[usize::try_from(step.min(steps)).unwrap_or_default()]
}

fn labels(screen: &mut Screen, title: &str, sign: &str, labels: &Labels) -> io::Result<()> {
    if labels.in_use == 0 {
        return Ok(());
    }
    let bar = |label: &LabelCount| (format!("{sign}{}", visible(&label.name)), label.count);
    let mut rows: Vec<_> = labels.top.iter().map(bar).collect();
    if labels.without > 0 {
        rows.push(("none".to_owned(), labels.without));
    }
    bars(screen, title, rows, labels.in_use - labels.top.len() as u64)
}

/// A name, a number and a bar a line, if there is anything to show; `more` are only counted.
fn bars(screen: &mut Screen, title: &str, rows: Vec<(String, u64)>, more: u64) -> io::Result<()> {
    let highest = rows.iter().map(|(_, count)| *count).max().unwrap_or_default();
    if highest == 0 {
        return Ok(());
    }
    heading(screen, title)?;
    let width = screen.width.unwrap_or(WIDTH);
    let number = highest.to_string().len();
    let widest = rows.iter().map(|(name, _)| columns(name)).max().unwrap_or_default();
    // At least half a line for the picture and its number.
    let name_width = widest.min(NAME_MAX).min(width / 2);
    let room = width.saturating_sub(name_width + number + 4).min(BAR_MAX);
    let (ink, dim) = (screen.palette().label, screen.palette().dim);
    for (name, count) in rows {
        let name = fit(&name, name_width);
        let gap = name_width.saturating_sub(columns(&name));
        write!(screen, "{name}{:gap$}  {count:>number$}", "")?;
        if count > 0 {
            write!(screen, "  {ink}{}{ink:#}", bar(count, highest, room))?;
        }
        writeln!(screen)?;
    }
    if more > 0 {
        writeln!(screen, "{dim}and {more} more{dim:#}")?;
    }
    Ok(())
}

/// A bar in eighths of a column; the least that is more than nothing is one of them.
fn bar(count: u64, highest: u64, room: usize) -> String {
    let eighths = (count * room as u64 * 8).div_ceil(highest.max(1));
    let eighths = usize::try_from(eighths).unwrap_or_default();
    ["█".repeat(eighths / 8).as_str(), ENDS[eighths % 8]].concat()
}

fn heading(screen: &mut Screen, text: &str) -> io::Result<()> {
    let strong = screen.palette().strong;
    writeln!(screen, "\n{strong}{text}{strong:#}")
}

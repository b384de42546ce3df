//! A list as columns that fit the terminal.
//!
//! Every column is as wide as what is in it. Where that is too much for the line, project and
//! tags give way first, then the title; id, title and due date are always there.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::Style;
use todo_core::query::Moment;
use todo_core::{Priority, Status, Tag, Task, urgency};

use super::palette::Palette;
use super::screen::{Screen, columns, fit, visible};
use super::tree::Branch;
use super::when::{self, Clock, Pressing};

const GAP: usize = 2;
const TITLE_MIN: usize = 24;
/// Below this the sign of what repeats gives way, too.
const TITLE_LEAST: usize = 8;
const LABELS_MIN: usize = 8;
const INDENT: usize = 2;
const HEADINGS: [&str; 8] = ["Id", "", "Priority", "Title", "Project", "Tags", "Due", "Urgency"];

/// The cells of one line. One is enough for a list: each line is filled in twice, once to be
/// measured and once to be printed, which is cheaper than keeping all of them.
#[derive(Default)]
struct Row {
    id: String,
    mark: &'static str,
    priority: &'static str,
    title: String,
    project: String,
    tags: String,
    due: String,
    urgency: String,
    style: RowStyle,
}

#[derive(Clone, Copy, Default)]
struct RowStyle {
    mark: Style,
    priority: Style,
    title: Style,
    due: Style,
}

#[derive(Clone, Copy, Default)]
struct Widths {
    id: usize,
    mark: usize,
    priority: usize,
    title: usize,
    project: usize,
    tags: usize,
    due: usize,
    urgency: usize,
}

impl Widths {
    fn all(&self) -> [usize; 8] {
        let Self { id, mark, priority, title, project, tags, due, urgency } = *self;
        [id, mark, priority, title, project, tags, due, urgency]
    }

    fn line(&self) -> usize {
        let used = self.all().into_iter().filter(|width| *width > 0);
        used.map(|width| width + GAP).sum::<usize>().saturating_sub(GAP)
    }

    /// Makes room for a line.
    fn hold(&mut self, row: &Row) {
        self.id = self.id.max(row.id.len());
        self.mark = self.mark.max(columns(row.mark));
        self.priority = self.priority.max(row.priority.len());
        self.title = self.title.max(columns(&row.title));
        self.project = self.project.max(columns(&row.project));
        self.tags = self.tags.max(columns(&row.tags));
        self.due = self.due.max(columns(&row.due));
        self.urgency = self.urgency.max(row.urgency.len());
    }

    /// A column that is there is as wide as its heading.
    fn with_headings(self) -> Self {
        let at_least = |width: usize, heading: &str| match width {
            0 => 0,
            width => width.max(heading.len()),
        };
        let [_, _, priority, _, project, tags, due, urgency] = HEADINGS;
        Self {
            priority: at_least(self.priority, priority),
            project: at_least(self.project, project),
            tags: at_least(self.tags, tags),
            due: at_least(self.due, due),
            urgency: at_least(self.urgency, urgency),
            ..self
        }
    }

    fn over(&self, width: usize) -> usize {
        self.line().saturating_sub(width)
    }

    /// Gives up what matters least until the line is short enough.
    fn squeeze(mut self, width: usize) -> Self {
        let shrink = |column: usize, least: usize, over: usize| {
            column.saturating_sub(over).max(least.min(column))
        };
        self.title = shrink(self.title, TITLE_MIN, self.over(width));
        self.tags = shrink(self.tags, LABELS_MIN, self.over(width));
        self.project = shrink(self.project, LABELS_MIN, self.over(width));
        let columns: [fn(&mut Self) -> &mut usize; 3] = [
            |widths| &mut widths.tags,
            |widths| &mut widths.project,
            |widths| &mut widths.priority,
        ];
        for column in columns {
            if self.over(width) > 0 {
                *column(&mut self) = 0;
            }
        }
        self.title = shrink(self.title, 1, self.over(width));
        self
    }
}

/// Prints the lines of a list; with urgencies, if the moment is given in which they hold.
pub(crate) fn print(
    screen: &mut Screen,
    branches: &[Branch<'_>],
    clock: &Clock,
    urgency: Option<&Moment>,
) -> io::Result<()> {
    let palette = screen.palette();
    let mut row = Row::default();
    let mut measure = |signs: bool| {
        let mut natural = Widths { id: 2, title: 5, ..Widths::default() };
        for branch in branches {
            row.fill(branch, signs, clock, &palette);
            row.weigh(branch.task, urgency);
            natural.hold(&row);
        }
        natural.with_headings()
    };
    let mut natural = measure(true);
    let tight = |width| natural.squeeze(width).title < natural.title.min(TITLE_LEAST);
    let signs = !screen.width.is_some_and(tight);
    if !signs {
        natural = measure(false);
    }
    let widths = match screen.width {
        Some(width) => {
            let squeezed = natural.squeeze(width);
            // What the columns that were dropped left over goes to the title.
            let room = width.saturating_sub(squeezed.line());
            Widths { title: (squeezed.title + room).min(natural.title), ..squeezed }
        }
        None => natural,
    };
    let mut line = String::new();
    heading(&mut line, &widths, &palette);
    screen.write_all(line.as_bytes())?;
    for branch in branches {
        line.clear();
        row.fill(branch, signs, clock, &palette);
        row.weigh(branch.task, urgency);
        print_row(&mut line, &row, &widths, &palette);
        screen.write_all(line.as_bytes())?;
    }
    Ok(())
}

impl Row {
    fn weigh(&mut self, task: &Task, moment: Option<&Moment>) {
        self.urgency.clear();
        if let Some(moment) = moment {
            let _ = write!(self.urgency, "{}", urgency::urgency(task, moment));
        }
    }

    /// `signs`: whether to tell what repeats.
    fn fill(&mut self, branch: &Branch<'_>, signs: bool, clock: &Clock, palette: &Palette) {
        let task = branch.task;
        self.id.clear();
        let _ = write!(self.id, "{}", task.id);
        self.mark = mark(task, clock);
        self.priority = match task.priority {
            Priority::Medium => "",
            other => other.as_str(),
        };
        self.title.clear();
        pad(&mut self.title, branch.depth * INDENT);
        for above in &branch.path {
            self.title.push_str(&visible(above));
            self.title.push_str(" › ");
        }
        self.title.push_str(&visible(task.title.as_str()));
        self.project.clear();
        if let Some(project) = &task.project {
            self.project.push_str(&visible(project.as_str()));
        }
        self.tags.clear();
        push_tags(&mut self.tags, task);
        self.due.clear();
        if let Some(due) = task.due_date {
            when::push_short(&mut self.due, due, clock);
            if signs && task.recurrence.is_some() {
                self.due.push_str(" ↻");
            }
        }
        self.style = style(task, clock, palette);
    }
}

/// A pending task needs no mark; others say what they are.
fn mark(task: &Task, clock: &Clock) -> &'static str {
    match task.status {
        _ if task.trash.is_some() => "x",
        Status::Completed => "✓",
        Status::Cancelled => "✗",
        Status::InProgress => "▶",
        Status::Pending if is_waiting(task, clock) => "…",
        Status::Pending => "",
    }
}

pub(crate) fn is_waiting(task: &Task, clock: &Clock) -> bool {
    task.start_date.is_some_and(|start| start.starts(clock.zone) > clock.now)
}

/// `#home #garden`.
pub(crate) fn tags(task: &Task) -> String {
    let mut text = String::new();
    push_tags(&mut text, task);
    text
}

fn push_tags(text: &mut String, task: &Task) {
    for tag in task.tags.iter().map(Tag::as_str) {
        text.push_str(if text.is_empty() { "#" } else { " #" });
        text.push_str(&visible(tag));
    }
}

fn style(task: &Task, clock: &Clock, palette: &Palette) -> RowStyle {
    let plain = Style::new();
    if !task.status.is_open() || task.trash.is_some() {
        let mark = if task.status == Status::Completed { palette.done } else { palette.dim };
        return RowStyle { mark, priority: palette.dim, title: palette.dim, due: palette.dim };
    }
    let due = match task.due_date.map(|due| when::pressing(due, clock)) {
        Some(Pressing::Overdue) => palette.alarm,
        Some(Pressing::Today) => palette.soon,
        Some(Pressing::Later) | None => plain,
    };
    RowStyle {
        mark: if task.status == Status::InProgress { palette.active } else { palette.dim },
        priority: match task.priority {
            Priority::High => palette.alarm,
            Priority::Medium => plain,
            Priority::Low => palette.dim,
        },
        title: plain,
        due,
    }
}

fn heading(line: &mut String, widths: &Widths, palette: &Palette) {
    let cells = HEADINGS.iter().zip(widths.all()).map(|(text, width)| (*text, width, palette.dim));
    write_line(line, cells, true);
}

fn print_row(line: &mut String, row: &Row, widths: &Widths, palette: &Palette) {
    let cells = [
        (row.id.as_str(), widths.id, palette.strong),
        (row.mark, widths.mark, row.style.mark),
        (row.priority, widths.priority, row.style.priority),
        (&row.title, widths.title, row.style.title),
        (&row.project, widths.project, palette.dim),
        (&row.tags, widths.tags, palette.label),
        (&row.due, widths.due, row.style.due),
        (&row.urgency, widths.urgency, palette.dim),
    ];
    write_line(line, cells.into_iter(), true);
}

/// Adds spaces.
fn pad(line: &mut String, mut count: usize) {
    const SPACES: &str = "                                                                ";
    while count > 0 {
        let part = count.min(SPACES.len());
        line.push_str(&SPACES[..part]);
        count -= part;
    }
}

/// Numbers stand to the right, texts to the left; nothing stands behind the last text.
fn write_line<'c>(
    line: &mut String,
    cells: impl Iterator<Item = (&'c str, usize, Style)>,
    number_first: bool,
) {
    let mut owed = 0;
    for (place, (text, width, style)) in cells.enumerate() {
        if width == 0 {
            continue;
        }
        let wide = columns(text);
        let cut = if wide > width { fit(text, width) } else { Cow::Borrowed(text) };
        let free = width.saturating_sub(if wide > width { columns(&cut) } else { wide });
        let (before, behind) = if number_first && place == 0 { (free, 0) } else { (0, free) };
        if cut.is_empty() {
            owed += width + GAP;
            continue;
        }
        pad(line, owed + before);
        if style.is_plain() {
            line.push_str(&cut);
        } else {
            let _ = write!(line, "{style}{cut}{style:#}");
        }
        owed = behind + GAP;
    }
    line.push('\n');
}

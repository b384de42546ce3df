//! A list as columns that fit the terminal.
//!
//! Every column is as wide as what is in it. Where that is too much for the line, project and
//! tags give way first, then the title; id, title and due date are always there.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::Style;
use todo_core::query::Moment;
use todo_core::{Priority, Status, Tag, Task};

use super::screen::{Palette, Screen, columns, fit, visible};
use super::tree::Branch;
use super::when::{self, Pressing};

const GAP: usize = 2;
const TITLE_MIN: usize = 24;
const LABELS_MIN: usize = 8;
const INDENT: usize = 2;

struct Row<'t> {
    id: String,
    mark: &'static str,
    priority: &'static str,
    depth: usize,
    title: Cow<'t, str>,
    project: Cow<'t, str>,
    tags: String,
    due: String,
    style: RowStyle,
}

#[derive(Clone, Copy)]
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
}

impl Widths {
    fn all(&self) -> [usize; 7] {
        [self.id, self.mark, self.priority, self.title, self.project, self.tags, self.due]
    }

    fn line(&self) -> usize {
        let used = self.all().into_iter().filter(|width| *width > 0);
        used.map(|width| width + GAP).sum::<usize>().saturating_sub(GAP)
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

/// Prints the lines of a list.
pub(crate) fn print(
    screen: &mut Screen,
    branches: &[Branch<'_>],
    moment: &Moment,
) -> io::Result<()> {
    let palette = screen.palette();
    let rows: Vec<_> = branches.iter().map(|branch| row(branch, moment, &palette)).collect();
    let natural = natural(&rows);
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
    for row in &rows {
        line.clear();
        print_row(&mut line, row, &widths, &palette);
        screen.write_all(line.as_bytes())?;
    }
    Ok(())
}

fn natural(rows: &[Row<'_>]) -> Widths {
    let mut widths = Widths { id: 2, title: 5, ..Widths::default() };
    for row in rows {
        widths.id = widths.id.max(row.id.len());
        widths.mark = widths.mark.max(columns(row.mark));
        widths.priority = widths.priority.max(row.priority.len());
        widths.title = widths.title.max(row.depth * INDENT + columns(&row.title));
        widths.project = widths.project.max(columns(&row.project));
        widths.tags = widths.tags.max(columns(&row.tags));
        widths.due = widths.due.max(row.due.len());
    }
    let at_least = |width: usize, heading: usize| if width == 0 { 0 } else { width.max(heading) };
    widths.priority = at_least(widths.priority, 8);
    widths.project = at_least(widths.project, 7);
    widths.tags = at_least(widths.tags, 4);
    widths.due = at_least(widths.due, 3);
    widths
}

fn row<'t>(branch: &Branch<'t>, moment: &Moment, palette: &Palette) -> Row<'t> {
    let task = branch.task;
    let title = visible(task.title.as_str());
    let title = match branch.path.as_slice() {
        [] => title,
        path => Cow::Owned(format!("{} › {title}", visible(&path.join(" › ")))),
    };
    Row {
        id: task.id.to_string(),
        mark: mark(task, moment),
        priority: if task.priority == Priority::Medium { "" } else { task.priority.as_str() },
        depth: branch.depth,
        title,
        project: task.project.as_ref().map_or(Cow::Borrowed(""), |p| visible(p.as_str())),
        tags: tags(task),
        due: task.due_date.map(|due| when::short(due, moment)).unwrap_or_default(),
        style: style(task, moment, palette),
    }
}

/// A pending task needs no mark; others say what they are.
fn mark(task: &Task, moment: &Moment) -> &'static str {
    match task.status {
        _ if task.trash.is_some() => "x",
        Status::Completed => "✓",
        Status::Cancelled => "✗",
        Status::InProgress => "▶",
        Status::Pending if is_waiting(task, moment) => "…",
        Status::Pending => "",
    }
}

pub(crate) fn is_waiting(task: &Task, moment: &Moment) -> bool {
    task.start_date.is_some_and(|start| start.starts(moment.zone) > moment.now)
}

/// `#home #garden`.
pub(crate) fn tags(task: &Task) -> String {
    let mut text = String::new();
    for tag in task.tags.iter().map(Tag::as_str) {
        text.push_str(if text.is_empty() { "#" } else { " #" });
        text.push_str(&visible(tag));
    }
    text
}

fn style(task: &Task, moment: &Moment, palette: &Palette) -> RowStyle {
    let plain = Style::new();
    if !task.status.is_open() || task.trash.is_some() {
        let mark = if task.status == Status::Completed { palette.done } else { palette.dim };
        return RowStyle { mark, priority: palette.dim, title: palette.dim, due: palette.dim };
    }
    let due = match task.due_date.map(|due| when::pressing(due, moment)) {
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
    let texts = ["Id", "", "Priority", "Title", "Project", "Tags", "Due"];
    let cells = texts.iter().zip(widths.all()).map(|(text, width)| (*text, width, palette.dim));
    write_line(line, cells, true);
}

fn print_row(line: &mut String, row: &Row<'_>, widths: &Widths, palette: &Palette) {
    let indent = " ".repeat(row.depth * INDENT);
    let title: Cow<'_, str> =
        if row.depth == 0 { Cow::Borrowed(&row.title) } else { Cow::Owned(indent + &row.title) };
    let cells = [
        (row.id.as_str(), widths.id, palette.strong),
        (row.mark, widths.mark, row.style.mark),
        (row.priority, widths.priority, row.style.priority),
        (&title, widths.title, row.style.title),
        (&row.project, widths.project, palette.dim),
        (&row.tags, widths.tags, palette.label),
        (&row.due, widths.due, row.style.due),
    ];
    write_line(line, cells.into_iter(), true);
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
        let text = fit(text, width);
        let free = width.saturating_sub(columns(&text));
        let (before, behind) = if number_first && place == 0 { (free, 0) } else { (0, free) };
        if text.is_empty() {
            owed += width + GAP;
            continue;
        }
        line.extend(std::iter::repeat_n(' ', owed + before));
        if style.is_plain() {
            line.push_str(&text);
        } else {
            let _ = write!(line, "{style}{text}{style:#}");
        }
        owed = behind + GAP;
    }
    line.push('\n');
}

//! Tasks as a table that Todoist takes: one project, our projects as its sections.

use std::collections::HashMap;
use std::io::{self, Write};

use super::dates;
use crate::interchange::csv::beneath;
use crate::interchange::{Losses, Writing};
use crate::task::{DEPTH_MAX, Priority, Status, Task, TaskId};
use crate::text::Project;
use crate::words::Asking;

const HEADER: [&str; 10] = [
    "TYPE",
    "CONTENT",
    "DESCRIPTION",
    "PRIORITY",
    "INDENT",
    "AUTHOR",
    "RESPONSIBLE",
    "DATE",
    "DATE_LANG",
    "TIMEZONE",
];

/// Writes open tasks, those of a project together, each before what lies below it.
pub fn export(tasks: &[Task], writing: &Writing, out: &mut impl Write) -> io::Result<Losses> {
    let mut losses = Losses::default();
    let mut writer = ::csv::Writer::from_writer(out);
    writer.write_record(HEADER).map_err(beneath)?;
    let Forest { sections, mut below } = Forest::of(tasks, &mut losses);
    let asking = writing.asking();
    for (project, roots) in sections {
        if let Some(project) = project {
            let row = ["section", project.as_str(), "", "", "", "", "", "", "", ""];
            writer.write_record(row).map_err(beneath)?;
        }
        // What is to be written next, the last first, and how deep it lies.
        let mut next: Vec<_> = roots.into_iter().rev().map(|task| (task, 0)).collect();
        while let Some((task, depth)) = next.pop() {
            lost(task, project, &mut losses);
            let row = row(task, depth, &asking, &mut losses);
            writer.write_record(&row).map_err(beneath)?;
            // Taken out: whatever the uids say, nothing is written twice.
            let below = below.remove(&task.uid).into_iter().flatten();
            next.extend(below.rev().map(|task| (task, depth + 1)));
        }
    }
    writer.flush()?;
    Ok(losses)
}

/// Tasks by where they are written.
struct Forest<'t> {
    /// What lies at the top, by project in the order of their first tasks; without one first.
    sections: Vec<(Option<&'t Project>, Vec<&'t Task>)>,
    below: HashMap<TaskId, Vec<&'t Task>>,
}

impl<'t> Forest<'t> {
    fn of(tasks: &'t [Task], losses: &mut Losses) -> Self {
        let known: HashMap<_, _> = tasks.iter().map(|task| (task.uid, task)).collect();
        let mut forest = Self { sections: vec![(None, Vec::new())], below: HashMap::new() };
        let mut places = HashMap::from([(None, 0)]);
        for task in tasks {
            let title = task.title.as_str();
            if task.trash.is_some() {
                losses.leave_out("trash", "has no place there; left out", title);
                continue;
            }
            if !task.status.is_open() {
                losses.leave_out("status", "the table has open tasks only; left out", title);
                continue;
            }
            let parent = above(task, &known);
            if parent != task.parent.map(|parent| parent.uid) {
                losses.add("parent", "is not written; the task moves up", title);
            }
            if let Some(parent) = parent {
                forest.below.entry(parent).or_default().push(task);
                continue;
            }
            let project = task.project.as_ref();
            let place = *places.entry(project).or_insert(forest.sections.len());
            if place == forest.sections.len() {
                forest.sections.push((project, Vec::new()));
            }
            forest.sections[place].1.push(task);
        }
        forest
    }
}

fn is_written(task: &Task) -> bool {
    task.trash.is_none() && task.status.is_open()
}

/// The nearest task above that is written, if the way up from there ends.
fn above(task: &Task, known: &HashMap<TaskId, &Task>) -> Option<TaskId> {
    let mut found = None;
    let mut at = task;
    for _ in 0..=DEPTH_MAX {
        let Some(parent) = at.parent.and_then(|parent| known.get(&parent.uid)) else {
            return found;
        };
        at = parent;
        if found.is_none() && is_written(at) {
            found = Some(at.uid);
        }
    }
    None
}

/// Names what the table cannot say.
fn lost(task: &Task, section: Option<&Project>, losses: &mut Losses) {
    let mut lose = |field, fate| losses.add(field, fate, task.title.as_str());
    lose("uid", "not written; the same tasks come back as others");
    lose("created_at", "not written");
    lose("updated_at", "not written; the time of the file stands for it");
    if task.project.as_ref() != section {
        lose("project", "a subtask has that of the task above");
    }
    if task.priority == Priority::Low {
        lose("priority", "low is written like medium, as none");
    }
    if task.status == Status::InProgress {
        lose("status", "begun is written like not begun");
    }
    if task.start_date.is_some() {
        lose("start_date", "has no place there; left out");
    }
    if !task.reminders.is_empty() {
        lose("reminders", "have no place there; left out");
    }
    if task.title.as_str().split(' ').any(|word| word.len() > 1 && word.starts_with('@')) {
        lose("title", "words with @ are labels there");
        lose("tags", "words with @ in the title come to them");
    }
}

fn row(task: &Task, depth: usize, asking: &Asking, losses: &mut Losses) -> [String; 10] {
    let title = task.title.as_str();
    let mut content = title.to_owned();
    for tag in task.tags.iter() {
        content.extend([" @", tag.as_str()]);
    }
    let date = dates::written(task, asking);
    if !date.is_exact {
        losses.add("due_date", "minutes are written, and of two equal times the first", title);
    }
    if task.recurrence.is_some() && !date.repeats {
        losses.add("recurrence", "has no words there; the date alone is written", title);
    }
    if task.series.is_some() {
        losses.add(
            "series",
            "not written; the task stands in one of its own, if it repeats",
            title,
        );
    }
    let priority = if task.priority == Priority::High { "1" } else { "4" };
    let language = if date.text.is_empty() { "" } else { "en" };
    let description = task.description.as_ref().map_or("", |text| text.as_str());
    [
        "task",
        &content,
        description,
        priority,
        &(depth + 1).to_string(),
        "",
        "",
        &date.text,
        language,
        date.zone,
    ]
    .map(str::to_owned)
}

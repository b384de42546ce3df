//! A file's components, one after the other.

use std::io::BufRead;

use super::lines::{Line, Lines};
use super::property::{Component, Property, cut_off};
use super::task_id;
use super::todo::{self, Context};
use super::zones::Zones;
use crate::change::Field;
use crate::command::{Keep, Keeps};
use crate::interchange::fit::Fit;
use crate::interchange::identity::Identities;
use crate::interchange::together::{self, Tree};
use crate::interchange::{Format, ImportError, Imported, Losses, Reading};
use crate::task::Task;
use crate::text::Project;

/// What a file begins with.
const WHOLE: &str = "BEGIN:VCALENDAR";
/// What is not said of a task whose properties of ours another program has dropped, or never had.
const STRIPPED: &[Keep] = &[
    Keep::Field(Field::Project),
    Keep::Basis,
    Keep::Spawn,
    Keep::Anchor,
    Keep::Number,
    Keep::Zone,
    Keep::Channels,
    Keep::Cancelled,
];

/// Reads the `VTODO`s of one or several calendars.
pub fn import(source: impl BufRead, reading: &Reading) -> Result<Imported, ImportError> {
    let mut lines = Lines::new(source)?;
    let mut file = File {
        reading,
        tasks: Vec::new(),
        lines: Vec::new(),
        losses: Losses::default(),
        identities: Identities::default(),
        stripped: Vec::new(),
    };
    let mut calendars = 0;
    while let Some(line) = lines.next()? {
        if line.marks("BEGIN").as_deref() != Some("VCALENDAR") {
            return Err(line.refuse(0, lines.looks().expected(Format::Icalendar, WHOLE)));
        }
        calendars += 1;
        Calendar::default().read(&mut lines, line.number(), &mut file)?;
    }
    if calendars == 0 {
        return Err(lines.end(format!("the file is empty; expected {WHOLE}")));
    }
    let File { mut tasks, lines, mut losses, identities, stripped, .. } = file;
    identities.settle(&mut tasks);
    let mut keeps = Keeps::default();
    for at in stripped {
        keeps.add_of(tasks[at].uid, STRIPPED);
    }
    settle_parents(&mut tasks, &mut losses);
    together::check(&tasks, &lines)?;
    Ok(Imported { tasks, losses, keeps })
}

/// What is read so far.
struct File<'r> {
    reading: &'r Reading,
    tasks: Vec<Task>,
    /// Where each begins.
    lines: Vec<usize>,
    losses: Losses,
    identities: Identities,
    /// The places of tasks without properties of ours.
    stripped: Vec<usize>,
}

/// A calendar on its way in.
#[derive(Default)]
struct Calendar {
    zones: Zones,
    project: Option<Project>,
    /// Whether it is a message, of which `DTSTAMP` is the date.
    message: bool,
    /// Tasks in a zone that is described further down.
    waiting: Vec<Component>,
}

impl Calendar {
    /// Reads on to the calendar's end.
    fn read(
        mut self,
        lines: &mut Lines<impl BufRead>,
        begun: usize,
        file: &mut File<'_>,
    ) -> Result<(), ImportError> {
        while let Some(line) = lines.next()? {
            match line.marks("BEGIN").as_deref() {
                Some(name @ "VTODO") => {
                    let component = Component::read(lines, name.to_owned(), line.number())?;
                    if self.zones.knows_all_of(&component) {
                        self.take(&component, file)?;
                    } else {
                        self.waiting.push(component);
                    }
                }
                Some(name @ "VTIMEZONE") => {
                    let component = Component::read(lines, name.to_owned(), line.number())?;
                    self.zones.learn(&component);
                }
                Some(name) => pass_over(lines, name, &line, &mut file.losses)?,
                None => match line.marks("END").as_deref() {
                    Some("VCALENDAR") => {
                        let waiting = std::mem::take(&mut self.waiting);
                        return waiting.iter().try_for_each(|todo| self.take(todo, file));
                    }
                    Some(_) => {
                        let what = format!("expected END:VCALENDAR, begun on line {begun}");
                        return Err(line.refuse(0, what));
                    }
                    None => self.note(&Property::parse(line)?, file)?,
                },
            }
        }
        Err(lines.end(cut_off("VCALENDAR", begun)))
    }

    /// A property of the whole calendar. Its name is where its tasks belong.
    fn note(&mut self, property: &Property, file: &mut File<'_>) -> Result<(), ImportError> {
        match property.name.as_str() {
            "VERSION" if property.value().trim() == "1.0" => {
                Err(property.refuse("this is vCalendar 1.0; save it as iCalendar, which is 2.0"))
            }
            "METHOD" => {
                self.message = true;
                Ok(())
            }
            "NAME" | "X-WR-CALNAME" if self.project.is_none() => {
                let name = property.text();
                let mut fit = Fit { losses: &mut file.losses, title: &name };
                // A name that cannot be one is told, and is no reason to refuse the tasks.
                let project = fit.project(name.split('/'));
                if project.is_err() {
                    fit.lose(&property.name, "cannot be a project; the tasks come without one");
                }
                self.project = project.ok().flatten();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn take(&self, component: &Component, file: &mut File<'_>) -> Result<(), ImportError> {
        let text = |name| component.one(name).map(Property::text).unwrap_or_default();
        let (summary, given) = (text("SUMMARY"), text("UID"));
        let uid = given.trim();
        if component.one("RECURRENCE-ID").is_some() {
            let fate = "one date of a series changed on its own; it is left out";
            file.losses.add("RECURRENCE-ID", fate, &summary);
            return Ok(());
        }
        let id = task_id(uid);
        if let Some(property) = component.one("UID").filter(|_| !uid.is_empty()) {
            let given = file.identities.give(id.0, component.number);
            given.map_err(|what| property.refuse(what))?;
        } else {
            let says = [summary.as_str(), &text("CREATED")];
            file.identities.derive(file.tasks.len(), Format::Icalendar, &says);
        }
        if id.to_string() != uid.to_ascii_lowercase() {
            file.losses.add("UID", "no UUID; one is made from it, always the same", &summary);
        }
        let context = Context {
            reading: file.reading,
            zones: &self.zones,
            project: self.project.as_ref(),
            stamped: !self.message,
        };
        if component.one("X-TODO-PROJECT").is_none() {
            file.stripped.push(file.tasks.len());
        }
        let record = file.tasks.len() + 1;
        file.lines.push(component.number);
        file.tasks.push(todo::read(component, id, record, &context, &mut file.losses)?);
        Ok(())
    }
}

/// Reads on to the end of a component that is no task.
fn pass_over(
    lines: &mut Lines<impl BufRead>,
    name: &str,
    begin: &Line,
    losses: &mut Losses,
) -> Result<(), ImportError> {
    let mut depth = 1;
    let mut title = String::new();
    while let Some(line) = lines.next()? {
        if line.marks("BEGIN").is_some() {
            depth += 1;
        } else if line.marks("END").is_some() {
            depth -= 1;
        } else if title.is_empty()
            && let Ok(property) = Property::parse(line)
            && property.name == "SUMMARY"
        {
            title = property.text();
        }
        if depth == 0 {
            let known = matches!(name, "VEVENT" | "VJOURNAL" | "VFREEBUSY" | "VAVAILABILITY");
            let name = if known { name } else { "other components" };
            losses.add(name, "no task; it is left out", &title);
            return Ok(());
        }
    }
    Err(lines.end(cut_off(name, begin.number())))
}

/// Tasks nest at most three levels below the top (S8), and in no circle: what other programs allow
/// beyond that comes to the top.
fn settle_parents(tasks: &mut [Task], losses: &mut Losses) {
    let mut tree = Tree::new(tasks);
    for (at, task) in tasks.iter_mut().enumerate() {
        if tree.fault(at, task).is_some() {
            let fate = "nests deeper than three levels, or in a circle; the task comes to the top";
            losses.add("RELATED-TO", fate, task.title.as_str());
            task.parent = None;
            tree.cut(at);
        }
    }
}

//! A file's components, one after the other.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::BufRead;

use super::lines::{Line, Lines};
use super::property::{Component, Property, cut_off};
use super::todo::{self, Context};
use super::zones::Zones;
use super::{nameless, task_id};
use crate::error::excerpt;
use crate::interchange::fit::Fit;
use crate::interchange::{ImportError, Imported, Losses, Reading};
use crate::task::{DEPTH_MAX, Task, TaskId};
use crate::text::Project;

/// Reads the `VTODO`s of one or several calendars.
pub fn import(source: impl BufRead, reading: &Reading) -> Result<Imported, ImportError> {
    let mut lines = Lines::new(source);
    let mut file =
        File { reading, tasks: Vec::new(), losses: Losses::default(), seen: Seen::default() };
    let mut calendars = 0;
    while let Some(line) = lines.next()? {
        if line.marks("BEGIN").as_deref() != Some("VCALENDAR") {
            return Err(line.refuse(0, unlike(&line.text)));
        }
        calendars += 1;
        Calendar::default().read(&mut lines, line.number(), &mut file)?;
    }
    if calendars == 0 {
        return Err(lines.end("the file is empty; expected BEGIN:VCALENDAR"));
    }
    let File { mut tasks, mut losses, .. } = file;
    settle_parents(&mut tasks, &mut losses);
    Ok(Imported { tasks, losses, ..Imported::default() })
}

/// What is said of a file that is none of ours.
fn unlike(text: &str) -> String {
    let kind = match text.trim_start() {
        text if text.starts_with(['{', '[']) => "; this looks like JSON",
        text if text.starts_with('<') => "; this looks like XML or HTML",
        text if text.get(..11).is_some_and(|t| t.eq_ignore_ascii_case("BEGIN:VCARD")) => {
            "; this looks like contacts (vCard)"
        }
        _ => "",
    };
    format!("expected BEGIN:VCALENDAR{kind}")
}

/// What is read so far.
struct File<'r> {
    reading: &'r Reading,
    tasks: Vec<Task>,
    losses: Losses,
    seen: Seen,
}

/// Which tasks were there.
#[derive(Default)]
struct Seen {
    /// The line on which each begins.
    tasks: HashMap<TaskId, usize>,
    /// How many are alike of those without a `UID`.
    nameless: HashMap<(String, String), usize>,
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
        let id = if uid.is_empty() {
            let alike = (summary.clone(), text("CREATED"));
            let nth = file.seen.nameless.entry(alike.clone()).or_insert(0);
            *nth += 1;
            nameless(&alike.0, &alike.1, *nth)
        } else {
            task_id(uid)
        };
        if id.to_string() != uid.to_ascii_lowercase() {
            file.losses.add("UID", "no UUID; one is made from it, always the same", &summary);
        }
        match file.seen.tasks.entry(id) {
            Entry::Vacant(place) => place.insert(component.number),
            Entry::Occupied(other) => {
                let what =
                    format!("the UID {:?} is that of line {} too", excerpt(uid), other.get());
                let place = component.one("UID");
                let (line, column) = (component.number, 1);
                return Err(place.map_or_else(
                    || ImportError::Syntax { line, column, what: what.clone() },
                    |property| property.refuse(what.clone()),
                ));
            }
        };
        let context = Context {
            reading: file.reading,
            zones: &self.zones,
            project: self.project.as_ref(),
            stamped: !self.message,
        };
        let record = file.seen.tasks.len();
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
    let places: HashMap<_, _> = tasks.iter().enumerate().map(|(at, task)| (task.uid, at)).collect();
    for at in 0..tasks.len() {
        let above =
            |at: usize| tasks[at].parent.and_then(|parent| places.get(&parent.uid).copied());
        let levels = std::iter::successors(above(at), |at| above(*at)).take(DEPTH_MAX + 1).count();
        if levels > DEPTH_MAX {
            let fate = "nests deeper than three levels, or in a circle; the task comes to the top";
            losses.add("RELATED-TO", fate, tasks[at].title.as_str());
            tasks[at].parent = None;
        }
    }
}

//! `todo import` and `todo export`.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

use serde_json::json;
use todo_core::error::excerpt;
use todo_core::interchange::{
    Format as Interchange, ImportError, Imported, Loss, Losses, Reading, Writing,
    export as export_to, import as import_from,
};
use todo_core::service::TakenOver;
use todo_core::wire::{Taken, beside, left, lost};
use todo_core::{Decided, Fate, Import, Limit, Task, TaskQuery, Title};

use super::Done;
use crate::args::{ExportArgs, FilterArgs, ImportArgs};
use crate::edge;
use crate::error::CliError;
use crate::intent::{self, format};
use crate::session::Session;
use crate::view::json as view;
use crate::view::progress::{Progress, Watched};
use crate::view::screen::{self, Screen, visible};

/// Largest file that is imported, in bytes.
const SIZE_MAX: u64 = 1 << 30;
const BUFFER: usize = 1 << 16;

pub(super) fn import(session: &mut Session, screen: &mut Screen, args: &ImportArgs) -> Done {
    // Read and understood before anybody else has to wait.
    session.store()?;
    let size = fs::metadata(&args.source).ok().filter(Metadata::is_file).map(|meta| meta.len());
    let mut progress = Progress::new(size, screen.is_json());
    let Imported { tasks, losses, keeps } = read(session, args, &mut progress)?;
    progress.write();
    let told = Told::of(session, Import { tasks, keeps }, losses)?;
    drop(progress);
    session.close();
    screen.apply(&session.settings);
    if screen.is_json() {
        view::print(screen, "import", told.taken())?;
        return Ok(false);
    }
    tell(screen, &told, "todo undo")?;
    Ok(false)
}

/// What came of tasks from elsewhere.
pub(super) struct Told {
    dry_run: bool,
    taken: TakenOver,
    titles: Vec<Title>,
    trashed: usize,
    losses: Losses,
}

impl Told {
    /// Takes them over.
    pub(super) fn of(
        session: &mut Session,
        import: Import,
        losses: Losses,
    ) -> Result<Self, CliError> {
        let trashed = import.tasks.iter().filter(|task| task.trash.is_some());
        let trashed: BTreeSet<_> = trashed.map(|task| task.uid).collect();
        let titles = import.tasks.iter().map(|task| task.title.clone()).collect();
        let taken = session.take_over(import)?;
        let trashed_of =
            |item: &&Decided| item.fate == Fate::Created && trashed.contains(&item.task);
        let trashed = taken.items.iter().flatten().filter(trashed_of).count();
        Ok(Self { dry_run: session.global.dry_run, taken, titles, trashed, losses })
    }

    /// The same for programs.
    pub(super) fn taken(&self) -> Taken {
        let TakenOver { items, step, notes } = &self.taken;
        Taken::new(self.dry_run, *step, (items, &self.titles), notes, &self.losses)
    }
}

/// Tells people; `undo` takes it back.
pub(super) fn tell(screen: &mut Screen, told: &Told, undo: &str) -> io::Result<()> {
    let Told { dry_run, taken: TakenOver { items, step, notes }, titles, trashed, losses } = told;
    let Taken { added, updated, unchanged, left: not_taken, .. } = told.taken();
    let counts = [added, updated, unchanged, not_taken];
    writeln!(screen, "{}", summary(*dry_run, counts, *trashed))?;
    for reason in left(items, titles).iter() {
        print_loss(screen, "not taken", reason)?;
    }
    print_losses(screen, &beside(notes, items, titles))?;
    print_losses(screen, losses)?;
    if step.is_some() {
        let dim = screen.palette().dim;
        writeln!(screen, "{dim}To take it back: {undo}{dim:#}")?;
    }
    Ok(())
}

/// `Imported 57 tasks and 3 into the trash, updated 1; 2 unchanged, 1 not taken`, without the parts
/// of which there are none.
fn summary(dry_run: bool, [added, updated, unchanged, left]: [usize; 4], trashed: usize) -> String {
    let [import, update] =
        if dry_run { ["Would import", "would update"] } else { ["Imported", "updated"] };
    let mut text = format!("{import} {}", screen::tasks((added - trashed) as u64));
    if trashed > 0 {
        text.extend([" and ", &trashed.to_string(), " into the trash"]);
    }
    if updated > 0 {
        text.extend([", ", update, " ", &updated.to_string()]);
    }
    for (count, what, before) in [
        (unchanged, "unchanged", "; "),
        (left, "not taken", if unchanged > 0 { ", " } else { "; " }),
    ] {
        if count > 0 {
            text.extend([before, &count.to_string(), " ", what]);
        }
    }
    text
}

/// What to call the source in a message.
fn name(source: &Path) -> String {
    if source == Path::new("-") { "standard input".into() } else { source.display().to_string() }
}

/// Refuses to go on for ever.
struct Bounded<R> {
    source: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 GiB")
        })?;
        Ok(read)
    }
}

fn read(
    session: &Session,
    args: &ImportArgs,
    progress: &mut Progress,
) -> Result<Imported, CliError> {
    let name = name(&args.source);
    let failed = |error| CliError::Io { doing: format!("read {name}"), error };
    let (source, at): (Box<dyn Read>, _) = if args.source == Path::new("-") {
        (Box::new(io::stdin().lock()), None)
    } else {
        let file = File::open(&args.source).map_err(failed)?;
        let changed = file.metadata().and_then(|meta| meta.modified()).ok();
        (Box::new(file), changed.map(edge::timestamp))
    };
    let asking = intent::words::asking(session);
    let at = at.filter(|at| *at < session.now).unwrap_or(session.now);
    let source = Watched { source: Bounded { source, left: SIZE_MAX }, progress };
    let mut source = BufReader::with_capacity(BUFFER, source);
    let format = if let Some(format) = args.from {
        format
    } else {
        format::check(source.fill_buf().map_err(failed)?, &name, &args.source)?;
        format::of_name(&args.source, "--from")?
    };
    import_from(format, source, &Reading { asking, at }).map_err(|error| match error {
        ImportError::Read(error) => failed(error),
        error => CliError::Import { name: name.clone(), error: Box::new(error) },
    })
}

pub(super) fn export(session: &mut Session, screen: &mut Screen, args: &ExportArgs) -> Done {
    let format = match (args.to, &args.output) {
        (Some(format), _) => format,
        (None, Some(path)) => format::of_name(path, "--to")?,
        (None, None) => Interchange::Json,
    };
    let mut tasks = if args.filter == FilterArgs::default() {
        session.everything()?
    } else {
        let filter = intent::out_of_context(session, &args.filter)?;
        let query = TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(session.moment()) };
        session.find(&query)?.tasks
    };
    tasks.sort_unstable_by_key(|task| task.id);
    let (zone, now) = (session.zone, session.now);
    session.close();
    let writing = Writing { now, zone };
    let losses = match &args.output {
        None => export_to(format, &tasks, &writing, screen)?,
        Some(path) => write(path, format, &tasks, &writing)?,
    };
    screen.flush()?;
    if !losses.is_empty() {
        let mut report = Vec::new();
        print_losses(&mut report, &losses)?;
        // The export itself may be on standard output.
        io::stderr().lock().write_all(&report)?;
    }
    if let Some(path) = &args.output {
        let exported = tasks.len() - losses.left_out();
        if screen.is_json() {
            let body =
                json!({ "exported": exported, "to": format.as_str(), "losses": lost(&losses) });
            view::print(screen, "export", body)?;
        } else {
            let count = screen::tasks(exported as u64);
            writeln!(screen, "Exported {count} to {}", visible(&path.display().to_string()))?;
        }
    }
    Ok(false)
}

/// Never over a file that exists: an export that replaces another is a loss. Nor is there ever half
/// of one under the name, which could be taken for the whole: it is written beside, and then named.
fn write(
    path: &Path,
    format: Interchange,
    tasks: &[Task],
    writing: &Writing,
) -> Result<Losses, CliError> {
    let failed = |error| CliError::Io { doing: format!("write {}", path.display()), error };
    if path.symlink_metadata().is_ok() {
        return Err(failed(io::ErrorKind::AlreadyExists.into()));
    }
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    let part = Path::new(&part);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // As private as the tasks' file.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(part).and_then(|file| {
        let mut out = BufWriter::with_capacity(BUFFER, file);
        let losses = export_to(format, tasks, writing, &mut out)?;
        out.flush()?;
        out.get_ref().sync_all()?;
        name_it(part, path)?;
        Ok(losses)
    });
    // Gone already, if it was moved.
    let _ = fs::remove_file(part);
    written.map_err(failed)
}

/// Gives a file its name, unless somebody else has it.
fn name_it(part: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(part, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists && !path.exists() => {
            // A disk without links.
            fs::rename(part, path)
        }
        linked => linked,
    }
}

fn print_losses(out: &mut impl Write, losses: &Losses) -> io::Result<()> {
    losses.iter().try_for_each(|loss| print_loss(out, &visible(&excerpt(&loss.field)), loss))
}

/// `  due: 4 tasks; what became of it`, and some of them.
fn print_loss(out: &mut impl Write, name: &str, loss: &Loss) -> io::Result<()> {
    let more = loss.count.saturating_sub(loss.examples.len());
    let examples: Vec<_> = loss.examples.iter().map(|e| format!("{:?}", visible(e))).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let count = screen::tasks(loss.count as u64);
    writeln!(out, "  {name}: {count}; {}", loss.fate)?;
    writeln!(out, "    {}{more}", examples.join(", "))
}

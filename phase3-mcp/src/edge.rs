//! Where the world comes in: the clock, the zone, randomness, fresh ids, the platform's folders.

use std::path::PathBuf;

use directories::ProjectDirs;
use todo_core::{Problem, TaskId, Timestamp, Zone};
use todo_web::Clock;
use uuid::{NoContext, Uuid};

/// Fixes the present, as it does in the terminal.
pub(crate) const NOW_VARIABLE: &str = "TODO_NOW";
/// Names the tasks' file, as it does in the terminal.
const FILE_VARIABLE: &str = "TODO_FILE";

/// The clock of the machine, or the moment that the environment fixes.
pub(crate) fn clock() -> Result<Clock, Problem> {
    let Ok(text) = std::env::var(NOW_VARIABLE) else { return Ok(Clock::of_the_machine()) };
    let fixed: Timestamp = text.parse()?;
    Ok(Clock::new(move || fixed))
}

/// The zone this machine is in: `TZ` where it names one, else what the system is set to, else UTC.
pub(crate) fn system_zone() -> Zone {
    let named = std::env::var("TZ").ok();
    let named = named.as_deref().map(|name| name.trim_start_matches(':'));
    if let Some(zone) = named.filter(|name| !name.is_empty()).and_then(|name| name.parse().ok()) {
        return zone;
    }
    let system = iana_time_zone::get_timezone().ok();
    system.and_then(|name| name.parse().ok()).unwrap_or(Zone::UTC)
}

/// A fresh identity. Its time is the given one, so that identities follow the order of creation.
pub(crate) fn fresh_id(now: Timestamp) -> TaskId {
    let millis = u64::try_from(now.millis()).unwrap_or_default();
    let nanos = u32::try_from(millis % 1000 * 1_000_000).unwrap_or_default();
    TaskId(Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, millis / 1000, nanos)))
}

/// Bytes that nobody can guess, from the system.
pub(crate) fn random() -> Result<[u8; 32], getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// A personal token for a server. Only the environment may hold one: arguments are shown to everybody
/// on the machine. An empty one is none.
pub(crate) fn token() -> Option<String> {
    std::env::var("TODO_TOKEN").ok().filter(|token| !token.trim().is_empty())
}

/// Where what is known of servers is kept: the terminal's log-ins, and copies of what servers keep.
pub(crate) fn servers_folder() -> Option<PathBuf> {
    ProjectDirs::from("", "", "todo").map(|folders| folders.data_dir().join("servers"))
}

/// The file that the environment names; an empty name is none.
pub(crate) fn named_file() -> Option<PathBuf> {
    std::env::var_os(FILE_VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from)
}

/// The file used unless one is named: the terminal's.
pub(crate) fn default_file() -> Option<PathBuf> {
    ProjectDirs::from("", "", "todo").map(|folders| folders.data_dir().join("tasks.json"))
}

//! Where the world comes in: the clock, the zone, fresh ids, the platform's folders. Each is read
//! once, here, and handed on.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use directories::ProjectDirs;
use todo_core::{TaskId, Timestamp, Zone};
use uuid::{NoContext, Uuid};

use crate::error::CliError;

/// Fixes the present, for transcripts and scripts that must come out the same every day.
pub(crate) const NOW_VARIABLE: &str = "TODO_NOW";

/// Names the tasks' file.
pub(crate) const FILE_VARIABLE: &str = "TODO_FILE";
/// Names the server.
const SERVER_VARIABLE: &str = "TODO_SERVER";
/// Names the folder of hooks; empty, there are none.
const HOOKS_VARIABLE: &str = "TODO_HOOKS";
/// Set for a hook, so that what it does to tasks runs no hooks: there would be no end.
pub(crate) const HOOK_VARIABLE: &str = "TODO_HOOK";

/// The present, or what [`NOW_VARIABLE`] says it is.
pub(crate) fn now() -> Result<Timestamp, todo_core::Problem> {
    if let Some(text) = std::env::var_os(NOW_VARIABLE) {
        // What is no text is no moment either, and is refused as such.
        return text.to_string_lossy().parse();
    }
    #[expect(clippy::disallowed_methods, reason = "the clock is read here and nowhere else")]
    let now = SystemTime::now();
    Ok(timestamp(now))
}

/// An instant of the system's, such as a file's; what lies before 1970 is 1970.
pub(crate) fn timestamp(at: SystemTime) -> Timestamp {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Whether the present is fixed.
pub(crate) fn is_fixed() -> bool {
    std::env::var_os(NOW_VARIABLE).is_some()
}

/// A moment to measure a wait by; no answer depends on it.
pub(crate) fn tick() -> Instant {
    Instant::now()
}

/// By which a file is known to be another than before; nothing if there is none.
pub(crate) fn stamp(path: &Path) -> Option<(Option<SystemTime>, u64)> {
    let known = std::fs::metadata(path).ok()?;
    Some((known.modified().ok(), known.len()))
}

/// About as long, so that many who wait for the same do not all come back in the same moment.
#[cfg(feature = "remote")]
pub(crate) fn jitter(time: Duration) -> Duration {
    let [low, high, ..] = fresh_id(Timestamp::from_millis(0)).0.into_bytes()[14..] else {
        return time;
    };
    // Between three quarters and five.
    time * 3 / 4 + time / 2 * u32::from(u16::from_le_bytes([low, high])) / 65_536
}

/// Lets time pass.
pub(crate) fn wait(time: Duration) {
    std::thread::sleep(time);
}

/// Shows a notification on the desktop.
pub(crate) fn notify(title: &str, message: Option<&str>) -> Result<(), notify_rust::error::Error> {
    let mut notification = notify_rust::Notification::new();
    notification.appname("todo").summary(title);
    if let Some(message) = message {
        notification.body(message);
    }
    notification.show().map(drop)
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
    let at = uuid::Timestamp::from_unix(NoContext, millis / 1000, nanos);
    TaskId(Uuid::new_v7(at))
}

/// The file that the environment names; an empty name is none.
pub(crate) fn named_file() -> Option<PathBuf> {
    std::env::var_os(FILE_VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from)
}

/// The server that the environment names; an empty name is none. What is no text is refused: to go on
/// with the tasks of a file, or of another server, is not what was meant.
pub(crate) fn named_server() -> Result<Option<String>, CliError> {
    let named = std::env::var_os(SERVER_VARIABLE).filter(|name| !name.is_empty());
    let not_text = |_| CliError::usage(format!("{SERVER_VARIABLE} is not UTF-8"), None, None);
    named.map(|name| name.into_string().map_err(not_text)).transpose()
}

/// Where what is known of servers is kept: tokens, and copies of what they keep.
#[cfg(feature = "remote")]
pub(crate) fn servers_folder() -> Option<PathBuf> {
    ProjectDirs::from("", "", "todo").map(|folders| folders.data_dir().join("servers"))
}

/// The file used unless one is named: `tasks.json` in the platform's data folder.
pub(crate) fn default_file() -> Option<PathBuf> {
    ProjectDirs::from("", "", "todo").map(|folders| folders.data_dir().join("tasks.json"))
}

/// Where the user's hooks are: the folder that the environment names, else `hooks` in the platform's
/// folder for configuration. Never a place that a tasks' file names: it may come from elsewhere.
pub(crate) fn hook_folder() -> Option<PathBuf> {
    if std::env::var_os(HOOK_VARIABLE).is_some() {
        return None;
    }
    match std::env::var_os(HOOKS_VARIABLE) {
        Some(named) => Some(PathBuf::from(named)).filter(|named| !named.as_os_str().is_empty()),
        None => ProjectDirs::from("", "", "todo").map(|folders| folders.config_dir().join("hooks")),
    }
}

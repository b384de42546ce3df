//! Named places where a test ends the process, as a crash would: nothing is finished, nothing is flushed
//! or told to anybody. `TODO_FAILPOINT=relay.placed:3` ends it when that place is passed for the third
//! time. A build without assertions has none of this, unless it asks for the feature `failpoints`.

#[cfg(any(debug_assertions, feature = "failpoints"))]
mod points {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    struct Point {
        name: String,
        left: AtomicU32,
    }

    /// The one that this process is to end at.
    static POINT: OnceLock<Option<Point>> = OnceLock::new();

    fn read() -> Option<Point> {
        let said = std::env::var("TODO_FAILPOINT").ok()?;
        let (name, passings) = said.split_once(':').unwrap_or((&said, "1"));
        let left = passings.parse().ok().filter(|left| *left > 0)?;
        Some(Point { name: name.to_owned(), left: AtomicU32::new(left) })
    }

    pub(super) fn pass(name: &str) {
        let Some(point) = POINT.get_or_init(read) else { return };
        if point.name == name && point.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            // Nothing runs after this: no destructor, no hook.
            std::process::abort();
        }
    }
}

/// Passes a place where the process may be told to end.
#[inline]
pub fn failpoint(name: &'static str) {
    #[cfg(any(debug_assertions, feature = "failpoints"))]
    points::pass(name);
    #[cfg(not(any(debug_assertions, feature = "failpoints")))]
    let _ = name;
}

//! What may go wrong around the program: killed processes, crowds, full disks, damaged files,
//! places where nothing can be written. Whatever it is, no task that was acknowledged is lost
//! (SPEC 6) and nobody is left without a word about what to do.

#[cfg(unix)]
mod crowd;
mod damage;
#[cfg(unix)]
mod disk;
#[cfg(unix)]
mod kill;
#[cfg(unix)]
mod places;

//! Taskwarrior's JSON: refused with a place in the file, or taken over whole and written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use todo_core::interchange::Format;

fuzz_target!(|data: &[u8]| todo_fuzz::imports::check(Format::Taskwarrior, data));

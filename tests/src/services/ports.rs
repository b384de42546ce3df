//! Ports for services, which are stopped and started again on the same one.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// Says between which ports Linux chooses for connections that go out.
const OUTGOING: &str = "/proc/sys/net/ipv4/ip_local_port_range";
/// So many below those are chosen from.
const MANY: u32 = 12_000;
/// Those below are the system's own.
const LOWEST: u32 = 1_024;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A port that was free a moment ago. No connection that goes out gets it, as one of the system's choice would
/// while its service is down.
///
/// # Panics
/// If there is none.
pub fn free_port() -> u16 {
    below_outgoing().unwrap_or_else(|| {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        listener.local_addr().expect("a bound listener has an address").port()
    })
}

fn below_outgoing() -> Option<u16> {
    let range = fs::read_to_string(OUTGOING).ok()?;
    let first: u32 = range.split_whitespace().next()?.parse().ok()?;
    let lowest = first.checked_sub(MANY).filter(|lowest| *lowest > LOWEST)?;
    // Test programs that run beside each other begin elsewhere.
    let begin = process::id() % MANY * 101;
    let chosen = (0..MANY).filter_map(|_| {
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        u16::try_from(lowest + (begin + next % MANY) % MANY).ok()
    });
    let mut free = chosen.filter(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
    free.next()
}

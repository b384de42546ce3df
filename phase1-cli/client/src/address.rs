//! Where a server is.

use std::fmt::{self, Write as _};
use std::net::IpAddr;
use std::str::FromStr;

use todo_core::error::excerpt;
use ureq::http::Uri;

/// The address of a server: `https://todo.example.org`, or with a path below which it answers.
/// Written the same way, however it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    text: String,
    host: String,
    port: u16,
    plain: bool,
    loopback: bool,
}

/// Why a text is no address of a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Not an address, or not of a kind that is spoken.
    #[error("{0:?} is not the address of a server; write it like https://todo.example.org")]
    Malformed(String),
    /// It holds a name or a password: they would be shown wherever the address is.
    #[error("an address holds no name and no password; `todo login` asks for them")]
    Secret,
}

impl Server {
    /// What names it, without a `/` at the end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether whoever is between here and there can read along.
    pub fn can_be_overheard(&self) -> bool {
        self.plain && !self.loopback
    }

    /// Whether it is on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether nothing is encrypted on the way.
    pub(crate) fn is_plain(&self) -> bool {
        self.plain
    }

    /// Its host, one of IPv6 in brackets, and its port.
    pub(crate) fn place(&self) -> (&str, u16) {
        (&self.host, self.port)
    }

    /// A name for a file or folder of its own, on any file system; no two servers share one.
    pub(crate) fn file_name(&self) -> String {
        let mut name = String::with_capacity(self.text.len());
        for byte in self.text.bytes() {
            if byte.is_ascii_alphanumeric() || b".-".contains(&byte) {
                name.push(char::from(byte));
            } else {
                // Writing to a string does not fail.
                let _written = write!(name, "%{byte:02x}");
            }
        }
        name
    }
}

impl FromStr for Server {
    type Err = AddressError;

    fn from_str(typed: &str) -> Result<Self, AddressError> {
        let malformed = || AddressError::Malformed(excerpt(typed));
        let uri: Uri = typed.trim().parse().map_err(|_| malformed())?;
        let authority = uri.authority().ok_or_else(malformed)?;
        if authority.as_str().contains('@') {
            return Err(AddressError::Secret);
        }
        let plain = match uri.scheme_str() {
            Some("http") => true,
            Some("https") => false,
            _ => return Err(malformed()),
        };
        // A `#` does not even get here: it ends what is parsed.
        if uri.query().is_some() || typed.contains('#') || authority.host().is_empty() {
            return Err(malformed());
        }
        let host = authority.host().to_ascii_lowercase();
        let usual = if plain { 80 } else { 443 };
        let port = authority.port_u16().unwrap_or(usual);
        let written = if port == usual { String::new() } else { format!(":{port}") };
        let path = uri.path().trim_end_matches('/');
        let scheme = if plain { "http" } else { "https" };
        let text = format!("{scheme}://{host}{written}{path}");
        let loopback = is_here(&host);
        Ok(Self { text, host, port, plain, loopback })
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn is_here(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

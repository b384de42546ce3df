//! `todo login` and `todo logout`.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use serde_json::json;
use todo_client::{Account, Client, ClientError, Proof, Server};

use super::Done;
use crate::args::LoginArgs;
use crate::error::CliError;
use crate::remote::{self, Remote};
use crate::session::Session;
use crate::view::json as view;
use crate::view::screen::{Screen, visible};

/// Longest line that is read: a password is shorter.
const LINE_MAX: u64 = 16 * 1024;

pub(super) fn login(screen: &mut Screen, args: &LoginArgs) -> Done {
    let server = args.url.parse::<Server>();
    let server =
        server.map_err(|error| CliError::usage(error.to_string(), Some(&args.url), None))?;
    let folder = remote::servers()?;
    if server.can_be_overheard() && !args.insecure {
        // Before a password is asked for.
        return Err(ClientError::Overheard(server.to_string()).into());
    }
    let proof = proof(args)?;
    let (client, account) = Client::log_in(&folder, server, proof, args.insecure)?;
    let server = client.server();
    remote::remember_default(&folder, server)?;
    let Account { email, .. } = account;
    if screen.is_json() {
        let body = json!({ "server": server.as_str(), "email": email });
        view::print(screen, "login", body)?;
        return Ok(false);
    }
    writeln!(screen, "Logged in to {} as {}", server, visible(&email))?;
    let dim = screen.palette().dim;
    writeln!(
        screen,
        "{dim}Commands work there from now on; `todo push` brings the file's tasks there,{dim:#}"
    )?;
    writeln!(
        screen,
        "{dim}--server none means the file, and `todo logout` goes back to it.{dim:#}"
    )?;
    Ok(false)
}

pub(super) fn logout(session: &Session, screen: &mut Screen) -> Done {
    let place = remote::any_server(&session.global)?;
    let client = Client::open(&place.folder, place.server.clone())?;
    let told = client.log_out();
    // What was told of there stays on no disk, whatever the server says.
    Remote::forget_copy(&place.copy())?;
    remote::forget_default(&place.folder, &place.server)?;
    told?;
    if screen.is_json() {
        view::print(screen, "logout", json!({ "server": place.server.as_str() }))?;
    } else {
        writeln!(screen, "Logged out of {}", place.server)?;
    }
    Ok(false)
}

/// On a terminal what is typed in secret is not shown; else it is the first line of standard input.
fn proof(args: &LoginArgs) -> Result<Proof, CliError> {
    if args.token {
        return Ok(Proof::Personal(secret("Token: ")?));
    }
    let email = match &args.email {
        Some(email) => email.clone(),
        None if io::stdin().is_terminal() => asked("E-mail: ")?,
        None => {
            let hint = Some("say whose it is with --email".to_owned());
            return Err(CliError::usage("whose password it is is not known", None, hint));
        }
    };
    Ok(Proof::Password { email, password: secret("Password: ")? })
}

fn asked(question: &str) -> Result<String, CliError> {
    let mut terminal = io::stderr().lock();
    write!(terminal, "{question}")?;
    terminal.flush()?;
    line()
}

fn secret(question: &str) -> Result<String, CliError> {
    if !io::stdin().is_terminal() {
        return line();
    }
    let hidden = hidden::Hidden::new().map_err(unread)?;
    let read = asked(question);
    drop(hidden);
    // The return key was not shown either.
    writeln!(io::stderr().lock())?;
    read
}

fn line() -> Result<String, CliError> {
    let mut line = String::new();
    io::stdin().lock().take(LINE_MAX).read_line(&mut line).map_err(unread)?;
    let end = line.trim_end_matches(['\n', '\r']).len();
    line.truncate(end);
    Ok(line)
}

fn unread(error: io::Error) -> CliError {
    CliError::Io { doing: "read standard input".to_owned(), error }
}

#[cfg(unix)]
mod hidden {
    use std::io;

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    /// While this lives, the terminal does not show what is typed. Who is killed meanwhile leaves
    /// it so until the shell, which sets it right, asks for the next line.
    pub(super) struct Hidden(Termios);

    impl Hidden {
        pub(super) fn new() -> io::Result<Self> {
            let shown = tcgetattr(io::stdin())?;
            let mut hidden = shown.clone();
            hidden.local_modes.remove(LocalModes::ECHO);
            tcsetattr(io::stdin(), OptionalActions::Flush, &hidden)?;
            Ok(Self(shown))
        }
    }

    impl Drop for Hidden {
        fn drop(&mut self) {
            // The terminal may be gone.
            let _shown = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
        }
    }
}

#[cfg(not(unix))]
mod hidden {
    use std::io;

    /// No secret is typed where it would be shown.
    pub(super) struct Hidden;

    impl Hidden {
        pub(super) fn new() -> io::Result<Self> {
            Err(io::Error::other("this terminal would show it; pipe it in"))
        }
    }
}

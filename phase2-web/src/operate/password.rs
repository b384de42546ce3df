//! A password from whoever started the program.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::task::spawn_blocking;

use super::OperationError;
use crate::auth::Password;

/// Longest line that is read: a password is shorter.
const LINE_MAX: u64 = 16 * 1024;

/// Asks for a password: twice on a terminal, where it is not shown; else it is the first line of
/// standard input.
pub(super) async fn asked() -> Result<Password, OperationError> {
    if !io::stdin().is_terminal() {
        return Password::new(&line().await?).map_err(OperationError::Field);
    }
    let hidden = Hidden::new().map_err(OperationError::Input)?;
    let password = prompted("Password: ").await?;
    let again = prompted("Again: ").await?;
    drop(hidden);
    if password != again {
        return Err(OperationError::Differ);
    }
    Password::new(&password).map_err(OperationError::Field)
}

async fn prompted(question: &str) -> Result<String, OperationError> {
    let ask = |text: &str| write!(io::stderr().lock(), "{text}").map_err(OperationError::Output);
    ask(question)?;
    let line = line().await;
    // The return key was not shown either.
    ask("\n")?;
    line
}

async fn line() -> Result<String, OperationError> {
    let read = spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().lock().take(LINE_MAX).read_line(&mut line)?;
        let end = line.trim_end_matches(['\n', '\r']).len();
        line.truncate(end);
        Ok(line)
    });
    read.await.map_err(io::Error::other).flatten().map_err(OperationError::Input)
}

/// While this lives, the terminal does not show what is typed. A signal that ends the program
/// drops it.
struct Hidden(Termios);

impl Hidden {
    fn new() -> io::Result<Self> {
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

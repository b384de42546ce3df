//! Servers, as typed.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// The server, such as `https://todo.example.org`
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    /// The account's e-mail address [default: asked for]
    #[arg(long, short, value_name = "ADDRESS")]
    pub(crate) email: Option<String>,
    /// With a personal access token in place of a password; it is asked for, or read from standard
    /// input
    #[arg(long, conflicts_with = "email")]
    pub(crate) token: bool,
    /// Send the password and the tasks unencrypted over a network
    #[arg(long)]
    pub(crate) insecure: bool,
}

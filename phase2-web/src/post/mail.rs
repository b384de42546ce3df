//! The server that takes our mail, and in whose name it goes.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, UNIX_EPOCH};

use lettre::address::Address;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use percent_encoding::percent_decode_str;
use todo_core::Timestamp;
use tokio::time::timeout;
use url::{Host, Url};

use super::Letter;
use crate::edge::fresh_id;

/// How long the server may take to accept a connection, and how long a mail may take in all: the
/// library bounds nothing that comes after the connection.
const CONNECTING_MAX: Duration = Duration::from_secs(10);
const SENDING_MAX: Duration = Duration::from_secs(30);

/// Where mails come from unless the URL names a port.
const SMTP: u16 = 25;
const SUBMISSION: u16 = 587;
const SUBMISSIONS: u16 = 465;

/// Mails that are made by a program say so (RFC 3834): nothing answers them by itself.
const AUTO_SUBMITTED: (HeaderName, &str) =
    (HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated");

/// In whose name mail goes: `todo@example.org` or `Todo <todo@example.org>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

/// How mail is sent. Cheap to clone; never shows its password.
#[derive(Clone)]
pub struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    site: String,
}

/// Why mail cannot be sent so. Says nothing of what was given: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadMail {
    /// Not an address of a mail server.
    #[error("must be like smtp://mail.example.org:587 or smtps://USER:PASSWORD@mail.example.org")]
    Server,
    /// Only one of the two, or not in percent-encoding.
    #[error("must have a user and a password, or neither; write what is special in them as %40")]
    Credentials,
    /// A parameter that there is not.
    #[error("takes one parameter, tls=required, tls=opportunistic or tls=none")]
    Parameter,
    /// TLS cannot be set up for this name.
    #[error("names a server that TLS cannot be spoken with")]
    Tls,
    /// Not an address to send from.
    #[error("must be like todo@example.org or Todo <todo@example.org>")]
    Sender,
}

/// Why a mail did not go out.
#[derive(Debug)]
pub(super) struct Unsent {
    /// A constant: what a mail server says may hold an address.
    pub(super) why: &'static str,
    /// The server's code, where it answered.
    pub(super) code: Option<String>,
    /// Whether it may go out later.
    pub(super) again: bool,
    /// Whether it says nothing of the mails to others.
    pub(super) of_one: bool,
}

impl FromStr for Sender {
    type Err = BadMail;

    fn from_str(text: &str) -> Result<Self, BadMail> {
        let plain = !text.chars().any(char::is_control);
        let mailbox = text.parse().ok().filter(|_| plain);
        mailbox.map(Self).ok_or(BadMail::Sender)
    }
}

impl Mail {
    /// Mail by a server, `smtp://` or `smtps://`, in the name of `from`, with links that begin with
    /// `site`.
    pub fn new(server: &str, from: Sender, site: &str) -> Result<Self, BadMail> {
        let Sender(from) = from;
        let hello = ClientId::Domain(from.email.domain().to_owned());
        let transport = transport(server, hello)?;
        Ok(Self { transport, from, site: site.to_owned() })
    }

    /// The address of a page of ours. What it is to know stands behind the `#`: browsers send that to
    /// nobody, so it is in no log.
    pub(crate) fn link(&self, page: &str, token: &str) -> String {
        link(&self.site, page, token)
    }

    /// Sends a mail.
    pub(super) async fn send(&self, letter: &Letter, now: Timestamp) -> Result<(), Unsent> {
        let message = self.message(letter, now)?;
        match timeout(SENDING_MAX, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Unsent::of(&error)),
            Err(_) => Err(Unsent::of_all("it took too long")),
        }
    }

    /// A mail as it goes out. No header holds anything that a user wrote but the address, which is
    /// checked twice: as one of an account, and as one of a mail.
    fn message(&self, letter: &Letter, now: Timestamp) -> Result<Message, Unsent> {
        let unwritable = |why| Unsent { why, code: None, again: false, of_one: true };
        let to = address(&letter.to).ok_or_else(|| unwritable("the address cannot be written"))?;
        let sent_at = UNIX_EPOCH + Duration::from_millis(now.millis().unsigned_abs());
        let id = format!("<{}@{}>", fresh_id(now), self.from.email.domain());
        let (name, value) = AUTO_SUBMITTED;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject)
            .date(sent_at)
            .message_id(Some(id))
            .raw_header(HeaderValue::new(name, value.to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body.clone())
            .map_err(|_| unwritable("the mail cannot be written"))
    }
}

/// The address of a page of ours.
pub(crate) fn link(site: &str, page: &str, token: &str) -> String {
    format!("{site}/{page}#token={token}")
}

/// An address as mail servers take it: the domain in ASCII.
fn address(text: &str) -> Option<Address> {
    let (local, domain) = text.split_once('@')?;
    let domain = Host::parse(domain).ok()?.to_string();
    Address::new(local, domain).ok()
}

fn transport(server: &str, hello: ClientId) -> Result<AsyncSmtpTransport<Tokio1Executor>, BadMail> {
    let url = Url::parse(server).map_err(|_| BadMail::Server)?;
    let host = match url.host().ok_or(BadMail::Server)? {
        Host::Domain(name) if !name.is_empty() => name.to_owned(),
        Host::Domain(_) => return Err(BadMail::Server),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return Err(BadMail::Server);
    }
    let credentials = credentials(&url)?;
    let mut asked = url.query_pairs();
    let wanted = match (asked.next(), asked.next()) {
        (None, _) => None,
        (Some((name, value)), None) if name == "tls" => Some(value.into_owned()),
        _ => return Err(BadMail::Parameter),
    };
    let parameters = || TlsParameters::new(host.clone()).map_err(|_| BadMail::Tls);
    let (tls, port) = match (url.scheme(), wanted.as_deref()) {
        ("smtps", None | Some("required")) => (Tls::Wrapper(parameters()?), SUBMISSIONS),
        // A password never goes where others on the way could read it, unless that is said.
        ("smtp", None) if credentials.is_some() => (Tls::Required(parameters()?), SUBMISSION),
        ("smtp", Some("required")) => (Tls::Required(parameters()?), SUBMISSION),
        ("smtp", None | Some("opportunistic")) => (Tls::Opportunistic(parameters()?), SMTP),
        ("smtp", Some("none")) => (Tls::None, SMTP),
        ("smtp" | "smtps", Some(_)) => return Err(BadMail::Parameter),
        _ => return Err(BadMail::Server),
    };
    let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&host)
        .port(url.port().unwrap_or(port))
        .tls(tls)
        .hello_name(hello)
        .timeout(Some(CONNECTING_MAX));
    Ok(match credentials {
        Some(credentials) => builder.credentials(credentials).build(),
        None => builder.build(),
    })
}

fn credentials(url: &Url) -> Result<Option<Credentials>, BadMail> {
    let decoded = |text| percent_decode_str(text).decode_utf8().map(Cow::into_owned);
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None) => Err(BadMail::Credentials),
        (user, Some(password)) => {
            let user = decoded(user).map_err(|_| BadMail::Credentials)?;
            let password = decoded(password).map_err(|_| BadMail::Credentials)?;
            Ok(Some(Credentials::new(user, password)))
        }
    }
}

impl Unsent {
    fn of(error: &lettre::transport::smtp::Error) -> Self {
        let why = if error.is_permanent() {
            "the mail server refused it"
        } else if error.is_transient() {
            "the mail server does not take it now"
        } else if error.is_timeout() {
            "the mail server did not answer in time"
        } else if error.is_tls() {
            "TLS with the mail server failed"
        } else if error.is_client() || error.is_response() {
            "the mail server is not as it must be: TLS or the log-in is not offered"
        } else {
            "the mail server cannot be reached"
        };
        let code = error.status().map(|code| code.to_string());
        let of_one = code.as_deref().is_some_and(is_of_one);
        Self { why, code, again: !error.is_permanent(), of_one }
    }

    /// What meets every mail for as long as it lasts.
    pub(super) fn of_all(why: &'static str) -> Self {
        Self { why, code: None, again: true, of_one: false }
    }
}

/// Whether a mail server refuses one mailbox or one mail with this, and not all of them (RFC 5321
/// 4.2.3). The others are for a log-in (RFC 4954), a greeting or a command that it does not take.
fn is_of_one(code: &str) -> bool {
    matches!(code, "550" | "551" | "552" | "553")
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mail(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(server: &str) -> Result<Mail, BadMail> {
        Mail::new(server, "Todo <todo@example.org>".parse().unwrap(), "https://todo.example")
    }

    fn letter(to: &str) -> Letter {
        Letter { to: to.to_owned(), subject: "A subject", body: "One\nTwo\n".to_owned() }
    }

    #[test]
    fn what_is_no_mail_server_is_refused() {
        for (server, bad) in [
            ("mail.example.org", BadMail::Server),
            ("http://mail.example.org", BadMail::Server),
            ("smtp://", BadMail::Server),
            ("smtp://mail.example.org/box", BadMail::Server),
            ("smtp://user@mail.example.org", BadMail::Credentials),
            ("smtp://:secret@mail.example.org", BadMail::Credentials),
            ("smtp://u:%ff@mail.example.org", BadMail::Credentials),
            ("smtp://mail.example.org?tls=maybe", BadMail::Parameter),
            ("smtps://mail.example.org?tls=none", BadMail::Parameter),
            ("smtp://mail.example.org?tls=none&tls=required", BadMail::Parameter),
            ("smtp://mail.example.org?verify=no", BadMail::Parameter),
        ] {
            assert_eq!(mail(server).unwrap_err(), bad, "{server}");
        }
        for server in [
            "smtp://127.0.0.1",
            "smtp://[::1]:2525",
            "smtp://mail.example.org:587?tls=required",
            "smtps://ann%40example.org:p%40ss@mail.example.org",
        ] {
            let mail = mail(server).unwrap();
            assert_eq!(format!("{mail:?}"), "Mail(…)");
        }
        for from in ["", "todo", "Todo <todo>", "a@example.org\nBcc: b@example.org"] {
            assert_eq!(from.parse::<Sender>().unwrap_err(), BadMail::Sender, "{from}");
        }
    }

    #[test]
    fn a_mail_says_what_it_is_and_to_whom() {
        let mail = mail("smtp://127.0.0.1").unwrap();
        let now = Timestamp::from_millis(1_795_262_400_000);
        let text = mail.message(&letter("Ann@Bücher.example"), now).unwrap().formatted();
        let text = String::from_utf8(text).unwrap();
        for line in [
            "From: Todo <todo@example.org>\r\n",
            "To: Ann@xn--bcher-kva.example\r\n",
            "Subject: A subject\r\n",
            "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "\r\n\r\nOne\r\nTwo\r\n",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
    }

    /// No address becomes a header, a second recipient or a command.
    #[test]
    fn hostile_addresses_are_written_to_nobody() {
        let mail = mail("smtp://127.0.0.1").unwrap();
        for to in [
            "ann@example.org\r\nBcc: bob@example.org",
            "ann@example.org, bob@example.org",
            "ann@example.org> RCPT TO:<bob@example.org",
            "<ann@example.org>",
            "ann\n@example.org",
            "\"a\r\nb\"@example.org",
            "ann@exa mple.org",
            "ann@example.org@example.com",
            "ann",
            "",
        ] {
            let unsent = mail.message(&letter(to), Timestamp::from_millis(0)).unwrap_err();
            assert!(!unsent.again, "{to}");
        }
    }
}

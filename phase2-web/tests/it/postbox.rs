//! A mail server that keeps what it is sent, and can be in a bad temper.

use std::time::Duration;

use todo_web::{Front, Mail, serve};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use crate::support::TestApp;

/// Where links in mails begin.
pub(crate) const SITE: &str = "https://todo.example";

/// What a silent one hears: that somebody calls, and that they hang up.
pub(crate) const CALL: &str = "(call)";
pub(crate) const HANG_UP: &str = "(hang up)";

/// How a mail is taken.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Temper {
    /// As it should be.
    Kind,
    /// Not now, for so many times.
    Busy(usize),
    /// Never.
    Refusing,
    /// It takes the connection, and then says nothing, not even who it is.
    Silent,
}

/// A mail as it came.
#[derive(Debug)]
pub(crate) struct Caught {
    pub(crate) to: Vec<String>,
    pub(crate) text: String,
}

impl Caught {
    /// What stands behind `token=` in the link to a page.
    pub(crate) fn token(&self, page: &str) -> String {
        token(&self.text, &format!("{SITE}/{page}"))
    }

    pub(crate) fn has(&self, line: &str) -> bool {
        self.text.lines().any(|known| known == line)
    }
}

/// What stands behind `token=` in a link.
pub(crate) fn token(text: &str, page: &str) -> String {
    let text = text.replace("=\r\n", "").replace("=3D", "=");
    let begin = format!("{page}#token=");
    let (_, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("no {begin} in {text}"));
    rest.split_whitespace().next().unwrap().to_owned()
}

/// The mail server.
pub(crate) struct Postbox {
    port: u16,
    /// The verbs of all commands, in their order.
    heard: watch::Sender<Vec<String>>,
    caught: mpsc::UnboundedReceiver<Caught>,
}

impl Postbox {
    pub(crate) async fn open(temper: Temper) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, caught) = mpsc::unbounded_channel();
        let heard = watch::Sender::new(Vec::new());
        let hears = heard.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (sender, heard) = (sender.clone(), hears.clone());
                tokio::spawn(async move {
                    // A client that hangs up is no failure of the test.
                    let _ended = talk(stream, temper, &heard, &sender).await;
                });
            }
        });
        Self { port, heard, caught }
    }

    /// Where it listens, on this machine.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// An application that sends its mail here.
    pub(crate) async fn app(&self) -> TestApp {
        self.app_with("", "").await
    }

    /// The same with a user and a password (and an `@` behind them), and a parameter.
    pub(crate) async fn app_with(&self, who: &str, parameter: &str) -> TestApp {
        let from = "Todo <todo@example.org>".parse().unwrap();
        let server = format!("smtp://{who}127.0.0.1:{}{parameter}", self.port);
        let mail = Some(Mail::new(&server, from, SITE).unwrap());
        TestApp::with_front(Front { mail, notice: Duration::ZERO, ..Front::default() }).await
    }

    /// Waits until so many mails were begun, taken or not.
    pub(crate) async fn tried(&self, times: usize) {
        self.wait(|heard| heard.iter().filter(|verb| *verb == "MAIL").count() >= times).await;
    }

    /// Waits until a command was heard.
    pub(crate) async fn heard(&self, verb: &str) {
        self.wait(|heard| heard.iter().any(|known| known == verb)).await;
    }

    async fn wait(&self, until: impl Fn(&[String]) -> bool) {
        let mut heard = self.heard.subscribe();
        let came = timeout(Duration::from_secs(20), heard.wait_for(|heard| until(heard))).await;
        drop(came.expect("it comes").unwrap());
    }

    /// The verbs of all commands so far.
    pub(crate) fn all_heard(&self) -> Vec<String> {
        self.heard.borrow().clone()
    }

    /// The next mail.
    pub(crate) async fn next(&mut self) -> Caught {
        let next = timeout(Duration::from_secs(20), self.caught.recv()).await;
        next.expect("a mail comes").unwrap()
    }

    /// All that come until an application has sent what it had to.
    pub(crate) async fn rest(&mut self, app: &TestApp) -> Vec<Caught> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        serve(listener, todo_web::router(app.app.clone()), &app.app, async {}).await;
        let mut rest = Vec::new();
        while let Ok(caught) = self.caught.try_recv() {
            rest.push(caught);
        }
        rest
    }
}

/// As much of RFC 5321 as a client needs.
async fn talk(
    stream: TcpStream,
    temper: Temper,
    heard: &watch::Sender<Vec<String>>,
    sender: &mpsc::UnboundedSender<Caught>,
) -> std::io::Result<()> {
    let (from, mut to) = stream.into_split();
    let mut lines = BufReader::new(from).lines();
    if matches!(temper, Temper::Silent) {
        heard.send_modify(|heard| heard.push(CALL.to_owned()));
        let _nothing = lines.next_line().await;
        heard.send_modify(|heard| heard.push(HANG_UP.to_owned()));
        return Ok(());
    }
    let mut recipients = Vec::new();
    to.write_all(b"220 postbox\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        heard.send_modify(|heard| heard.push(verb.clone()));
        let reply = match verb.as_str() {
            "EHLO" => "250-postbox\r\n250 8BITMIME".to_owned(),
            "MAIL" => {
                let begun = heard.borrow().iter().filter(|verb| *verb == "MAIL").count();
                match temper {
                    Temper::Busy(times) if begun <= times => "451 not now".to_owned(),
                    _ => "250 ok".to_owned(),
                }
            }
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                if matches!(temper, Temper::Refusing) {
                    format!("550 5.1.1 <{address}> is nobody here")
                } else {
                    recipients.push(address);
                    "250 ok".to_owned()
                }
            }
            "DATA" => {
                to.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    text.push_str(&line);
                    text.push_str("\r\n");
                }
                let _kept = sender.send(Caught { to: std::mem::take(&mut recipients), text });
                "250 kept".to_owned()
            }
            "QUIT" => "221 bye".to_owned(),
            _ => "500 what".to_owned(),
        };
        to.write_all(format!("{reply}\r\n").as_bytes()).await?;
    }
    Ok(())
}

//! A server that answers with what it is told to, byte by byte, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use todo_client::Server;

/// What an answer consists of.
pub(crate) enum Answer {
    /// These bytes, then the end.
    Bytes(String),
    /// The same, when this was done.
    After(Box<dyn FnOnce() + Send>, Box<Self>),
    /// The connection ends without a word.
    Nothing,
    /// Nobody answers, and nobody hangs up.
    Silence,
    /// A body without an end.
    Endless,
}

/// An answer with a body.
pub(crate) fn with(status: &str, media: &str, body: &str) -> Answer {
    let length = body.len();
    Answer::Bytes(format!(
        "HTTP/1.1 {status}\r\ncontent-type: {media}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    ))
}

/// Who has logged in.
pub(crate) fn me() -> Answer {
    let body = r#"{"id":"01a1ffa1-8807-7fa4-9438-79fc0e47d15c","email":"a@example.org","timezone":"UTC","week_start":"monday","all_day_time":"09:00","default_reminders":[],"version":1}"#;
    with("200 OK", "application/json", body)
}

/// Gives these answers, one a connection, and tells each request: its head and its body.
pub(crate) fn serve(answers: Vec<Answer>) -> (Server, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (tell, told) = channel();
    thread::spawn(move || {
        let mut silent = Vec::new();
        for answer in answers {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let Some(request) = request(&stream) else { continue };
            if tell.send(request).is_err() {
                return;
            }
            let answer = match answer {
                Answer::After(first, then) => {
                    first();
                    *then
                }
                answer => answer,
            };
            match answer {
                // Who hangs up first is not at fault.
                Answer::Bytes(bytes) => drop(stream.write_all(bytes.as_bytes())),
                Answer::Nothing | Answer::After(..) => {}
                Answer::Silence => silent.push(stream),
                Answer::Endless => endless(stream),
            }
        }
        // Those that wait do so until the test is over.
        while !silent.is_empty() && listener.accept().is_ok() {}
    });
    (format!("http://{address}").parse().expect("an address"), told)
}

fn endless(mut stream: TcpStream) {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[";
    let mut sent = stream.write_all(head.as_bytes());
    let spaces = vec![b' '; 1 << 16];
    while sent.is_ok() {
        sent = stream.write_all(&spaces);
    }
}

fn request(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let start = head.len();
        reader.read_line(&mut head).ok()?;
        let line = &head[start..];
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if matches!(line, "" | "\r\n") {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(head + &String::from_utf8_lossy(&body))
}

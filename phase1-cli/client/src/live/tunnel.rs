//! A connection that is asked of a proxy (RFC 9110, 9.3.6): whoever is behind it is spoken to as if it were not
//! there. Who we are to the proxy is told to it alone.

use std::io;

use data_encoding::BASE64;
use httparse::{EMPTY_HEADER, Response, Status};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use ureq::Proxy;

use super::stream::{Stream, in_time, unreachable};
use crate::address::Server;
use crate::error::ClientError;

/// Longest answer that is read, in bytes, and most headers in it.
const ANSWER_MAX: usize = 16 * 1024;
const HEADERS_MAX: usize = 100;

/// What a proxy is called where it is told of.
pub(super) fn name(proxy: &Proxy) -> String {
    format!("the proxy {}:{}", proxy.host(), proxy.port())
}

/// What is in the way to the proxy already, and not behind it.
pub(super) fn of_proxy(proxy: &Proxy, error: ClientError) -> ClientError {
    match error {
        ClientError::Unreachable { server, why } => {
            ClientError::Unreachable { server, why: format!("{}: {why}", name(proxy)) }
        }
        error => error,
    }
}

/// Asks a proxy, by the connection to it, for one to the server.
pub(super) async fn through(
    server: &Server,
    proxy: &Proxy,
    mut stream: Stream,
) -> Result<Stream, ClientError> {
    let asked = request(server, proxy);
    let answered = in_time(server, async {
        stream.write_all(asked.as_bytes()).await?;
        stream.flush().await?;
        answer(&mut stream).await
    });
    let lost = |why: String| unreachable(server, &format!("{} {why}", name(proxy)));
    let answered = answered.await.map_err(|_| lost("does not answer in time".to_owned()))?;
    match answered {
        Ok(200..=299) => Ok(stream),
        Ok(407) => Err(lost("does not know you (status 407)".to_owned())),
        Ok(status) => Err(lost(format!("lets nobody through (status {status})"))),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(lost("does not answer as a proxy does".to_owned()))
        }
        Err(_) => Err(lost("has broken the connection off".to_owned())),
    }
}

fn request(server: &Server, proxy: &Proxy) -> String {
    let (host, port) = server.place();
    let is_known = proxy.username().is_some() || proxy.password().is_some();
    let who = [proxy.username(), proxy.password()].map(Option::unwrap_or_default).join(":");
    let who = format!("Proxy-Authorization: Basic {}\r\n", BASE64.encode(who.as_bytes()));
    let who = if is_known { who } else { String::new() };
    format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{who}\r\n")
}

/// The status of the answer. Behind one that lets us through nothing may stand: the server speaks second.
async fn answer(stream: &mut Stream) -> io::Result<u16> {
    let mut read = Vec::with_capacity(1024);
    loop {
        if stream.read_buf(&mut read).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut headers = [EMPTY_HEADER; HEADERS_MAX];
        let mut answer = Response::new(&mut headers);
        match (answer.parse(&read), answer.code) {
            (Ok(Status::Complete(length)), Some(code))
                if length == read.len() || !(200..300).contains(&code) =>
            {
                return Ok(code);
            }
            (Ok(Status::Partial), _) if read.len() < ANSWER_MAX => {}
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::io::{Read as _, Write as _};
    use std::net::{Ipv4Addr, TcpListener};
    use std::thread;

    use super::super::stream::Way;
    use super::*;

    /// What a proxy was asked that answers this, part by part, and what came of it.
    fn asked(answer: &'static [&str]) -> Result<(String, Result<(), String>), Box<dyn Error>> {
        let door = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let named = format!("http://zoe:pass%3Aword@{}", door.local_addr()?);
        let proxy = thread::spawn(move || {
            let (mut stream, _) = door.accept()?;
            stream.set_nodelay(true)?;
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut part = [0; 512];
                let length = stream.read(&mut part)?;
                head.extend(&part[..length]);
            }
            for part in answer {
                stream.write_all(part.as_bytes())?;
            }
            io::Result::Ok(String::from_utf8_lossy(&head).into_owned())
        });
        let server: Server = "http://todo.example:8123/below".parse()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let way = Way::to(&server, Some(Proxy::new(&named)?));
        let told = runtime.block_on(way.connect()).map(drop).map_err(|error| error.to_string());
        let head = proxy.join().map_err(|_| "it panics")??;
        Ok((head, told))
    }

    #[test]
    fn a_proxy_is_asked_for_a_connection() -> Result<(), Box<dyn Error>> {
        let let_through: [&[&str]; 2] = [
            &["HTTP/1.1 200 Connection established\r\n\r\n"],
            &["HTTP/1.0 200", " OK\r\nVia: one\r", "\n\r\n"],
        ];
        for answer in let_through {
            let (head, told) = asked(answer)?;
            assert_eq!(told, Ok(()));
            assert!(
                head.starts_with(
                    "CONNECT todo.example:8123 HTTP/1.1\r\nHost: todo.example:8123\r\n"
                )
            );
            let who = BASE64.encode(b"zoe:pass:word");
            assert!(head.contains(&format!("\r\nProxy-Authorization: Basic {who}\r\n")), "{head}");
        }
        Ok(())
    }

    /// What is wrong is told, and never who one is to the proxy.
    #[test]
    fn a_proxy_that_lets_nobody_through_is_named() -> Result<(), Box<dyn Error>> {
        let refused: [(&[&str], &str); 6] = [
            (&["HTTP/1.1 407 Who are you\r\n\r\nSomebody?"], "does not know you (status 407)"),
            (&["HTTP/1.1 502 Bad Gateway\r\n\r\n"], "lets nobody through (status 502)"),
            (&["SSH-2.0-OpenSSH\r\n\r\n"], "does not answer as a proxy does"),
            (&["HTTP/1.1 200 OK\r\n\r\nI am the server"], "does not answer as a proxy does"),
            (&["HTTP/1.1 200 OK\r\n"], "has broken the connection off"),
            (&[], "has broken the connection off"),
        ];
        for (answer, why) in refused {
            let (_, told) = asked(answer)?;
            let told = told.err().ok_or("it is let through")?;
            let named = "cannot reach http://todo.example:8123/below: the proxy 127.0.0.1:";
            assert!(told.starts_with(named) && told.contains(why), "{told}");
            assert!(!told.contains("zoe") && !told.contains("pass"), "{told}");
        }
        let server: Server = "http://todo.example".parse()?;
        let door = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let place = door.local_addr()?;
        let plain = thread::spawn(move || {
            let (mut stream, _) = door.accept()?;
            stream.write_all(b"SSH-2.0-OpenSSH\r\n")?;
            // Open until it has been heard.
            io::Result::Ok(stream)
        });
        let way = Way::to(&server, Some(Proxy::new(&format!("https://{place}"))?));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let told = runtime.block_on(way.connect()).err().ok_or("it is safe")?.to_string();
        assert!(told.contains(&format!("the proxy {place}: no safe connection")), "{told}");
        plain.join().map_err(|_| "it panics")??;
        let way = Way::to(&server, Some(Proxy::new("http://zoe:password@proxy.invalid:3128")?));
        let told = runtime.block_on(way.connect()).err().ok_or("it is there")?.to_string();
        assert!(told.contains("the proxy proxy.invalid:3128 is not known by its name"), "{told}");
        Ok(())
    }
}

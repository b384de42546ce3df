//! The proxy on the way to a server, as the environment names it (`ALL_PROXY`, `HTTPS_PROXY`, `HTTP_PROXY`,
//! `NO_PROXY`). Which that is says the library that sends requests, for sockets as well.

use ureq::http::Uri;
use ureq::{Proxy, ProxyProtocol};

use crate::address::Server;

/// What requests to a server go by, if there is one. What is on this machine is not asked for elsewhere.
pub(crate) fn named(server: &Server) -> Option<Proxy> {
    if server.is_loopback() { None } else { Proxy::try_from_env() }
}

/// The one that a connection to a server is asked of. Others are not gone by, for requests either.
pub(crate) fn to(server: &Server, named: Option<Proxy>) -> Option<Proxy> {
    let connects = |proxy: &Proxy| {
        matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https)
            && !server.as_str().parse::<Uri>().is_ok_and(|uri| proxy.is_no_proxy(&uri))
    };
    named.filter(connects)
}

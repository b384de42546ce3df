//! Where a request comes from: the address of the connection, or what a proxy of the operator's says
//! of it.
//!
//! `X-Forwarded-For` is a list to which each proxy adds, at its end, the address that asked it. What a
//! client wrote there itself stands before that. So the list is read from its end for as long as the
//! proxies are ours: the first that is not is the client, and what stands before it is hearsay.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, HeaderName};
use ipnet::{IpNet, Ipv4Net};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// An address of version 4 as one of version 6: so many bits are the same for all of them.
const MAPPED: u8 = 96;

/// The proxies whose word on an address is believed; none, unless the operator names them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrustedProxies(Vec<IpNet>);

/// What is neither an address nor a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an address or a network such as 127.0.0.1 or 10.0.0.0/8")]
pub struct BadProxy;

/// Addresses and networks, with commas between. A network with an address inside it
/// (`10.1.2.3/8`) is refused: whoever wrote it meant one of the two, and one is far more.
impl FromStr for TrustedProxies {
    type Err = BadProxy;

    fn from_str(text: &str) -> Result<Self, BadProxy> {
        let named = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        named.map(network).collect::<Result<_, _>>().map(Self)
    }
}

fn network(text: &str) -> Result<IpNet, BadProxy> {
    let network = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address.to_canonical()),
        Err(_) => text.parse::<IpNet>().map_err(|_| BadProxy)?,
    };
    if network != network.trunc() {
        return Err(BadProxy);
    }
    // Peers are compared in their canonical form.
    match (network.addr().to_canonical(), network.prefix_len()) {
        (IpAddr::V4(address), length) if matches!(network, IpNet::V6(_)) => {
            let length = length.checked_sub(MAPPED).ok_or(BadProxy)?;
            Ipv4Net::new(address, length).map(IpNet::V4).map_err(|_| BadProxy)
        }
        _ => Ok(network),
    }
}

impl TrustedProxies {
    fn holds(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Who is behind a peer: the peer itself, unless it is one of ours and says in a form that can be
    /// read for whom it asks.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.holds(peer) {
            return peer;
        }
        let mut farthest = peer;
        for header in headers.get_all(FORWARDED_FOR).iter().rev() {
            // By bytes: what a client wrote before may be anything.
            for entry in header.as_bytes().rsplit(|byte| *byte == b',') {
                let Some(address) = read(entry.trim_ascii()) else { return peer };
                if !self.holds(address) {
                    return address;
                }
                farthest = address;
            }
        }
        farthest
    }
}

/// An address as proxies write it: some with the port, and then those of version 6 in brackets.
fn read(entry: &[u8]) -> Option<IpAddr> {
    let entry = std::str::from_utf8(entry).ok()?;
    let bare = || entry.parse().ok();
    let bracketed = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare().or_else(with_port).or_else(bracketed).map(|address| address.to_canonical())
}

/// The address a request comes from, in its canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub(crate) IpAddr);

tokio::task_local! {
    static ASKING: Option<ClientAddress>;
}

impl ClientAddress {
    /// Does something for whoever asks from here, so that what it writes can say so.
    pub async fn asks<F: Future>(from: Option<Self>, what: F) -> F::Output {
        ASKING.scope(from, what).await
    }

    /// Where whoever asks for what is done now asks from.
    pub(crate) fn asking() -> Option<Self> {
        ASKING.try_with(|from| *from).ok().flatten()
    }

    /// That of a request; nothing where it came over no connection.
    pub(crate) fn of(request: &Request, proxies: &TrustedProxies) -> Option<Self> {
        let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
        Some(Self(proxies.client(peer.ip(), request.headers())))
    }

    /// Those that one customer of a provider has: of version 6 that is a whole /64.
    pub(crate) fn network(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                IpAddr::from([a, b, c, d, 0, 0, 0, 0])
            }
            ip @ IpAddr::V4(_) => ip,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn ours() -> TrustedProxies {
        "127.0.0.1, 10.0.0.0/8, 2001:db8:1::/48".parse().expect("networks")
    }

    fn headers(lists: &[impl AsRef<[u8]>]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for list in lists {
            headers.append(FORWARDED_FOR, list.as_ref().try_into().expect("a header"));
        }
        headers
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn the_last_address_that_is_no_proxy_of_ours_is_the_client() {
        for (peer, lists, client) in [
            // Whoever is no proxy of ours speaks for nobody.
            ("192.0.2.9", &["198.51.100.1"][..], "192.0.2.9"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            // What the client wrote stands before what the proxy saw.
            ("127.0.0.1", &["203.0.113.7, 198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["203.0.113.7", "198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["unknown, \"x, 198.51.100.1"], "198.51.100.1"),
            // Through several of ours.
            ("10.1.1.1", &["203.0.113.7, 198.51.100.1, 10.2.2.2,10.3.3.3"], "198.51.100.1"),
            ("10.1.1.1", &["198.51.100.1", "2001:db8:1::5"], "198.51.100.1"),
            // All of them ours: one of them asks for itself.
            ("10.1.1.1", &["10.2.2.2, 10.3.3.3"], "10.2.2.2"),
            // With ports, mapped, of version 6.
            ("127.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("127.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["2001:db8::7"], "2001:db8::7"),
            ("127.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("127.0.0.1", &["[2001:db8::7]"], "2001:db8::7"),
            // What cannot be read where it counts.
            ("127.0.0.1", &[""], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1, "], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1, unknown"], "127.0.0.1"),
            ("10.1.1.1", &["198.51.100.1, x, 10.2.2.2"], "10.1.1.1"),
        ] {
            assert_eq!(ours().client(ip(peer), &headers(lists)), ip(client), "{peer} {lists:?}");
        }
        let none = TrustedProxies::default();
        assert_eq!(none.client(ip("127.0.0.1"), &headers(&["192.0.2.1"])), ip("127.0.0.1"));
    }

    #[test]
    fn networks_are_read_strictly() {
        for text in ["x", "10.0.0.0/33", "10.1.2.3/8", "10.0.0.0/", "1.2.3.4:80", "::ffff:0:0/90"] {
            assert_eq!(text.parse::<TrustedProxies>(), Err(BadProxy), "{text}");
        }
        let same = |a: &str, b: &str| {
            assert_eq!(a.parse::<TrustedProxies>().unwrap(), b.parse().unwrap(), "{a} {b}");
        };
        same("", " , ");
        same("10.0.0.1", "10.0.0.1/32");
        same("::ffff:10.0.0.0/104", "10.0.0.0/8");
        same("::ffff:10.0.0.1", "10.0.0.1");
    }

    proptest! {
        /// Whatever a client writes in the header, a proxy adds behind it what it saw.
        #[test]
        fn nothing_a_client_writes_hides_it(
            client: [u8; 4],
            spoofed in vec(vec(prop_oneof![Just(b','), Just(b' '), 0x20..0x7f_u8, 0x80..=0xff_u8], 0..40), 0..4),
            hops in vec(any::<[u8; 3]>(), 0..4),
            joined: bool,
        ) {
            let client = IpAddr::from(client);
            prop_assume!(!ours().holds(client));
            let seen = [client].into_iter().chain(hops.iter().map(|[a, b, c]| IpAddr::from([10, *a, *b, *c])));
            let seen = seen.map(|address| address.to_string()).collect::<Vec<_>>().join(", ");
            // A proxy adds to the last line, or a line of its own.
            let mut lists = spoofed;
            match lists.last_mut().filter(|_| joined) {
                Some(last) => last.extend(format!(", {seen}").bytes()),
                None => lists.push(seen.into_bytes()),
            }
            prop_assert_eq!(ours().client(ip("127.0.0.1"), &headers(&lists)), client);
        }

        /// Of whoever is no proxy of ours, no header says anything.
        #[test]
        fn a_stranger_speaks_for_nobody(peer: u128, lists in vec("[ -~]{0,40}", 0..4)) {
            let peer = IpAddr::from(peer.to_be_bytes()).to_canonical();
            prop_assume!(!ours().holds(peer));
            prop_assert_eq!(ours().client(peer, &headers(&lists)), peer);
        }
    }
}

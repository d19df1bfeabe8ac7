//! The networks of a client IP, whose attempts rate limits count.

use std::net::{IpAddr, Ipv6Addr};

/// The length of the smallest IPv6 network. One subscriber has a whole /64.
const SMALLEST: u8 = 64;
/// The lengths of larger IPv6 networks, with the factors of their limits. One subscriber often has
/// a /56, and sometimes a /48.
const LARGER: [(u8, u32); 2] = [(56, 2), (48, 4)];

/// The networks that a client IP belongs to: the IPv4 address, or three IPv6 prefixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientNetworks {
    smallest: String,
    larger: Vec<(String, u32)>,
}

impl ClientNetworks {
    /// The networks of a client IP. A text that is no IP is a network of its own.
    #[must_use]
    pub fn of(client_ip: &str) -> Self {
        let (smallest, larger) = match client_ip.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
            Ok(IpAddr::V6(ip)) => {
                let larger = LARGER.map(|(length, factor)| (prefix(ip, length), factor));
                (prefix(ip, SMALLEST), larger.into())
            }
            Ok(IpAddr::V4(ip)) => (ip.to_string(), Vec::new()),
            Err(_) => (client_ip.to_owned(), Vec::new()),
        };
        Self { smallest, larger }
    }

    /// The smallest network.
    #[must_use]
    pub fn smallest(&self) -> &str {
        &self.smallest
    }

    /// The larger networks with the factors of their limits, in ascending order.
    #[must_use]
    pub fn larger(&self) -> &[(String, u32)] {
        &self.larger
    }

    /// The largest network.
    #[must_use]
    pub fn largest(&self) -> &str {
        self.larger.last().map_or(&self.smallest, |(network, _)| network)
    }
}

fn prefix(ip: Ipv6Addr, length: u8) -> String {
    let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or_default();
    format!("{}/{length}", Ipv6Addr::from_bits(ip.to_bits() & mask))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_address_has_three_networks() {
        let networks = ClientNetworks::of("2001:db8:1:2ff:3:4:5:6");
        assert_eq!(networks.smallest(), "2001:db8:1:2ff::/64");
        let larger = [("2001:db8:1:200::/56", 2), ("2001:db8:1::/48", 4)];
        assert_eq!(networks.larger(), larger.map(|(text, factor)| (text.to_owned(), factor)));
        assert_eq!(networks.largest(), "2001:db8:1::/48");
    }

    #[test]
    fn an_ipv4_address_in_ipv6_is_the_ipv4_address() {
        let ipv4 = ClientNetworks::of("192.0.2.1");
        assert_eq!([ipv4.smallest(), ipv4.largest()], ["192.0.2.1"; 2]);
        assert_eq!(ClientNetworks::of("::ffff:192.0.2.1"), ipv4);
        assert_eq!(ClientNetworks::of("::ffff:c000:201"), ipv4);
        assert_eq!(ClientNetworks::of("").smallest(), "");
    }
}

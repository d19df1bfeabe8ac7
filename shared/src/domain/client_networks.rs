//! The networks of a client IP, whose attempts rate limits count.

use std::net::{IpAddr, Ipv6Addr};

/// The prefix lengths of an IPv6 address whose attempts count, with the factor of the limit. One
/// subscriber has a whole /64, often a /56, and sometimes a /48.
const IPV6_PREFIXES: [(u8, u32); 3] = [(64, 1), (56, 2), (48, 4)];

/// The networks that a client IP belongs to: the IPv4 address, or three IPv6 prefixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientNetworks(Vec<(String, u32)>);

impl ClientNetworks {
    /// The networks of a client IP. A text that is no IP is a network of its own.
    #[must_use]
    pub fn of(client_ip: &str) -> Self {
        Self(match client_ip.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
            Ok(IpAddr::V6(ip)) => {
                IPV6_PREFIXES.map(|(length, factor)| (prefix(ip, length), factor)).into()
            }
            Ok(IpAddr::V4(ip)) => vec![(ip.to_string(), 1)],
            Err(_) => vec![(client_ip.to_owned(), 1)],
        })
    }

    /// Each network with the factor of its limit, smallest first.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.0.iter().map(|(network, factor)| (network.as_str(), *factor))
    }

    /// The largest network.
    #[must_use]
    pub fn largest(&self) -> &str {
        self.0.last().map_or("", |(network, _)| network)
    }
}

fn prefix(ip: Ipv6Addr, length: u8) -> String {
    let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or_default();
    format!("{}/{length}", Ipv6Addr::from_bits(ip.to_bits() & mask))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(client_ip: &str) -> Vec<(String, u32)> {
        ClientNetworks::of(client_ip).0
    }

    #[test]
    fn an_ipv6_address_has_three_networks() {
        let networks = networks("2001:db8:1:2ff:3:4:5:6");
        let expected = [("2001:db8:1:2ff::/64", 1), ("2001:db8:1:200::/56", 2)];
        let expected = expected.into_iter().chain([("2001:db8:1::/48", 4)]);
        assert_eq!(networks, expected.map(|(text, n)| (text.to_owned(), n)).collect::<Vec<_>>());
        assert_eq!(ClientNetworks::of("2001:db8:1:2ff::1").largest(), "2001:db8:1::/48");
    }

    #[test]
    fn an_ipv4_address_in_ipv6_is_the_ipv4_address() {
        assert_eq!(networks("::ffff:192.0.2.1"), [("192.0.2.1".to_owned(), 1)]);
        assert_eq!(networks("192.0.2.1"), networks("::ffff:c000:201"));
        assert_eq!(networks(""), [(String::new(), 1)]);
    }
}

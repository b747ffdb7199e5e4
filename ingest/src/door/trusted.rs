//! Addresses that are not counted: loopback, and those that the operator trusts.

use std::net::IpAddr;
use std::str::FromStr;

/// Networks that limits and slow-downs by address pass over; loopback always is among them. A proxy
/// or a carrier's gateway that speaks for many phones belongs here.
///
/// ```
/// use ingest::door::Trusted;
///
/// let trusted = Trusted::of(["192.0.2.7", "2001:db8::/32"])?;
/// assert!(trusted.covers("192.0.2.7".parse()?) && !trusted.covers("192.0.2.8".parse()?));
/// assert!(trusted.covers("2001:db8:7::1".parse()?) && trusted.covers("127.0.0.9".parse()?));
/// assert!(Trusted::of(["192.0.2.0/33"]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trusted(Vec<Network>);

/// The addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    base: IpAddr,
    bits: u8,
}

/// A text is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("trusted_addresses[{index}] is not an address such as 192.0.2.7 or 192.0.2.0/24")]
pub struct NotANetwork {
    /// Which of the texts, from 0.
    pub index: usize,
}

impl Trusted {
    /// These addresses, each alone or as a network: `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`.
    ///
    /// # Errors
    /// When a text is neither.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, NotANetwork> {
        let networks = texts.into_iter().enumerate().map(|(index, text)| {
            let network: Option<Network> = text.parse().ok();
            network.ok_or(NotANetwork { index })
        });
        networks.collect::<Result<_, _>>().map(Self)
    }

    /// Whether the address is trusted.
    pub fn covers(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_loopback() || self.0.iter().any(|network| network.covers(address))
    }
}

impl FromStr for Network {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (base, bits) = match text.split_once('/') {
            Some((base, bits)) => (base, Some(bits.parse().map_err(|_| ())?)),
            None => (text, None),
        };
        let base: IpAddr = base.parse().map_err(|_| ())?;
        let most = match base {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        };
        let bits = bits.unwrap_or(most);
        match bits <= most {
            true => Ok(Self { base, bits }),
            false => Err(()),
        }
    }
}

impl Network {
    fn covers(&self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let differ = base.to_bits() ^ address.to_bits();
                differ.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let differ = base.to_bits() ^ address.to_bits();
                differ.leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_covers_its_own_and_nothing_beside_it() {
        let trusted = Trusted::of(["10.0.0.0/9", "0.0.0.0/32", "2001:db8::/33"]).expect("networks");
        let covers = |text: &str| trusted.covers(text.parse().expect("an address"));
        assert!(covers("10.127.255.255") && !covers("10.128.0.0") && !covers("11.0.0.0"));
        assert!(covers("::ffff:10.1.2.3"), "IPv4 in IPv6");
        assert!(covers("2001:db8:7fff::1") && !covers("2001:db8:8000::1"));
        assert!(covers("::1") && covers("127.3.4.5"), "loopback");
        let everywhere = Trusted::of(["0.0.0.0/0"]).expect("a network");
        assert!(everywhere.covers("203.0.113.9".parse().expect("an address")));
    }

    #[test]
    fn what_is_no_network_is_named_by_its_place() {
        for text in [
            "",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "10.0.0/8",
            "host",
            "::1/129",
        ] {
            let trusted = Trusted::of(["10.0.0.1", text]);
            assert_eq!(trusted, Err(NotANetwork { index: 1 }), "{text}");
        }
    }
}

//! Magnet links: a torrent's identity in one line of text.

use std::fmt::Write;

/// `magnet:?` with both info hashes, the name, every tracker and every web seed.
pub(crate) fn link(
    infohash_v1: &[u8; 20],
    infohash_v2: &[u8; 32],
    name: &str,
    trackers: &[Vec<String>],
    web_seeds: &[String],
) -> String {
    let mut link = String::from("magnet:?xt=urn:btih:");
    push_hex(&mut link, infohash_v1);
    link.push_str("&xt=urn:btmh:1220");
    push_hex(&mut link, infohash_v2);
    push_parameter(&mut link, "dn", name);
    for tracker in trackers.iter().flatten() {
        push_parameter(&mut link, "tr", tracker);
    }
    for seed in web_seeds {
        push_parameter(&mut link, "ws", seed);
    }
    link
}

fn push_hex(link: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let _ = write!(link, "{byte:02x}"); // writing to a String cannot fail
    }
}

/// Unreserved characters (RFC 3986) as they are, everything else percent-encoded.
fn push_parameter(link: &mut String, key: &str, value: &str) {
    let _ = write!(link, "&{key}=");
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            link.push(char::from(byte));
        } else {
            let _ = write!(link, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_a_client_needs() {
        let trackers = [vec!["udp://t.example:6969/announce".to_owned()], vec![]];
        let seeds = ["https://a.example/päck/".to_owned()];
        let text = link(&[0xab; 20], &[0x01; 32], "1 & 2", &trackers, &seeds);
        assert_eq!(
            text,
            format!(
                "magnet:?xt=urn:btih:{}&xt=urn:btmh:1220{}&dn=1%20%26%202\
                 &tr=udp%3A%2F%2Ft.example%3A6969%2Fannounce\
                 &ws=https%3A%2F%2Fa.example%2Fp%C3%A4ck%2F",
                "ab".repeat(20),
                "01".repeat(32)
            )
        );
    }
}

//! What a tracker answers to the question how many have what, and the addresses where trackers are asked.
#![no_main]

use deadwax_torrent::scrape::{complete, path_of};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for (hash, count) in complete(bytes).into_iter().flatten() {
        let key = [&b"20:"[..], &hash, b"d"].concat();
        assert!(holds(bytes, &key), "a hash that the answer does not have");
        let count = format!("8:completei{count}e");
        assert!(holds(bytes, count.as_bytes()), "a count that the answer does not have");
    }
    let Some((path, asked)) = str::from_utf8(bytes).ok().and_then(|it| Some((it, path_of(it)?)))
    else {
        return;
    };
    let place = asked.rfind("/scrape").expect("it is asked at its convention's place");
    let (folder, rest) = (&asked[..place], &asked["/scrape".len() + place..]);
    assert_eq!(path, format!("{folder}/announce{rest}"), "the rest of the path is the tracker's");
});

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|it| it == part)
}

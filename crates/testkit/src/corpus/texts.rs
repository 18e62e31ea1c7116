//! Texts that nobody wants in a title, and fields that every tag format can say.

/// A title and what is the matter with it. Not all are UTF-8.
pub(super) fn titles() -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("empty", Vec::new()),
        ("spaces", text("   \t  ")),
        ("nul-within", text("before\0after")),
        ("right-to-left", text("\u{202E}gnp.evil\u{202C} \u{5E9}\u{5DC}\u{5D5}\u{5DD}")),
        ("zero-width", text("\u{200B}\u{FEFF}\u{200D}\u{2060}")),
        ("separators", text("../../../etc/passwd\\..\\C:\\x")),
        ("windows-device", text("CON")),
        ("windows-ending", text("AUX. . ")),
        ("windows-letters", text("a<b>c:d\"e|f?g*h")),
        ("controls", text("\u{1}\u{7}\u{8}\u{1b}[31mred\u{1b}[0m\u{7f}\u{9b}")),
        ("lines", text("first\r\nsecond\nthird\u{2028}fourth")),
        ("many-accents", text(&("Z".to_owned() + &"\u{301}".repeat(2000)))),
        ("beyond-the-plane", text("\u{1F3B5}\u{10FFFD}\u{E000}\u{FFFE}")),
        ("100-kilobytes", text(&"\u{9577}".repeat(34_000))),
        ("latin-1", b"caf\xe9 \xa9 na\xefve".to_vec()),
        ("overlong", b"\xc0\xaf\xe0\x80\xaf".to_vec()),
        ("surrogates", b"\xed\xa0\xbd\xed\xb8\x80".to_vec()),
        ("cut-character", b"end\xe9\x95".to_vec()),
        ("every-byte", (1..=255).collect()),
        ("markup", text("<script>alert(1)</script> & 'quoted' \"too\" {{ }}")),
    ]
}

/// Fields as an honest file has them.
pub(super) const HONEST: [(&str, &str); 10] = [
    ("TITLE", "Lead-Out"),
    ("ARTIST", "The Testers"),
    ("ALBUM", "Hostile Pressings"),
    ("ALBUMARTIST", "The Testers"),
    ("DATE", "2024-05-01"),
    ("TRACKNUMBER", "7/12"),
    ("GENRE", "Noise"),
    ("ISRC", "QZDWX2600001"),
    ("REPLAYGAIN_TRACK_GAIN", "-7.31 dB"),
    ("LICENSE", "https://creativecommons.org/publicdomain/zero/1.0/"),
];

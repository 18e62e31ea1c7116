//! What the embedding tests share: material, programs to ask, and the round trip itself.
#![allow(dead_code)]

use deadwax_audio::embed::{EmbedFormat, Embedded, Embedding, audio_digest, embed};
use deadwax_audio::patch::Patch;
use deadwax_model::{Picture, PictureKind, Root};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub const SOURCE_ROOT: Root = Root([0x51; 32]);
pub const HOLDING_ROOT: Root = Root([0x40; 32]);

/// A holding, the patch that undoes it, and what embedding said.
pub struct Made {
    pub holding: Vec<u8>,
    pub patch: Vec<u8>,
    pub embedded: Embedded,
}

/// Embeds, applies the patch, and asserts all that must hold for every file that is not refused.
pub fn round_trip(source: &[u8], format: EmbedFormat, metadata: &Embedding) -> Made {
    try_round_trip(source, format, metadata).expect("not refused")
}

pub fn try_round_trip(
    source: &[u8],
    format: EmbedFormat,
    metadata: &Embedding,
) -> Result<Made, deadwax_audio::embed::EmbedError> {
    let mut holding = Vec::new();
    let embedded = embed(&mut Cursor::new(source), format, metadata, &mut holding)?;
    assert_eq!(embedded.source_bytes, source.len() as u64);
    assert_eq!(embedded.holding_bytes, holding.len() as u64);
    // Roots as incompressible as real ones do not matter: they are stored raw.
    let patch = embedded.patch.finish(SOURCE_ROOT, HOLDING_ROOT);
    assert!(
        restore(&holding, &patch) == source,
        "the patch does not give the source back"
    );
    assert_eq!(
        audio_digest(&mut &holding[..], format).expect("a holding has headers"),
        audio_digest(&mut &source[..], format).expect("a source has headers"),
    );
    Ok(Made {
        holding,
        patch,
        embedded,
    })
}

pub fn restore(holding: &[u8], patch: &[u8]) -> Vec<u8> {
    let patch = Patch::parse(patch).expect("our own patch");
    assert_eq!(
        (patch.source_root(), patch.holding_root()),
        (SOURCE_ROOT, HOLDING_ROOT)
    );
    let mut restored = Vec::new();
    patch
        .apply(&mut Cursor::new(holding), &mut restored)
        .expect("our own holding");
    restored
}

/// Canonical fields as an archive would write, and a front cover unless `picture_bytes` is 0.
pub fn embedding(picture_bytes: usize) -> Embedding {
    let field = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    Embedding {
        fields: vec![
            field("TITLE", "Title of the archive"),
            field("ARTIST", "Somebody"),
            field("ARTIST", "Somebody else"),
            field("ALBUM", "A release, カタカナ"),
            field("TRACKNUMBER", "7"),
            field("DATE", "2026-11-20"),
            field("ISRC", "USRC17607839"),
            field("DEADWAX_ID", "00112233445566778899"),
        ],
        pictures: (picture_bytes > 0)
            .then(|| front(picture_bytes))
            .into_iter()
            .collect(),
    }
}

pub fn front(bytes: usize) -> Picture {
    let mut data = noise(bytes, 1);
    let start = [0xff, 0xd8, 0xff];
    let shared = bytes.min(3);
    data[..shared].copy_from_slice(&start[..shared]);
    Picture {
        kind: PictureKind::Front,
        mime: "image/jpeg".into(),
        data,
    }
}

/// Bytes that do not compress (xorshift).
pub fn noise(bytes: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..bytes)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .collect()
}

/// The real music; says so and returns `None` where the package is not installed (fails under CI).
pub fn real_files() -> Option<Vec<PathBuf>> {
    let listed = Command::new("dpkg")
        .args(["-L", "wesnoth-1.16-music"])
        .output()
        .ok();
    let names = String::from_utf8(listed.map(|out| out.stdout).unwrap_or_default()).unwrap();
    let mut files: Vec<_> = names
        .lines()
        .filter(|name| name.ends_with(".ogg"))
        .map(PathBuf::from)
        .collect();
    files.sort();
    if files.is_empty() {
        skip("the Debian package wesnoth-1.16-music is not installed")?;
    }
    Some(files)
}

/// A program to ask; says so and returns `None` where it is missing (fails under CI).
pub fn program(name: &str) -> Option<&str> {
    let found = Command::new(name)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok();
    if found {
        Some(name)
    } else {
        skip(&format!("{name} is not installed"))
    }
}

fn skip<T>(why: &str) -> Option<T> {
    assert!(
        std::env::var_os("CI").is_none(),
        "not to be skipped here: {why}"
    );
    eprintln!("skipped: {why}");
    None
}

pub fn in_file<T>(bytes: &[u8], ask: impl FnOnce(&Path) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audio");
    std::fs::write(&path, bytes).unwrap();
    ask(&path)
}

fn told(command: &mut Command) -> String {
    let out = command.stdin(Stdio::null()).output().unwrap();
    assert!(
        out.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// ffmpeg's md5 of the decoded samples.
pub fn decoded_md5(bytes: &[u8]) -> String {
    in_file(bytes, |path| {
        told(
            Command::new("ffmpeg")
                .args(["-v", "quiet", "-i"])
                .arg(path)
                .args(["-map", "0:a", "-f", "md5", "-"]),
        )
    })
}

/// A tag as ffprobe reads it, from the stream (Ogg) or the container (FLAC).
pub fn tag(bytes: &[u8], key: &str) -> String {
    let entries = format!("stream_tags={key}:format_tags={key}");
    in_file(bytes, |path| {
        told(
            Command::new("ffprobe")
                .args([
                    "-v",
                    "quiet",
                    "-of",
                    "default=nk=1:nw=1",
                    "-show_entries",
                    &entries,
                ])
                .arg(path),
        )
    })
    .trim()
    .to_owned()
}

/// Warnings and errors of ogginfo or opusinfo.
pub fn complaints(program: &str, bytes: &[u8]) -> Vec<String> {
    in_file(bytes, |path| {
        let out = Command::new(program).arg(path).output().unwrap();
        let text = [out.stdout, out.stderr].concat();
        String::from_utf8_lossy(&text)
            .lines()
            .filter(|line| {
                line.to_uppercase().contains("WARN") || line.to_uppercase().contains("ERR")
            })
            .map(str::to_owned)
            .collect()
    })
}

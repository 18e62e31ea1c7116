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
    assert!(restore(&holding, &patch) == source, "the patch does not give the source back");
    assert_eq!(
        audio_digest(&mut &holding[..], format).expect("a holding has headers"),
        audio_digest(&mut &source[..], format).expect("a source has headers"),
    );
    Ok(Made { holding, patch, embedded })
}

pub fn restore(holding: &[u8], patch: &[u8]) -> Vec<u8> {
    let patch = Patch::parse(patch).expect("our own patch");
    assert_eq!((patch.source_root(), patch.holding_root()), (SOURCE_ROOT, HOLDING_ROOT));
    let mut restored = Vec::new();
    patch.apply(&mut Cursor::new(holding), &mut restored).expect("our own holding");
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
        pictures: (picture_bytes > 0).then(|| front(picture_bytes)).into_iter().collect(),
    }
}

/// A front cover of about so many bytes: a PNG of noise.
pub fn front(bytes: usize) -> Picture {
    let side = ((bytes as f64 / 3.0).sqrt() as u32).max(1);
    let pixels = noise((side * side * 3) as usize, 1);
    let mut data = Cursor::new(Vec::new());
    image::RgbImage::from_raw(side, side, pixels)
        .unwrap()
        .write_to(&mut data, image::ImageFormat::Png)
        .unwrap();
    Picture { kind: PictureKind::Front, mime: "image/png".into(), data: data.into_inner() }
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
    let listed = Command::new("dpkg").args(["-L", "wesnoth-1.16-music"]).output().ok();
    let names = String::from_utf8(listed.map(|out| out.stdout).unwrap_or_default()).unwrap();
    let mut files: Vec<_> =
        names.lines().filter(|name| name.ends_with(".ogg")).map(PathBuf::from).collect();
    files.sort();
    if files.is_empty() {
        skip("the Debian package wesnoth-1.16-music is not installed")?;
    }
    Some(files)
}

/// A program to ask; says so and returns `None` where it is missing (fails under CI).
pub fn program(name: &str) -> Option<&str> {
    let mut command = Command::new(name);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let found = command.status().is_ok();
    if found { Some(name) } else { skip(&format!("{name} is not installed")) }
}

fn skip<T>(why: &str) -> Option<T> {
    assert!(std::env::var_os("CI").is_none(), "not to be skipped here: {why}");
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
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
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
                .args(["-v", "quiet", "-select_streams", "a", "-of", "default=nk=1:nw=1"])
                .args(["-show_entries", &entries])
                .arg(path),
        )
    })
    .trim()
    .to_owned()
}

/// How many pictures ffprobe sees.
pub fn pictures(bytes: &[u8]) -> usize {
    let codecs = in_file(bytes, |path| {
        told(
            Command::new("ffprobe")
                .args(["-v", "quiet", "-select_streams", "v", "-of", "default=nk=1:nw=1"])
                .args(["-show_entries", "stream=codec_name"])
                .arg(path),
        )
    });
    codecs.lines().count()
}

/// Warnings and errors of ogginfo, opusinfo or `flac -t`: all lines that begin as one.
pub fn complaints(program: &str, bytes: &[u8]) -> Vec<String> {
    in_file(bytes, |path| {
        let mut command = Command::new(program);
        if program == "flac" {
            command.args(["-t", "-s", "-w"]);
        }
        let out = command.arg(path).output().unwrap();
        let text = [out.stdout, out.stderr].concat();
        let begins = |line: &str, word| line.to_ascii_uppercase().starts_with(word);
        String::from_utf8_lossy(&text)
            .lines()
            .filter(|line| begins(line, "WARN") || begins(line, "ERR") || program == "flac")
            .map(str::to_owned)
            .collect()
    })
}

/// Three seconds of a chord and noise, encoded by a program as a user would: the arguments name
/// the WAV file as `IN` and the result as `OUT`, `PNG` a picture of about 200 kB.
pub fn encoded(arguments: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("in.wav"), wav(3)).unwrap();
    image::RgbImage::from_raw(258, 258, noise(258 * 258 * 3, 3))
        .unwrap()
        .save(at("p.png"))
        .unwrap();
    let mut command = Command::new(arguments[0]);
    for argument in &arguments[1..] {
        match *argument {
            "IN" => command.arg(at("in.wav")),
            "OUT" => command.arg(at(&format!("out.{}", extension(arguments)))),
            "PNG" => command.arg(at("p.png")),
            other => command.arg(other),
        };
    }
    told(&mut command);
    std::fs::read(at(&format!("out.{}", extension(arguments)))).unwrap()
}

fn extension(arguments: &[&str]) -> &'static str {
    let has = |word| arguments.iter().any(|argument| argument.contains(word));
    match () {
        () if has("flac") => "flac",
        () if has("opus") => "opus",
        () => "ogg",
    }
}

fn wav(seconds: u32) -> Vec<u8> {
    let (rate, channels) = (48_000u32, 2u32);
    let mut data = Vec::new();
    for n in 0..rate * seconds {
        let t = f64::from(n) / f64::from(rate);
        let tone =
            (t * 440.0 * std::f64::consts::TAU).sin() + (t * 660.0 * std::f64::consts::TAU).sin();
        for channel in 0..channels {
            let hiss = f64::from((n.wrapping_mul(2_654_435_761 + channel) >> 16) & 0xff) - 128.0;
            data.extend_from_slice(&((tone * 8000.0 + hiss * 4.0) as i16).to_le_bytes());
        }
    }
    let mut wav = b"RIFF".to_vec();
    wav.extend_from_slice(&(36 + data.len() as u32).to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    wav.extend_from_slice(&rate.to_le_bytes());
    wav.extend_from_slice(&(rate * channels * 2).to_le_bytes());
    wav.extend_from_slice(b"\x04\0\x10\0data");
    wav.extend_from_slice(&(data.len() as u32).to_le_bytes());
    wav.extend_from_slice(&data);
    wav
}

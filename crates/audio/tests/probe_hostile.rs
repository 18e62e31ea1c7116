//! Bytes from anywhere: neither probe nor analyse panics, hangs or takes memory it was told to.

mod analyse_support;

use analyse_support::*;
use deadwax_audio::analyse::{AnalyseError, Job, analyse};
use deadwax_audio::ogg::page_crc;
use deadwax_audio::probe::probe;
use proptest::prelude::*;
use std::fs;
use std::io::Cursor;
use std::sync::LazyLock;

/// Small files of every kind that can be had here.
static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let source = wav(44_100, 2, 9_000);
    let mut seeds = vec![encode(&source).1, source];
    if have(&["ffmpeg"]) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("source.wav");
        fs::write(&path, &seeds[1]).unwrap();
        for name in
            ["a.flac", "a.mp3", "aac.m4a", "alac.m4a", "a.ogg", "a.oga", "a.aiff", "a.aac", "a.wv"]
        {
            let out = folder.path().join(name);
            let codec = if name == "alac.m4a" { "alac" } else { "" };
            let mut arguments = vec!["-v", "error", "-i", path.to_str().unwrap()];
            if !codec.is_empty() {
                arguments.extend(["-c:a", codec]);
            } else if name == "a.oga" {
                arguments.extend(["-c:a", "flac"]);
            }
            arguments.extend(["-metadata", "title=T", "-metadata", "artist=A"]);
            arguments.push(out.to_str().unwrap());
            run("ffmpeg", &arguments);
            seeds.push(fs::read(out).unwrap());
        }
    }
    seeds
});

fn both(bytes: &[u8]) {
    if let Ok(found) = probe(&mut Cursor::new(bytes))
        && let Err(error) = analyse(Cursor::new(bytes), &found, Job::default())
    {
        // A decoder's panic is an error by then; it is not what is wanted, but it is contained.
        assert!(!matches!(error, AnalyseError::Interrupted), "{error}");
    }
}

/// Gives every Ogg page the checksum of what is on it now, so that damage reaches the decoders.
fn reseal(bytes: &mut [u8]) {
    let mut at = 0;
    while bytes.get(at..at + 4) == Some(b"OggS") && bytes.len() > at + 26 {
        let body = at + 27 + usize::from(bytes[at + 26]);
        let Some(lacing) = bytes.get(at + 27..body) else { break };
        let end = body + lacing.iter().map(|&lace| usize::from(lace)).sum::<usize>();
        let Some(page) = bytes.get_mut(at..end) else { break };
        let crc = page_crc(page);
        page[22..26].copy_from_slice(&crc.to_le_bytes());
        at = end;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..2000), magic in 0usize..11) {
        let magics: [&[u8]; 11] = [
            b"", b"OggS\0\x02", b"fLaC\0\0\0\x22", b"ID3\x04\0\0\0\0\x01\0", b"\xff\xfb\x90\x64",
            b"RIFF\xff\xff\xff\xffWAVEfmt ", b"FORM\0\0\xff\xffAIFFCOMM", b"\0\0\0\x18ftypM4A ",
            b"RF64\xff\xff\xff\xffWAVEds64", b"\xff\xf1\x50\x80\x01\x1f\xfc", b"wvpk\0\x10\0\0\x10\x04",
        ];
        both(&[magics[magic], &bytes].concat());
    }

    #[test]
    fn damaged_files(
        seed in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        head_only in any::<bool>(),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = seed.get(&SEEDS).clone();
        let reach = if head_only { bytes.len().min(300) } else { bytes.len() };
        for (at, value) in changes {
            bytes[at.index(reach)] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        reseal(&mut bytes);
        both(&bytes);
    }
}

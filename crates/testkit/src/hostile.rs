//! A folder of everything that goes wrong with folders of music, and what should come of each.

use crate::flac;
use crate::music::Piece;
use anyhow::Context;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// What should become of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// It is a valid file, however odd, and is archived.
    Archived,
    /// It is listed as a problem, with its path and what happened.
    Problem,
}

/// One file of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Where it is.
    pub path: PathBuf,
    /// What is the matter with it.
    pub what: &'static str,
    /// What should become of it.
    pub expect: Expect,
}

/// Makes the folder's content in `dir`, which is created when it is not there. Every valid file is music
/// of its own, so that none is another's duplicate.
///
/// A file without read permission is a problem only for who may not read it; for root, who may, it is
/// expected to be archived.
pub fn make(dir: &Path) -> anyhow::Result<Vec<Made>> {
    fs::create_dir_all(dir).with_context(|| format!("cannot make the folder {}", dir.display()))?;
    let mut folder = Folder { dir, made: Vec::new() };
    folder.problems()?;
    folder.odd_but_valid()?;
    Ok(folder.made)
}

struct Folder<'a> {
    dir: &'a Path,
    made: Vec<Made>,
}

impl Folder<'_> {
    fn problems(&mut self) -> anyhow::Result<()> {
        let zero = self.note("zero.ogg", "no bytes at all", Expect::Problem);
        fs::write(zero, [])?;

        // The start of a JFIF file, enough for anybody to see that it is one.
        let mut jpeg =
            b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xdb\0\x43\0".to_vec();
        jpeg.extend((0..4096u32).map(|i| (i * 7 % 251) as u8));
        jpeg.extend(b"\xff\xd9");
        fs::write(self.note("picture.mp3", "a JPEG named .mp3", Expect::Problem), jpeg)?;

        let whole = music(1, "Cut Short", "Testers", "Bad Input")?;
        let truncated = self.note("truncated.flac", "a FLAC cut in the middle", Expect::Problem);
        fs::write(truncated, &whole[..whole.len() / 2])?;

        let secret = self.note("secret.flac", "no read permission", Expect::Problem);
        fs::write(&secret, music(2, "Secret", "Testers", "Bad Input")?)?;
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o000))?;
        if fs::File::open(&secret).is_ok() {
            let made = self.made.last_mut().expect("it was noted above");
            (made.what, made.expect) = ("no read permission, but read by root", Expect::Archived);
        }

        let around = self.note("around", "a symlink to the folder that it is in", Expect::Problem);
        replace_symlink(".", &around)?;
        let itself = self.note("itself.flac", "a symlink to itself", Expect::Problem);
        replace_symlink("itself.flac", &itself)?;

        let sparse = self.note("sparse.wav", "1 GB of nothing, sparse", Expect::Problem);
        fs::File::create(sparse)?.set_len(1 << 30)?;
        Ok(())
    }

    fn odd_but_valid(&mut self) -> anyhow::Result<()> {
        // 81 characters of three bytes, two of one, ".flac": 250 bytes.
        let long = "長".repeat(81) + "ab.flac";
        let odd: [(&str, &str, [&str; 3]); 8] = [
            ("good.flac", "nothing at all", ["Good", "Testers", "Bad Input"]),
            ("音楽/日本の歌.flac", "names in Japanese", ["日本の歌", "試験", "悪い入力"]),
            ("new\nline.flac", "a newline in the name", ["New\nLine", "Testers", "Bad Input"]),
            (&long, "a name of 250 bytes", ["Long", "Testers", "Bad Input"]),
            ("dots.flac", "'..' in the tags", ["../../../../escaped", "..", ".."]),
            ("slash.flac", "'/' in the tags", ["/etc/escaped", "AC/DC", "Either/Or"]),
            ("-rf.flac", "a name like an option", ["--", "-", "-n"]),
            ("empty tags.flac", "tags without text", ["", "", ""]),
        ];
        for ((name, what, [title, artist, release]), seed) in odd.into_iter().zip(10..) {
            let path = self.note(name, what, Expect::Archived);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, music(seed, title, artist, release)?)?;
        }
        Ok(())
    }

    fn note(&mut self, name: &str, what: &'static str, expect: Expect) -> PathBuf {
        let path = self.dir.join(name);
        self.made.push(Made { path: path.clone(), what, expect });
        path
    }
}

fn music(seed: u64, title: &str, artist: &str, release: &str) -> anyhow::Result<Vec<u8>> {
    let samples = Piece { seed: 9_000 + seed, seconds: 2.0 }.compose_i16();
    let fields = [
        ("TITLE", title),
        ("ARTIST", artist),
        ("ALBUM", release),
        ("DATE", "2026"),
        ("LICENSE", "CC0-1.0"),
    ];
    flac::encode(&samples, &fields, 1024)
}

fn replace_symlink(target: &str, link: &Path) -> anyhow::Result<()> {
    if link.symlink_metadata().is_ok() {
        fs::remove_file(link)?;
    }
    symlink(target, link).with_context(|| format!("cannot link {}", link.display()))
}

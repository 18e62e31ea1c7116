//! Independent programs to compare with. A test that needs one asks here: where it is missing the test is
//! skipped and says so, and where the environment says `CI` it fails, so that nothing is skipped unseen.

use anyhow::{Context, ensure};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The path of a program, from `PATH`. `None` after saying "skipped: ..." on standard error.
///
/// # Panics
///
/// When the program is missing and the environment variable `CI` is set.
pub fn need(program: &str) -> Option<PathBuf> {
    found(on_path(program).into_iter().next(), &format!("{program} is not installed"))
}

/// A Python that can import `module`: the first `python3` of `PATH` that can.
///
/// # Panics
///
/// As [`need`].
pub fn need_python(module: &str) -> Option<PathBuf> {
    let imports = |python: &PathBuf| {
        let check = Command::new(python).args(["-c", &format!("import {module}")]).output();
        check.is_ok_and(|output| output.status.success())
    };
    let mut candidates = on_path("python3");
    candidates.push(PathBuf::from("/usr/bin/python3"));
    found(candidates.into_iter().find(imports), &format!("no python3 has the module {module}"))
}

/// The folder of the 41 Ogg Vorbis files of Debian's package wesnoth-1.16-music.
///
/// # Panics
///
/// As [`need`].
pub fn real_music() -> Option<PathBuf> {
    let listing = Command::new("dpkg").args(["-L", "wesnoth-1.16-music"]).output().ok();
    let listing = listing.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let folder = listing.as_deref().unwrap_or_default().lines().find_map(|line| {
        let path = Path::new(line);
        (path.extension().is_some_and(|end| end == "ogg") && path.is_file())
            .then(|| path.parent().map(Path::to_owned))?
    });
    found(folder, "the package wesnoth-1.16-music is not installed")
}

/// The MD5 that ffmpeg computes of a file's first audio stream, decoded to 16-bit samples.
pub fn decoded_md5(ffmpeg: &Path, file: &Path) -> anyhow::Result<String> {
    let output = Command::new(ffmpeg)
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(file)
        .args(["-map", "0:a:0", "-c:a", "pcm_s16le", "-f", "md5", "-"])
        .output()
        .with_context(|| format!("cannot run {}", ffmpeg.display()))?;
    ensure!(
        output.status.success(),
        "ffmpeg cannot decode {}: {}",
        file.display(),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let text = String::from_utf8(output.stdout)?;
    let md5 = text.trim().strip_prefix("MD5=").context("ffmpeg printed no MD5")?;
    Ok(md5.to_owned())
}

fn found(path: Option<PathBuf>, missing: &str) -> Option<PathBuf> {
    if path.is_none() {
        assert!(env::var_os("CI").is_none(), "{missing}, and with CI set nothing may be skipped");
        eprintln!("skipped: {missing}");
    }
    path
}

fn on_path(program: &str) -> Vec<PathBuf> {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).map(|folder| folder.join(program)).filter(|p| p.is_file()).collect()
}

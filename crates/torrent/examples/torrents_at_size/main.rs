//! Torrents at size: how long all torrents of an edition take from rows of a catalogue, with no audio anywhere.
//!
//!     torrents_at_size rows  --recordings N [--seed S] --into FILE
//!     torrents_at_size write --rows FILE --into FOLDER [--jobs N] [--twins]
//!
//! Run by `cargo run --release -p deadwax-torrent --example torrents_at_size -- write ...`, and by bench/torrents.py. `rows` makes
//! up a table as a catalogue has it: names, lengths and hashes of ordinary music, by rank. `write` reads it in that order and writes
//! what `publish` writes: packs cut, named and laid out, a torrent each, made durable. It prints one JSON document.

mod made_up;
mod writing;

use std::collections::HashMap;
use std::path::PathBuf;

/// As the `deadwax` command has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let mut given = HashMap::new();
    while let Some(name) = arguments.next() {
        let value =
            if name == "--twins" { String::new() } else { arguments.next().unwrap_or_default() };
        given.insert(name, value);
    }
    let number = |name: &str, usual: u64| given.get(name).map_or(Ok(usual), |text| text.parse());
    let path = |name: &str| given.get(name).map(PathBuf::from).ok_or(format!("give {name}"));
    match command.as_str() {
        "rows" => made_up::write_rows(
            &path("--into")?,
            number("--recordings", 1_000_000)?,
            number("--seed", 1)?,
        ),
        "write" => {
            let jobs = number("--jobs", 2)? as usize;
            let cost = writing::run(
                &path("--rows")?,
                &path("--into")?,
                jobs,
                given.contains_key("--twins"),
            )?;
            println!("{cost}");
            Ok(())
        }
        _ => Err("give rows or write; see the top of main.rs".into()),
    }
}

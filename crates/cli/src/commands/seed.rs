//! `deadwax seed`: gives packs to whoever asks, until Ctrl-C.

use crate::args::SeedArgs;
use crate::context::Context;
use crate::exit::Done;
use crate::say::say;
use crate::text::{count, duration, problems, size};
use anyhow::{Result, bail};
use deadwax_archive::Archive;
use deadwax_mirror::{
    BadPeer, SeedPack, SeedReport, Seeding, SwarmOptions, SwarmStats, seed_packs,
};
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often it says how it goes, when anything has changed.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// How soon Ctrl-C is heard.
const LISTEN_EVERY: Duration = Duration::from_millis(50);

pub fn run(context: &Context, args: &SeedArgs) -> Result<Done> {
    let folder = args.path.as_deref().unwrap_or(context.folder());
    let packs = packs_of(context, args, folder)?;
    if let Some(name) = args.packs.iter().find(|name| !packs.iter().any(|p| p.name() == **name)) {
        bail!(
            "there is no pack '{name}' at {}; its torrents have the names of packs",
            folder.display()
        );
    }
    let notes = tempfile::Builder::new().prefix("deadwax-").tempdir()?;
    let options = SwarmOptions {
        listen: Some(args.listen),
        dht: args.dht,
        trackers: !args.no_trackers,
        local_discovery: args.local_discovery,
        upload_limit: args.limit_rate,
        download_limit: None,
        state_folder: notes.path().to_path_buf(),
    };
    let mut seeding = Seeding::start(options, &packs, &args.peers, context.stop())?;
    let report = seeding.report();
    context.print(&Said::Seeding(&report), |out| begun(out, &report))?;
    if report.packs.is_empty() {
        bail!("nothing of any pack at {} is there to be given", folder.display());
    }
    let has_problems = give(context, &mut seeding, args, folder)?;
    let (stats, bad_peers) = (seeding.stats(), seeding.bad_peers());
    let ended = Said::Ended { stats, bad_peers: told(&bad_peers) };
    context.print(&ended, |out| ended_text(out, stats, &bad_peers))?;
    Ok(Done::with(has_problems))
}

/// The packs at a folder. Of an archive, those of its newest edition, and of these what is cleared today.
fn packs_of(context: &Context, args: &SeedArgs, folder: &Path) -> Result<Vec<SeedPack>> {
    let mut packs = match folder.join("deadwax.toml").is_file() {
        true => cleared_packs(context, folder)?,
        false => seed_packs(folder)?,
    };
    packs.retain(|pack| args.packs.is_empty() || args.packs.contains(&pack.name()));
    Ok(packs)
}

fn cleared_packs(context: &Context, folder: &Path) -> Result<Vec<SeedPack>> {
    let packs = Archive::open_to_read(folder)?.seed_packs(&context.run())?;
    let packs = packs.into_iter().map(|pack| SeedPack {
        torrent: pack.torrent,
        folder: pack.folder,
        withheld: pack.withheld.into_iter().collect(),
    });
    Ok(packs.collect())
}

/// Says now and then how it goes, and looks again what may be given, until somebody wants it to stop. Whether anything could not be
/// given, or looked at, at last.
fn give(context: &Context, seeding: &mut Seeding, args: &SeedArgs, folder: &Path) -> Result<bool> {
    let (mut told, mut told_at) = (SwarmStats::default(), Instant::now());
    let (mut looked_at, mut failures) = (Instant::now(), 0);
    while !context.is_stopping() {
        sleep(LISTEN_EVERY);
        if looked_at.elapsed() >= args.every {
            match look_again(context, seeding, args, folder) {
                Ok(()) => failures = 0,
                Err(_) if context.is_stopping() => {}
                Err(e) => {
                    failures += 1;
                    let then = match failures {
                        1 => "what was given is given until then",
                        _ => "nothing is given until then, for nobody knows what may be",
                    };
                    if failures == 2 {
                        give_now(context, seeding, &[])?;
                    }
                    say(format_args!(
                        "warning: what may be given could not be looked at ({e:#}); it is looked at again in {}, and {then}",
                        duration(args.every.as_millis() as u64)
                    ));
                }
            }
            looked_at = Instant::now();
        }
        if told_at.elapsed() < TELL_EVERY {
            continue;
        }
        told_at = Instant::now();
        let stats = seeding.stats();
        if stats != told && !context.is_quiet() {
            context.print(&Said::Status(stats), |out| status(out, stats))?;
            told = stats;
        }
    }
    Ok(failures > 0 || !seeding.report().problems.is_empty())
}

fn look_again(
    context: &Context,
    seeding: &mut Seeding,
    args: &SeedArgs,
    folder: &Path,
) -> Result<()> {
    let packs = packs_of(context, args, folder)?;
    give_now(context, seeding, &packs)
}

/// Says what is given from now on, when that is not what was.
fn give_now(context: &Context, seeding: &mut Seeding, packs: &[SeedPack]) -> Result<()> {
    let before = seeding.report();
    seeding.update(packs, context.stop());
    let report = seeding.report();
    match report == before {
        true => Ok(()),
        false => context.print(&Said::Seeding(&report), |out| begun(out, &report)),
    }
}

/// A line of JSON.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Said<'a> {
    Seeding(&'a SeedReport),
    Status(SwarmStats),
    Ended {
        #[serde(flatten)]
        stats: SwarmStats,
        bad_peers: Vec<ToldPeer>,
    },
}

#[derive(Serialize)]
struct ToldPeer {
    address: String,
    what: &'static str,
    times: u64,
}

fn told(bad_peers: &[BadPeer]) -> Vec<ToldPeer> {
    let tell = |peer: &BadPeer| ToldPeer {
        address: peer.address.to_string(),
        what: peer.fault.said(),
        times: peer.times,
    };
    bad_peers.iter().map(tell).collect()
}

fn begun(out: &mut dyn Write, report: &SeedReport) -> io::Result<()> {
    let files = report.packs.iter().map(|pack| pack.given).sum();
    write!(
        out,
        "seeding {} ({}, {})",
        count(report.packs.len() as u64, "pack"),
        count(files, "file"),
        size(report.bytes)
    )?;
    match report.address {
        Some(address) => writeln!(out, " on {address}")?,
        None => writeln!(out)?,
    }
    for pack in &report.packs {
        let twin = if pack.has_twin { ", and for clients of v1 alone" } else { "" };
        let of = match pack.given == pack.files {
            true => count(pack.files, "file"),
            false => format!("{} of {}", pack.given, count(pack.files, "file")),
        };
        writeln!(out, "  {}: {of}, {}{twin}", pack.name, size(pack.bytes))?;
    }
    problems(out, &report.problems)
}

fn status(out: &mut dyn Write, stats: SwarmStats) -> io::Result<()> {
    writeln!(out, "{} given, {} now", size(stats.uploaded_bytes), count(stats.peers, "peer"))
}

fn ended_text(out: &mut dyn Write, stats: SwarmStats, bad_peers: &[BadPeer]) -> io::Result<()> {
    for peer in bad_peers {
        let times = count(peer.times, "time");
        writeln!(out, "dropped {times}: {}, which {}", peer.address, peer.fault.said())?;
    }
    writeln!(out, "{} given", size(stats.uploaded_bytes))
}

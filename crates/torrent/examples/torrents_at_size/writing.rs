//! All torrents of a table of rows: one thread reads and cuts, the others lay out, hash and write, a pack each at a time.

use crate::Failure;
use deadwax_model::{FileHashes, Root};
use deadwax_store::write_file;
use deadwax_torrent::limits::{
    CLIENT_METAINFO_BYTES, PACK_BYTES, PACK_FILES, PACK_METAINFO_BYTES, PackRow,
};
use deadwax_torrent::names::{TrackName, track_path};
use deadwax_torrent::{
    Cutter, EntryKind, PackDigest, PackFile, PackNames, PackOptions, PackSize, hybrid, places,
};
use rusqlite::{Connection, OpenFlags, Row};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// A recording with the place that it asks for.
type Entry = (Vec<String>, FileHashes);

#[derive(Default)]
struct Totals {
    packs: u64,
    files: u64,
    bytes: u64,
    torrent_bytes: u64,
    most_files: usize,
    most_bytes: u64,
    most_torrent_bytes: usize,
}

pub(crate) fn run(rows: &Path, into: &Path, jobs: usize, twins: bool) -> Result<String, Failure> {
    std::fs::create_dir_all(into)?;
    let start = Instant::now();
    // As publish sets them, by default.
    let options = PackOptions {
        created_by: Some("torrents_at_size".to_owned()),
        v1_twin: twins,
        ..PackOptions::default()
    };
    let names = Mutex::new(PackNames::new("A million".to_owned()));
    let totals = Mutex::new(Totals::default());
    std::thread::scope(|scope| -> Result<(), Failure> {
        let (to, from) = sync_channel::<Vec<Entry>>(1);
        // Gone with the last worker, so that reading ends when all have failed.
        let from = Arc::new(Mutex::new(from));
        let (names, options, totals) = (&names, &options, &totals);
        let workers: Vec<_> = (0..jobs)
            .map(|_| {
                let from = Arc::clone(&from);
                scope.spawn(move || write_packs(&from, names, options, into, totals))
            })
            .collect();
        drop(from);
        read_packs(rows, |pack| to.send(pack).map_err(Failure::from))?;
        drop(to);
        for worker in workers {
            worker.join().map_err(|_| "a worker failed")??;
        }
        Ok(())
    })?;
    let wall_s = start.elapsed().as_secs_f64();
    let totals = totals.into_inner()?;
    let Totals { packs, files, bytes, torrent_bytes, most_files, most_bytes, most_torrent_bytes } =
        totals;
    if most_files > PACK_FILES
        || most_bytes > PACK_BYTES
        || most_torrent_bytes as u64 > PACK_METAINFO_BYTES
    {
        return Err("a pack is over the caps".into());
    }
    let (cpu_s, peak_mib) = cost();
    Ok(format!(
        "{{\"packs\": {packs}, \"files\": {files}, \"bytes\": {bytes}, \"torrent_bytes\": {torrent_bytes}, \
         \"most_files\": {most_files}, \"most_bytes\": {most_bytes}, \"most_torrent_bytes\": {most_torrent_bytes}, \
         \"client_limit_bytes\": {CLIENT_METAINFO_BYTES}, \"jobs\": {jobs}, \"twins\": {twins}, \
         \"wall_s\": {wall_s:.2}, \"cpu_s\": {cpu_s:.2}, \"peak_mib\": {peak_mib}}}"
    ))
}

/// Reads the rows by rank and gives them on in packs.
fn read_packs(
    rows: &Path,
    mut give: impl FnMut(Vec<Entry>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let database = Connection::open_with_flags(rows, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut query = database.prepare("SELECT * FROM file ORDER BY rank")?;
    let mut rows = query.query([])?;
    let mut cutter = Cutter::default();
    while let Some(row) = rows.next()? {
        let entry = entry(row)?;
        let (size, root) = (PackSize::of([PackRow::new(entry.1.bytes, &entry.0)]), entry.1.root);
        if !size.fits() {
            return Err("a file is too large for a pack".into());
        }
        cutter.push(entry, size, root).into_iter().try_for_each(&mut give)?;
    }
    let last = cutter.finish();
    if last.is_empty() { Ok(()) } else { give(last) }
}

fn entry(row: &Row) -> Result<Entry, Failure> {
    let text = |column: usize| Ok::<_, Failure>(row.get_ref(column)?.as_str()?);
    let bytes = |column: usize| Ok::<_, Failure>(row.get_ref(column)?.as_blob()?);
    let tail = |column: usize| match row.get_ref(column)?.as_blob_or_null()? {
        Some(tail) => Ok::<_, Failure>(Some(<[u8; 20]>::try_from(tail)?)),
        None => Ok(None),
    };
    let path = track_path(&TrackName {
        artist: Some(text(1)?),
        year: row.get(2)?,
        release: Some(text(3)?),
        position: row.get(4)?,
        title: Some(text(5)?),
        extension: text(6)?,
        ..TrackName::default()
    });
    let hashes = FileHashes {
        bytes: row.get(7)?,
        root: Root::from_slice(bytes(8)?)?,
        piece_layer: bytes(9)?.to_vec(),
        v1_whole: bytes(10)?.to_vec(),
        v1_tail: tail(11)?,
        v1_tail_padded: tail(12)?,
    };
    Ok((path, hashes))
}

fn write_packs(
    from: &Mutex<Receiver<Vec<Entry>>>,
    names: &Mutex<PackNames>,
    options: &PackOptions,
    into: &Path,
    totals: &Mutex<Totals>,
) -> Result<(), Failure> {
    let next = || from.lock().ok().and_then(|from| from.recv().ok());
    while let Some(mut entries) = next() {
        let wanted =
            entries.iter_mut().map(|(path, hashes)| (std::mem::take(path), hashes.root)).collect();
        let paths = places(wanted, EntryKind::File);
        let rows: Vec<PackFile> = paths
            .into_iter()
            .zip(&entries)
            .map(|(path, (_, hashes))| PackFile { path, hashes })
            .collect();
        // Were two of one name, whoever is first would have it: there are none among so many.
        let digest = PackDigest::of(&rows);
        let name = names.lock().map_err(|_| "a worker failed")?.name(&digest);
        let made = hybrid(&name, &rows, options)?;
        write_file(&into.join(format!("{name}.torrent")), &made.bytes)?;
        if let Some(twin) = &made.v1_twin {
            write_file(&into.join(format!("{name}.v1.torrent")), &twin.bytes)?;
        }
        let bytes = rows.iter().map(|row| row.hashes.bytes).sum();
        let mut totals = totals.lock().map_err(|_| "a worker failed")?;
        totals.packs += 1;
        totals.files += rows.len() as u64;
        totals.bytes += bytes;
        totals.torrent_bytes += made.bytes.len() as u64;
        totals.most_files = totals.most_files.max(rows.len());
        totals.most_bytes = totals.most_bytes.max(bytes);
        totals.most_torrent_bytes = totals.most_torrent_bytes.max(made.bytes.len());
    }
    Ok(())
}

/// Processor seconds of the whole process, and the most memory it had, in MiB, from what Linux tells of it.
fn cost() -> (f64, u64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.rsplit(')').next().unwrap_or_default().split(' ').skip(12).take(2);
    let cpu_s = ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    (cpu_s, kib.unwrap_or(0) / 1024)
}

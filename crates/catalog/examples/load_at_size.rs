//! Measures loading a generated collection: `load_at_size RECORDINGS CATALOGUE [load|shuffled]...`. The catalogue is given the
//! rows as a reader of tables would give them, and only what it takes itself is counted.

#[path = "../tests/generated/mod.rs"]
mod generated;

use deadwax_catalog::Catalog;
use deadwax_model::{TableKind, TableRow};
use deadwax_testkit::collection::Collection;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let recordings: u64 = arguments.next().expect("RECORDINGS").replace('_', "").parse().unwrap();
    let path = PathBuf::from(arguments.next().expect("CATALOGUE"));
    let collection = Collection::new(recordings, 1);
    for act in arguments {
        let catalog = Catalog::create(&path).unwrap();
        load(&catalog, &path, &collection, act == "shuffled");
        println!("{act}: at most {} resident", peak());
    }
}

fn load(catalog: &Catalog, path: &Path, collection: &Collection, is_shuffled: bool) {
    let mut load = catalog.load("generated", &path.with_extension("scratch")).unwrap();
    let (mut all, mut rows) = (Duration::ZERO, 0);
    let timed = |work: &mut dyn FnMut()| {
        let started = Instant::now();
        work();
        started.elapsed()
    };
    for kind in TableKind::ORDER {
        let mut taken = timed(&mut || assert!(load.begin(kind, "made").unwrap()));
        let length = generated::length(collection, kind);
        let order = |place: u64| match is_shuffled {
            // Coprime with every length but its multiples.
            true => (u128::from(place) * 2_654_435_761 % u128::from(length)) as u64,
            false => place,
        };
        let mut place = 0;
        while place < length {
            let mut some: Vec<TableRow> = Vec::with_capacity(80_000);
            while place < length && some.len() < 65_536 {
                generated::rows(collection, kind, order(place), &mut some);
                place += 1;
            }
            let mut some = Some((1..).zip(some).collect());
            taken += timed(&mut || load.push(some.take().unwrap()).unwrap());
        }
        let mut counts = None;
        taken += timed(&mut || counts = Some(load.end(&mut |_| ()).unwrap()));
        let counts = counts.unwrap();
        let each = taken.as_secs_f64() * 1e6 / counts.rows as f64;
        println!(
            "{:9} {:6.2} s, {each:.2} us a row, {counts:?}",
            kind.as_str(),
            taken.as_secs_f64()
        );
        (all, rows) = (all + taken, rows + counts.rows);
    }
    let mut load = Some(load);
    all += timed(&mut || load.take().unwrap().finish().unwrap());
    let bytes = std::fs::metadata(path).unwrap().len();
    println!(
        "{rows} rows in {:.1} s, {:.2} us a row, {:.0} recordings/s; {:.1} bytes a recording",
        all.as_secs_f64(),
        all.as_secs_f64() * 1e6 / rows as f64,
        collection.recordings() as f64 / all.as_secs_f64(),
        bytes as f64 / collection.recordings() as f64
    );
}

/// The most memory this process ever had, as the system tells it.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap_or("?").trim().to_owned()
}

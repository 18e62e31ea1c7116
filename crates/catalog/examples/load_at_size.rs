//! Measures loading a generated collection: `load_at_size RECORDINGS CATALOGUE [load|shuffled]...`. The catalogue is given the
//! rows as a reader of tables would give them, and only what it takes itself is counted: by the clock, and by the processor's
//! time of this thread, which is what remains when others use the machine as well.

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
    let (mut all, mut rows) = (Taken::default(), 0);
    for kind in TableKind::ORDER {
        let mut taken = Taken::default();
        taken.by(|| assert!(load.begin(kind, "made").unwrap()));
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
            let some = (1..).zip(some).collect();
            taken.by(|| load.push(some).unwrap());
        }
        let counts = taken.by(|| load.end(&mut |_| ()).unwrap());
        println!("{:9} {}, {counts:?}", kind.as_str(), taken.told(counts.rows));
        (all.clock, all.cpu) = (all.clock + taken.clock, all.cpu + taken.cpu);
        rows += counts.rows;
    }
    all.by(|| load.finish().unwrap());
    let (recordings, bytes) = (collection.recordings(), std::fs::metadata(path).unwrap().len());
    println!(
        "{rows} rows, {}; {:.0} recordings/s; {:.1} bytes a recording",
        all.told(rows),
        recordings as f64 / all.clock.as_secs_f64(),
        bytes as f64 / recordings as f64
    );
}

#[derive(Default)]
struct Taken {
    clock: Duration,
    cpu: Duration,
}

impl Taken {
    fn by<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let (clock, cpu) = (Instant::now(), on_cpu());
        let result = work();
        self.clock += clock.elapsed();
        self.cpu += on_cpu() - cpu;
        result
    }

    fn told(&self, rows: u64) -> String {
        let each = |time: Duration| time.as_secs_f64() * 1e6 / rows as f64;
        let (clock, cpu) = (each(self.clock), each(self.cpu));
        format!(
            "{:.2} s, {clock:.2} us a row ({cpu:.2} on the processor)",
            self.clock.as_secs_f64()
        )
    }
}

/// How long this thread has run, as the system tells it.
fn on_cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|number| number.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

/// The most memory this process ever had, as the system tells it.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap_or("?").trim().to_owned()
}

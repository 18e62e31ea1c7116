//! Measures what an archive does with recordings known from tables: `known_at_size ARCHIVE init|plan|publish...`. Between
//! `init` and the others, the catalogue's own example loads them: `load_at_size RECORDINGS ARCHIVE/catalog.sqlite load`.

use deadwax_archive::{Amount, Archive, Phase, Progress, Run};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

static NEVER: AtomicBool = AtomicBool::new(false);

/// Prints when each phase began, and the memory until then.
struct Phases(Instant, Mutex<String>);

impl Progress for Phases {
    fn begin(&self, phase: Phase, all: &Amount) {
        let (name, items) = (phase.name(), all.items);
        let mut told = self.1.lock().unwrap();
        self.tell(&told);
        *told = format!("{name} ({items})");
    }

    fn item(&self, _: &str, _: &Amount) {}
}

impl Phases {
    fn tell(&self, phase: &str) {
        println!(
            "{phase}: done after {:.1} s, {} until then",
            self.0.elapsed().as_secs_f64(),
            peak()
        );
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("ARCHIVE"));
    for act in arguments {
        let archive = Archive::create(&folder, Some("At size")).unwrap();
        let phases = Phases(Instant::now(), Mutex::new("open".to_owned()));
        let run = Run {
            progress: &phases,
            stop: &NEVER,
            jobs: 2,
            today: "2026-11-20".to_owned(),
            now: jiff::Timestamp::now(),
        };
        match act.as_str() {
            "init" => {}
            "plan" => {
                let plan = archive.plan(&run, None).unwrap();
                archive.carry_out(&plan).unwrap();
                println!("{:?}", plan.summary());
            }
            "publish" => {
                let report = archive.publish(&run).unwrap();
                println!("{} recordings in {}", report.summary.recordings, report.edition);
            }
            other => panic!("'{other}' is no act"),
        }
        phases.tell(&format!("{}, {act}", phases.1.lock().unwrap()));
    }
}

/// The most memory this process ever had, as the system tells it.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap_or("?").trim().to_owned()
}

//! The list at size: builds editions of made-up collections, asks them, and says what that costs.
//!
//!     list_at_size build --recordings N [--seed S] [--held N] [--twins] [--jobs N] --into FOLDER [--json]
//!     list_at_size log   --recordings N [--seed S] --out FILE
//!     list_at_size ask   --edition FOLDER --log FILE [--seed S] [--cold N] [--check N] [--times FILE]
//!                        [--only-search] [--json]
//!     list_at_size csv   --recordings N [--seed S] --out FOLDER
//!
//! Run by `cargo run --release -p deadwax-edition --example list_at_size -- build ...`, and by bench/list_*.py.
//! `build` feeds the generator of testkit to the writer directly, so that the largest list needs no disk for its
//! source tables; with `--held` the first of it are held, and in packs. `ask` needs the log, and the seed, that belong to the edition.

mod arguments;
mod ask;
mod build;
mod csv_tables;
mod draw;
mod equals;
mod held;
mod made;
mod measure;
mod query_log;
mod times;

use arguments::Arguments;

/// As the `deadwax` command has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let arguments = Arguments::read(arguments)?;
    match command.as_str() {
        "build" => build::run(&arguments),
        "log" => query_log::run(&arguments),
        "ask" => ask::run(&arguments),
        "csv" => csv_tables::run(&arguments),
        _ => Err("give build, log, ask or csv; see the top of main.rs".into()),
    }
}

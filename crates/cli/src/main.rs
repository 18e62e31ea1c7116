//! The `deadwax` command. It turns a command line into acts of the rooms below and their reports into
//! text or JSON: results on stdout, everything else on stderr. One file a command in `commands/`; no
//! logic of its own.

// They panic when standard error is closed: see say.rs.
#![deny(clippy::print_stderr)]

mod args;
mod commands;
mod context;
mod exit;
mod panic;
mod progress;
mod say;
mod text;

use clap::Parser;
use std::process::ExitCode;

/// Building an edition gives out and takes back twenty pieces of memory a recording, over two threads: a tenth of its
/// time with the C library's allocator (docs/decisions/allocator.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let context = context::Context::new(&args);
    exit::code(panic::contain(|| commands::run(&args, &context)))
}

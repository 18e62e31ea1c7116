//! One file a command.

mod add;
mod archive;
mod build;
mod init;
mod kept;
mod keys;
mod list;
mod mirror;
mod plan;
mod publish;
mod repair;
mod restore;
mod rights;
mod same;
mod search;
mod seed;
mod show;
mod shuffle;
mod stats;
mod takedown;
mod trace;
mod verify;

use crate::args::{Args, Command};
use crate::context::Context;
use crate::exit::Done;
use anyhow::Result;

/// Does what the command line says.
pub fn run(args: &Args, context: &Context) -> Result<Done> {
    match &args.command {
        Command::Archive(args) => archive::run(context, args),
        Command::Init(args) => init::run(context, args),
        Command::Add(args) => add::run(context, args),
        Command::Rights(command) => rights::run(context, command),
        Command::Takedown(command) => takedown::run(context, command),
        Command::Trace(args) => trace::run(context, args),
        Command::Same(args) => same::run(context, args),
        Command::Plan(args) => plan::run(context, args),
        Command::Build(args) => build::run(context, args),
        Command::Publish(args) => publish::run(context, args),
        Command::Keys(command) => keys::run(context, command),
        Command::Verify(args) => verify::run(context, args),
        Command::Repair(args) => repair::run(context, args),
        Command::Restore(args) => restore::run(context, args),
        Command::List => list::run(context),
        Command::Show(args) => show::run(context, args),
        Command::Search(args) => search::run(context, args),
        Command::Seed(args) => seed::run(context, args),
        Command::Mirror(args) => mirror::run(context, args),
        Command::Shuffle(args) => shuffle::run(context, args),
        Command::Stats(args) => stats::run(context, args),
    }
}

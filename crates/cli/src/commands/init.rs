//! `deadwax init`: make an empty archive.

use crate::args::InitArgs;
use crate::context::Context;
use crate::exit::Done;
use anyhow::Result;
use deadwax_archive::Archive;
use serde_json::json;

pub fn run(context: &Context, args: &InitArgs) -> Result<Done> {
    let folder = args.folder.as_deref().unwrap_or(context.folder());
    let archive = Archive::create(folder, args.title.as_deref())?;
    let (folder, title) = (archive.folder().display(), &archive.policy().title);
    context.print(&json!({ "archive": folder.to_string(), "title": title }), |out| {
        writeln!(
            out,
            "the archive '{title}' is in {folder}; its policy is in {folder}/deadwax.toml"
        )?;
        writeln!(out, "next: deadwax --archive {folder} add MUSIC")
    })?;
    Ok(Done::Clean)
}

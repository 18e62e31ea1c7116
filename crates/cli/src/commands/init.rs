//! `deadwax init`: make an empty archive.

use crate::args::InitArgs;
use crate::commands::keys::keys_made;
use crate::context::Context;
use crate::exit::Done;
use anyhow::Result;
use deadwax_archive::Archive;
use serde_json::json;

pub fn run(context: &Context, args: &InitArgs) -> Result<Done> {
    let folder = args.folder.as_deref().unwrap_or(context.folder());
    let archive = Archive::create(folder, args.title.as_deref())?;
    let keys = archive.make_keys(&context.run())?;
    let root = archive.keys(&[])?.root;
    let (folder, title) = (archive.folder().display(), &archive.policy().title);
    let document =
        json!({ "archive": folder.to_string(), "title": title, "keys_made": keys, "root": root });
    context.print(&document, |out| {
        writeln!(
            out,
            "the archive '{title}' is in {folder}; its policy is in {folder}/deadwax.toml"
        )?;
        if let Some(keys) = &keys {
            keys_made(out, archive.folder(), keys)?;
        }
        writeln!(out, "next: deadwax --archive {folder} add MUSIC")
    })?;
    Ok(Done::Clean)
}

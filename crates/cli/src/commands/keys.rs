//! `deadwax keys new/rotate/list/refresh`: what editions are signed with.

use crate::args::{KeysArgs, KeysCommand};
use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, problems};
use anyhow::Result;
use deadwax_archive::{KeyChange, KeyFolders, Signatures, SignedUnder};
use deadwax_trust::{Overview, Role, RoleOverview};
use serde_json::json;
use std::io::{self, Write};
use std::path::Path;

pub fn run(context: &Context, command: &KeysCommand) -> Result<Done> {
    match command {
        KeysCommand::New { role, to, keys } => {
            let folders = KeyFolders { brought: &keys.keys, to: to.as_deref() };
            changed(context, context.open()?.new_key(&context.run(), *role, folders)?)
        }
        KeysCommand::Rotate { roles, to, keys } => {
            let folders = KeyFolders { brought: &keys.keys, to: to.as_deref() };
            let roles = if roles.is_empty() { &Role::ALL[..] } else { roles };
            changed(context, context.open()?.rotate_keys(&context.run(), roles, folders)?)
        }
        KeysCommand::List { keys } => list(context, keys),
        KeysCommand::Refresh { keys } => refresh(context, keys),
    }
}

fn changed(context: &Context, change: KeyChange) -> Result<Done> {
    context.print(&change, |out| {
        writeln!(out, "{} made:", count(change.made.len() as u64, "key"))?;
        change.made.iter().try_for_each(|path| writeln!(out, "  {path}"))?;
        if let (Some(edition), false) = (&change.edition, change.trust.signed.is_empty()) {
            writeln!(out, "{edition} is signed anew")?;
        }
        root(out, &change.trust)?;
        writeln!(out, "keys that are no longer used: deadwax keys list")?;
        problems(out, &change.problems)
    })?;
    Ok(Done::with(!change.problems.is_empty()))
}

fn list(context: &Context, keys: &KeysArgs) -> Result<Done> {
    let overview = context.open_to_read()?.keys(&keys.keys)?;
    context.print(&overview, |out| text(out, &overview))?;
    Ok(Done::Clean)
}

fn text(out: &mut dyn Write, overview: &Overview) -> io::Result<()> {
    writeln!(out, "root {}, version {}", overview.root, overview.root_version)?;
    for RoleOverview { role, threshold, expires, keys } in &overview.roles {
        let expires = expires.as_deref().unwrap_or("(nothing signed yet)");
        let number = count(keys.len() as u64, "key");
        writeln!(out, "{role}: {threshold} of {number} must sign; expires {expires}")?;
        for key in keys {
            let path = key.path.as_deref().unwrap_or("not at hand");
            writeln!(out, "  {}  {path}", key.id)?;
        }
    }
    for path in &overview.unused {
        writeln!(out, "not used: {path}")?;
    }
    Ok(())
}

fn refresh(context: &Context, keys: &KeysArgs) -> Result<Done> {
    let archive = context.open()?;
    let (edition, trust) = archive.refresh(&context.run(), &keys.keys)?;
    context.print(&json!({ "edition": edition, "trust": trust }), |out| {
        let signed: Vec<_> = trust.signed.iter().map(|role| role.name()).collect();
        writeln!(out, "{edition} is signed anew: {}", signed.join(", "))?;
        signatures(out, archive.folder(), &trust)
    })?;
    Ok(Done::Clean)
}

/// What a person should know of the signatures on an edition; nothing where all is as usual.
pub fn signatures(out: &mut dyn Write, archive: &Path, trust: &Signatures) -> io::Result<()> {
    if let Some(keys) = &trust.keys_made {
        keys_made(out, archive, keys)?;
        root(out, trust)?;
    }
    for late in &trust.late {
        writeln!(
            out,
            "signatures of {} expire on {}, and the keys are not here: deadwax --archive {} keys refresh --keys DIR",
            late.role,
            late.expires,
            archive.display()
        )?;
    }
    Ok(())
}

/// Under which root an archive signs, and what is to be done with keys that lie beside it.
pub fn signed_under(out: &mut dyn Write, archive: &Path, trust: &SignedUnder) -> io::Result<()> {
    writeln!(out, "signed under root {}, version {}", trust.root, trust.root_version)?;
    let archive = archive.display();
    match trust.keys_here.iter().any(|role| matches!(role, Role::Root | Role::Targets)) {
        true => writeln!(
            out,
            "  its keys are in {archive}/keys: keep a copy elsewhere, and move root-*.pem and targets-*.pem there"
        ),
        false => Ok(()),
    }
}

/// What a person should do with new keys.
pub fn keys_made(out: &mut dyn Write, archive: &Path, keys: &str) -> io::Result<()> {
    let archive = archive.display();
    writeln!(out, "keys to sign editions were made in {archive}/{keys}; keep a copy elsewhere")?;
    writeln!(
        out,
        "  move root-*.pem and targets-*.pem to another place, and give it when it is asked for: --keys DIR"
    )
}

/// What mirrors compare.
fn root(out: &mut dyn Write, trust: &Signatures) -> io::Result<()> {
    writeln!(out, "root {}, version {}: what mirrors compare", trust.root, trust.root_version)
}

//! `deadwax rights set/list/remove/explain`: what may leave, and why not.

use crate::args::{RightsCommand, RightsSetArgs};
use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, plain};
use anyhow::{Result, bail};
use deadwax_archive::{Archive, Explanation};
use deadwax_rights::{Rule, RuleTarget};
use serde_json::{Value, json};
use std::io::{self, Write};

pub fn run(context: &Context, command: &RightsCommand) -> Result<Done> {
    match command {
        RightsCommand::Set(args) => set(context, args),
        RightsCommand::List => list(context),
        RightsCommand::Remove { number } => remove(context, *number),
        RightsCommand::Explain { recording } => explain(context, recording.as_deref()),
    }
}

fn set(context: &Context, args: &RightsSetArgs) -> Result<Done> {
    let archive = context.open()?;
    let mut rule = Rule {
        number: 0,
        target: target(&archive, args)?,
        licence: args.licence.clone(),
        ground: args.ground.clone(),
        until: args.until.clone(),
        places: args.places.clone(),
    };
    rule.number = archive.catalog().add_rule(&rule)?;
    context.print(&as_json(&rule), |out| {
        writeln!(out, "{}", as_text(&rule))?;
        writeln!(out, "next: deadwax --archive {} publish", archive.folder().display())
    })?;
    Ok(Done::Clean)
}

fn target(archive: &Archive, args: &RightsSetArgs) -> Result<RuleTarget> {
    let target = &args.target;
    Ok(if let Some(recording) = &target.recording {
        RuleTarget::Recording(archive.one(recording)?.id)
    } else if let Some(release) = &target.release {
        RuleTarget::Release(release.clone())
    } else if let Some(artist) = &target.artist {
        RuleTarget::Artist(artist.clone())
    } else if let Some(path) = &target.path {
        RuleTarget::Path(path.clone())
    } else {
        RuleTarget::Everything
    })
}

fn list(context: &Context) -> Result<Done> {
    let rules = context.open_to_read()?.catalog().rules()?;
    let document: Vec<Value> = rules.iter().map(as_json).collect();
    context.print(&document, |out| {
        if rules.is_empty() {
            writeln!(out, "no rules are set; licences in the files' own tags count all the same")?;
        }
        rules.iter().try_for_each(|rule| writeln!(out, "{}", as_text(rule)))
    })?;
    Ok(Done::Clean)
}

fn remove(context: &Context, number: u32) -> Result<Done> {
    if !context.open()?.catalog().remove_rule(number)? {
        bail!("there is no rule {number}; `deadwax rights list` shows those there are");
    }
    context.print(&json!({ "removed": number }), |out| writeln!(out, "rule {number} is gone"))?;
    Ok(Done::Clean)
}

fn explain(context: &Context, recording: Option<&str>) -> Result<Done> {
    let archive = context.open_to_read()?;
    let recordings = recording.map(|named| archive.named(named)).transpose()?;
    let explanations = archive.explain(&context.run(), recordings)?;
    context.print(&explanations, |out| {
        if explanations.is_empty() {
            return writeln!(out, "nothing is held back: every recording may be published");
        }
        explanations.iter().try_for_each(|explanation| text(out, explanation))?;
        match recording {
            None => {
                let number = explanations.len() as u64;
                writeln!(out, "\n{} held back", count(number, "recording"))
            }
            Some(_) => Ok(()),
        }
    })?;
    Ok(Done::Clean)
}

fn text(out: &mut dyn Write, explanation: &Explanation) -> io::Result<()> {
    let rank = explanation.rank.map(|rank| format!("{rank}. ")).unwrap_or_default();
    let by = if explanation.artists.is_empty() { "" } else { " by " };
    writeln!(out, "{rank}{}{by}{}", plain(&explanation.title), plain(&explanation.artists))?;
    if let Some(why) = &explanation.why {
        writeln!(out, "   {}", plain(why))?;
    }
    if let Some(settle) = &explanation.settle {
        writeln!(out, "   to settle it: {}", plain(settle))?;
    }
    if explanation.cleared {
        let licence = explanation.licence.as_deref().unwrap_or_default();
        let evidence = explanation.evidence.as_deref().unwrap_or_default();
        writeln!(out, "   may be published under {licence} ({})", plain(evidence))?;
        for condition in &explanation.conditions {
            writeln!(out, "   {condition}")?;
        }
    }
    Ok(())
}

fn as_json(rule: &Rule) -> Value {
    json!({
        "number": rule.number,
        "about": rule.target.kind(),
        "value": rule.target.value(),
        "licence": rule.licence.id(),
        "ground": rule.ground,
        "until": rule.until,
        "in": rule.places.iter().map(|code| String::from_utf8_lossy(code)).collect::<Vec<_>>(),
    })
}

fn as_text(rule: &Rule) -> String {
    let mut text = format!("rule {}: {} is {}", rule.number, rule.target, rule.licence.id());
    for code in &rule.places {
        text.push_str(&format!(", in {}", String::from_utf8_lossy(code)));
    }
    if let Some(until) = &rule.until {
        text.push_str(&format!(", until {until}"));
    }
    format!("{text} ({})", plain(&rule.ground))
}

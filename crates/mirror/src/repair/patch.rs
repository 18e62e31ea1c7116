//! Writing a file anew from what is sound of it and what others give.

use super::damage::{Damage, Unit};
use super::donors::Donor;
use crate::run::Run;
use crate::{FileRow, MirrorError};
use deadwax_store::Replacement;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Patched {
    /// Leaves that others gave.
    pub leaves: u64,
    pub bytes: u64,
    /// Why the file is as it was.
    pub failed: Option<String>,
}

/// Writes the file at `path` anew at `aside`, and puts it in its place when it has its root.
pub(super) fn patch(
    path: &Path,
    aside: &Path,
    row: &FileRow,
    damage: &Damage,
    donors: &[Donor<'_, '_>],
    run: &Run<'_>,
) -> Result<Patched, MirrorError> {
    let mut patched = Patched::default();
    let own = File::open(path).ok();
    let mut replacement = Replacement::create(path, aside)?;
    let mut buffer = Vec::new();
    for unit in damage.units() {
        run.go_on()?;
        buffer.resize((unit.to - unit.from) as usize, 0);
        let read = own.as_ref().filter(|_| !unit.is_damaged);
        let is_ours = read.is_some_and(|own| own.read_exact_at(&mut buffer, unit.from).is_ok());
        if !is_ours {
            let Some(data) = given(donors, damage, &unit, run)? else {
                run.go_on()?;
                patched.failed = Some(match donors.is_empty() {
                    true => "it is damaged, and nobody is known who has it".to_owned(),
                    false => format!(
                        "bytes {} to {} are damaged, and nobody who was asked gave them right",
                        unit.from, unit.to
                    ),
                });
                return Ok(patched);
            };
            patched.leaves += unit.leaves();
            patched.bytes += unit.to - unit.from;
            buffer = data;
        }
        let written = replacement.write_all(&buffer);
        written.map_err(|e| replacement.write_failed(e))?;
    }
    if !replacement.finish(&row.root)? {
        let what = "what was put together does not have its root, so that nothing was replaced; check the disk";
        patched.failed = Some(what.to_owned());
    }
    Ok(patched)
}

/// A part of the file from the first one who gives it right.
fn given(
    donors: &[Donor<'_, '_>],
    damage: &Damage,
    unit: &Unit,
    run: &Run<'_>,
) -> Result<Option<Vec<u8>>, MirrorError> {
    for donor in donors {
        run.go_on()?;
        let Some(data) = donor.ask(unit.from, unit.to) else { continue };
        if damage.is_right(unit, &data) {
            return Ok(Some(data));
        }
        donor.blame(unit.from);
    }
    Ok(None)
}

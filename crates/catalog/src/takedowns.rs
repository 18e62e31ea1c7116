//! The record of takedowns: added to, and never changed. Which recordings and files one is about is written down when it
//! is said, since nobody could tell afterwards what went dark by it.

use crate::values::{root_at, unfit, word_at};
use crate::{Catalog, CatalogError};
use deadwax_model::{RecordingId, Root};
use deadwax_rights::{Rulebook, Takedown, TakedownTarget};
use rusqlite::types::Type;
use rusqlite::{Row, params};
use std::collections::BTreeSet;

/// A takedown as it stands in the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakedownRecord {
    /// What it says.
    pub takedown: Takedown,
    /// When it was said: UTC, RFC 3339.
    pub time: String,
    /// What was noted with it, for the archive alone.
    pub note: Option<String>,
    /// When it was last carried out to the end; `None` when it never was.
    pub done: Option<String>,
    /// When it was lifted, and by which notice.
    pub lifted: Option<TakedownLift>,
}

/// The end of a takedown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakedownLift {
    /// When: UTC, RFC 3339.
    pub time: String,
    /// The archive's own name of the notice that says so.
    pub notice: String,
    /// When mirrors were told; `None` when they were not yet.
    pub done: Option<String>,
}

/// What was done to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakedownAct {
    /// It went dark, and mirrors were told.
    TakeDown,
    /// It was lifted, and mirrors were told.
    Lift,
}

impl TakedownAct {
    fn as_str(self) -> &'static str {
        match self {
            TakedownAct::TakeDown => "take-down",
            TakedownAct::Lift => "lift",
        }
    }
}

impl Catalog {
    /// All takedowns there ever were, oldest first.
    pub fn takedowns(&self) -> Result<Vec<TakedownRecord>, CatalogError> {
        if !self.has_schema(4) {
            return Ok(Vec::new());
        }
        let mut query = self.db.prepare_cached(
            "SELECT t.number, t.time, t.notice, t.reason, t.scope, t.kind, t.target, t.note,
                    (SELECT max(d.time) FROM takedown_done d WHERE d.number = t.number AND d.act = 'take-down'),
                    l.time, l.notice,
                    (SELECT max(d.time) FROM takedown_done d WHERE d.number = t.number AND d.act = 'lift')
             FROM takedown t LEFT JOIN takedown_lift l ON l.number = t.number ORDER BY t.number",
        )?;
        let rows = query.query_map([], record_row)?;
        let mut records: Vec<TakedownRecord> = rows.collect::<Result<_, _>>()?;
        for record in &mut records {
            let number = record.takedown.number;
            let sql = "SELECT recording FROM takedown_recording WHERE number = ?1";
            let mut query = self.db.prepare_cached(sql)?;
            let rows = query.query_map([number], |row| word_at(row, 0))?;
            record.takedown.recordings = rows.collect::<Result<_, _>>()?;
            let mut query =
                self.db.prepare_cached("SELECT root FROM takedown_root WHERE number = ?1")?;
            let rows = query.query_map([number], |row| root_at(row, 0))?;
            record.takedown.roots = rows.collect::<Result<_, _>>()?;
        }
        Ok(records)
    }

    /// All rules, and the takedowns in force: what may leave follows from these.
    pub fn rulebook(&self) -> Result<Rulebook, CatalogError> {
        let records = self.takedowns()?.into_iter();
        let in_force = records.filter(|record| record.lifted.is_none());
        let takedowns = in_force.map(|record| record.takedown).collect();
        Ok(Rulebook { rules: self.rules()?, takedowns })
    }

    /// Adds a takedown under the next number, which it gives; `takedown.number` is not looked at. To be called within
    /// [`Catalog::begin`] and [`Catalog::commit`].
    pub fn add_takedown(
        &self,
        takedown: &Takedown,
        time: &str,
        note: Option<&str>,
    ) -> Result<u32, CatalogError> {
        let sql = "SELECT coalesce(max(number), 0) + 1 FROM takedown";
        let number: u32 = self.db.query_row(sql, [], |row| row.get(0))?;
        self.db
            .prepare_cached("INSERT INTO takedown VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
            .execute(params![
                number,
                time,
                takedown.notice,
                takedown.reason.as_str(),
                takedown.scope.as_str(),
                takedown.target.kind(),
                takedown.target.value(),
                note
            ])?;
        self.add_to_takedown(number, &takedown.recordings, &takedown.roots)?;
        Ok(number)
    }

    /// Adds recordings and files to a takedown, as far as it does not have them.
    pub fn add_to_takedown(
        &self,
        number: u32,
        recordings: &BTreeSet<RecordingId>,
        roots: &BTreeSet<Root>,
    ) -> Result<(), CatalogError> {
        let mut insert =
            self.db.prepare_cached("INSERT OR IGNORE INTO takedown_recording VALUES (?1, ?2)")?;
        for recording in recordings {
            insert.execute(params![number, recording.as_str()])?;
        }
        let mut insert =
            self.db.prepare_cached("INSERT OR IGNORE INTO takedown_root VALUES (?1, ?2)")?;
        for root in roots {
            insert.execute(params![number, root.as_bytes()])?;
        }
        Ok(())
    }

    /// Notes that an act was carried out to the end: so many files were taken out of pack folders, and so many of the
    /// archive's own copies removed.
    pub fn record_takedown_done(
        &self,
        number: u32,
        act: TakedownAct,
        time: &str,
        files: u64,
        removed: u64,
    ) -> Result<(), CatalogError> {
        self.db
            .prepare_cached("INSERT INTO takedown_done VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![number, act.as_str(), time, files, removed])?;
        Ok(())
    }

    /// Lifts a takedown; `false` when there is none of that number, or it was lifted before.
    pub fn lift_takedown(
        &self,
        number: u32,
        time: &str,
        notice: &str,
    ) -> Result<bool, CatalogError> {
        let added = self
            .db
            .prepare_cached(
                "INSERT INTO takedown_lift SELECT number, ?2, ?3 FROM takedown t WHERE number = ?1
                 AND NOT EXISTS (SELECT 1 FROM takedown_lift l WHERE l.number = t.number)",
            )?
            .execute(params![number, time, notice])?;
        Ok(added > 0)
    }
}

fn record_row(row: &Row<'_>) -> rusqlite::Result<TakedownRecord> {
    let (kind, target): (String, String) = (row.get(5)?, row.get(6)?);
    let lifted = match (row.get(9)?, row.get(10)?) {
        (Some(time), Some(notice)) => Some(TakedownLift { time, notice, done: row.get(11)? }),
        _ => None,
    };
    Ok(TakedownRecord {
        takedown: Takedown {
            number: row.get(0)?,
            notice: row.get(2)?,
            reason: word_at(row, 3)?,
            scope: word_at(row, 4)?,
            target: TakedownTarget::from_parts(&kind, &target)
                .map_err(|e| unfit(6, Type::Text, e))?,
            recordings: BTreeSet::new(),
            roots: BTreeSet::new(),
        },
        time: row.get(1)?,
        note: row.get(7)?,
        done: row.get(8)?,
        lifted,
    })
}

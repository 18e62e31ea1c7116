//! Which recordings are the same as another: what the operator says, what the last plan made of it, and what is
//! needed to find out.

use crate::known::IsrcCounts;
use crate::values::word_at;
use crate::{Catalog, CatalogError};
use deadwax_model::{Isrc, RecordingId};
use rusqlite::{OptionalExtension, Row, params};
use std::collections::HashSet;
use std::fmt;

/// What the operator says of two recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameWord {
    /// They are the same.
    Merge,
    /// They are not.
    Split,
}

impl SameWord {
    /// The word in tables, commands and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            SameWord::Merge => "merge",
            SameWord::Split => "split",
        }
    }
}

impl fmt::Display for SameWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A rule of the operator about two recordings. Of a pair the rule with the highest number counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SameRule {
    /// Counting up; never used twice.
    pub number: u32,
    /// What it says.
    pub says: SameWord,
    /// The two, in the order of their ids.
    pub pair: [RecordingId; 2],
    /// On what ground.
    pub ground: String,
}

impl SameRule {
    /// A rule without a number yet.
    pub fn new(says: SameWord, a: RecordingId, b: RecordingId, ground: String) -> SameRule {
        let pair = if a <= b { [a, b] } else { [b, a] };
        SameRule { number: 0, says, pair, ground }
    }
}

impl Catalog {
    /// All rules about recordings that are the same, oldest first.
    pub fn same_rules(&self) -> Result<Vec<SameRule>, CatalogError> {
        if !self.has_schema(3) {
            return Ok(Vec::new());
        }
        let mut query = self
            .db
            .prepare_cached("SELECT number, says, a, b, ground FROM same_rule ORDER BY number")?;
        let rows = query.query_map([], rule_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Adds a rule under the next number, which it gives. A rule that says the same as the newest one about these two
    /// changes nothing and gives that rule's number.
    pub fn add_same_rule(&self, rule: &SameRule) -> Result<u32, CatalogError> {
        let newest = self.same_rules()?.into_iter().rev().find(|known| known.pair == rule.pair);
        if let Some(known) = newest
            && (SameRule { number: known.number, ..rule.clone() }) == known
        {
            return Ok(known.number);
        }
        let [a, b] = &rule.pair;
        self.db
            .prepare_cached("INSERT INTO same_rule (says, a, b, ground) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![rule.says.as_str(), a.as_str(), b.as_str(), rule.ground])?;
        Ok(self.db.last_insert_rowid() as u32)
    }

    /// Takes a rule away; `false` when there is none of that number.
    pub fn remove_same_rule(&self, number: u32) -> Result<bool, CatalogError> {
        Ok(self.db.execute("DELETE FROM same_rule WHERE number = ?1", [number])? > 0)
    }

    /// Makes each recording the same as the second of its entry, and takes its place in the list from it; all others
    /// stand for themselves again.
    pub fn set_same_as(&self, same: &[(RecordingId, RecordingId)]) -> Result<(), CatalogError> {
        let mut before = self.db.prepare_cached("SELECT recording FROM same_as")?;
        let before: Vec<RecordingId> =
            before.query_map([], |row| word_at(row, 0))?.collect::<Result<_, _>>()?;
        let now: HashSet<&RecordingId> = same.iter().map(|(recording, _)| recording).collect();
        let mut delete = self.db.prepare_cached("DELETE FROM same_as WHERE recording = ?1")?;
        for recording in before.iter().filter(|recording| !now.contains(recording)) {
            delete.execute([recording.as_str()])?;
        }
        let mut insert = self.db.prepare_cached(
            "INSERT INTO same_as VALUES (?1, ?2)
             ON CONFLICT (recording) DO UPDATE SET winner = ?2 WHERE winner <> ?2",
        )?;
        let mut unplace = self.db.prepare_cached(
            "UPDATE recording SET rank = NULL, listens = NULL, popularity = NULL, tier = NULL, status = NULL
             WHERE id = ?1 AND rank IS NOT NULL",
        )?;
        for (recording, winner) in same {
            insert.execute([recording.as_str(), winner.as_str()])?;
            unplace.execute([recording.as_str()])?;
        }
        Ok(())
    }

    /// Which recording stands in the list for this one, by the last plan.
    pub(crate) fn winner_of(&self, id: &RecordingId) -> Result<Option<RecordingId>, CatalogError> {
        if !self.has_schema(3) {
            return Ok(None);
        }
        let mut query =
            self.db.prepare_cached("SELECT winner FROM same_as WHERE recording = ?1")?;
        Ok(query.query_row([id.as_str()], |row| word_at(row, 0)).optional()?)
    }

    /// For which recordings this one stands in the list, by the last plan; in order of their ids.
    pub(crate) fn same_of(&self, id: &RecordingId) -> Result<Vec<RecordingId>, CatalogError> {
        if !self.has_schema(3) {
            return Ok(Vec::new());
        }
        let mut query = self
            .db
            .prepare_cached("SELECT recording FROM same_as WHERE winner = ?1 ORDER BY recording")?;
        let rows = query.query_map([id.as_str()], |row| word_at(row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Gives recordings that were decoded with their fingerprints, as text: in order of ids, the first `most` behind `after`.
    pub fn fingerprints<E: From<CatalogError>>(
        &self,
        after: Option<&RecordingId>,
        most: usize,
        each: &mut dyn FnMut(RecordingId, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        let sqlite = |e: rusqlite::Error| E::from(CatalogError::from(e));
        let mut query = self
            .db
            .prepare_cached(
                "SELECT r.id, n.fingerprint FROM recording r JOIN analysis n ON n.root = r.original_root
                 WHERE n.fingerprint IS NOT NULL AND r.id > ?1 ORDER BY r.id LIMIT ?2",
            )
            .map_err(sqlite)?;
        let after = after.map_or("", RecordingId::as_str);
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let mut rows = query.query(params![after, most]).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            let text = row.get_ref(1).map_err(sqlite)?.as_str().unwrap_or_default();
            each(word_at(row, 0).map_err(sqlite)?, text)?;
        }
        Ok(())
    }

    /// The recordings of every ISRC that several have, each list in order of ids. Their own codes count, not those that
    /// came to them by being the same as another.
    pub fn shared_isrcs<E: From<CatalogError>>(
        &self,
        each: &mut dyn FnMut(Isrc, Vec<RecordingId>) -> Result<(), E>,
    ) -> Result<(), E> {
        let sqlite = |e: rusqlite::Error| E::from(CatalogError::from(e));
        let mut query = self
            .db
            .prepare_cached("SELECT isrc, recording FROM isrc ORDER BY isrc, recording")
            .map_err(sqlite)?;
        let mut rows = query.query([]).map_err(sqlite)?;
        let (mut code, mut recordings) = (None, Vec::new());
        loop {
            let row = rows.next().map_err(sqlite)?;
            let next = match row {
                Some(row) => Isrc::from_u64(row.get(0).map_err(sqlite)?),
                None => None,
            };
            if (row.is_none() || next != code) && !recordings.is_empty() {
                let of_one = std::mem::take(&mut recordings);
                if let Some(code) = code.filter(|_| of_one.len() > 1) {
                    each(code, of_one)?;
                }
            }
            let Some(row) = row else { return Ok(()) };
            code = next;
            recordings.push(word_at(row, 1).map_err(sqlite)?);
        }
    }

    /// The listens of recordings that are one, for each group; `None` where nobody counted. No key counts twice: each
    /// member's count by id, and the count of each ISRC of members without one, but for ISRCs that a counted member has too:
    /// its count stands for them.
    pub fn listens_together(
        &self,
        groups: &[Vec<RecordingId>],
    ) -> Result<Vec<Option<u64>>, CatalogError> {
        if groups.is_empty() {
            return Ok(Vec::new());
        }
        let by_isrc = IsrcCounts::read(self)?;
        let mut by_id =
            self.db.prepare_cached("SELECT listens FROM listens WHERE kind = 'id' AND key = ?1")?;
        let mut sums = Vec::with_capacity(groups.len());
        for group in groups {
            let (mut counts, mut spoken_for, mut codes) = (Vec::new(), HashSet::new(), Vec::new());
            for id in group {
                let own = self.isrcs_of(id)?;
                match by_id.query_row([id.as_str()], |row| row.get::<_, u64>(0)).optional()? {
                    Some(listens) => {
                        counts.push(listens);
                        spoken_for.extend(own);
                    }
                    None => codes.extend(own),
                }
            }
            for code in codes {
                if spoken_for.insert(code) {
                    counts.extend(by_isrc.of(code));
                }
            }
            let sum = counts.iter().fold(0u64, |sum, count| sum.saturating_add(*count));
            sums.push((!counts.is_empty()).then(|| sum.min(i64::MAX as u64)));
        }
        Ok(sums)
    }
}

fn rule_row(row: &Row<'_>) -> rusqlite::Result<SameRule> {
    let says: String = row.get(1)?;
    Ok(SameRule {
        number: row.get(0)?,
        says: match says.as_str() {
            "merge" => SameWord::Merge,
            _ => SameWord::Split,
        },
        pair: [word_at(row, 2)?, word_at(row, 3)?],
        ground: row.get(4)?,
    })
}

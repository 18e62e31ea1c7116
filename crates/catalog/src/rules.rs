//! What the operator says about rights.

use crate::values::unfit;
use crate::{Catalog, CatalogError};
use deadwax_rights::{Licence, Rule, RuleTarget};
use rusqlite::types::Type;
use rusqlite::{Row, params};

impl Catalog {
    /// All rules, oldest first.
    pub fn rules(&self) -> Result<Vec<Rule>, CatalogError> {
        let mut query = self.db.prepare_cached(
            "SELECT number, kind, target, licence, ground, until, places FROM rule ORDER BY number",
        )?;
        let rows = query.query_map([], rule_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Adds a rule under the next number, which it gives. A rule that says the same of the same as
    /// the newest rule for that target changes nothing and gives that rule's number.
    pub fn add_rule(&self, rule: &Rule) -> Result<u32, CatalogError> {
        let newest = self.rules()?.into_iter().rev().find(|known| known.target == rule.target);
        if let Some(known) = newest
            && (Rule { number: known.number, ..rule.clone() }) == known
        {
            return Ok(known.number);
        }
        self.db
            .prepare_cached(
                "INSERT INTO rule (kind, target, licence, ground, until, places)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                rule.target.kind(),
                rule.target.value(),
                rule.licence.id(),
                rule.ground,
                rule.until,
                rule.places
                    .iter()
                    .map(|code| String::from_utf8_lossy(code))
                    .collect::<Vec<_>>()
                    .join(" ")
            ])?;
        Ok(self.db.last_insert_rowid() as u32)
    }

    /// Takes a rule away; `false` when there is none of that number.
    pub fn remove_rule(&self, number: u32) -> Result<bool, CatalogError> {
        Ok(self.db.execute("DELETE FROM rule WHERE number = ?1", [number])? > 0)
    }
}

fn rule_row(row: &Row<'_>) -> rusqlite::Result<Rule> {
    let (kind, target, licence): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
    let places: String = row.get(6)?;
    Ok(Rule {
        number: row.get(0)?,
        target: RuleTarget::from_parts(&kind, &target).map_err(|e| unfit(2, Type::Text, e))?,
        licence: Licence::recognise(&licence)
            .ok_or_else(|| unfit(3, Type::Text, format!("'{licence}' is no licence")))?,
        ground: row.get(4)?,
        until: row.get(5)?,
        places: places
            .split_whitespace()
            .filter_map(|code| code.as_bytes().try_into().ok())
            .collect(),
    })
}

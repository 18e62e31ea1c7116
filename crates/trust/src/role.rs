//! The four roles of TUF.

use std::fmt;
use std::str::FromStr;

/// Who signs what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The keys of all roles, itself too. Its keys are used once a year and belong in a safe.
    Root,
    /// The list of an edition's files. Used once an edition.
    Targets,
    /// Which list is the one of this edition.
    Snapshot,
    /// That this is still the newest edition. Used every few days, so its key stays with the archive.
    Timestamp,
}

impl Role {
    /// All of them, the most precious first.
    pub const ALL: [Role; 4] = [Role::Root, Role::Targets, Role::Snapshot, Role::Timestamp];
    /// Those that sign an edition.
    pub const OF_EDITION: [Role; 3] = [Role::Targets, Role::Snapshot, Role::Timestamp];

    /// `root`, `targets`, ...
    pub fn name(self) -> &'static str {
        match self {
            Role::Root => "root",
            Role::Targets => "targets",
            Role::Snapshot => "snapshot",
            Role::Timestamp => "timestamp",
        }
    }

    pub(crate) fn of_tuf(self) -> tough::schema::RoleType {
        match self {
            Role::Root => tough::schema::RoleType::Root,
            Role::Targets => tough::schema::RoleType::Targets,
            Role::Snapshot => tough::schema::RoleType::Snapshot,
            Role::Timestamp => tough::schema::RoleType::Timestamp,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Role, String> {
        let found = Role::ALL.into_iter().find(|role| role.name() == text);
        found.ok_or_else(|| format!("'{text}' is no role: root, targets, snapshot or timestamp"))
    }
}

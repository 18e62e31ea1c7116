//! `[trust]`: for how long signatures hold, and how many are needed.

use deadwax_trust::{Term, Terms};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TrustSection {
    timestamp_days: u32,
    snapshot_days: u32,
    targets_days: u32,
    root_days: u32,
    root_threshold: u64,
    targets_threshold: u64,
    snapshot_threshold: u64,
    timestamp_threshold: u64,
}

impl Default for TrustSection {
    fn default() -> Self {
        let Terms { root, targets, snapshot, timestamp } = Terms::default();
        TrustSection {
            timestamp_days: timestamp.days,
            snapshot_days: snapshot.days,
            targets_days: targets.days,
            root_days: root.days,
            root_threshold: root.threshold,
            targets_threshold: targets.threshold,
            snapshot_threshold: snapshot.threshold,
            timestamp_threshold: timestamp.threshold,
        }
    }
}

impl TrustSection {
    pub(super) fn terms(&self) -> Terms {
        let term = |days, threshold| Term { days, threshold };
        Terms {
            root: term(self.root_days, self.root_threshold),
            targets: term(self.targets_days, self.targets_threshold),
            snapshot: term(self.snapshot_days, self.snapshot_threshold),
            timestamp: term(self.timestamp_days, self.timestamp_threshold),
        }
    }

    /// Nothing may be 0: what expires at once is refused by everybody, and what nobody signs could be anybody's.
    pub(super) fn check(&self) -> Result<(), String> {
        let Terms { root, targets, snapshot, timestamp } = self.terms();
        match [root, targets, snapshot, timestamp].iter().all(|it| it.days > 0 && it.threshold > 0)
        {
            true => Ok(()),
            false => Err("the days and thresholds of [trust] must be 1 or more".to_owned()),
        }
    }
}

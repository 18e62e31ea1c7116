//! How much room a disk has.

use crate::StoreError;
use std::path::Path;

/// Bytes that this user can still write to the disk that holds `folder`.
pub fn free_bytes(folder: &Path) -> Result<u64, StoreError> {
    let there = rustix::fs::statvfs(folder)
        .map_err(|e| StoreError::io("ask for the free room of", folder)(e.into()))?;
    Ok(there.f_bavail.saturating_mul(there.f_frsize))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_disk_says_what_df_says() {
        let folder = tempfile::tempdir().unwrap();
        let ours = super::free_bytes(folder.path()).unwrap();
        let df = std::process::Command::new("df")
            .args(["--output=avail", "-B1"])
            .arg(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8(df.stdout).unwrap();
        let theirs: u64 = said.lines().nth(1).unwrap().trim().parse().unwrap();
        // Others write to the disk between the two looks.
        assert!(ours.abs_diff(theirs) < 2_000_000_000, "{ours} beside {theirs}");
    }
}

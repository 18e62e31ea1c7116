//! docs/formats/apply-patch.py, written from patch.md and sharing nothing with Deadwax, gives originals back.

use deadwax_testkit::oracle;
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn every_published_version_of_a_patch_is_applied_without_deadwax() {
    let (Some(python), Some(_)) = (oracle::need("python3"), oracle::need("zstd")) else { return };
    let crates = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let script = crates.join("../docs/formats/apply-patch.py");
    let fixtures = crates.join("audio/tests/fixtures");
    let folder = tempfile::tempdir().unwrap();
    let patches: Vec<_> = fs::read_dir(&fixtures)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "patch"))
        .collect();
    assert!(!patches.is_empty());
    for patch in patches {
        let back = folder.path().join(patch.file_stem().unwrap());
        let apply = |holding: &Path| {
            Command::new(&python)
                .arg(&script)
                .args([holding, &patch, &back])
                .output()
                .expect("python3 runs")
        };
        let said = apply(&patch.with_extension("holding"));
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        assert_eq!(fs::read(&back).unwrap(), fs::read(patch.with_extension("source")).unwrap());
        let damaged = folder.path().join("damaged");
        let mut holding = fs::read(patch.with_extension("holding")).unwrap();
        *holding.last_mut().unwrap() ^= 1;
        fs::write(&damaged, holding).unwrap();
        fs::remove_file(&back).unwrap();
        assert!(!apply(&damaged).status.success() && !back.exists());
    }
}

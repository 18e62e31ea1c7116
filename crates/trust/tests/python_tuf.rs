//! Interoperation with python-tuf, the reference implementation of TUF: it takes what we sign, and we take what it signs.

mod made;

use deadwax_testkit::oracle;
use deadwax_trust::{FolderFetch, Role, load};
use made::{Bench, days_ago};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// Follows an edition as python-tuf's client does and prints versions and a target.
const READER: &str = r#"
import os, sys
from urllib.parse import unquote, urlparse
from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

class Folder(FetcherInterface):
    def _fetch(self, url):
        path = unquote(urlparse(url).path)
        if not os.path.isfile(path):
            raise DownloadHTTPError(path, 404)
        with open(path, "rb") as file:
            yield file.read()

edition, state = sys.argv[1:3]
base = "http://edition" + edition
bootstrap = open(os.path.join(edition, "trust/1.root.json"), "rb").read()
os.makedirs(state, exist_ok=True)
config = UpdaterConfig(prefix_targets_with_hash=False)
updater = Updater(state, base + "/trust/", state, base + "/", Folder(), config, bootstrap=bootstrap)
updater.refresh()
trusted = updater._trusted_set
print(trusted.root.version, trusted.timestamp.version, trusted.snapshot.version, trusted.targets.version)
for name in sys.argv[3:]:
    info = updater.get_targetinfo(name)
    print(open(updater.download_target(info, os.path.join(state, "target")), "rb").read().decode())
"#;

/// Makes a repository as python-tuf does.
const WRITER: &str = r#"
import os, sys
from datetime import datetime, timedelta, timezone
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

edition = sys.argv[1]
trust = os.path.join(edition, "trust")
os.makedirs(trust)
with open(os.path.join(edition, "edition.json"), "w") as file:
    file.write("an edition by python")
soon = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=3)
signers = {role: CryptoSigner.generate_ed25519() for role in ["root", "timestamp", "snapshot", "targets"]}

def write(metadata, role, name):
    metadata.sign(signers[role])
    metadata.to_file(os.path.join(trust, name))

root = Root(expires=soon, consistent_snapshot=False)
for role, signer in signers.items():
    root.add_key(signer.public_key, role)
write(Metadata(root), "root", "1.root.json")
targets = Targets(expires=soon)
targets.targets["edition.json"] = TargetFile.from_file("edition.json", os.path.join(edition, "edition.json"), ["sha256"])
write(Metadata(targets), "targets", "targets.json")
def meta(name):
    with open(os.path.join(trust, name), "rb") as file:
        return MetaFile.from_data(1, file.read(), ["sha256"])
write(Metadata(Snapshot(expires=soon, meta={"targets.json": meta("targets.json")})), "snapshot", "snapshot.json")
write(Metadata(Timestamp(expires=soon, snapshot_meta=meta("snapshot.json"))), "timestamp", "timestamp.json")
"#;

fn python(
    python: &Path,
    script: &str,
    arguments: &[&Path],
    names: &[&str],
) -> Result<String, String> {
    let out =
        Command::new(python).args(["-c", script]).args(arguments).args(names).output().unwrap();
    match out.status.success() {
        true => Ok(String::from_utf8(out.stdout).unwrap()),
        false => Err(String::from_utf8(out.stderr).unwrap()),
    }
}

#[test]
fn python_tuf_takes_what_we_sign() {
    let Some(program) = oracle::need_python("tuf.ngclient") else { return };
    let mut bench = Bench::new();
    let read = |edition: &Path, state: &str| {
        let state = bench.path(state);
        python(&program, READER, &[edition, &state], &["edition.json", "packs/Größe 1-2.torrent"])
    };
    let a = bench.edition("a");
    assert_eq!(read(&a, "p").unwrap(), "1 1 1 1\nedition a\na torrent of a\n");
    let b = bench.edition("b");
    let mut signer = bench.signer();
    signer.rotate(&Role::ALL, &bench.keys()).unwrap();
    signer.renew(&b).unwrap();
    assert_eq!(read(&b, "p").unwrap(), "2 3 3 3\nedition b\na torrent of b\n");
    assert!(read(&a, "p").is_err(), "python-tuf sees the rollback too");
    bench.now = days_ago(9);
    let expired = bench.edition("c");
    let said = python(&program, READER, &[&expired, &bench.path("q")], &[]).unwrap_err();
    assert!(said.contains("ExpiredMetadataError"), "{said}");
}

#[test]
fn python_tuf_takes_thresholds() {
    let Some(program) = oracle::need_python("tuf.ngclient") else { return };
    let mut bench = Bench::new();
    bench.terms.root.threshold = 2;
    bench.terms.targets.threshold = 2;
    bench.signer().add_key(Role::Root, &bench.keys()).unwrap();
    bench.signer().add_key(Role::Targets, &bench.keys()).unwrap();
    let edition = bench.edition("a");
    let out = python(&program, READER, &[&edition, &bench.path("p")], &["edition.json"]).unwrap();
    assert_eq!(out, "3 1 1 1\nedition a\n");
}

#[tokio::test]
async fn we_take_what_python_tuf_signs() {
    let Some(program) = oracle::need_python("tuf.ngclient, securesystemslib.signer") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let edition = folder.path().join("edition");
    python(&program, WRITER, &[&edition], &[]).unwrap();
    let pinned = fs::read(edition.join("trust/1.root.json")).unwrap();
    let source = Arc::new(FolderFetch::new(&edition));
    let trusted = load(source, Some(&pinned), &folder.path().join("state")).await.unwrap();
    assert_eq!(trusted.read("edition.json", 100).await.unwrap(), b"an edition by python");
}

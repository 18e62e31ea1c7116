//! Where copies of files lie: in the store of an archive, in the pack folders of editions and of mirrors. A repair asks here.
//! Nothing that is found is believed: whoever takes a copy compares it with its root.

use deadwax_model::Root;
use deadwax_torrent::metainfo;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders with copies, looked through once.
#[derive(Debug, Default)]
pub struct Copies {
    stores: Vec<PathBuf>,
    packed: HashMap<Root, Vec<PathBuf>>,
}

impl Copies {
    /// Looks for the store and the packs of an archive, an edition, a folder of editions or a mirror. Whether any were
    /// there.
    pub fn add(&mut self, folder: &Path) -> bool {
        let store = folder.join("store");
        let is_store = store.is_dir();
        self.stores.extend(is_store.then_some(store));
        let mut packs = self.add_packs(&folder.join("packs"));
        for editions in [folder.to_path_buf(), folder.join("editions")] {
            for edition in listing(&editions) {
                packs |= self.add_packs(&edition.join("packs"));
            }
        }
        is_store || packs
    }

    /// Paths at which a file of this root should be.
    pub fn of(&self, root: &Root) -> impl Iterator<Item = PathBuf> {
        let name = root.to_string();
        let stored = self
            .stores
            .iter()
            .map(move |store| store.join(&name[..2]).join(&name[2..4]).join(&name));
        let packed = self.packed.get(root).into_iter().flatten().cloned();
        stored.chain(packed).filter(|path| path.is_file())
    }

    fn add_packs(&mut self, packs: &Path) -> bool {
        let mut any = false;
        for torrent in
            listing(packs).filter(|path| path.extension().is_some_and(|it| it == "torrent"))
        {
            // What is no torrent of ours names no files of ours.
            let read = fs::read(&torrent).ok().and_then(|bytes| metainfo::read(&bytes).ok());
            let Some(contents) = read else { continue };
            any = true;
            for file in &contents.files {
                let inside: PathBuf = file.path.iter().collect();
                let path = match contents.single_file {
                    true => packs.join(inside),
                    false => packs.join(&contents.name).join(inside),
                };
                self.packed.entry(file.root).or_default().push(path);
            }
        }
        any
    }
}

/// What is in a folder, in the order of names; nothing where there is none.
fn listing(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths.into_iter()
}

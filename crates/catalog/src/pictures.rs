//! Which pictures belong to which files. A file's own stay with it; those of its folder are what lies there
//! when the folder is looked at, so that a cover that was replaced is not carried beside the new one.

use crate::{Catalog, CatalogError};
use deadwax_model::{PictureFacts, Root};
use rusqlite::params;
use std::path::Path;

impl Catalog {
    /// Adds pictures to a source file; those that it has already stay as they are.
    pub(crate) fn add_pictures(
        &self,
        root: &Root,
        pictures: &[PictureFacts],
    ) -> Result<(), CatalogError> {
        let mut known = self
            .db
            .prepare_cached("SELECT count(*) FROM picture WHERE source_root = ?1 AND root = ?2")?;
        let mut insert = self.db.prepare_cached(
            "INSERT INTO picture SELECT ?1, coalesce(max(seq) + 1, 0), ?2, ?3, ?4, ?5
             FROM picture WHERE source_root = ?1",
        )?;
        for picture in pictures {
            let picture_root = picture.hashes.root.as_bytes();
            let count: u64 =
                known.query_row(params![root.as_bytes(), picture_root], |row| row.get(0))?;
            if count > 0 {
                continue;
            }
            self.insert_file(&picture.hashes)?;
            insert.execute(params![
                root.as_bytes(),
                picture_root,
                picture.kind.as_str(),
                picture.mime,
                picture.embedded
            ])?;
        }
        Ok(())
    }

    /// Notes that the file of `root` was found in `folder` and that these are all pictures which lie there:
    /// what lay there before and does so no more is no longer the file's. Pictures that it has in itself, or
    /// from another folder with a copy of it, stay.
    pub fn set_folder_pictures(
        &self,
        root: &Root,
        folder: &Path,
        pictures: &[PictureFacts],
    ) -> Result<(), CatalogError> {
        let known = self.pictures(root)?;
        let has = |list: &[PictureFacts], wanted: &PictureFacts| {
            list.iter().any(|it| it.hashes.root == wanted.hashes.root)
        };
        let (mut staying, mut here) = (Vec::new(), Vec::new());
        for picture in known {
            let stays =
                picture.embedded || self.is_from_elsewhere(root, folder, &picture.hashes.root)?;
            if stays { staying.push(picture) } else { here.push(picture) }
        }
        let mut wanted: Vec<PictureFacts> = Vec::new();
        for picture in pictures {
            if !has(&staying, picture) && !has(&wanted, picture) {
                wanted.push(picture.clone());
            }
        }
        if wanted == here {
            return Ok(());
        }
        let mut delete =
            self.db.prepare_cached("DELETE FROM picture WHERE source_root = ?1 AND root = ?2")?;
        for picture in &here {
            delete.execute(params![root.as_bytes(), picture.hashes.root.as_bytes()])?;
        }
        self.add_pictures(root, &wanted)
    }

    /// Whether a picture lies in a folder other than `folder` that holds a copy of the file too.
    fn is_from_elsewhere(
        &self,
        root: &Root,
        folder: &Path,
        picture: &Root,
    ) -> Result<bool, CatalogError> {
        let copies = self.paths_of(root)?;
        let mut others = copies.iter().filter_map(|path| path.parent()).filter(|it| *it != folder);
        if copies.len() < 2 {
            return Ok(false);
        }
        let pictures = self.paths_of(picture)?;
        Ok(others.any(|other| pictures.iter().any(|path| path.parent() == Some(other))))
    }
}

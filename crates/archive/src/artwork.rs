//! Pictures made from pictures: thumbnails of covers, and what is scaled down to be embedded. Each is made once, however
//! many releases and tracks need it, and kept in the store by its root, so that publishing opens no original and a
//! holding that is made again gets the same bytes.

use crate::{Amount, Archive, ArchiveError, BuildReport, Phase, Run};
use deadwax_audio::artwork::{Artwork, ArtworkError, THUMBNAIL_SIDES, THUMBNAIL_VERSION, VERSION};
use deadwax_catalog::{Derived, DerivedFile, Image};
use deadwax_model::{Problem, RecordingId, Root};
use deadwax_store::{Store, StoreError, hash_of};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::mpsc::sync_channel;

/// The cover of a release, or of a recording on none, with everything that is made from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cover {
    /// The picture as it came.
    pub root: Root,
    pub image: Image,
    /// By their sides, the large one first.
    pub thumbnails: Vec<(u32, Derived)>,
}

/// Of what something is the cover.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CoverOf<'a> {
    /// By its id.
    Release(&'a str),
    /// One that is on no release.
    Recording(&'a RecordingId),
}

/// What a picture is needed for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Need {
    is_cover: bool,
    is_embedded: bool,
}

/// What came of one picture.
struct Worked {
    root: Root,
    need: Need,
    done: Result<Looked, PictureError>,
}

struct Looked {
    /// Or why it cannot be decoded.
    image: Result<Image, String>,
    /// With their purposes; they are in the store.
    derived: Vec<(String, Derived)>,
}

#[derive(Debug, thiserror::Error)]
enum PictureError {
    #[error("it is damaged or missing")]
    NotSound,
    #[error("interrupted")]
    Interrupted,
    /// Concerns the archive, not this picture.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Archive {
    /// The pictures that may be a cover, the likeliest first.
    fn covers_of(&self, of: CoverOf<'_>) -> Result<Vec<Root>, ArchiveError> {
        Ok(match of {
            CoverOf::Release(id) => self.catalog.covers_of_release(id)?,
            CoverOf::Recording(id) => self.catalog.covers_of_recording(id)?,
        })
    }

    /// The cover, as far as a build made everything that belongs to it.
    pub(crate) fn cover(&self, of: CoverOf<'_>) -> Result<Option<Cover>, ArchiveError> {
        for root in self.covers_of(of)? {
            if let Some(Ok(image)) = self.catalog.image(&root, THUMBNAIL_VERSION)?
                && let Some(thumbnails) = self.thumbnails(&root, &image)?
            {
                return Ok(Some(Cover { root, image, thumbnails }));
            }
        }
        Ok(None)
    }

    /// Its thumbnails; `None` when one that it should have is not known.
    fn thumbnails(
        &self,
        root: &Root,
        image: &Image,
    ) -> Result<Option<Vec<(u32, Derived)>>, ArchiveError> {
        let mut thumbnails = Vec::new();
        for side in THUMBNAIL_SIDES {
            if side >= image.width.max(image.height) {
                continue;
            }
            match self.catalog.derived(root, &thumbnail_purpose(side))? {
                Some(derived) => thumbnails.push((side, derived)),
                None => return Ok(None),
            }
        }
        Ok(Some(thumbnails))
    }

    /// What is embedded in the place of a picture that has more than `most` bytes, where it is made.
    pub(crate) fn fitted(&self, root: &Root, most: u64) -> Result<Option<Root>, ArchiveError> {
        let derived = self.catalog.derived(root, &embed_purpose(most))?;
        Ok(derived.map(|derived| derived.hashes.root))
    }

    /// Makes the thumbnails of all covers, and of pictures that are too large what is embedded in their place, as
    /// far as they are not in the store. Covers that cannot be decoded become problems once, when they are first looked at.
    pub(crate) fn make_artwork(
        &self,
        run: &Run<'_>,
        report: &mut BuildReport,
    ) -> Result<(), ArchiveError> {
        let mut given_up = BTreeSet::new();
        // Where a cover cannot be decoded another one takes its place, which may not have been looked at yet.
        loop {
            let needed = self.needed(run, &given_up)?;
            if needed.is_empty() || !self.work(run, needed, &mut given_up, report)? {
                return Ok(());
            }
        }
    }

    fn needed(
        &self,
        run: &Run<'_>,
        given_up: &BTreeSet<Root>,
    ) -> Result<BTreeMap<Root, Need>, ArchiveError> {
        let mut needed = BTreeMap::<Root, Need>::new();
        for id in self.catalog.release_ids()? {
            run.go_on()?;
            if let Some(root) = self.next_cover(CoverOf::Release(&id), given_up)? {
                needed.entry(root).or_default().is_cover = true;
            }
        }
        for id in self.catalog.recordings_on_no_release()? {
            run.go_on()?;
            if let Some(root) = self.next_cover(CoverOf::Recording(&id), given_up)? {
                needed.entry(root).or_default().is_cover = true;
            }
        }
        let most = self.policy.embed_max_bytes();
        let large = if most == 0 { Vec::new() } else { self.catalog.pictures_above(most)? };
        for root in large {
            run.go_on()?;
            let image = self.catalog.image(&root, THUMBNAIL_VERSION)?;
            let is_hopeless = matches!(image, Some(Err(_))) || given_up.contains(&root);
            if !is_hopeless && self.fitted(&root, most)?.is_none() {
                needed.entry(root).or_default().is_embedded = true;
            }
        }
        for DerivedFile { root, bytes, source, purpose } in self.catalog.derived_files()? {
            run.go_on()?;
            if self.store.has(&root, bytes) || given_up.contains(&source) {
                continue;
            }
            let need = needed.entry(source).or_default();
            if purpose == embed_purpose(most) {
                need.is_embedded = true;
            } else if THUMBNAIL_SIDES.iter().any(|side| purpose == thumbnail_purpose(*side)) {
                need.is_cover = true;
            } else {
                // Made by an earlier policy or version: nobody asks for it any more.
                self.catalog.forget_derived(&source, &purpose)?;
            }
        }
        needed.retain(|_, need| *need != Need::default());
        Ok(needed)
    }

    /// The first of the pictures that may be a cover and is not known to be unfit, if there is anything left to make of it.
    fn next_cover(
        &self,
        of: CoverOf<'_>,
        given_up: &BTreeSet<Root>,
    ) -> Result<Option<Root>, ArchiveError> {
        for root in self.covers_of(of)? {
            if given_up.contains(&root) {
                continue;
            }
            match self.catalog.image(&root, THUMBNAIL_VERSION)? {
                None => return Ok(Some(root)),
                Some(Err(_)) => continue,
                Some(Ok(image)) => {
                    let is_made = self.thumbnails(&root, &image)?.is_some();
                    return Ok((!is_made).then_some(root));
                }
            }
        }
        Ok(None)
    }

    /// Works on all of these, on every core. Whether some of them came to nothing.
    fn work(
        &self,
        run: &Run<'_>,
        needed: BTreeMap<Root, Need>,
        given_up: &mut BTreeSet<Root>,
        report: &mut BuildReport,
    ) -> Result<bool, ArchiveError> {
        let mut bytes = 0;
        for root in needed.keys() {
            bytes += self.catalog.file(root)?.map_or(0, |file| file.bytes);
        }
        let items = needed.len() as u64;
        run.progress.begin(Phase::Artwork, &Amount { items, bytes, audio_ms: 0 });
        let (queue, most) = (Mutex::new(needed.into_iter()), self.policy.embed_max_bytes());
        let next = || queue.lock().unwrap_or_else(|e| e.into_inner()).next();
        let mut has_failed = false;
        std::thread::scope(|scope| {
            let (sender, results) = sync_channel::<Worked>(run.jobs.max(1));
            for _ in 0..run.jobs.max(1) {
                let (sender, store, next) = (sender.clone(), &self.store, &next);
                scope.spawn(move || {
                    while run.go_on().is_ok()
                        && let Some((root, need)) = next()
                    {
                        let done = look(store, &root, need, most, run);
                        if sender.send(Worked { root, need, done }).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            for worked in results {
                has_failed |= self.record_artwork(run, worked, given_up, report)?;
            }
            run.go_on()
        })?;
        run.progress.end();
        Ok(has_failed)
    }

    /// Whether it came to nothing.
    fn record_artwork(
        &self,
        run: &Run<'_>,
        worked: Worked,
        given_up: &mut BTreeSet<Root>,
        report: &mut BuildReport,
    ) -> Result<bool, ArchiveError> {
        let Worked { root, need, done } = worked;
        let bytes = self.catalog.file(&root)?.map_or(0, |file| file.bytes);
        let failed = match done {
            Ok(Looked { image, derived }) => {
                self.catalog.begin()?;
                self.catalog.record_image(&root, THUMBNAIL_VERSION, &image)?;
                for (purpose, derived) in &derived {
                    self.catalog.record_derived(&root, purpose, derived)?;
                }
                self.catalog.commit()?;
                image.err().map(|why| (why, UNREADABLE))
            }
            Err(PictureError::Interrupted) => return Ok(false),
            Err(PictureError::Store(e)) => return Err(e.into()),
            Err(e @ PictureError::NotSound) => Some((e.to_string(), NOT_SOUND)),
        };
        let Some((why, next)) = failed else {
            run.progress.item(&root.to_string(), &Amount::item(bytes));
            return Ok(false);
        };
        run.progress.failed(&root.to_string(), &Amount::item(bytes));
        given_up.insert(root);
        // What is only to be embedded is told where it is missed: by the holdings.
        if need.is_cover {
            let path = match self.catalog.paths_of(&root)?.first() {
                Some(path) => path.display().to_string(),
                None => self.relative(&self.store.path(&root)),
            };
            let what = format!("it is a front cover and cannot be shown: {why}");
            report.problems.push(Problem { path, what, next: next.to_owned() });
        }
        Ok(true)
    }
}

const UNREADABLE: &str =
    "it is kept as it is; put a sound JPEG, PNG or WebP in its place, then add, build and publish";
const NOT_SOUND: &str =
    "deadwax repair takes the picture from its source again, then run the same line again";

fn thumbnail_purpose(side: u32) -> String {
    format!("thumbnail-{side}-v{THUMBNAIL_VERSION}")
}

fn embed_purpose(most: u64) -> String {
    format!("embed-{most}-v{VERSION}")
}

/// Reads a picture and puts into the store what is to be made from it. A panic costs this picture only.
fn look(
    store: &Store,
    root: &Root,
    need: Need,
    most: u64,
    run: &Run<'_>,
) -> Result<Looked, PictureError> {
    run.go_on().map_err(|_| PictureError::Interrupted)?;
    let mut data = Vec::new();
    let read = store.read(root).map(|mut file| file.read_to_end(&mut data));
    if !matches!(read, Ok(Ok(_))) || hash_of(&data).root != *root {
        return Err(PictureError::NotSound);
    }
    let made = catch_unwind(AssertUnwindSafe(|| make(&data, need, most)));
    let made = made.unwrap_or_else(|_| Err("reading it met a fault of Deadwax's own".to_owned()));
    let Made { image, thumbnails, fitted } = match made {
        Ok(made) => made,
        Err(why) => return Ok(Looked { image: Err(why), derived: Vec::new() }),
    };
    let mut derived = Vec::new();
    for (purpose, (width, height), data) in thumbnails.into_iter().chain(fitted) {
        let hashes = store.put(&data)?;
        derived.push((purpose, Derived { hashes, width, height }));
    }
    Ok(Looked { image: Ok(image), derived })
}

/// Purpose, pixels, bytes.
type NewPicture = (String, (u32, u32), Vec<u8>);

struct Made {
    image: Image,
    thumbnails: Vec<NewPicture>,
    fitted: Option<NewPicture>,
}

fn make(data: &[u8], need: Need, most: u64) -> Result<Made, String> {
    let said = |error: ArtworkError| error.to_string();
    let artwork = Artwork::read(data).map_err(said)?;
    let image =
        Image { mime: artwork.mime().to_owned(), width: artwork.width(), height: artwork.height() };
    let mut thumbnails = Vec::new();
    if need.is_cover {
        for made in artwork.thumbnails().map_err(said)? {
            thumbnails.push((thumbnail_purpose(made.side), (made.width, made.height), made.data));
        }
    }
    // One that does not fit is no unfit cover: holdings are made without it, and tell so.
    let fitted = need.is_embedded.then(|| artwork.fitted(most).ok()).flatten();
    let fitted =
        fitted.map(|fitted| (embed_purpose(most), (fitted.width, fitted.height), fitted.data));
    Ok(Made { image, thumbnails, fitted })
}

//! From what is here to what is wanted, before anything is fetched: what went dark goes first, what is here under another
//! name is linked, what is wanted no more is removed (docs/formats/mirror.md). Stopped at any moment, the next run ends it.

use crate::carry::{CarryPlan, PlannedPack, ROW_BYTES};
use crate::edition::{Edition, OWN_FILES, twin_of};
use crate::fetch::{PackWish, by_preference};
use crate::parts::{Places, make_parts_folder, path_in_mirror, root_of_part};
use crate::run::Run;
use crate::{FileRow, FileState, MirrorError, State, WantedFile};
use deadwax_model::Root;
use deadwax_store::{link_files, remove_files, write_file};
use deadwax_torrent::metainfo::{self, Contents};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

/// Files whose names are changed with one commit.
const AT_ONCE: usize = 256;

/// The stage of the edition's own files.
const METADATA: &str = "metadata";

/// What was done.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    /// Packs with files to fetch.
    pub packs: Vec<PackWish>,
    /// Files of the edition itself to fetch: the rows.
    pub metadata: Vec<FileRow>,
    /// Files and bytes that are to be fetched.
    pub files: u64,
    pub bytes: u64,
    pub moved_files: u64,
    pub removed_files: u64,
}

/// Removes what went dark, and says how many files that were. Also what an earlier run was about to remove.
pub(crate) fn darken(
    places: &Places,
    state: &State,
    dark: &HashSet<Root>,
) -> Result<u64, MirrorError> {
    let mut rows = Vec::new();
    for root in dark {
        rows.extend(state.files_with_root(root)?);
        remove_files(&[places.part(root)])?;
    }
    let files = rows.iter().filter(|row| row.state == FileState::Whole).count();
    remove(places, state, &rows)?;
    let mut gone = state.files_in(FileState::Gone, 0, u32::MAX)?;
    gone.retain(|row| !dark.contains(&row.root));
    remove(places, state, &gone)?;
    Ok(files as u64)
}

/// Removes files and their rows. They are noted as gone first: after a kill in between they are not taken for whole.
fn remove(places: &Places, state: &State, rows: &[FileRow]) -> Result<(), MirrorError> {
    for rows in rows.chunks(AT_ONCE) {
        state.at_once(|state| {
            rows.iter().try_for_each(|row| state.set_state(row.file, FileState::Gone))
        })?;
        let paths: Result<Vec<_>, _> = rows.iter().map(|row| places.at(&row.path)).collect();
        let paths = paths?;
        remove_files(&paths)?;
        paths.iter().for_each(|path| remove_empty_folders(path, &places.mirror));
        state.at_once(|state| rows.iter().try_for_each(|row| state.forget(row.file)))?;
    }
    Ok(())
}

/// Folders that a removed file leaves empty, up to `packs`.
fn remove_empty_folders(file: &Path, mirror: &Path) {
    let packs = mirror.join("packs");
    let above = file.ancestors().skip(1);
    for folder in above.take_while(|folder| folder.starts_with(&packs) && **folder != packs) {
        // One that is not empty stays, and those above it.
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
}

/// Makes the mirror what the plan says, but for what has to be fetched.
pub(crate) async fn follow(
    places: &Places,
    state: &Mutex<State>,
    edition: &Edition,
    plan: &CarryPlan,
    run: &Run<'_>,
) -> Result<Followed, MirrorError> {
    make_parts_folder(places)?;
    deadwax_store::create_folder(&places.mirror.join("packs"))?;
    for (name, bytes) in &edition.own {
        write_changed(&places.mirror.join(name), bytes)?;
    }
    let mut followed = Followed::default();
    let mut wanted = Wanted::default();
    for pack in &plan.packs {
        run.go_on()?;
        let contents = run.unless_stopped(torrent(places, edition, pack)).await?;
        let files = wanted_files(pack, &contents, &edition.dark);
        let number = note(places, &lock(state), pack, &contents, &files, &mut wanted)?;
        let (name, torrent) = (pack.name.clone(), pack.torrent.clone());
        followed.packs.push(PackWish { pack: number, name, torrent });
    }
    note_metadata(places, &lock(state), edition, plan, &mut wanted)?;
    tokio::task::block_in_place(|| {
        let state = lock(state);
        adopt(places, &state, &wanted)?;
        followed.moved_files = take_from_elsewhere(places, &state, &wanted, run)?;
        followed.removed_files = remove_unwanted(places, &state, plan, &wanted, run)?;
        count_missing(&state, &wanted, &mut followed)
    })?;
    Ok(followed)
}

/// The rows that stay, by number, and the roots of those that are not whole.
#[derive(Default)]
struct Wanted {
    rows: HashSet<i64>,
    metadata: Vec<i64>,
}

/// The torrent of a pack, fetched if it is not here.
async fn torrent(
    places: &Places,
    edition: &Edition,
    pack: &PlannedPack,
) -> Result<Contents, MirrorError> {
    let path = places.at(&pack.torrent)?;
    let bytes = signed_file(edition, &pack.torrent, &path).await?;
    if let Some(twin) = &pack.v1_twin {
        signed_file(edition, twin, &places.at(twin)?).await?;
    }
    let wrong = |what: String| MirrorError::Torrent { path: path.clone(), what };
    let contents = metainfo::read(&bytes).map_err(|e| wrong(format!("{e}; ask the archive")))?;
    let listed = edition.packs.iter().find(|listed| listed.name == pack.name);
    let files: u64 = contents.files.iter().map(|file| file.bytes).fold(0, u64::saturating_add);
    let fits = contents.name == pack.name
        && listed.is_some_and(|listed| {
            listed.bytes == files && listed.files as usize == contents.files.len()
        });
    match fits {
        true => Ok(contents),
        false => Err(wrong(
            "it has another name, length or number of files than torrents.json says; ask the archive".to_owned(),
        )),
    }
}

/// A torrent of the edition, fetched if it is not here.
async fn signed_file(edition: &Edition, name: &str, path: &Path) -> Result<Vec<u8>, MirrorError> {
    let signed = edition.trusted.target(name);
    let here = fs::read(path).ok().filter(|here| {
        signed.is_some_and(|signed| Sha256::digest(here).as_slice() == signed.sha256.as_slice())
    });
    if let Some(here) = here {
        return Ok(here);
    }
    let most = deadwax_torrent::limits::CLIENT_METAINFO_BYTES as u64;
    let bytes = edition.trusted.read(name, most).await?;
    write_changed(path, &bytes)?;
    Ok(bytes)
}

/// The files of a pack that are carried, by their place: all, or the most listened ones that fit.
fn wanted_files(pack: &PlannedPack, contents: &Contents, dark: &HashSet<Root>) -> Vec<usize> {
    let mut rest = pack.bytes;
    if let Some(torrent_bytes) = pack.in_part.then_some(pack.of_bytes) {
        // The planner's bytes hold the torrent and the record of the files.
        let files: u64 = contents.files.iter().map(|file| file.bytes + ROW_BYTES).sum();
        rest = rest.saturating_sub(torrent_bytes.saturating_sub(files));
    }
    let is_carried = |&file: &usize| {
        let file = &contents.files[file];
        match pack.in_part {
            false => true,
            true => rest.checked_sub(file.bytes + ROW_BYTES).map(|left| rest = left).is_some(),
        }
    };
    let lit = by_preference(contents).into_iter();
    lit.filter(|&file| !dark.contains(&contents.files[file].root)).filter(is_carried).collect()
}

/// Notes the wanted files of a pack. Gives its number.
fn note(
    places: &Places,
    state: &State,
    pack: &PlannedPack,
    contents: &Contents,
    files: &[usize],
    wanted: &mut Wanted,
) -> Result<i64, MirrorError> {
    let number = state.pack(&pack.name, pack.stage.as_str())?;
    let there: HashMap<String, FileRow> =
        state.files_of(number)?.into_iter().map(|row| (row.path.clone(), row)).collect();
    let mut others = Vec::new();
    for &file in files {
        if let Some(row) = there.get(&path_in_mirror(contents, file))
            && row.root != contents.files[file].root
        {
            others.push(row.clone());
        }
    }
    remove(places, state, &others)?;
    state.at_once(|state| {
        for &file in files {
            let found = &contents.files[file];
            let path = found.path.join("/");
            let (place, root, bytes) = (file as u32, found.root, found.bytes);
            wanted
                .rows
                .insert(state.want(number, &WantedFile { place, path: &path, root, bytes })?);
        }
        Ok(number)
    })
}

fn note_metadata(
    places: &Places,
    state: &State,
    edition: &Edition,
    plan: &CarryPlan,
    wanted: &mut Wanted,
) -> Result<(), MirrorError> {
    let files = plan.metadata.iter().filter(|file| !edition.dark.contains(&file.root));
    let number = state.pack("", METADATA)?;
    let there: HashMap<String, FileRow> =
        state.files_of(number)?.into_iter().map(|row| (row.path.clone(), row)).collect();
    for (place, file) in files.enumerate() {
        // Never over what is the mirror's own.
        let first = file.path.split('/').next().unwrap_or_default();
        if matches!(first, ".deadwax" | "packs") || OWN_FILES.contains(&first) {
            continue;
        }
        if let Some(row) = there.get(&file.path)
            && row.root != file.root
        {
            remove(places, state, std::slice::from_ref(row))?;
        }
        let (place, path) = (place as u32, file.path.as_str());
        let wish = WantedFile { place, path, root: file.root, bytes: file.bytes };
        let row = state.want(number, &wish)?;
        wanted.rows.insert(row);
        wanted.metadata.push(row);
    }
    Ok(())
}

/// Puts right what the record says and the disk does not: whole files that are missing are wanted again; a file at its place
/// that nobody noted down, because a run was stopped at that moment, is looked at as what came so far.
fn adopt(places: &Places, state: &State, wanted: &Wanted) -> Result<(), MirrorError> {
    for what in [FileState::Whole, FileState::Wanted, FileState::Partial] {
        let mut after = 0;
        loop {
            let rows = state.files_in(what, after, 4096)?;
            let Some(last) = rows.last() else { break };
            after = last.file;
            for row in rows.iter().filter(|row| wanted.rows.contains(&row.file)) {
                let path = places.at(&row.path)?;
                let there = fs::symlink_metadata(&path).ok();
                let is_there =
                    there.is_some_and(|there| there.is_file() && there.len() == row.bytes);
                match (what, is_there) {
                    (FileState::Whole, false) => state.set_state(row.file, FileState::Wanted)?,
                    (FileState::Wanted | FileState::Partial, true) => {
                        let part = places.part(&row.root);
                        if !part.exists() {
                            fs::set_permissions(&path, fs::Permissions::from_mode(0o644))
                                .and_then(|()| fs::rename(&path, &part))
                                .map_err(MirrorError::io("move", &path))?;
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(())
}

/// Links wanted files to whole ones of the same root, wherever these are.
pub(crate) fn link_twins(
    places: &Places,
    state: &State,
    is_wanted: impl Fn(i64) -> bool,
    run: &Run,
) -> Result<u64, MirrorError> {
    let mut links: Vec<(FileRow, FileRow)> = Vec::new();
    for what in [FileState::Wanted, FileState::Partial] {
        for row in state.files_in(what, 0, u32::MAX)?.into_iter().filter(|row| is_wanted(row.file))
        {
            let twins = state.files_with_root(&row.root)?;
            let twin = twins.into_iter().find(|twin| {
                let path = places.at(&twin.path);
                let is_there = path.is_ok_and(|path| {
                    fs::symlink_metadata(path).is_ok_and(|it| it.is_file() && it.len() == row.bytes)
                });
                twin.state == FileState::Whole && is_there
            });
            links.extend(twin.map(|twin| (twin, row)));
        }
    }
    for links in links.chunks(AT_ONCE) {
        run.go_on()?;
        let mut paths: Vec<(PathBuf, PathBuf)> = Vec::new();
        for (from, to) in links {
            paths.push((places.at(&from.path)?, places.at(&to.path)?));
        }
        link_files(&paths)?;
        state.at_once(|state| {
            // It was not read: it is as old as what it is linked to.
            links
                .iter()
                .try_for_each(|(from, to)| state.set_whole(to.file, from.checked_unix.unwrap_or(0)))
        })?;
    }
    Ok(links.len() as u64)
}

fn take_from_elsewhere(
    places: &Places,
    state: &State,
    wanted: &Wanted,
    run: &Run,
) -> Result<u64, MirrorError> {
    link_twins(places, state, |file| wanted.rows.contains(&file), run)
}

/// Removes what is in no pack that is carried, at last.
fn remove_unwanted(
    places: &Places,
    state: &State,
    plan: &CarryPlan,
    wanted: &Wanted,
    run: &Run,
) -> Result<u64, MirrorError> {
    let mut removed = 0;
    for pack in state.packs()? {
        run.go_on()?;
        let mut rows = state.files_of(pack.pack)?;
        rows.retain(|row| !wanted.rows.contains(&row.file));
        removed += rows.iter().filter(|row| row.state == FileState::Whole).count() as u64;
        remove(places, state, &rows)?;
        if let Some(torrent) = pack.torrent()
            && !plan.packs.iter().any(|planned| planned.name == pack.name)
        {
            let twin = twin_of(&pack.name);
            remove_files(&[places.at(&torrent)?, places.at(&twin)?])?;
        }
    }
    state.forget_empty_packs()?;
    let mut stale = Vec::new();
    let listing = fs::read_dir(places.parts()).map_err(MirrorError::io("list", &places.parts()))?;
    for entry in listing {
        let path = entry.map_err(MirrorError::io("list", &places.parts()))?.path();
        let rows = match root_of_part(&path) {
            Some(root) => state.files_with_root(&root)?,
            None => Vec::new(),
        };
        let is_awaited =
            |row: &FileRow| wanted.rows.contains(&row.file) && row.state != FileState::Whole;
        if !rows.iter().any(is_awaited) {
            stale.push(path);
        }
    }
    remove_files(&stale)?;
    Ok(removed)
}

fn count_missing(
    state: &State,
    wanted: &Wanted,
    followed: &mut Followed,
) -> Result<(), MirrorError> {
    let metadata: BTreeSet<i64> = wanted.metadata.iter().copied().collect();
    let mut roots = HashSet::new();
    for what in [FileState::Wanted, FileState::Partial] {
        for row in state.files_in(what, 0, u32::MAX)? {
            if metadata.contains(&row.file) {
                followed.metadata.push(row.clone());
            }
            if roots.insert(row.root) {
                followed.files += 1;
                followed.bytes += row.bytes;
            }
        }
    }
    let mut open = Vec::new();
    for pack in std::mem::take(&mut followed.packs) {
        let (whole, _) = state.count_of(pack.pack, FileState::Whole)?;
        if (whole as usize) < state.files_of(pack.pack)?.len() {
            open.push(pack);
        }
    }
    followed.packs = open;
    Ok(())
}

fn write_changed(path: &Path, bytes: &[u8]) -> Result<(), MirrorError> {
    match fs::read(path) {
        Ok(here) if here == bytes => Ok(()),
        _ => Ok(write_file(path, bytes)?),
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(|e| e.into_inner())
}

//! What a mirror would carry of an edition: a value, printed before anything is done.

use crate::edition::{Edition, ListedPack, MetadataFile};
use crate::plan::{PackOffer, Part, choose};
use crate::settings::Settings;
use crate::{FileState, MirrorError, State};
use deadwax_model::BLOCK_BYTES;
use serde::Serialize;
use std::collections::HashMap;

/// Bytes of the record for a file, at most; its row and its places in two indexes.
pub(crate) const ROW_BYTES: u64 = 500;

/// Bytes of the record and its journal before there is any file.
const RECORD_BYTES: u64 = 128 << 10;

/// What is carried.
#[derive(Debug, Clone, Serialize)]
pub struct CarryPlan {
    /// Where it comes from.
    pub source: String,
    /// The edition's title.
    pub title: String,
    /// The edition's day.
    pub edition: String,
    /// By what packs are chosen.
    pub prefer: crate::plan::Prefer,
    /// The most that all of the mirror's files may have.
    pub budget_bytes: u64,
    /// What of the budget the disk has room for, where that is less.
    pub room_bytes: Option<u64>,
    /// What is carried, the first to be fetched first.
    pub packs: Vec<PlannedPack>,
    /// Packs of the edition.
    pub packs_of: usize,
    /// Bytes of the edition's own files that are carried: `metadata`.
    pub metadata_bytes: u64,
    /// All that is carried, torrents and the record of it too.
    pub bytes: u64,
    /// The share of all counted listens that it stands for; null: nobody counted.
    pub listens: Option<f64>,
    /// Files that went dark since they were fetched, and are removed.
    pub dark_files: u64,
    #[serde(skip)]
    pub(crate) metadata: Vec<MetadataFile>,
}

/// A pack that is carried.
#[derive(Debug, Clone, Serialize)]
pub struct PlannedPack {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub stage: crate::plan::PackStage,
    /// The rank of its first recording.
    pub first_rank: u32,
    /// And of its last.
    pub last_rank: u32,
    /// Bytes that are carried of it, at most.
    pub bytes: u64,
    /// Bytes of all of it.
    pub of_bytes: u64,
    /// Files of all of it.
    pub of_files: u64,
    /// Whether only its most listened files are carried.
    pub in_part: bool,
    /// Whether all of it is here already.
    pub is_here: bool,
    /// Who else has it whole; null: nobody knows.
    pub copies: Option<u32>,
    #[serde(skip)]
    pub(crate) torrent: String,
    #[serde(skip)]
    pub(crate) v1_twin: Option<String>,
}

/// What is here, as far as a plan needs it.
pub(crate) struct Here {
    /// Of a pack, by name: whole files and their bytes.
    pub packs: HashMap<String, (u64, u64)>,
    /// Bytes of the mirror that the disk has taken already.
    pub bytes: u64,
    /// Whole files that went dark.
    pub dark_files: u64,
}

impl Here {
    pub fn look(state: &State, edition: &Edition) -> Result<Here, MirrorError> {
        let mut here = Here { packs: HashMap::new(), bytes: 0, dark_files: 0 };
        for pack in state.packs()? {
            let (files, bytes) = state.count_of(pack.pack, FileState::Whole)?;
            here.bytes += bytes;
            here.packs.insert(pack.name, (files, bytes));
        }
        for root in &edition.dark {
            here.dark_files += state.files_with_root(root)?.len() as u64;
        }
        Ok(here)
    }

    fn has(&self, pack: &ListedPack) -> bool {
        self.packs
            .get(&pack.name)
            .is_some_and(|&(files, bytes)| files >= pack.files && bytes >= pack.bytes)
    }
}

/// Chooses. `free_bytes` is what the disk has free beyond what is to stay free.
pub(crate) fn plan(
    edition: &Edition,
    settings: &Settings,
    here: &Here,
    free_bytes: u64,
    trust_bytes: u64,
) -> Result<CarryPlan, MirrorError> {
    let own: u64 = edition.own.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    let metadata = if settings.metadata { edition.metadata() } else { Vec::new() };
    let metadata_bytes: u64 = metadata.iter().map(|file| file.bytes + ROW_BYTES).sum();
    // Some bytes more or less with every signature.
    let trust_bytes = trust_bytes.next_multiple_of(4096);
    let fixed = own + trust_bytes + RECORD_BYTES + metadata_bytes;
    let room = free_bytes.saturating_add(here.bytes);
    let budget = settings.budget_bytes.min(room);
    let Some(for_packs) = budget.checked_sub(fixed) else {
        return Err(MirrorError::Refused(format!(
            "the lists of the edition alone take {fixed} bytes, and the mirror may have {budget}; say a larger --budget{}",
            if room < settings.budget_bytes { ", or make room on the disk" } else { "" }
        )));
    };
    let offers: Vec<PackOffer> = edition.packs.iter().map(|pack| offer(pack, here)).collect();
    let choice = choose(&offers, for_packs, settings.prefer, settings.number);
    let planned = |number: usize, part: Option<Part>| {
        let (pack, offer) = (&edition.packs[number], &offers[number]);
        PlannedPack {
            name: pack.name.clone(),
            stage: pack.stage,
            first_rank: pack.first_rank,
            last_rank: pack.last_rank,
            bytes: part.map_or(offer.bytes, |part| part.bytes),
            of_bytes: offer.bytes,
            of_files: pack.files,
            in_part: part.is_some(),
            is_here: offer.held,
            copies: offer.copies,
            torrent: pack.torrent.clone(),
            v1_twin: pack.v1_twin.clone(),
        }
    };
    let part = choice.part.filter(|part| part.bytes > overhead(&edition.packs[part.pack], 1));
    let whole = choice.whole.iter().map(|&number| planned(number, None));
    let packs: Vec<PlannedPack> =
        whole.chain(part.map(|part| planned(part.pack, Some(part)))).collect();
    Ok(CarryPlan {
        source: edition.source.to_string(),
        title: edition.title.clone(),
        edition: edition.date.clone(),
        prefer: settings.prefer,
        budget_bytes: settings.budget_bytes,
        room_bytes: (room < settings.budget_bytes).then_some(room),
        bytes: fixed + packs.iter().map(|pack| pack.bytes).sum::<u64>(),
        packs,
        packs_of: edition.packs.len(),
        metadata_bytes,
        listens: choice.listens,
        dark_files: here.dark_files,
        metadata,
    })
}

/// A pack as the planner knows it: all that its files, its torrent and the record of it take.
fn offer(pack: &ListedPack, here: &Here) -> PackOffer {
    PackOffer {
        key: pack.key(),
        bytes: pack.bytes.saturating_add(overhead(pack, pack.files)),
        files: pack.files,
        listens: pack.listens,
        copies: pack.copies,
        first_rank: pack.first_rank,
        stage: pack.stage,
        held: here.has(pack),
    }
}

fn overhead(pack: &ListedPack, files: u64) -> u64 {
    // A check writes down a leaf hash of 32 bytes for 16 KiB.
    let leaves = pack.bytes / (BLOCK_BYTES / 32);
    // A twin has no more than its hybrid: no piece layers, no file tree.
    let torrents = pack.torrent_bytes.saturating_mul(1 + u64::from(pack.v1_twin.is_some()));
    torrents.saturating_add(files * ROW_BYTES).saturating_add(leaves)
}

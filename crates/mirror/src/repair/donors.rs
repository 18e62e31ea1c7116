//! Who may have a file that is damaged here: copies on this machine first, then the mirror's source and the web seeds of its torrents, then peers.
//! None is believed.

use super::peers::{AskPeer, Peers};
use crate::http::{Http, HttpError, PieceBuffer};
use crate::parts::Places;
use crate::seed::Seed;
use crate::settings::{Asked, Settings};
use crate::source::{SourceAddress, newest};
use crate::{FileRow, FileState, MirrorError, State};
use deadwax_edition::Copies;
use deadwax_model::Problem;
use deadwax_torrent::metainfo::Contents;
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};
use url::Url;

/// All who could be asked.
pub(super) struct Donors<'o> {
    copies: &'o Copies,
    /// What a source that is a folder has.
    source: Copies,
    web: Option<Web>,
    peers: Peers<'o>,
    problems: Vec<Problem>,
}

struct Web {
    http: Http,
    runtime: Runtime,
    /// The packs of the newest edition of the mirror's source.
    source: Option<Arc<Seed>>,
    /// Of torrents, by their addresses.
    named: BTreeMap<String, Arc<Seed>>,
}

/// One who may have a certain file.
pub(super) enum Donor<'w, 'o> {
    Copy(File),
    Seed(AskSeed<'w>),
    Peer(AskPeer<'w, 'o>),
}

pub(super) struct AskSeed<'w> {
    http: &'w Http,
    runtime: &'w Runtime,
    seed: Arc<Seed>,
    url: Url,
    /// Length of the file, and what it is called.
    bytes: u64,
    file: String,
}

impl<'o> Donors<'o> {
    /// Those of the mirror in `folder`; nobody on the web is asked without `http`.
    pub fn open(
        folder: &Path,
        copies: &'o Copies,
        http: Option<Http>,
        peers: Peers<'o>,
    ) -> Result<Donors<'o>, MirrorError> {
        let web = http.map(|http| Web::open(folder, http)).transpose()?;
        let (source, problems) = (Copies::default(), Vec::new());
        let mut donors = Donors { copies, source, web, peers, problems };
        let settings = Settings::of(folder, &Asked::default())?;
        match (SourceAddress::parse(&settings.source)?, &mut donors.web) {
            (SourceAddress::Folder(source), _) => drop(donors.source.add(&source)),
            (_, None) => {}
            (source, Some(web)) => match web.runtime.block_on(newest(&source, &web.http)) {
                Ok(edition) => {
                    web.source = Some(Arc::new(Seed::of_packs(edition.below(["packs"]))));
                }
                Err(e) => donors.problems.push(Problem {
                    path: source.to_string(),
                    what: e.to_string(),
                    next: "others were asked; run the same line again later".to_owned(),
                }),
            },
        }
        Ok(donors)
    }

    /// Those who may have this file, the nearest first.
    pub fn of(
        &mut self,
        state: &State,
        places: &Places,
        row: &FileRow,
        contents: &Contents,
    ) -> Result<Vec<Donor<'_, 'o>>, MirrorError> {
        let mut donors = Vec::new();
        for twin in state.files_with_root(&row.root)? {
            if twin.file != row.file && twin.state == FileState::Whole {
                donors.extend(File::open(places.at(&twin.path)?).ok().map(Donor::Copy));
            }
        }
        for path in self.copies.of(&row.root).chain(self.source.of(&row.root)) {
            donors.extend(File::open(path).ok().map(Donor::Copy));
        }
        if let Some(web) = &mut self.web {
            donors.extend(web.of(row, contents).into_iter().map(Donor::Seed));
        }
        let peers = self.peers.of(&row.path, row.place as usize, contents);
        donors.extend(peers.map(Donor::Peer));
        Ok(donors)
    }

    /// What was wrong with those who were asked.
    pub fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems;
        problems.extend(self.peers.into_problems());
        if let Some(web) = self.web {
            let seeds = web.source.iter().chain(web.named.values());
            problems.extend(seeds.flat_map(|seed| seed.problems()));
        }
        problems
    }
}

impl Web {
    fn open(folder: &Path, http: Http) -> Result<Web, MirrorError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(MirrorError::io("begin to work in", folder))?;
        Ok(Web { http, runtime, source: None, named: BTreeMap::new() })
    }

    fn of_file(&self, seed: &Arc<Seed>, row: &FileRow, contents: &Contents) -> Option<AskSeed<'_>> {
        let SourceAddress::Http(url) = seed.place(contents, row.place as usize) else {
            return None;
        };
        let (seed, bytes, file) = (Arc::clone(seed), row.bytes, row.path.clone());
        Some(AskSeed { http: &self.http, runtime: &self.runtime, seed, url, bytes, file })
    }

    fn of(&mut self, row: &FileRow, contents: &Contents) -> Vec<AskSeed<'_>> {
        for address in &contents.web_seeds {
            if !self.named.contains_key(address)
                && let Some(seed) = Seed::named(address)
            {
                self.named.insert(address.clone(), Arc::new(seed));
            }
        }
        let named = contents.web_seeds.iter().filter_map(|address| self.named.get(address));
        let seeds = self.source.iter().chain(named);
        seeds.filter_map(|seed| self.of_file(seed, row, contents)).collect()
    }
}

impl Donor<'_, '_> {
    /// The bytes there, whatever they are.
    pub fn ask(&self, from: u64, to: u64) -> Option<Vec<u8>> {
        match self {
            Donor::Copy(file) => {
                let mut data = vec![0; (to - from) as usize];
                file.read_exact_at(&mut data, from).ok().map(|()| data)
            }
            Donor::Seed(seed) => seed.ask(from, to),
            Donor::Peer(peer) => peer.ask(from, to),
        }
    }

    /// Says that what it gave was wrong. A copy may be damaged in another place; who lies is not asked for long.
    pub fn blame(&self, from: u64) {
        match self {
            Donor::Copy(_) => {}
            Donor::Seed(ask) => {
                let what = format!("sends data that do not fit their hash, from byte {from}");
                ask.seed.note(&ask.file, &HttpError::Misbehaves(what));
            }
            Donor::Peer(ask) => ask.blame(from),
        }
    }
}

impl AskSeed<'_> {
    fn ask(&self, from: u64, to: u64) -> Option<Vec<u8>> {
        if self.seed.is_dropped() {
            return None;
        }
        match self.runtime.block_on(self.fetch(from, to)) {
            Ok(data) => Some(data),
            Err(HttpError::NotFound) => None,
            Err(error) => {
                self.seed.note(&self.file, &error);
                None
            }
        }
    }

    async fn fetch(&self, from: u64, to: u64) -> Result<Vec<u8>, HttpError> {
        let mut body = self.http.part(&self.url, from, to, self.bytes).await?;
        if body.from != from {
            let what = "gives no part of a file, and the whole is too much for a repair";
            return Err(HttpError::Misbehaves(what.to_owned()));
        }
        let mut buffer = PieceBuffer::default();
        body.fill(&mut buffer, to - from).await?;
        body.end().await?;
        Ok(buffer.data)
    }
}

//! Making the holdings that a plan asks for.

use crate::fields::fields;
use crate::make::{Made, MakeError, Order, OrderedPicture, make};
use crate::{Amount, Archive, ArchiveError, Phase, Plan, PlanRow, Run};
use deadwax_audio::artwork;
use deadwax_audio::probe::Codec;
use deadwax_catalog::{Failure, Holding, Recording};
use deadwax_model::{PictureFacts, PictureKind, Problem, Root, Status, Tier};
use std::sync::{Mutex, RwLock, mpsc};

/// What a `build` did.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct BuildReport {
    /// Holdings made now.
    pub made: u64,
    /// Holdings that were there and as they should be.
    pub ready: u64,
    /// Holdings that could not be made.
    pub failed: u64,
    /// What could not be made, or is odd.
    pub problems: Vec<Problem>,
    /// Originals that were to be re-encoded and are to be kept instead, by the next plan.
    #[serde(skip)]
    pub(crate) put_off: u64,
}

impl Archive {
    /// Plans and builds until nothing is left that fits: a holding is known to its byte only when it
    /// is made, so under a budget a first build may leave room, or take more than was estimated.
    pub fn plan_and_build(
        &self,
        run: &Run<'_>,
        budget: Option<u64>,
    ) -> Result<BuildReport, ArchiveError> {
        let mut plan = self.plan(run, budget)?;
        self.carry_out(&plan)?;
        let mut report = self.build(run, &plan)?;
        let mut has_changed = report.made + report.put_off > 0;
        while has_changed {
            plan = self.plan(run, budget)?;
            self.carry_out(&plan)?;
            if !plan.rows.iter().any(|row| row.status == Status::Planned) {
                break;
            }
            let built = self.build(run, &plan)?;
            has_changed = built.made + built.put_off > 0;
            report.add(built);
        }
        Ok(report)
    }

    /// Makes every holding that `plan` asks for and the store has not, most listened first. Each is
    /// durable before the next of its worker begins; a stop loses only what is half made.
    pub fn build(&self, run: &Run<'_>, plan: &Plan) -> Result<BuildReport, ArchiveError> {
        let mut report = BuildReport::default();
        self.make_artwork(run, &mut report)?;
        let rows: Vec<_> = plan.rows.iter().filter(|row| row.tier.is_some()).collect();
        let mut all = Amount::default();
        for row in &rows {
            let (bytes, audio_ms) = self.catalog.original_amount(&row.id)?;
            all.add(&Amount { items: 1, bytes, audio_ms });
        }
        run.progress.begin(Phase::Build, &all);
        let mut rows = rows.into_iter();
        let jobs = run.jobs.max(1);
        let (orders, queue) = mpsc::sync_channel::<Order>(jobs);
        let (sender, results) = mpsc::channel::<(Order, Result<Made, MakeError>)>();
        let (queue, alone) = (Mutex::new(queue), RwLock::new(()));
        std::thread::scope(|scope| {
            // Moved in here, so that an error ends the workers: they wait for orders that never come.
            let (orders, results) = (orders, results);
            for _ in 0..jobs {
                let (sender, queue, store) = (sender.clone(), &queue, &self.store);
                let alone = &alone;
                let next = || queue.lock().unwrap_or_else(|e| e.into_inner()).recv();
                scope.spawn(move || {
                    while let Ok(order) = next() {
                        let made = make(store, &order, alone, run.stop);
                        if sender.send((order, made)).is_err() {
                            break;
                        }
                    }
                });
            }
            // The catalogue is this thread's alone: it makes the orders and records the results, and never
            // has more than a few of either.
            let mut under_way = 0;
            loop {
                while under_way < 2 * jobs
                    && run.go_on().is_ok()
                    && let Some(order) = self.next_order(run, &mut rows, &mut report)?
                {
                    under_way += 1;
                    orders.send(order).expect("a worker waits for it");
                }
                if under_way == 0 {
                    break;
                }
                let (order, made) = results.recv().expect("a worker is at it");
                under_way -= 1;
                self.record(run, &mut report, &order, made)?;
            }
            run.go_on()
        })?;
        run.progress.end();
        report.problems.sort();
        Ok(report)
    }

    /// The next holding that has to be made; those that are ready are counted on the way.
    fn next_order<'p>(
        &self,
        run: &Run<'_>,
        rows: &mut impl Iterator<Item = &'p PlanRow>,
        report: &mut BuildReport,
    ) -> Result<Option<Order>, ArchiveError> {
        for row in rows {
            let (Some(tier), Some(recording)) = (row.tier, self.catalog.recording(&row.id)?) else {
                continue;
            };
            let order = self.order(recording, tier)?;
            if !self.is_ready(&order) {
                return Ok(Some(order));
            }
            report.ready += 1;
            let warnings = order.recording.analysis.as_ref().map(|found| &found.warnings);
            warn(report, &order, warnings.map_or(&[], Vec::as_slice), kept(&order));
            run.progress.passed(&row.title, &amount_of(&order.recording));
        }
        Ok(None)
    }

    fn record(
        &self,
        run: &Run<'_>,
        report: &mut BuildReport,
        order: &Order,
        made: Result<Made, MakeError>,
    ) -> Result<(), ArchiveError> {
        let id = &order.recording.id;
        match made {
            Ok(made) => {
                self.catalog.begin()?;
                if let Some(analysis) = &made.analysis {
                    self.catalog.record_analysis(&order.recording.original_root, analysis)?;
                }
                match &made.holding {
                    Some(holding) => {
                        self.catalog.record_holding(id, holding, made.patch.as_ref())?;
                        self.catalog.set_status(id, Status::Held)?;
                        report.made += 1;
                    }
                    None => report.put_off += 1,
                }
                if let Some(bytes) = made.no_smaller {
                    self.catalog.record_no_smaller(id, order.tier, bytes)?;
                }
                self.catalog.commit()?;
                warn(report, order, &made.warnings, kept(order));
                warn(report, order, &made.without_pictures, PICTURE);
            }
            Err(MakeError::Interrupted) => return Ok(()),
            Err(MakeError::Store(e)) if e.is_fatal() => return Err(e.into()),
            Err(error) => {
                let problem = error.problem(order);
                let failure = Failure { recording: id.clone(), problem: problem.clone() };
                self.catalog.begin()?;
                self.catalog.record_failure(&failure)?;
                self.catalog.set_status(id, Status::Failed)?;
                self.catalog.commit()?;
                report.failed += 1;
                report.problems.push(problem);
                run.progress.failed(&order.recording.title, &amount_of(&order.recording));
                return Ok(());
            }
        }
        run.progress.item(&order.recording.title, &amount_of(&order.recording));
        Ok(())
    }

    fn order(&self, recording: Recording, tier: Tier) -> Result<Order, ArchiveError> {
        let root = recording.original_root;
        let fields = fields(&recording, &self.catalog.said(&root)?, tier);
        let picture_bytes = self.policy.embed_max_bytes();
        let facts = self.pictures_to_embed(&root, tier)?;
        // Holdings whose pictures fit are the same whatever the limit is.
        let is_scaled = facts.iter().any(|picture| picture.hashes.bytes > picture_bytes);
        let of_recipe: Vec<(Root, PictureKind, &str)> = facts
            .iter()
            .map(|picture| (picture.hashes.root, picture.kind, picture.mime.as_str()))
            .collect();
        let version = recipe_version(&recording.format.container, tier);
        let mut recipe = format!("{version} {tier} {root} {fields:?} {of_recipe:?}");
        if is_scaled {
            recipe += &format!(" artwork {} {picture_bytes}", artwork::VERSION);
        }
        let recipe = deadwax_store::hash_of(recipe.as_bytes()).root.to_string();
        let mut pictures = Vec::with_capacity(facts.len());
        for PictureFacts { hashes, kind, mime, embedded } in facts {
            // Made once for all tracks; a worker makes what is not there.
            let fitted = match is_scaled {
                true => self.fitted(&hashes.root, picture_bytes)?,
                false => None,
            };
            let (root, mime) = match fitted {
                Some(fitted) => (fitted, "image/jpeg".to_owned()),
                None => (hashes.root, mime),
            };
            pictures.push(OrderedPicture { root, kind, mime, is_carried: embedded });
        }
        let paths = self.catalog.paths_of(&root)?;
        let true_peak = self.policy.true_peak();
        Ok(Order { recording, paths, tier, fields, pictures, picture_bytes, recipe, true_peak })
    }

    /// The pictures that go into a holding. What the original carries survives by itself, except in a
    /// re-encoding.
    pub(crate) fn pictures_to_embed(
        &self,
        root: &Root,
        tier: Tier,
    ) -> Result<Vec<PictureFacts>, ArchiveError> {
        if self.policy.embed_max_bytes() == 0 {
            return Ok(Vec::new());
        }
        let mut pictures = self.catalog.pictures(root)?;
        pictures.retain(|picture| !picture.embedded || tier.is_encoded());
        Ok(pictures)
    }

    fn is_ready(&self, order: &Order) -> bool {
        let recording = &order.recording;
        recording.analysis.as_ref().is_none_or(|known| order.is_measured(known))
            && recording
                .holding(order.tier)
                .is_some_and(|holding| holding.recipe == order.recipe && self.is_in_store(holding))
    }

    /// Whether the holding and its patch are in the store, as far as their lengths tell.
    pub(crate) fn is_in_store(&self, holding: &Holding) -> bool {
        self.store.has(&holding.hashes.root, holding.hashes.bytes)
            && holding.patch.is_none_or(|(root, bytes)| self.store.has(&root, bytes))
    }
}

impl BuildReport {
    /// Takes in what a second build did after this one.
    fn add(&mut self, later: BuildReport) {
        self.made += later.made;
        self.ready = later.ready.saturating_sub(self.made - later.made);
        self.failed = later.failed;
        self.problems.extend(later.problems);
        self.problems.sort();
        self.problems.dedup();
    }
}

fn amount_of(recording: &Recording) -> Amount {
    let audio_ms = recording.format.duration_ms.unwrap_or(0);
    Amount { items: 1, bytes: recording.original_bytes, audio_ms }
}

/// Counts up when the same inputs would give another holding than before. MP3 and MP4 were first kept untouched; then what APE tags say was
/// not said in ID3v2 tags, and FLAC behind an ID3v2 tag was kept untouched.
fn recipe_version(container: &str, tier: Tier) -> u32 {
    match container {
        "mp3" if tier == Tier::Keep => 3,
        "mp4" | "flac" if tier == Tier::Keep => 2,
        _ => 1,
    }
}

/// What to do about a source that is odd, about one that is merely not decoded, and about a picture that is left out.
const KEPT: &str =
    "it is kept as it is; replace it by a sound copy if it does not play as it should";
const UNREAD: &str = "it is kept as it is, and nothing is wrong with it; add a FLAC made of it, if it has to be measured";
const PICTURE: &str = "the picture is kept beside it; put one of 1,400 pixels in its place, then run the same lines again";

fn kept(order: &Order) -> &'static str {
    let codec = &order.recording.format.codec;
    match Codec::ALL.into_iter().find(|known| known.as_str() == codec) {
        Some(codec) if !codec.has_decoder() => UNREAD,
        _ => KEPT,
    }
}

fn warn(report: &mut BuildReport, order: &Order, warnings: &[String], next: &str) {
    for what in warnings {
        let (path, what) = (order.path_or_id(), what.clone());
        report.problems.push(Problem { path, what, next: next.to_owned() });
    }
}

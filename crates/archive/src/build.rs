//! Making the holdings that a plan asks for.

use crate::fields::fields;
use crate::make::{Made, MakeError, Order, make};
use crate::{Archive, ArchiveError, Plan, Run};
use deadwax_catalog::{Failure, Recording};
use deadwax_model::{PictureKind, Problem, Root, Status, Tier};
use std::collections::VecDeque;
use std::sync::{Mutex, mpsc};

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
}

impl Archive {
    /// Makes every holding that `plan` asks for and the store has not, most listened first. Each is
    /// durable before the next of its worker begins; a stop loses only what is half made.
    pub fn build(&self, run: &Run<'_>, plan: &Plan) -> Result<BuildReport, ArchiveError> {
        let mut report = BuildReport::default();
        let mut orders = VecDeque::new();
        for row in &plan.rows {
            let (Some(tier), Some(recording)) = (row.tier, self.catalog.recording(&row.id)?) else {
                continue;
            };
            let order = self.order(recording, tier)?;
            if self.is_ready(&order) {
                report.ready += 1;
                let warnings = order.recording.analysis.as_ref().map(|found| &found.warnings);
                warn(&mut report, &order, warnings.map_or(&[], Vec::as_slice));
            } else {
                orders.push_back(order);
            }
        }
        let bytes = orders.iter().map(|order| order.recording.original_bytes).sum();
        run.progress.phase("build", orders.len() as u64, bytes);
        self.work(run, Mutex::new(orders), &mut report)?;
        report.problems.sort();
        Ok(report)
    }

    fn work(
        &self,
        run: &Run<'_>,
        orders: Mutex<VecDeque<Order>>,
        report: &mut BuildReport,
    ) -> Result<(), ArchiveError> {
        let next = || orders.lock().unwrap_or_else(|e| e.into_inner()).pop_front();
        let (sender, results) = mpsc::sync_channel::<(Order, Result<Made, MakeError>)>(4);
        std::thread::scope(|scope| {
            for _ in 0..run.jobs.max(1) {
                let (sender, next, store) = (sender.clone(), &next, &self.store);
                scope.spawn(move || {
                    while run.go_on().is_ok()
                        && let Some(order) = next()
                    {
                        let made = make(store, &order, run.stop);
                        if sender.send((order, made)).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            // An error here drops the receiver, which ends the workers at their next item.
            for (order, made) in results {
                self.record(run, report, &order, made)?;
            }
            run.go_on()
        })
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
                self.catalog.record_holding(id, &made.holding, made.patch.as_ref())?;
                self.catalog.set_status(id, Status::Held)?;
                self.catalog.commit()?;
                report.made += 1;
                warn(report, order, &made.warnings);
            }
            Err(MakeError::Interrupted) => return Ok(()),
            Err(MakeError::Store(e)) if e.is_fatal() => return Err(e.into()),
            Err(error) => {
                let problem = error.problem(order);
                let recipe = order.recipe.clone();
                let failure = Failure { recording: id.clone(), recipe, problem: problem.clone() };
                self.catalog.begin()?;
                self.catalog.record_failure(&failure)?;
                self.catalog.set_status(id, Status::Failed)?;
                self.catalog.commit()?;
                report.failed += 1;
                report.problems.push(problem);
            }
        }
        run.progress.item(&order.recording.title, order.recording.original_bytes);
        Ok(())
    }

    fn order(&self, recording: Recording, tier: Tier) -> Result<Order, ArchiveError> {
        let root = recording.original_root;
        let fields = fields(&recording, &self.catalog.said(&root)?, tier);
        let pictures: Vec<(Root, PictureKind, String)> = self
            .catalog
            .pictures(&root)?
            .into_iter()
            // What the original carries survives by itself, except in a re-encoding.
            .filter(|picture| !picture.embedded || tier == Tier::Opus75)
            .filter(|picture| picture.hashes.bytes <= self.policy.embed_max_bytes())
            .map(|picture| (picture.hashes.root, picture.kind, picture.mime))
            .collect();
        let recipe = format!("{RECIPE_VERSION} {tier} {root} {fields:?} {pictures:?}");
        let recipe = deadwax_store::hash_of(recipe.as_bytes()).root.to_string();
        let paths = self.catalog.paths_of(&root)?;
        Ok(Order { recording, paths, tier, fields, pictures, recipe })
    }

    fn is_ready(&self, order: &Order) -> bool {
        order.recording.holding.as_ref().is_some_and(|holding| {
            holding.recipe == order.recipe
                && self.store.has(&holding.hashes.root, holding.hashes.bytes)
                && holding.patch.is_none_or(|(root, bytes)| self.store.has(&root, bytes))
        })
    }
}

/// Counts up when the same inputs would give another holding than before.
const RECIPE_VERSION: u32 = 1;

fn warn(report: &mut BuildReport, order: &Order, warnings: &[String]) {
    for what in warnings {
        report.problems.push(Problem {
            path: order
                .paths
                .first()
                .map_or_else(|| order.recording.id.to_string(), |path| path.display().to_string()),
            what: what.clone(),
            next: "it is kept as it is; replace it by a sound copy if there is one".to_owned(),
        });
    }
}

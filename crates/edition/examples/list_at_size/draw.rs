//! Draws of recordings as people ask for them: half from the whole list alike, half by how often they are heard.

use crate::made::Maker;
use deadwax_testkit::collection::GeneratedRecording;
use fastrand::Rng;

/// Points of the list at which listens are looked at: the law between two neighbours is smooth.
const POINTS: u32 = 4096;

pub(crate) struct Draw {
    recordings: u64,
    /// Ends of ranges of ranks, with the listens up to there.
    sums: Vec<(u64, f64)>,
}

impl Draw {
    pub(crate) fn new(maker: &Maker) -> Draw {
        let recordings = maker.collection().recordings();
        let (mut sums, mut sum, mut before) = (Vec::new(), 0.0, (0, 0.0));
        let mut memory = GeneratedRecording::default();
        for point in 0..=POINTS {
            let share = f64::from(point) / f64::from(POINTS);
            let rank = ((recordings as f64).powf(share) as u64).clamp(1, recordings);
            if rank == before.0 {
                continue;
            }
            maker.generate(rank, &mut memory);
            let listens = memory.listens.unwrap_or(0) as f64;
            sum += (rank - before.0) as f64
                * if before.0 == 0 { listens } else { (listens + before.1) / 2.0 };
            before = (rank, listens);
            sums.push((rank, sum));
        }
        Draw { recordings, sums }
    }

    pub(crate) fn rank(&self, random: &mut Rng) -> u64 {
        if random.bool() {
            return self.uniform(random);
        }
        let all = self.sums.last().map_or(0.0, |(_, sum)| *sum);
        let at = random.f64() * all;
        let place = self.sums.partition_point(|(_, sum)| *sum < at).min(self.sums.len() - 1);
        let first = if place == 0 { 1 } else { self.sums[place - 1].0 + 1 };
        random.u64(first..=self.sums[place].0)
    }

    pub(crate) fn uniform(&self, random: &mut Rng) -> u64 {
        random.u64(1..=self.recordings)
    }
}

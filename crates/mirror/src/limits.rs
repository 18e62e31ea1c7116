//! How quick a mirror may be, and how much of the disk it may take.

use std::sync::Mutex;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// What may come at once after a pause.
const BURST: Duration = Duration::from_millis(250);

/// Bytes a second, over all connections together.
#[derive(Debug)]
pub(crate) struct Rate {
    bytes_per_second: Option<u64>,
    /// When all bytes that came until now are within the rate.
    even: Mutex<Option<Instant>>,
}

impl Rate {
    /// `None` is no limit.
    pub fn new(bytes_per_second: Option<u64>) -> Rate {
        Rate { bytes_per_second: bytes_per_second.map(|rate| rate.max(1)), even: Mutex::new(None) }
    }

    /// Waits until so many more bytes are within the rate.
    pub async fn take(&self, bytes: u64) {
        let Some(rate) = self.bytes_per_second else { return };
        let until = {
            let now = Instant::now();
            let mut even = self.even.lock().unwrap_or_else(|e| e.into_inner());
            let from = even.map_or(now, |even| even.max(now.checked_sub(BURST).unwrap_or(now)));
            let until = from + Duration::from_secs_f64(bytes as f64 / rate as f64);
            *even = Some(until);
            until
        };
        sleep_until(until).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn many_hands_together_keep_to_the_rate() {
        let rate = Rate::new(Some(1_000_000));
        let began = Instant::now();
        let one = || async {
            for _ in 0..10 {
                rate.take(10_000).await;
            }
        };
        tokio::join!(one(), one(), one());
        // 300,000 bytes at 1,000,000 a second.
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(290), "{took:?}");
        assert!(took < Duration::from_secs(3), "{took:?}");
    }
}

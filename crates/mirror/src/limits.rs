//! How quick a mirror may be, and how much of the disk it may take.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// What may come at once after a pause.
const BURST: Duration = Duration::from_millis(250);

/// Bytes a second, over all connections together.
#[derive(Debug)]
pub(crate) struct Rate {
    /// 0 is no limit.
    bytes_per_second: AtomicU64,
    /// When all bytes that came until now are within the rate.
    even: Mutex<Option<Instant>>,
}

impl Rate {
    /// `None` is no limit.
    pub fn new(bytes_per_second: Option<u64>) -> Rate {
        let bytes_per_second = AtomicU64::new(bytes_per_second.map_or(0, |rate| rate.max(1)));
        Rate { bytes_per_second, even: Mutex::new(None) }
    }

    /// Another limit from now on, where there is one.
    pub fn set(&self, bytes_per_second: u64) {
        self.bytes_per_second.store(bytes_per_second.max(1), Ordering::Relaxed);
    }

    /// Waits until so many more bytes are within the rate.
    pub async fn take(&self, bytes: u64) {
        let rate = self.bytes_per_second.load(Ordering::Relaxed);
        if rate == 0 {
            return;
        }
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

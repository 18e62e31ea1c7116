//! What a panic looks like to a person. Decoders of foreign code panic on hostile files; that is caught and
//! becomes a problem of the one file, so the default message would only frighten. A panic that nobody
//! catches is a bug of ours: it ends the command with one sentence.

use crate::exit::Done;
use anyhow::{Result, anyhow};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::sync::{Arc, Mutex};

/// Set to have panics printed where they happen, caught or not, with `RUST_BACKTRACE` as usual.
const SHOW: &str = "DEADWAX_SHOW_PANICS";

/// Runs a command; a panic out of it is an error.
pub fn contain(command: impl FnOnce() -> Result<Done>) -> Result<Done> {
    let last = Arc::new(Mutex::new(None));
    if std::env::var_os(SHOW).is_none() {
        let last = Arc::clone(&last);
        set_hook(Box::new(move |panic| {
            let mut last = last.lock().unwrap_or_else(|e| e.into_inner());
            // A worker's panic comes a second time, without its place, where the workers are waited for.
            if panic.payload_as_str() != Some("a scoped thread panicked") || last.is_none() {
                *last = Some(panic.to_string().replace('\n', " "));
            }
        }));
    }
    catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|_| {
        let said = last.lock().unwrap_or_else(|e| e.into_inner()).take().unwrap_or_default();
        Err(anyhow!(
            "stopped by a fault of its own ({said}); what was done is safe: please report this, and run the \
             same line again with {SHOW}=1 to see more"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_one_sentence_and_one_that_was_caught_is_none() {
        let caught = contain(|| {
            let _ = catch_unwind(|| panic!("in a decoder"));
            Ok(Done::Clean)
        });
        let worker = contain(|| {
            std::thread::scope(|scope| {
                scope.spawn(|| panic!("the\nreason"));
            });
            Ok(Done::Clean)
        });
        drop(std::panic::take_hook());
        assert_eq!(caught.unwrap(), Done::Clean);
        let said = worker.unwrap_err().to_string();
        assert!(said.contains("the reason") && said.contains("panic.rs"), "{said}");
        assert!(said.contains("report this") && !said.contains('\n'), "{said}");
    }
}

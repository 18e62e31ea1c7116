//! How long work is told to stop.

use crate::CatalogError;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that somebody sets who wants the work to stop; the default is nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stop<'s>(Option<&'s AtomicBool>);

impl<'s> From<&'s AtomicBool> for Stop<'s> {
    fn from(flag: &'s AtomicBool) -> Stop<'s> {
        Stop(Some(flag))
    }
}

impl Stop<'_> {
    /// Work in steps too small to ask at each asks after so many.
    pub(crate) const STEPS: usize = 1 << 12;

    /// [`CatalogError::Interrupted`] when the flag is set.
    pub(crate) fn go_on(self) -> Result<(), CatalogError> {
        match self.0.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            true => Err(CatalogError::Interrupted),
            false => Ok(()),
        }
    }

    /// [`Stop::go_on`] at every [`Stop::STEPS`]th step.
    pub(crate) fn step(self, number: usize) -> Result<(), CatalogError> {
        if number.is_multiple_of(Stop::STEPS) { self.go_on() } else { Ok(()) }
    }
}

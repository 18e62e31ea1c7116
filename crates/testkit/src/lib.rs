//! Fixtures, generators and damage for tests, and the composer of the demo's music.
//!
//! WHY it composes: a test collection that is generated can be shipped, licensed and changed at will,
//! and a demo on a bare machine has to have something pleasant to archive. Everything here is
//! deterministic: the same call gives the same bytes.
//!
//! For tests and the demo only. It depends on none of our other rooms, so that it can judge them all.

pub mod collection;
pub mod corpus;
pub mod damage;
pub mod demo;
pub mod flac;
pub mod hostile;
pub mod http;
pub mod music;
pub mod oracle;
pub mod packs;
pub mod peer;
pub mod png;
pub mod sandbox;
pub mod tracker;
pub mod tree;
pub mod wav;

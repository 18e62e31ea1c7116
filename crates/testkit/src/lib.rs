//! Fixtures, generators and damage for tests, and the composer of the demo's music.

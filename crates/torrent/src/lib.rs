//! Hybrid v1 + v2 metainfo from stored hash rows, packs, magnets. No network.

//! Readers that turn the outside into catalogue facts.

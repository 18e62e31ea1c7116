//! Signs an edition and checks it (docs/formats/trust.md): TUF, and the keys. The only code that knows the crate `tough`.

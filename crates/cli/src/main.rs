//! The deadwax command.

fn main() {}

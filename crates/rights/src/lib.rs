//! Rights statements in, clearances out. Pure.

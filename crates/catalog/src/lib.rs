//! What is known, mutable: the working catalogue on SQLite.

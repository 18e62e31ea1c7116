//! Holdings by root on a folder: the only code that makes bytes durable.

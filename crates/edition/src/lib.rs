//! Builds and reads editions: the list, search, Parquet, statistics, the report page.

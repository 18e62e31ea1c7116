//! The structures of a Parquet file's directory and page headers, with the type of each field: the decoder
//! goes by the numbers of fields alone and takes whatever is there for what it expects.
//!
//! Format: parquet.thrift (github.com/apache/parquet-format). Fields that the decoder passes over by the type
//! they say they have, statistics among them, are left out.

/// A structure.
pub(super) struct Struct {
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
}

/// A field's number and name, and what it holds.
pub(super) struct Field(pub(super) i16, pub(super) &'static str, pub(super) Type);

/// The highest number of a field, and one.
pub(super) const FIELDS: usize = 20;

/// What a field holds.
pub(super) enum Type {
    Truth,
    Byte,
    I16,
    I32,
    I64,
    Double,
    /// Text or bytes.
    Text,
    Struct(&'static Struct),
    List(&'static Type),
}

use Type::{Byte, Double, I16, I32, I64, List, Text, Truth};

pub(super) static FILE: Struct = Struct {
    name: "FileMetaData",
    fields: &[
        Field(1, "version", I32),
        Field(2, "schema", List(&Type::Struct(&NODE))),
        Field(3, "num_rows", I64),
        Field(4, "row_groups", List(&Type::Struct(&GROUP))),
        Field(5, "key_value_metadata", List(&Type::Struct(&KEY_VALUE))),
        Field(6, "created_by", Text),
        Field(7, "column_orders", List(&Type::Struct(&COLUMN_ORDER))),
    ],
};

/// A node of the schema.
pub(super) static NODE: Struct = Struct {
    name: "SchemaElement",
    fields: &[
        Field(1, "type", I32),
        Field(2, "type_length", I32),
        Field(3, "repetition_type", I32),
        Field(NODE_NAME as i16, "name", Text),
        Field(NODE_CHILDREN as i16, "num_children", I32),
        Field(6, "converted_type", I32),
        Field(7, "scale", I32),
        Field(8, "precision", I32),
        Field(9, "field_id", I32),
        Field(10, "logicalType", Type::Struct(&LOGICAL)),
    ],
};
pub(super) const NODE_NAME: usize = 4;
pub(super) const NODE_CHILDREN: usize = 5;

static LOGICAL: Struct = Struct {
    name: "LogicalType",
    fields: &[
        Field(1, "STRING", Type::Struct(&NOTHING)),
        Field(2, "MAP", Type::Struct(&NOTHING)),
        Field(3, "LIST", Type::Struct(&NOTHING)),
        Field(4, "ENUM", Type::Struct(&NOTHING)),
        Field(5, "DECIMAL", Type::Struct(&DECIMAL)),
        Field(6, "DATE", Type::Struct(&NOTHING)),
        Field(7, "TIME", Type::Struct(&TIME)),
        Field(8, "TIMESTAMP", Type::Struct(&TIME)),
        Field(10, "INTEGER", Type::Struct(&INTEGER)),
        Field(11, "UNKNOWN", Type::Struct(&NOTHING)),
        Field(12, "JSON", Type::Struct(&NOTHING)),
        Field(13, "BSON", Type::Struct(&NOTHING)),
        Field(14, "UUID", Type::Struct(&NOTHING)),
        Field(15, "FLOAT16", Type::Struct(&NOTHING)),
        Field(16, "VARIANT", Type::Struct(&VARIANT)),
        Field(17, "GEOMETRY", Type::Struct(&GEO)),
        Field(18, "GEOGRAPHY", Type::Struct(&GEO)),
        Field(19, "FILE", Type::Struct(&NOTHING)),
    ],
};

static NOTHING: Struct = Struct { name: "a type without more", fields: &[] };

static DECIMAL: Struct =
    Struct { name: "DecimalType", fields: &[Field(1, "scale", I32), Field(2, "precision", I32)] };

static TIME: Struct = Struct {
    name: "TimeType",
    fields: &[Field(1, "isAdjustedToUTC", Truth), Field(2, "unit", Type::Struct(&TIME_UNIT))],
};

static TIME_UNIT: Struct = Struct {
    name: "TimeUnit",
    fields: &[
        Field(1, "MILLIS", Type::Struct(&NOTHING)),
        Field(2, "MICROS", Type::Struct(&NOTHING)),
        Field(3, "NANOS", Type::Struct(&NOTHING)),
    ],
};

static INTEGER: Struct =
    Struct { name: "IntType", fields: &[Field(1, "bitWidth", Byte), Field(2, "isSigned", Truth)] };

static VARIANT: Struct =
    Struct { name: "VariantType", fields: &[Field(1, "specification_version", Byte)] };

static GEO: Struct =
    Struct { name: "GeographyType", fields: &[Field(1, "crs", Text), Field(2, "algorithm", I32)] };

pub(super) static KEY_VALUE: Struct =
    Struct { name: "KeyValue", fields: &[Field(1, "key", Text), Field(2, "value", Text)] };

static COLUMN_ORDER: Struct = Struct {
    name: "ColumnOrder",
    fields: &[
        Field(1, "TYPE_ORDER", Type::Struct(&NOTHING)),
        Field(2, "IEEE_754_TOTAL_ORDER", Type::Struct(&NOTHING)),
        Field(3, "INT96_TIMESTAMP_ORDER", Type::Struct(&NOTHING)),
    ],
};

pub(super) static GROUP: Struct = Struct {
    name: "RowGroup",
    fields: &[
        Field(1, "columns", List(&Type::Struct(&CHUNK))),
        Field(2, "total_byte_size", I64),
        Field(3, "num_rows", I64),
        Field(4, "sorting_columns", List(&Type::Struct(&SORTING))),
        Field(5, "file_offset", I64),
        Field(7, "ordinal", I16),
    ],
};

static SORTING: Struct = Struct {
    name: "SortingColumn",
    fields: &[
        Field(1, "column_idx", I32),
        Field(2, "descending", Truth),
        Field(3, "nulls_first", Truth),
    ],
};

pub(super) static CHUNK: Struct = Struct {
    name: "ColumnChunk",
    fields: &[
        Field(1, "file_path", Text),
        Field(2, "file_offset", I64),
        Field(3, "meta_data", Type::Struct(&COLUMN)),
        Field(4, "offset_index_offset", I64),
        Field(5, "offset_index_length", I32),
        Field(6, "column_index_offset", I64),
        Field(7, "column_index_length", I32),
        Field(CHUNK_CRYPTO as i16, "crypto_metadata", Type::Struct(&NOTHING)),
    ],
};
pub(super) const CHUNK_CRYPTO: usize = 8;

static COLUMN: Struct = Struct {
    name: "ColumnMetaData",
    fields: &[
        Field(1, "type", I32),
        Field(2, "encodings", List(&I32)),
        Field(4, "codec", I32),
        Field(5, "num_values", I64),
        Field(6, "total_uncompressed_size", I64),
        Field(7, "total_compressed_size", I64),
        Field(9, "data_page_offset", I64),
        Field(10, "index_page_offset", I64),
        Field(11, "dictionary_page_offset", I64),
        Field(14, "bloom_filter_offset", I64),
        Field(15, "bloom_filter_length", I32),
        Field(17, "geospatial_statistics", Type::Struct(&GEO_STATISTICS)),
    ],
};

static GEO_STATISTICS: Struct = Struct {
    name: "GeospatialStatistics",
    fields: &[Field(1, "bbox", Type::Struct(&BOX)), Field(2, "geospatial_types", List(&I32))],
};

static BOX: Struct = Struct {
    name: "BoundingBox",
    fields: &[
        Field(1, "xmin", Double),
        Field(2, "xmax", Double),
        Field(3, "ymin", Double),
        Field(4, "ymax", Double),
        Field(5, "zmin", Double),
        Field(6, "zmax", Double),
        Field(7, "mmin", Double),
        Field(8, "mmax", Double),
    ],
};

/// What comes before each page.
pub(super) static PAGE: Struct = Struct {
    name: "PageHeader",
    fields: &[
        Field(1, "type", I32),
        Field(PAGE_UNPACKED as i16, "uncompressed_page_size", I32),
        Field(PAGE_PACKED as i16, "compressed_page_size", I32),
        Field(4, "crc", I32),
        Field(5, "data_page_header", Type::Struct(&DATA_PAGE)),
        Field(6, "index_page_header", Type::Struct(&INDEX_PAGE)),
        Field(7, "dictionary_page_header", Type::Struct(&DICTIONARY_PAGE)),
        Field(8, "data_page_header_v2", Type::Struct(&DATA_PAGE_2)),
    ],
};
pub(super) const PAGE_UNPACKED: usize = 2;
pub(super) const PAGE_PACKED: usize = 3;

static DATA_PAGE: Struct = Struct {
    name: "DataPageHeader",
    fields: &[
        Field(1, "num_values", I32),
        Field(2, "encoding", I32),
        Field(3, "definition_level_encoding", I32),
        Field(4, "repetition_level_encoding", I32),
    ],
};

static INDEX_PAGE: Struct = Struct { name: "IndexPageHeader", fields: &[] };

static DICTIONARY_PAGE: Struct = Struct {
    name: "DictionaryPageHeader",
    fields: &[Field(1, "num_values", I32), Field(2, "encoding", I32), Field(3, "is_sorted", Truth)],
};

static DATA_PAGE_2: Struct = Struct {
    name: "DataPageHeaderV2",
    fields: &[
        Field(1, "num_values", I32),
        Field(2, "num_nulls", I32),
        Field(3, "num_rows", I32),
        Field(4, "encoding", I32),
        Field(5, "definition_levels_byte_length", I32),
        Field(6, "repetition_levels_byte_length", I32),
        Field(7, "is_compressed", Truth),
    ],
};

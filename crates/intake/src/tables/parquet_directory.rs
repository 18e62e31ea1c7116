//! The schema in a Parquet file's directory, looked at before the decoder does: it makes room for as many
//! children as a node claims to have, and follows them as deep as they go.
//!
//! Formats: `FileMetaData` of parquet.thrift (github.com/apache/parquet-format), Thrift's compact protocol.

/// Most nodes of a schema, and how deep they may lie within each other.
const NODES: usize = 10_000;
const DEPTH: usize = 32;

/// Whether the schema is a tree of sensible size.
pub(super) fn is_sensible(directory: &[u8]) -> bool {
    children(directory).is_some_and(|children| is_tree(&children))
}

/// How many children each node of the schema claims, in order of the directory: depth first.
fn children(directory: &[u8]) -> Option<Vec<u64>> {
    let mut thrift = Thrift { rest: directory };
    let mut id = 0;
    while let Some(kind) = thrift.field(&mut id)? {
        match (id, kind) {
            (2, LIST) => {
                let (length, of) = thrift.list()?;
                if of != STRUCT || length > NODES as u64 {
                    return None;
                }
                return (0..length).map(|_| thrift.node()).collect();
            }
            _ => thrift.skip(kind, 0)?,
        }
    }
    None
}

fn is_tree(children: &[u64]) -> bool {
    let mut open: Vec<u64> = Vec::new();
    for &count in children {
        if count > children.len() as u64 || open.len() > DEPTH {
            return false;
        }
        if count > 0 {
            open.push(count);
            continue;
        }
        while let Some(left) = open.last_mut() {
            *left -= 1;
            if *left > 0 {
                break;
            }
            open.pop();
        }
    }
    open.is_empty()
}

const STOP: u8 = 0;
const I32: u8 = 5;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

struct Thrift<'a> {
    rest: &'a [u8],
}

impl Thrift<'_> {
    /// The type of a struct's next field, whose id replaces that of the one before; `None` at its end.
    fn field(&mut self, id: &mut i64) -> Option<Option<u8>> {
        let head = self.byte()?;
        let kind = head & 0x0F;
        if kind == STOP {
            return Some(None);
        }
        *id = match head >> 4 {
            0 => zigzag(self.varint()?),
            delta => id.checked_add(delta.into())?,
        };
        Some(Some(kind))
    }

    /// A list's length and what it is of.
    fn list(&mut self) -> Option<(u64, u8)> {
        let head = self.byte()?;
        let length = match head >> 4 {
            15 => self.varint()?,
            length => length.into(),
        };
        Some((length, head & 0x0F))
    }

    /// Passes a `SchemaElement` and gives its `num_children`.
    fn node(&mut self) -> Option<u64> {
        let (mut id, mut children) = (0, 0);
        while let Some(kind) = self.field(&mut id)? {
            match (id, kind) {
                (5, I32) => children = u64::try_from(zigzag(self.varint()?)).ok()?,
                _ => self.skip(kind, 0)?,
            }
        }
        Some(children)
    }

    /// Passes a value.
    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > DEPTH {
            return None;
        }
        match kind {
            // The type says which.
            1 | 2 => {}
            3 => self.pass(1)?,
            4..=6 => drop(self.varint()?),
            7 => self.pass(8)?,
            8 => {
                let length = self.varint()?;
                self.pass(length)?;
            }
            LIST | 10 => {
                let (length, of) = self.list()?;
                for _ in 0..length {
                    // Truths in a list take a byte each.
                    self.skip(if of <= 2 { 3 } else { of }, depth + 1)?;
                }
            }
            STRUCT => {
                let mut id = 0;
                while let Some(kind) = self.field(&mut id)? {
                    self.skip(kind, depth + 1)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    fn pass(&mut self, bytes: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(bytes).ok()?..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        super::parquet_pages::varint(&mut self.rest)
    }
}

fn zigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_a_tree_and_not_deep() {
        assert!(is_tree(&[2, 0, 2, 0, 0]));
        assert!(is_tree(&[0]));
        assert!(!is_tree(&[2, 0]), "a child is missing");
        assert!(!is_tree(&[3, 0, 0]), "more children than nodes");
        let deep = |depth: usize| [vec![1; depth], vec![0]].concat();
        assert!(is_tree(&deep(DEPTH)));
        assert!(!is_tree(&deep(DEPTH + 2)));
    }

    #[test]
    fn garbage_is_no_schema() {
        assert!(!is_sensible(&[]));
        assert!(!is_sensible(&[0]));
        // version 1, then a list of 2^31 structs that are not there.
        assert!(!is_sensible(&[0x15, 2, 0x19, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 7]));
        // One node with 2^30 children.
        assert!(!is_sensible(&[0x15, 2, 0x19, 0x1C, 0x55, 0x80, 0x80, 0x80, 0x80, 8, 0]));
        // The same with one child that is there.
        assert!(is_sensible(&[0x15, 2, 0x19, 0x2C, 0x55, 2, 0, 0x15, 2, 0, 0]));
    }
}

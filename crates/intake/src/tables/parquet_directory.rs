//! A Parquet file's directory, looked at before the decoder reads it: of what it trusts, what could take its
//! stack or all memory is bounded here.

use super::parquet_structs::{
    CHUNK, CHUNK_CRYPTO, FILE, GROUP, KEY_VALUE, NODE, NODE_CHILDREN, NODE_NAME,
};
use super::parquet_thrift::{Unsound, Walk};

/// Most nodes of a schema, and how deep they may lie within each other.
const NODES: usize = 10_000;
const DEPTH: usize = 32;
/// Most bytes of the names of all columns, each with the names of those that it lies in: the decoder writes
/// them out.
const NAMES_BYTES: u64 = 16 << 20;
/// Most row groups and column chunks, of which the decoder takes some hundred bytes each.
const CHUNKS: usize = 512 << 10;
/// Most pairs of a key and a value, in all.
const PAIRS: usize = 64 << 10;
/// Most elements of all lists: some four a column chunk.
const ELEMENTS: u64 = 8 << 20;

/// Why a directory is not decoded, as part of a sentence.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotDecoded {
    Damaged(String),
    /// It may be sound, and has more than is read here.
    TooMuch(String),
    /// Columns of it are.
    Encrypted,
}

/// Whether a directory can be decoded without harm.
pub(super) fn check(directory: &[u8]) -> Result<(), NotDecoded> {
    let (mut nodes, mut chunks, mut pairs) = (Vec::new(), 0, 0);
    let mut why = None;
    let walked = Walk::new(directory, ELEMENTS).over(&FILE, &mut |of, numbers| {
        let mut stop = |reason: NotDecoded| {
            why = Some(reason);
            Err(String::new())
        };
        if of.name == NODE.name {
            if nodes.len() == NODES {
                return stop(NotDecoded::TooMuch(format!(
                    "its schema has more than {NODES} nodes"
                )));
            }
            let number = |id: usize| numbers[id].unwrap_or_default();
            let children = u64::try_from(number(NODE_CHILDREN))
                .map_err(|_| "a node of its schema has less than no children".to_owned())?;
            nodes.push(Node { children, name_bytes: number(NODE_NAME) as u64 });
        } else if of.name == KEY_VALUE.name {
            pairs += 1;
            if pairs > PAIRS {
                let what = format!("it has more than {PAIRS} pairs of a key and a value");
                return stop(NotDecoded::TooMuch(what));
            }
        } else if of.name == GROUP.name || of.name == CHUNK.name {
            chunks += 1;
            if of.name == CHUNK.name && numbers[CHUNK_CRYPTO].is_some() {
                return stop(NotDecoded::Encrypted);
            }
            if chunks > CHUNKS {
                let what = format!("it has more than {CHUNKS} row groups and column chunks");
                return stop(NotDecoded::TooMuch(what));
            }
        }
        Ok(())
    });
    match (why, walked) {
        (Some(why), _) => Err(why),
        (None, Ok(())) => check_tree(&nodes),
        (None, Err(Unsound::CutOff)) => Err(damaged("it ends too early")),
        (None, Err(Unsound::Wrong(what))) => Err(NotDecoded::Damaged(what)),
    }
}

fn damaged(what: &str) -> NotDecoded {
    NotDecoded::Damaged(what.to_owned())
}

/// A node of the schema.
struct Node {
    children: u64,
    name_bytes: u64,
}

/// Whether nodes, depth first, are a tree that is neither deep nor large when it is written out.
fn check_tree(nodes: &[Node]) -> Result<(), NotDecoded> {
    // Of each node that is not complete, the children that are to come, and the bytes of the names down to it.
    let mut open: Vec<(u64, u64)> = Vec::new();
    let mut names_bytes: u64 = 0;
    for node in nodes {
        if node.children > nodes.len() as u64 {
            return Err(damaged("a node of its schema has more children than there are"));
        }
        if open.len() > DEPTH {
            let what = format!("its columns lie more than {DEPTH} deep in each other");
            return Err(NotDecoded::TooMuch(what));
        }
        let path_bytes = open.last().map_or(0, |(_, bytes)| *bytes) + node.name_bytes;
        if node.children > 0 {
            open.push((node.children, path_bytes));
            continue;
        }
        names_bytes += path_bytes;
        if names_bytes > NAMES_BYTES {
            let what = format!("the names of its columns have more than {NAMES_BYTES} bytes");
            return Err(NotDecoded::TooMuch(what));
        }
        while let Some((left, _)) = open.last_mut() {
            *left -= 1;
            if *left > 0 {
                break;
            }
            open.pop();
        }
    }
    match nodes.is_empty() || !open.is_empty() {
        true => Err(damaged("nodes of its schema are missing")),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(children: &[u64], name_bytes: u64) -> Result<(), NotDecoded> {
        let nodes = children.iter().map(|&children| Node { children, name_bytes });
        check_tree(&nodes.collect::<Vec<_>>())
    }

    fn is_damaged(checked: Result<(), NotDecoded>, words: &str) {
        assert!(
            matches!(&checked, Err(NotDecoded::Damaged(what)) if what.contains(words)),
            "{checked:?}"
        );
    }

    fn is_too_much(checked: Result<(), NotDecoded>, words: &str) {
        assert!(
            matches!(&checked, Err(NotDecoded::TooMuch(what)) if what.contains(words)),
            "{checked:?}"
        );
    }

    #[test]
    fn a_schema_is_a_tree_and_not_deep() {
        assert_eq!(tree(&[2, 0, 2, 0, 0], 1), Ok(()));
        assert_eq!(tree(&[0], 1), Ok(()));
        is_damaged(tree(&[], 1), "are missing");
        is_damaged(tree(&[2, 0], 1), "are missing");
        is_damaged(tree(&[4, 0, 0], 1), "more children");
        let deep = |depth: usize| [vec![1; depth], vec![0]].concat();
        assert_eq!(tree(&deep(DEPTH), 1), Ok(()));
        is_too_much(tree(&deep(DEPTH + 2), 1), "32 deep");
    }

    #[test]
    fn a_long_name_of_a_group_counts_for_each_of_its_columns() {
        let children = [vec![1, 9_000], vec![0; 9_000]].concat();
        assert_eq!(tree(&children, 100), Ok(()));
        is_too_much(tree(&children, 1_000), "16777216 bytes");
    }

    #[test]
    fn garbage_is_no_directory() {
        is_damaged(check(&[]), "it ends too early");
        is_damaged(check(&[0]), "are missing");
        // version 1, then a list of 2^31 structures that are not there.
        let many = [0x15, 2, 0x19, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 7];
        is_damaged(check(&many), "schema of FileMetaData has too many elements");
        // One node with 2^30 children.
        let children = [0x15, 2, 0x19, 0x1C, 0x55, 0x80, 0x80, 0x80, 0x80, 8, 0, 0];
        is_damaged(check(&children), "more children than there are");
        // The same with one child that is there.
        assert_eq!(check(&[0x15, 2, 0x19, 0x2C, 0x55, 2, 0, 0x15, 2, 0, 0]), Ok(()));
    }

    #[test]
    fn nodes_and_chunks_are_counted() {
        let list = |head: &[u8], length: usize, element: &[u8]| {
            let length = [length as u8 | 0x80, (length >> 7) as u8 | 0x80, (length >> 14) as u8];
            [head, &length, &element.repeat(usize::from(length[2]) << 14), &[0]].concat()
        };
        is_too_much(check(&list(&[0x29, 0xFC], 1 << 14, &[0])), "more than 10000 nodes");
        is_too_much(check(&list(&[0x49, 0xFC], 127 << 14, &[0])), "more than 524288 row groups");
    }

    #[test]
    fn encrypted_columns_are_told() {
        // Row groups: one with one column chunk, which has crypto_metadata.
        let bytes = [0x49, 0x1C, 0x19, 0x1C, 0x8C, 0, 0, 0, 0];
        assert_eq!(check(&bytes), Err(NotDecoded::Encrypted));
    }
}

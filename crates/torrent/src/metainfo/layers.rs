//! The piece layers, which no info hash covers: each must give the root that it stands under.

use super::{ContentFile, MetainfoError};
use crate::bencode::Value;
use crate::merkle;
use deadwax_model::PIECE_BYTES;
use std::collections::HashMap;

/// Every file longer than a piece has its layer, and there are no others.
pub(super) fn check(layers: Option<&Value>, files: &[ContentFile]) -> Result<(), MetainfoError> {
    let entries =
        layers.and_then(Value::dict).ok_or(MetainfoError::Shape("there are no piece layers"))?;
    // Root → length: a layer is checked once, however many files have that root.
    let mut checked: HashMap<&[u8], u64> = HashMap::new();
    for file in files.iter().filter(|file| file.bytes > PIECE_BYTES) {
        let root = file.root.0.as_slice();
        if checked.get(root) == Some(&file.bytes) {
            continue;
        }
        let layer = entries
            .binary_search_by(|entry| entry.key.cmp(root))
            .ok()
            .and_then(|place| entries[place].value.bytes());
        let fits = layer.is_some_and(|layer| {
            layer.len() as u128 == u128::from(file.bytes.div_ceil(PIECE_BYTES)) * 32
                && merkle::root_of_layer(layer) == Some(file.root.0)
        });
        if !fits || checked.insert(root, file.bytes).is_some() {
            return Err(MetainfoError::File {
                path: file.path.join("/"),
                what: "its piece layer is missing or does not give its root",
            });
        }
    }
    if checked.len() != entries.len() {
        return Err(MetainfoError::Shape("there are piece layers of no file"));
    }
    Ok(())
}

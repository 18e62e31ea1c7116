//! The piece layers, which no info hash covers: each must give the root that it stands under.

use super::{ContentFile, MetainfoError};
use crate::bencode::Value;
use crate::merkle;
use deadwax_model::PIECE_BYTES;
use std::collections::HashMap;

/// Gives every file longer than a piece its layer; there are no others.
pub(super) fn fill(layers: Option<&Value>, files: &mut [ContentFile]) -> Result<(), MetainfoError> {
    let entries =
        layers.and_then(Value::dict).ok_or(MetainfoError::Shape("there are no piece layers"))?;
    // Root → length and layer: a layer is checked once, however many files have that root.
    let mut checked: HashMap<[u8; 32], (u64, &[u8])> = HashMap::new();
    for file in files.iter_mut().filter(|file| file.bytes > PIECE_BYTES) {
        let root = file.root.0;
        if let Some((bytes, layer)) = checked.get(&root)
            && *bytes == file.bytes
        {
            file.piece_layer = layer.to_vec();
            continue;
        }
        let layer = entries
            .binary_search_by(|entry| entry.key.cmp(&root))
            .ok()
            .and_then(|place| entries[place].value.bytes())
            .filter(|layer| {
                layer.len() as u128 == u128::from(file.bytes.div_ceil(PIECE_BYTES)) * 32
                    && merkle::root_of_layer(layer) == Some(root)
            });
        let Some(layer) = layer.filter(|_| !checked.contains_key(&root)) else {
            return Err(MetainfoError::File {
                path: file.path.join("/"),
                what: "its piece layer is missing or does not give its root",
            });
        };
        file.piece_layer = layer.to_vec();
        checked.insert(root, (file.bytes, layer));
    }
    if checked.len() != entries.len() {
        return Err(MetainfoError::Shape("there are piece layers of no file"));
    }
    Ok(())
}

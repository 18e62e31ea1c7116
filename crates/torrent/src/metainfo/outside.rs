//! What stands beside the info dictionary, which no info hash covers: whoever passed the torrent on may have changed it.

use super::MetainfoError;
use super::MetainfoError::Shape;
use crate::bencode::Value;
use crate::hybrid::ORDER_KEY;

/// The place of every file, the most listened first.
pub(super) fn order(top: &Value, files: usize) -> Result<Option<Vec<u32>>, MetainfoError> {
    let wrong = Shape("'deadwax order' is not one place for every file");
    let Some(value) = top.get(ORDER_KEY) else {
        return Ok(None);
    };
    let Some((places, [])) = value.bytes().map(<[u8]>::as_chunks::<4>) else {
        return Err(wrong);
    };
    let mut is_free = vec![true; files];
    let mut claim = |place: &u32| {
        let free = usize::try_from(*place).ok().and_then(|place| is_free.get_mut(place));
        free.is_some_and(std::mem::take)
    };
    let places: Vec<u32> = places.iter().map(|place| u32::from_be_bytes(*place)).collect();
    if places.len() != files || !places.iter().all(&mut claim) {
        return Err(wrong);
    }
    Ok(Some(places))
}

/// BEP 19.
pub(super) fn web_seeds(top: &Value) -> Result<Vec<String>, MetainfoError> {
    top.get("url-list").map_or(Ok(Vec::new()), |seeds| {
        texts(seeds).ok_or(Shape("'url-list' is not a list of addresses"))
    })
}

/// BEP 12, and BEP 3 where there is no list.
pub(super) fn trackers(top: &Value) -> Result<Vec<Vec<String>>, MetainfoError> {
    if let Some(tiers) = top.get("announce-list") {
        let tiers = tiers.list().and_then(|tiers| tiers.iter().map(texts).collect());
        return tiers.ok_or(Shape("'announce-list' is not a list of lists of addresses"));
    }
    match top.get("announce").map(Value::text) {
        None => Ok(Vec::new()),
        Some(Some(tracker)) => Ok(vec![vec![tracker.to_owned()]]),
        Some(None) => Err(Shape("'announce' is not an address")),
    }
}

fn texts(list: &Value) -> Option<Vec<String>> {
    list.list()?.iter().map(|value| value.text().map(str::to_owned)).collect()
}

//! The metadata that a holding carries.

use deadwax_catalog::Recording;
use deadwax_model::Tier;
use deadwax_rights::speaks_of_rights;

/// What the archive knows of a recording, under the names of the Vorbis comment field recommendation
/// (xiph.org/vorbis/doc/v-comment.html) and of MusicBrainz Picard, and two fields of ours that say
/// which recording this is and from which original it came.
///
/// In `keep` these take the place of the original's fields of the same name, and all its others
/// survive by themselves. A re-encoding starts from nothing, so there they follow here.
pub(crate) fn fields(
    recording: &Recording,
    said: &[(String, String)],
    tier: Tier,
) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut put = |key: &str, value: Option<&str>| {
        fields.extend(value.map(|value| (key.to_owned(), value.to_owned())));
    };
    put("TITLE", recording.title_said.then_some(recording.title.as_str()));
    for artist in &recording.artists {
        put("ARTIST", Some(artist));
    }
    if let Some(track) = recording.tracks.first() {
        put("ALBUM", Some(&track.release.title));
        put("ALBUMARTIST", track.release.artist.as_deref());
        put("DISCNUMBER", number(track.disc, &["DISCNUMBER", "TPOS"], said).as_deref());
        put("TRACKNUMBER", number(track.position, &["TRACKNUMBER", "TRCK"], said).as_deref());
    }
    put("DATE", recording.date.as_deref());
    for isrc in &recording.isrcs {
        put("ISRC", Some(&isrc.compact()));
    }
    put("DEADWAX_RECORDING", Some(recording.id.as_str()));
    put("DEADWAX_ORIGINAL", Some(&recording.original_root.to_string()));
    if tier != Tier::Keep {
        // Ogg and FLAC share this vocabulary; of other containers' tags only what they say of rights
        // is carried over, since a licence must stay with the music.
        let shares_vocabulary = matches!(recording.format.container.as_str(), "ogg" | "flac");
        let ours = fields.len();
        for (key, value) in said {
            let key = match shares_vocabulary {
                true => key.as_str(),
                false if !speaks_of_rights(key) => continue,
                false if key.starts_with("LICEN") || key == "WCOP" => "LICENSE",
                false => "COPYRIGHT",
            };
            let is_new = !fields[..ours].iter().any(|(known, _)| known == key);
            if is_new && is_key(key) && !speaks_of_the_encoding(key) {
                fields.push((key.to_owned(), value.clone()));
            }
        }
    }
    fields
}

/// A number as the original wrote it (`3/12`, `03`) where that is the same number, else plainly.
fn number(number: Option<u32>, keys: &[&str], said: &[(String, String)]) -> Option<String> {
    let number = number?;
    let as_said = said.iter().find(|(known, value)| {
        let first = value.split('/').next().unwrap_or_default();
        keys.contains(&known.as_str()) && first.trim().parse() == Ok(number)
    });
    Some(as_said.map_or_else(|| number.to_string(), |(_, value)| value.clone()))
}

/// What was true of the original's encoding and is not of another.
fn speaks_of_the_encoding(key: &str) -> bool {
    key.starts_with("REPLAYGAIN_")
        || key.starts_with("R128_")
        || matches!(
            key,
            "ENCODER" | "ENCODING" | "ENCODED_BY" | "ENCODERSETTINGS" | "ENCODER_OPTIONS"
        )
}

/// Whether a Vorbis comment may have this key.
fn is_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| (0x20..0x7E).contains(&b) && b != b'=')
}

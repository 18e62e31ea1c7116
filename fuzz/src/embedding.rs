//! What must hold of every file, whatever is in it.

use deadwax_audio::embed::{EmbedFormat, Embedding, audio_digest, embed};
use deadwax_audio::patch::Patch;
use deadwax_audio::probe::{Probe, probe};
use deadwax_model::{Picture, PictureKind, Root};
use std::io::Cursor;

/// Says what the bytes are; the answer only has to come.
pub fn probes(file: &[u8]) -> Option<Probe> {
    probe(&mut Cursor::new(file)).ok()
}

/// Writes metadata into the bytes as into a file of this format. Where that is not refused, the patch
/// must give the bytes back, the audio must be the same, the same metadata once more must change nothing, what the
/// bytes were taken for the holding must be taken for too, and where its tags are read they say what was written.
///
/// # Panics
/// Where one of these does not hold.
pub fn embeds_or_refuses(source: &[u8], format: EmbedFormat) {
    let before = probes(source).filter(|probe| EmbedFormat::of(probe) == Some(format));
    let digest = audio_digest(&mut &source[..], format);
    let (metadata, mut holding) = (metadata(source), Vec::new());
    let embedded = embed(&mut Cursor::new(source), format, &metadata, &mut holding);
    let Ok(embedded) = embedded else { return };
    assert_eq!(embedded.source_bytes, source.len() as u64);
    assert_eq!(embedded.holding_bytes, holding.len() as u64);

    let patch = embedded.patch.finish(Root([0x51; 32]), Root([0x40; 32]));
    let patch = Patch::parse(&patch).expect("the patch is read");
    let mut restored = Vec::new();
    patch.apply(&mut Cursor::new(&holding), &mut restored).expect("the patch applies");
    assert!(restored == source, "the patch does not give the source back");

    let digest = digest.expect("a source that takes metadata has audio");
    let held = audio_digest(&mut &holding[..], format).expect("a holding has audio");
    assert!(held == digest, "the audio is not the same");

    let mut again = Vec::new();
    if embed(&mut Cursor::new(&holding), format, &metadata, &mut again).is_ok() {
        assert!(again == holding, "embedding twice is not embedding once");
    }

    let Some(before) = before else { return };
    let after = probes(&holding).expect("the holding is still known");
    let shape = |probe: &Probe| {
        let Probe { container, codec, samples, sample_rate, channels, .. } = *probe;
        (container, codec, samples, sample_rate, channels)
    };
    assert_eq!(shape(&after), shape(&before), "the holding is another kind of audio");
    let wanted = metadata.fields.iter().find(|(key, _)| key == "TITLE").map(|(_, title)| title);
    let are_read = !after.warnings.iter().any(|warning| warning.contains("tags cannot be read"));
    if are_read && wanted.is_some() {
        assert_eq!(after.tags.title.as_ref(), wanted, "the holding does not say its title");
    }
}

/// One of five, told by the length, so that the input is a file and nothing else: what an archive says, nothing,
/// much, much with a picture, and keys with peculiar values.
fn metadata(source: &[u8]) -> Embedding {
    let field = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let usual = [
        field("TITLE", "Title of the archive"),
        field("ARTIST", "Somebody"),
        field("ARTIST", "Somebody else, カタカナ"),
        field("TRACKNUMBER", "7"),
        field("DATE", "2026-11-20"),
        field("ISRC", "USRC17607839"),
    ];
    let picture = |bytes: usize| {
        let data = [b"\x89PNG\r\n\x1a\n".to_vec(), vec![0x77; bytes]].concat();
        Picture { kind: PictureKind::Front, mime: "image/png".to_owned(), data }
    };
    let long = field("COMMENT", &"so much to say ".repeat(700));
    let (fields, pictures) = match source.len() % 5 {
        0 => (usual.to_vec(), Vec::new()),
        1 => (Vec::new(), Vec::new()),
        2 => (vec![long], Vec::new()),
        3 => ([&usual[..], &[long]].concat(), vec![picture(70_000)]),
        _ => {
            let odd =
                [("DATE", "when"), ("TRACKNUMBER", "A7/x"), ("DISCNUMBER", "0/3"), ("A B", "")];
            let odd = odd.map(|(key, value)| field(key, value));
            (odd.to_vec(), vec![picture(9)])
        }
    };
    Embedding { fields, pictures }
}

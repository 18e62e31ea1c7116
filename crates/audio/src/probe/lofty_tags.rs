//! Tags of everything that is not Ogg, read by `lofty`. Reading only: its writer rewrites files in
//! place and has lost audio before.

use super::other_start::OtherStart;
use super::tag_fields::Found;
use super::{Container, id3v2_bytes, read_at};
use crate::id3_sizes::with_syncsafe_sizes;
use deadwax_model::{Picture, PictureKind};
use lofty::aac::AacFile;
use lofty::ape::ApeTag;
use lofty::config::{GlobalOptions, ParseOptions, ParsingMode, apply_global_options};
use lofty::file::AudioFile;
use lofty::flac::FlacFile;
use lofty::id3::v1::Id3v1Tag;
use lofty::id3::v2::{Frame, Id3v2Tag};
use lofty::iff::aiff::AiffFile;
use lofty::iff::wav::WavFile;
use lofty::mp4::{AtomData, AtomIdent, Ilst, Mp4File};
use lofty::mpeg::MpegFile;
use lofty::ogg::OggPictureStorage;
use lofty::picture::PictureType;
use lofty::tag::{Accessor, ItemValue};
use lofty::wavpack::WavPackFile;
use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// One allocation of lofty's may be this large: a picture at the cap, in base64, fits.
const ALLOCATION_BYTES_MAX: usize = 32 * 1024 * 1024;

/// A longer ID3v2 tag is given to lofty as it is.
const MENDED_BYTES_MAX: u64 = 16 << 20;

/// Adds what the tags say to `found`. Tags that cannot be read are a warning: the audio counts.
pub(super) fn read<R: Read + Seek>(file: &mut R, container: Container, found: &mut Found) {
    match mended(file) {
        Some(start) => read_as_it_is(&mut OtherStart { file, start, at: 0 }, container, found),
        None => read_as_it_is(file, container, found),
    }
}

/// An ID3v2 tag at the start with the frame sizes that lofty looks for, when it has others.
fn mended(file: &mut (impl Read + Seek)) -> Option<Vec<u8>> {
    let mut tag = vec![0; 10];
    let filled = read_at(file, 0, &mut tag).ok()?;
    let bytes = id3v2_bytes(&tag[..filled]);
    if tag[3] != 4 || bytes == 0 || bytes > MENDED_BYTES_MAX {
        return None;
    }
    tag.resize(bytes as usize, 0);
    let filled = read_at(file, 0, &mut tag).ok()?;
    with_syncsafe_sizes(tag.get(..filled).filter(|tag| tag.len() as u64 == bytes)?)
}

fn read_as_it_is<R: Read + Seek>(file: &mut R, container: Container, found: &mut Found) {
    apply_global_options(GlobalOptions::new().allocation_limit(ALLOCATION_BYTES_MAX));
    let options = ParseOptions::new().read_properties(false).parsing_mode(ParsingMode::BestAttempt);
    if file.seek(SeekFrom::Start(0)).is_err() {
        return;
    }
    // A parser of a dozen formats that meets bytes from anywhere: a panic in it (there have been
    // some on damaged files) must cost this file its tags, not the run.
    let read = catch_unwind(AssertUnwindSafe(|| match container {
        Container::Ogg => Ok(()),
        Container::Flac => FlacFile::read_from(file, options).map(|file| {
            if let Some(comments) = file.vorbis_comments() {
                comments.items().for_each(|(key, value)| found.say(key, value));
                comments.pictures().iter().for_each(|(picture, _)| show(picture, found));
            }
            file.pictures().iter().for_each(|(picture, _)| show(picture, found));
            found.next_source();
            file.id3v2().into_iter().for_each(|tag| id3v2(tag, found));
        }),
        Container::Mp3 => MpegFile::read_from(file, options).map(|file| {
            file.id3v2().into_iter().for_each(|tag| id3v2(tag, found));
            found.next_source();
            file.ape().into_iter().for_each(|tag| ape(tag, found));
            found.next_source();
            file.id3v1().into_iter().for_each(|tag| id3v1(tag, found));
        }),
        Container::Adts => AacFile::read_from(file, options).map(|file| {
            file.id3v2().into_iter().for_each(|tag| id3v2(tag, found));
            found.next_source();
            file.id3v1().into_iter().for_each(|tag| id3v1(tag, found));
        }),
        Container::WavPack => WavPackFile::read_from(file, options).map(|file| {
            file.ape().into_iter().for_each(|tag| ape(tag, found));
            found.next_source();
            file.id3v1().into_iter().for_each(|tag| id3v1(tag, found));
        }),
        Container::Mp4 => Mp4File::read_from(file, options)
            .map(|file| file.ilst().into_iter().for_each(|tag| ilst(tag, found))),
        Container::Wav => WavFile::read_from(file, options).map(|file| {
            file.id3v2().into_iter().for_each(|tag| id3v2(tag, found));
            found.next_source();
            for (key, value) in file.riff_info().into_iter().flatten() {
                found.say(key, value);
            }
        }),
        Container::Aiff => AiffFile::read_from(file, options).map(|file| {
            file.id3v2().into_iter().for_each(|tag| id3v2(tag, found));
            found.next_source();
            if let Some(chunks) = file.text_chunks() {
                let texts =
                    [("NAME", &chunks.name), ("AUTH", &chunks.author), ("(c)", &chunks.copyright)];
                for (key, text) in texts {
                    text.iter().for_each(|text| found.say(key, text));
                }
                for text in chunks.annotations.iter().flatten() {
                    found.say("ANNO", text);
                }
            }
        }),
    }));
    match read {
        Ok(Ok(())) => {}
        Ok(Err(error)) => found.warnings.push(format!("its tags cannot be read: {error}")),
        Err(_) => found.warnings.push("its tags cannot be read: they are damaged".to_owned()),
    }
}

/// A picture of lofty's as one of ours.
pub(super) fn show(picture: &lofty::picture::Picture, found: &mut Found) {
    let kind = match picture.pic_type() {
        PictureType::CoverFront => PictureKind::Front,
        PictureType::CoverBack => PictureKind::Back,
        _ => PictureKind::Other,
    };
    let mime = picture.mime_type().map_or("application/octet-stream", |mime| mime.as_str());
    found.show(Picture { kind, mime: mime.to_owned(), data: picture.data().to_vec() });
}

fn id3v2(tag: &Id3v2Tag, found: &mut Found) {
    for frame in tag {
        let id = frame.id().as_str();
        match frame {
            // ID3v2.4 keeps several values apart with a zero character.
            Frame::Text(text) => text.value.split('\0').for_each(|value| found.say(id, value)),
            Frame::UserText(text) => {
                text.content.split('\0').for_each(|value| found.say(&text.description, value));
            }
            Frame::Timestamp(stamp) => found.say(id, &stamp.timestamp.to_string()),
            Frame::Url(link) => found.say(id, link.url()),
            Frame::UserUrl(link) if link.description.is_empty() => found.say(id, &link.content),
            Frame::UserUrl(link) => found.say(&link.description, &link.content),
            Frame::Comment(comment) => found.say(id, &comment.content),
            Frame::UnsynchronizedText(text) => found.say(id, &text.content),
            Frame::UniqueFileIdentifier(ufid) => found
                .say(&format!("UFID:{}", ufid.owner), &String::from_utf8_lossy(&ufid.identifier)),
            Frame::Picture(picture) => show(&picture.picture, found),
            _ => {}
        }
    }
}

fn ape(tag: &ApeTag, found: &mut Found) {
    for item in tag {
        if let ItemValue::Text(text) | ItemValue::Locator(text) = item.value() {
            text.split('\0').for_each(|value| found.say(item.key(), value));
        } else if let ItemValue::Binary(data) = item.value()
            && item.key().to_ascii_lowercase().starts_with("cover art")
            && let Ok(picture) = lofty::picture::Picture::from_ape_bytes(item.key(), data)
        {
            show(&picture, found);
        }
    }
}

fn id3v1(tag: &Id3v1Tag, found: &mut Found) {
    let texts = [("TITLE", &tag.title), ("ARTIST", &tag.artist), ("ALBUM", &tag.album)];
    for (key, text) in texts {
        text.iter().for_each(|text| found.say(key, text));
    }
    if let Some(year) = tag.year.filter(|&year| year > 0) {
        found.say("YEAR", &format!("{year:04}"));
    }
    if let Some(number) = tag.track_number {
        found.say("TRACK", &number.to_string());
    }
    if let Some(genre) = tag.genre() {
        found.say("GENRE", &genre);
    }
    tag.comment.iter().for_each(|text| found.say("COMMENT", text));
}

fn ilst(tag: &Ilst, found: &mut Found) {
    for atom in tag {
        let key = match atom.ident() {
            AtomIdent::Fourcc(code) => code.iter().map(|&byte| char::from(byte)).collect(),
            AtomIdent::Freeform { name, .. } => name.to_string(),
        };
        for data in atom.data() {
            match data {
                AtomData::UTF8(text) | AtomData::UTF16(text) => found.say(&key, text),
                AtomData::Picture(picture) => {
                    // MP4 has no picture types: what players show first is the front.
                    let kind = PictureKind::Front;
                    let mime = picture.mime_type().map_or("image/jpeg", |mime| mime.as_str());
                    let data = picture.data().to_vec();
                    found.show(Picture { kind, mime: mime.to_owned(), data });
                }
                AtomData::SignedInteger(number) => found.say(&key, &number.to_string()),
                AtomData::UnsignedInteger(number) => found.say(&key, &number.to_string()),
                AtomData::Bool(set) => found.say(&key, if *set { "1" } else { "0" }),
                // `trkn` and `disk`: reserved, number, total, 16 bits each.
                AtomData::Unknown { data, .. } if matches!(key.as_str(), "trkn" | "disk") => {
                    if let Some(&[high, low]) = data.get(2..4) {
                        found.say(&key, &u16::from_be_bytes([high, low]).to_string());
                    }
                }
                _ => {}
            }
        }
    }
}

//! The 41 real files of wesnoth-1.16-music: embedding changes nothing that is heard, the patch gives
//! each file back, and is small.

mod embed_support;

use deadwax_audio::embed::EmbedFormat;
use embed_support::*;

#[test]
fn real_files_come_back_with_small_patches() {
    let Some(files) = real_files() else { return };
    for (label, picture_bytes) in [("200 kB picture", 200_000), ("no picture", 0)] {
        let metadata = embedding(picture_bytes);
        let mut sizes = Vec::new();
        for file in &files {
            let source = std::fs::read(file).unwrap();
            let made = round_trip(&source, EmbedFormat::Vorbis, &metadata);
            assert_eq!(made.embedded.audio_pages_identical, picture_bytes == 0, "{file:?}");
            assert_eq!(made.embedded.pictures_added, metadata.pictures.len());
            if picture_bytes == 0 {
                // The same pages at another place.
                let audio = &source[source.len() - 4096..];
                assert!(made.holding.ends_with(audio), "{file:?}");
            }
            sizes.push(made.patch.len());
        }
        sizes.sort_unstable();
        let (median, most) = (sizes[sizes.len() / 2], sizes[sizes.len() - 1]);
        println!("{label}: {} patches, median {median} bytes, most {most} bytes", sizes.len());
        assert!(median <= 1000 && most <= 4000, "{label}: median {median}, most {most}");
    }
}

#[test]
fn real_files_sound_the_same_to_ffmpeg_and_please_ogginfo() {
    let (Some(files), Some(_), Some(_)) = (real_files(), program("ffmpeg"), program("ogginfo"))
    else {
        return;
    };
    // The smallest ones: long enough to decode, short enough for every run. Among all 41 are some
    // whose header page carries remains of another header; one of these is always taken along.
    let mut by_size: Vec<_> = files.iter().map(|f| (f.metadata().unwrap().len(), f)).collect();
    by_size.sort();
    let odd = files.iter().find(|file| file.ends_with("sad.ogg"));
    let chosen: Vec<_> = by_size.iter().take(5).map(|(_, file)| *file).chain(odd).collect();
    for file in chosen {
        let source = std::fs::read(file).unwrap();
        for picture_bytes in [0, 3_000, 200_000] {
            let made = round_trip(&source, EmbedFormat::Vorbis, &embedding(picture_bytes));
            assert_eq!(decoded_md5(&made.holding), decoded_md5(&source), "{file:?}");
            assert_eq!(
                complaints("ogginfo", &made.holding),
                complaints("ogginfo", &source),
                "{file:?}"
            );
            assert_eq!(tag(&made.holding, "title"), "Title of the archive");
        }
    }
}

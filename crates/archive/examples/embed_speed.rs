//! How fast metadata is embedded and the holding hashed, in memory, on one core: `embed_speed [RUNS] FILE...`. Each file is
//! read first; then, over and over, embedded into a hasher, as `build` embeds into a draft.

use deadwax_audio::embed::{EmbedFormat, Embedding, embed};
use deadwax_audio::probe::probe;
use deadwax_model::{Picture, PictureKind};
use deadwax_store::FileHasher;
use std::io::{Cursor, Write};
use std::time::Instant;

struct Hashed(FileHasher);

impl Write for Hashed {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        self.0.update(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1).peekable();
    let runs = match arguments.peek().and_then(|first| first.parse::<usize>().ok()) {
        Some(runs) => {
            arguments.next();
            runs
        }
        None => 5,
    };
    let picture = Picture {
        kind: PictureKind::Front,
        mime: "image/jpeg".to_owned(),
        data: (0..200_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect(),
    };
    let fields = [("TITLE", "A title"), ("ARTIST", "An artist"), ("DEADWAX_RECORDING", "0")];
    let metadata = Embedding {
        fields: fields.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec(),
        pictures: vec![picture],
    };
    let files: Vec<(Vec<u8>, _)> = arguments
        .map(|path| {
            let bytes = std::fs::read(&path).expect("FILE can be read");
            let found = probe(&mut Cursor::new(&bytes)).expect("FILE is audio");
            (bytes, EmbedFormat::of(&found).expect("FILE can carry metadata"))
        })
        .collect();
    let bytes: usize = files.iter().map(|(bytes, _)| bytes.len()).sum();
    for run in 1..=runs {
        let start = Instant::now();
        for (source, format) in &files {
            let mut out = Hashed(FileHasher::new());
            let embedded = embed(&mut Cursor::new(source), *format, &metadata, &mut out);
            assert_eq!(embedded.expect("it was embedded").pictures_added, 1);
            std::hint::black_box(out.0.finish());
        }
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "run {run}: {} files, {:.1} MB in {seconds:.3} s: {:.0} MB/s",
            files.len(),
            bytes as f64 / 1e6,
            bytes as f64 / 1e6 / seconds
        );
    }
}

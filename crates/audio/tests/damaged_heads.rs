//! What the hostile corpus showed: files with damaged, missing or buried heads that players play all the same. They are
//! taken for what they are, nothing is embedded in what has something in front of it, and what was
//! odd is said.

use deadwax_audio::analyse::{Coding, EncodeJob, Job, analyse};
use deadwax_audio::embed::EmbedFormat;
use deadwax_audio::ogg::{BOS, EOS, build_page};
use deadwax_audio::probe::{Codec, Container, Probe, ProbeError, probe};
use deadwax_testkit::flac;
use deadwax_testkit::music::Piece;
use std::io::Cursor;

fn look(bytes: &[u8]) -> Result<Probe, ProbeError> {
    probe(&mut Cursor::new(bytes))
}

fn said(probe: &Probe) -> String {
    probe.warnings.join("; ")
}

fn chunk(id: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut chunk = [&id[..], &(content.len() as u32).to_le_bytes(), content].concat();
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}

/// 16 bits, stereo, 44,100 Hz, of that coding.
fn fmt(coding: u16, block_bytes: u16) -> Vec<u8> {
    let rate = 44_100u32;
    let fields = [
        &coding.to_le_bytes()[..],
        &2u16.to_le_bytes(),
        &rate.to_le_bytes(),
        &(rate * 4).to_le_bytes(),
        &block_bytes.to_le_bytes(),
        &16u16.to_le_bytes(),
    ];
    chunk(b"fmt ", &fields.concat())
}

fn wav(chunks: &[Vec<u8>]) -> Vec<u8> {
    [b"RIFF\0\0\0\0WAVE".to_vec(), chunks.concat()].concat()
}

#[test]
fn wav_with_its_chunks_in_no_order_is_read() {
    let data = chunk(b"data", &[1; 400]);
    let many = vec![chunk(b"JUNK", b""); 5000].concat();
    for chunks in [
        vec![data.clone(), fmt(1, 4)],
        vec![fmt(1, 0), data.clone()],
        vec![many, fmt(1, 4), data.clone()],
    ] {
        let probe = look(&wav(&chunks)).unwrap();
        assert_eq!((probe.samples, probe.codec), (Some(100), Codec::Pcm));
    }
    let analysed = |file: &[u8]| {
        let analysis = analyse(Cursor::new(file), &look(file).unwrap(), Job::default()).unwrap();
        (analysis.samples, analysis.warnings)
    };
    // RF64 (EBU Tech 3306): the length of the audio is in ds64.
    let ds64 = [&[0; 8][..], &400u64.to_le_bytes(), &[0; 12]].concat();
    let mut long = data.clone();
    long[4..8].fill(0xFF);
    let info = chunk(b"LIST", b"INFOINAM\x02\0\0\0a\0");
    let rf64 = [
        &b"RF64\xFF\xFF\xFF\xFFWAVE"[..],
        &chunk(b"ds64", &ds64),
        &chunk(b"fact", b"odd"),
        &fmt(1, 4),
        &long,
        &info,
    ];
    assert_eq!(analysed(&rf64.concat()), (100, vec![]));
    let mut law = fmt(6, 2);
    law[22] = 8;
    assert_eq!(analysed(&wav(&[law, data.clone()])), (200, vec![]));
    let error = look(&wav(&[data])).unwrap_err().to_string();
    assert!(error.contains("no 'fmt ' chunk describes its audio"), "{error}");
}

#[test]
fn codings_that_are_not_decoded_are_catalogued() {
    for (coding, codec) in [(0x55, Codec::Mp3), (0xFF, Codec::Aac), (0x2000, Codec::Other)] {
        let file = wav(&[fmt(coding, 1), chunk(b"data", &[0xA5; 17_640])]);
        let probe = look(&file).unwrap();
        assert_eq!((probe.codec, probe.samples, probe.duration_ms), (codec, None, Some(100)));
        assert_eq!(EmbedFormat::of(&probe), None);
        let error = analyse(Cursor::new(&file), &probe, Job::default()).unwrap_err().to_string();
        let said = match codec {
            Codec::Other => "there is no decoder for its coding here",
            _ => "cannot be decoded",
        };
        assert!(error.contains(said), "{error}");
    }
}

/// COMM of 100 samples in stereo at 44,100 Hz, and what is in front of and behind it.
fn aiff(before: &[u8], kind: &[u8]) -> Vec<u8> {
    let comm = [
        &[0, 2, 0, 0, 0, 100, 0, 16][..],
        &[0x40, 0x0E, 0xAC, 0x44, 0, 0, 0, 0, 0, 0],
        kind,
        &[0, 0][..kind.len().min(2)],
    ]
    .concat();
    [b"FORM\0\0\0\0AIFC", before, b"COMM", &(comm.len() as u32).to_be_bytes(), &comm].concat()
}

#[test]
fn aiff_with_wrong_lengths_or_another_coding_is_read() {
    let probe = look(&aiff(b"FVER\0\0\0\0\xA2\x80\x51\x40", b"sowt")).unwrap();
    assert_eq!((probe.samples, probe.sample_rate), (Some(100), 44_100));
    assert_eq!(said(&probe), "the lengths of its chunks are wrong");
    let probe = look(&aiff(b"", b"ima4")).unwrap();
    assert_eq!((probe.codec, probe.samples), (Codec::Other, None));
    assert!(look(b"FORM\0\0\0\0AIFFCOM").unwrap_err().to_string().contains("no COMM chunk"));
}

fn mp4_box(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes(), &kind[..], content].concat()
}

/// `moov` with one sound track of that sample description, 2 channels, 44,100 Hz.
fn moov(kind: &[u8; 4]) -> Vec<u8> {
    let mut entry = [0; 28];
    entry[7] = 1;
    entry[17] = 2;
    entry[24..28].copy_from_slice(&(44_100u32 << 16).to_be_bytes());
    let stsd = [&[0, 0, 0, 0, 0, 0, 0, 1][..], &mp4_box(kind, &entry)].concat();
    let stbl = mp4_box(b"stbl", &mp4_box(b"stsd", &stsd));
    let times =
        [&[0; 12][..], &44_100u32.to_be_bytes(), &44_100u32.to_be_bytes(), &[0; 4]].concat();
    let handler = [&[0; 8][..], b"soun", &[0; 13]].concat();
    let mdia = [
        mp4_box(b"mdhd", &times),
        mp4_box(b"hdlr", &handler),
        mp4_box(b"minf", &[mp4_box(b"dinf", &[0; 8]), stbl].concat()),
    ];
    mp4_box(b"moov", &mp4_box(b"trak", &mp4_box(b"mdia", &mdia.concat())))
}

#[test]
fn mp4_is_known_by_any_first_box_and_by_what_is_left_of_its_index() {
    let whole = [mp4_box(b"free", &[0; 20]), moov(b"mp4a"), mp4_box(b"mdat", &[0; 99])].concat();
    let probe = look(&whole).unwrap();
    assert_eq!((probe.container, probe.codec), (Container::Mp4, Codec::Aac));
    assert_eq!(probe.duration_ms, Some(1000));

    let mut damaged = whole.clone();
    let dinf = damaged.windows(4).position(|it| it == b"dinf").unwrap();
    damaged[dinf - 4..dinf].fill(0xFF);
    let probe = look(&damaged).unwrap();
    assert_eq!((probe.codec, probe.channels, probe.sample_rate), (Codec::Aac, 2, 44_100));
    assert_eq!(probe.duration_ms, None);
    assert!(said(&probe).contains("its index (moov) is damaged"), "{probe:?}");

    let cut =
        [mp4_box(b"ftyp", b"M4A \0\0\0\0"), mp4_box(b"mdat", &[0; 99]), moov(b"alac")].concat();
    let error = look(&cut[..cut.len() - 90]).unwrap_err().to_string();
    assert!(error.contains("cut short before it describes any sound"), "{error}");
    let mut longer = [mp4_box(b"ftyp", b"M4A \0\0\0\0"), moov(b"mp4a")].concat();
    let moov_at = longer.windows(4).position(|it| it == b"moov").unwrap();
    longer[moov_at - 3] = 1;
    let probe = look(&longer).unwrap();
    assert!(said(&probe).contains("its index (moov) is cut short"), "{probe:?}");
}

#[test]
fn mp4_of_other_codings_is_kept_and_a_picture_stays_a_picture() {
    let file = |brand: &[u8; 4], kind| {
        let ftyp = mp4_box(b"ftyp", &[&brand[..], &[0; 4]].concat());
        [ftyp, moov(kind), mp4_box(b"mdat", &[0; 9])].concat()
    };
    for (kind, codec) in [(b"ac-3", Codec::Other), (b"fLaC", Codec::Flac), (b"Opus", Codec::Opus)] {
        let probe = look(&file(b"isom", kind)).unwrap();
        assert_eq!((probe.codec, EmbedFormat::of(&probe)), (codec, None));
    }
    let probe = look(&file(b"M4P ", b"drms")).unwrap();
    assert!(said(&probe).contains("copy-protected"), "{probe:?}");
    assert_eq!(look(&file(b"heic", b"mp4a")).unwrap().codec, Codec::Aac);
    let picture = mp4_box(b"ftyp", b"heic\0\0\0\0");
    assert!(look(&picture).unwrap_err().to_string().contains("a HEIF or AVIF image"));
}

#[test]
fn an_edit_list_of_several_parts_leaves_nothing_out() {
    let entry = |duration: u32, start: u32| {
        [&duration.to_be_bytes()[..], &start.to_be_bytes(), &[0, 1, 0, 0]].concat()
    };
    let file = |edits: &[Vec<u8>]| {
        let list = [&[0; 4][..], &(edits.len() as u32).to_be_bytes(), &edits.concat()].concat();
        let edts = mp4_box(b"edts", &mp4_box(b"elst", &list));
        let mut moov = moov(b"mp4a");
        moov.splice(16..16, edts.clone());
        for at in [0, 8] {
            let size = u32::from_be_bytes([0, 1, 2, 3].map(|n| moov[at + n])) + edts.len() as u32;
            moov[at..at + 4].copy_from_slice(&size.to_be_bytes());
        }
        [mp4_box(b"ftyp", b"M4A \0\0\0\0"), moov].concat()
    };
    assert_eq!(look(&file(&[entry(100, 0)])).unwrap().samples, Some(4410));
    let probe = look(&file(&[entry(100, 0), entry(100, 8820)])).unwrap();
    assert_eq!((probe.samples, probe.duration_ms), (None, Some(1000)));
    let fragments = [file(&[entry(100, 0)]), mp4_box(b"moof", &[0; 8])].concat();
    assert_eq!(look(&fragments).unwrap().samples, None);
}

/// Frames of MPEG 1, layer III, 128 kbit/s, 44,100 Hz, whose main data is nothing: silence.
fn mp3_frames(count: usize) -> Vec<u8> {
    let frame: Vec<u8> = b"\xff\xfb\x90\x64".iter().copied().chain([0; 413]).collect();
    frame.repeat(count)
}

#[test]
fn mp3_that_has_more_than_its_header_says_is_told() {
    let mut first = mp3_frames(1);
    // Frames and bytes, behind 32 bytes of side information.
    first[36..48].copy_from_slice(b"Info\0\0\0\x03\0\0\0\x09");
    first[48..52].copy_from_slice(&(10 * 417u32).to_be_bytes());
    let warnings = |parts: &[&[u8]]| {
        let file = parts.concat();
        let probe = look(&file).unwrap();
        analyse(Cursor::new(&file), &probe, Job::default()).unwrap().warnings.join("; ")
    };
    let id3v1 = [&b"TAG"[..], &[0; 125]].concat();
    assert_eq!(warnings(&[&first, &mp3_frames(9), &id3v1]), "");
    let doubled = warnings(&[&first, &mp3_frames(29)]);
    assert!(doubled.contains("speaks of 4170 bytes of audio, and 12510 follow"), "{doubled}");
    let tag = b"ID3\x04\0\0\0\0\0\x02xx";
    let buried = warnings(&[tag, &[0x11; 300], &first, &mp3_frames(9)]);
    assert!(buried.contains("300 bytes that are no audio"), "{buried}");
}

fn piece() -> Vec<u8> {
    let samples = Piece { seed: 3, seconds: 0.7 }.compose_i16();
    flac::encode(&samples, &[("TITLE", "Buried")], 32).unwrap()
}

#[test]
fn what_is_buried_is_decoded_and_nothing_is_made_of_it_but_a_copy() {
    let flac = piece();
    let whole = look(&flac).unwrap();
    for front in
        [&b"\xAA"[..], &[0; 70_000], b"HTTP/1.1 200 OK\r\n\r\n", b"ID3\x03\0\0\x7F\x7F\x7F\x7F"]
    {
        let file = [front, &flac].concat();
        let probe = look(&file).unwrap();
        assert_eq!((probe.start, probe.samples), (front.len() as u64, whole.samples));
        assert_eq!(probe.tags.title.as_deref(), Some("Buried"));
        assert!(said(&probe).contains("stand in front of its audio"), "{probe:?}");
        assert_eq!(EmbedFormat::of(&probe), None);
        let analysis = analyse(Cursor::new(&file), &probe, Job::default()).unwrap();
        assert_eq!(Some(analysis.samples), whole.samples);
        // What warns is kept and never re-encoded.
        assert!(!analysis.warnings.is_empty());
    }
}

#[test]
fn flac_decodes_whatever_its_metadata_says() {
    let flac = piece();
    let samples = look(&flac).unwrap().samples;
    // STREAMINFO, then blocks that symphonia gives a file up for: a cue sheet of noise, a second STREAMINFO, a picture
    // whose type is no text.
    let picture = [&[0, 0, 0, 3, 0, 0, 0, 1, 1][..], &[0; 24]].concat();
    for (kind, content) in [(5, vec![0xA5; 700]), (0, flac[8..42].to_vec()), (6, picture)] {
        let length = (content.len() as u32).to_be_bytes();
        let file = [&flac[..42], &[kind], &length[1..], &content, &flac[42..]].concat();
        let probe = look(&file).unwrap();
        let analysis = analyse(Cursor::new(&file), &probe, Job::default()).unwrap();
        assert_eq!(Some(analysis.samples), samples, "with a block of kind {kind}");
    }
    let ape = [&b"APETAGEX\xD0\x07\0\0\x20\0\0\0"[..], &[0; 16]].concat();
    let id3v1 = [&b"TAG"[..], &[0; 125]].concat();
    for behind in [ape.clone(), id3v1.clone(), [ape, id3v1].concat()] {
        let file = [&flac[..], &behind].concat();
        let analysis = analyse(Cursor::new(&file), &look(&file).unwrap(), Job::default()).unwrap();
        assert_eq!((Some(analysis.samples), analysis.warnings), (samples, vec![]));
    }
    let mut rateless = flac;
    rateless[18..20].fill(0);
    rateless[20] &= 0x0F;
    assert_eq!(look(&rateless).unwrap().sample_rate, 44_100);
}

/// A short Ogg Opus file of our own making, page by page.
fn opus_pages() -> Vec<Vec<u8>> {
    let file = piece();
    let probe = look(&file).unwrap();
    let mut out = Cursor::new(Vec::new());
    let encode = Some(EncodeJob {
        coding: Coding::Opus,
        kbit_rate: 64,
        fields: Vec::new(),
        pictures: Vec::new(),
        serial: 7,
        album_loudness_lufs: None,
        out: &mut out,
    });
    analyse(Cursor::new(&file), &probe, Job { encode, ..Job::default() }).unwrap();
    let bytes = out.into_inner();
    let starts: Vec<usize> =
        (0..bytes.len()).filter(|at| bytes[*at..].starts_with(b"OggS")).collect();
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    starts.iter().zip(ends).map(|(start, end)| bytes[*start..end].to_vec()).collect()
}

/// The page again, with other flags and another granule position.
fn resealed(page: &[u8], flags: u8, granule: u64) -> Vec<u8> {
    let segments = usize::from(page[26]);
    let sequence = u32::from_le_bytes([page[18], page[19], page[20], page[21]]);
    let (lacing, body) = page[27..].split_at(segments);
    let mut out = Vec::new();
    build_page(flags, granule, 7, sequence, lacing, body, &mut out);
    out
}

#[test]
fn ogg_without_a_mark_at_its_beginning_is_read() {
    let mut pages = opus_pages();
    assert_eq!(pages[0][5], BOS);
    pages[0] = resealed(&pages[0], 0, 0);
    assert_eq!(look(&pages.concat()).unwrap().codec, Codec::Opus);
    let in_front = [&b"ID3\x04\0\0\0\0\0\x03abc"[..], &pages.concat()].concat();
    assert_eq!(look(&in_front).unwrap().start, 13);
}

#[test]
fn a_granule_position_at_the_end_of_numbers_is_no_fault() {
    let pages = opus_pages();
    for granule in [u64::MAX - 1, u64::MAX >> 1] {
        // Two pages say so: the first places what was decoded, the second goes on from there.
        let (head, audio) = pages.split_at(2);
        let lying: Vec<Vec<u8>> =
            audio.iter().map(|page| resealed(page, page[5] & !EOS, granule)).collect();
        let file = [head.concat(), lying.concat(), lying.concat()].concat();
        let probe = look(&file).unwrap();
        let analysis = analyse(Cursor::new(&file), &probe, Job::default());
        assert!(
            !analysis.as_ref().is_err_and(|error| error.to_string().contains("failed inside")),
            "{analysis:?}"
        );
    }
}

#[test]
fn a_sample_rate_that_no_music_has_is_not_resampled() {
    for rate in [1u32, 999, 768_001, u32::MAX] {
        let mut format = fmt(1, 4);
        format[12..16].copy_from_slice(&rate.to_le_bytes());
        let file = wav(&[format, chunk(b"data", &[7; 4000])]);
        let probe = look(&file).unwrap();
        let mut out = Cursor::new(Vec::new());
        let encode = Some(EncodeJob {
            coding: Coding::Opus,
            kbit_rate: 75,
            fields: Vec::new(),
            pictures: Vec::new(),
            serial: 7,
            album_loudness_lufs: None,
            out: &mut out,
        });
        let said = analyse(Cursor::new(&file), &probe, Job { encode, ..Job::default() });
        let said = said.unwrap_err().to_string();
        assert!(said.contains("1000 to 768000 are measured"), "{rate}: {said}");
    }
}

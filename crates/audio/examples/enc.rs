use deadwax_audio::analyse::*;
use std::fs::File;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let p = deadwax_audio::probe::probe(&mut File::open(&a[1]).unwrap()).unwrap();
    let mut out = File::create(&a[2]).unwrap();
    let coding = if a[3] == "opus" { Coding::Opus } else { Coding::Vorbis };
    let job = EncodeJob {
        coding,
        kbit_rate: a[4].parse().unwrap(),
        fields: vec![],
        pictures: vec![],
        serial: 7,
        album_loudness_lufs: None,
        out: &mut out,
    };
    let r =
        analyse(File::open(&a[1]).unwrap(), &p, Job { encode: Some(job), ..Default::default() });
    println!("{r:?}");
}

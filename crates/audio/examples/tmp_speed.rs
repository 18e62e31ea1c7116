//! t
use deadwax_audio::analyse::*;
use deadwax_audio::probe::*;
use std::io::Cursor;
use std::time::Instant;
fn main() {
    for p in std::env::args().skip(1) {
        let b = std::fs::read(&p).unwrap();
        let pr = probe(&mut Cursor::new(&b)).unwrap();
        let secs = pr.duration_ms.unwrap() as f64 / 1000.;
        print!("{} {:.0}s: ", p.rsplit('/').next().unwrap(), secs);
        for (l, f, o) in [
            (false, false, false),
            (true, false, false),
            (false, true, false),
            (true, true, false),
            (true, true, true),
        ] {
            let mut best = f64::MAX;
            for _ in 0..if o { 1 } else { 3 } {
                let mut out = Cursor::new(Vec::new());
                let job = Job {
                    loudness: l,
                    fingerprint: f,
                    interrupt: None,
                    encode: o.then(|| OpusJob {
                        bit_rate: 75000,
                        fields: vec![],
                        pictures: vec![],
                        serial: 1,
                        album_loudness_lufs: None,
                        out: &mut out,
                    }),
                };
                let t = Instant::now();
                let a = analyse(Cursor::new(&b), &pr, job).unwrap();
                let _ = a;
                best = best.min(t.elapsed().as_secs_f64());
                if o {
                    print!(
                        "[opus {} kbit/s] ",
                        (out.get_ref().len() as f64 * 8. / secs / 1000.) as u32
                    );
                }
            }
            print!("{:.0}x ", secs / best);
        }
        println!();
    }
}

//! What is done to files of every format: cut, lied about, flipped, buried.

use super::structure::Structure;
use super::{Case, Corpus, id3, pictures};

/// A sound file that things are done to.
pub(super) struct Base<'b> {
    pub format: &'b str,
    pub tags: &'b str,
    pub extension: &'b str,
    pub bytes: &'b [u8],
    pub structure: Structure,
}

/// What is done to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Harm {
    /// Cut at, before and behind each mark.
    pub cut: bool,
    /// Give each length other numbers.
    pub lie: bool,
    /// Flip so many bits of its headers, one in each file.
    pub flips: usize,
    /// Put something in front of it and behind it.
    pub bury: bool,
}

impl Harm {
    /// Everything.
    pub(super) const ALL: Harm = Harm { cut: true, lie: true, flips: 24, bury: true };
    /// Everything but what other files of the same format have had.
    pub(super) const TAGS: Harm = Harm { cut: true, lie: true, flips: 12, bury: false };
}

impl Base<'_> {
    /// The file itself and all that is done to it.
    pub(super) fn harm(&self, corpus: &mut Corpus<'_>, harm: Harm) -> anyhow::Result<()> {
        self.put(corpus, "whole", true, || self.bytes.to_vec())?;
        if harm.cut {
            self.cut(corpus)?;
        }
        if harm.lie {
            self.lie(corpus)?;
        }
        self.flip(corpus, harm.flips)?;
        if harm.bury {
            self.bury(corpus)?;
        }
        Ok(())
    }

    fn put(
        &self,
        corpus: &mut Corpus<'_>,
        mutation: &str,
        is_sound: bool,
        content: impl FnOnce() -> Vec<u8>,
    ) -> anyhow::Result<()> {
        let Base { format, tags, extension, .. } = *self;
        corpus.put(Case { format, tags, mutation, extension, is_sound }, content)
    }

    fn cut(&self, corpus: &mut Corpus<'_>) -> anyhow::Result<()> {
        for (at, name) in &self.structure.marks {
            let places =
                [("before", at.checked_sub(1)), ("at", Some(*at)), ("behind", at.checked_add(1))];
            for (where_, end) in places {
                let Some(end) = end.filter(|end| (1..self.bytes.len()).contains(end)) else {
                    continue;
                };
                let mutation = format!("truncated/{where_}-{name}");
                self.put(corpus, &mutation, false, || self.bytes[..end].to_vec())?;
            }
        }
        Ok(())
    }

    fn lie(&self, corpus: &mut Corpus<'_>) -> anyhow::Result<()> {
        for length in &self.structure.lengths {
            let true_one = length.read(self.bytes);
            let lies = [
                ("zero", 0),
                ("one", 1),
                ("largest", length.largest()),
                ("one-less", true_one.wrapping_sub(1) & length.largest()),
                ("one-more", true_one.wrapping_add(1) & length.largest()),
                ("beyond-the-end", self.bytes.len() as u64 + 1000),
            ];
            for (what, number) in lies {
                if number == true_one || number > length.largest() {
                    continue;
                }
                let mutation = format!("length/{}-is-{what}", length.of);
                self.put(corpus, &mutation, false, || length.lying(self.bytes, number))?;
            }
        }
        Ok(())
    }

    fn flip(&self, corpus: &mut Corpus<'_>, flips: usize) -> anyhow::Result<()> {
        let places: Vec<usize> = self.structure.headers.iter().cloned().flatten().collect();
        // Of the file alone, so that one more file elsewhere changes nothing here.
        let salt = self.bytes.len() as u64 ^ (self.tags.len() as u64) << 32;
        let mut dice = fastrand::Rng::with_seed(corpus.seed ^ salt);
        for _ in 0..if places.is_empty() { 0 } else { flips } {
            let (at, bit) = (places[dice.usize(..places.len())], dice.u32(..8));
            let mutation = format!("flipped/byte-{at}-bit-{bit}");
            self.put(corpus, &mutation, false, || {
                let mut flipped = self.bytes.to_vec();
                flipped[at] ^= 1 << bit;
                flipped
            })?;
        }
        Ok(())
    }

    fn bury(&self, corpus: &mut Corpus<'_>) -> anyhow::Result<()> {
        let noise = |bytes: usize| {
            let mut dice = fastrand::Rng::with_seed(bytes as u64);
            // Neither a sync code nor a letter that begins a magic number.
            (0..bytes).map(|_| dice.u8(1..0x20)).collect::<Vec<u8>>()
        };
        let buried: [(&str, Vec<u8>); 13] = [
            ("before/a-zero", vec![0]),
            ("before/a-byte", vec![0xAA]),
            ("before/a-kilobyte-of-noise", noise(1000)),
            ("before/a-kilobyte-of-zeros", vec![0; 1024]),
            ("before/70-kilobytes-of-zeros", vec![0; 70_000]),
            ("before/an-id3v2-tag", id3::Tag::plain(3).encode()),
            ("before/a-jpeg", pictures::jpeg(900)),
            ("before/a-line-of-text", b"HTTP/1.1 200 OK\r\nContent-Type: audio\r\n\r\n".to_vec()),
            ("after/a-zero", vec![0]),
            ("after/zeros", vec![0; 5000]),
            ("after/text", b"<html><body>404 Not Found</body></html>".repeat(20)),
            ("after/noise", noise(3001)),
            ("after/an-id3v1-tag", id3::v1("Behind", "Everything", 17)),
        ];
        for (mutation, what) in &buried {
            self.put(corpus, mutation, false, || match mutation.starts_with("before") {
                true => [what, self.bytes].concat(),
                false => [self.bytes, what].concat(),
            })?;
        }
        self.put(corpus, "after/itself", false, || [self.bytes, self.bytes].concat())?;
        self.put(corpus, "after/half-of-itself", false, || {
            [self.bytes, &self.bytes[..self.bytes.len() / 2]].concat()
        })?;
        self.put(corpus, "hole/in-the-middle", false, || {
            let third = self.bytes.len() / 3;
            [&self.bytes[..third], &self.bytes[2 * third..]].concat()
        })?;
        self.put(corpus, "hole/of-zeros-in-the-middle", false, || {
            let third = self.bytes.len() / 3;
            let mut holed = self.bytes.to_vec();
            holed[third..2 * third].fill(0);
            holed
        })?;
        self.put(corpus, "hole/of-a-sector-at-the-end", false, || {
            let mut holed = self.bytes.to_vec();
            let from = holed.len().saturating_sub(512);
            holed[from..].fill(0);
            holed
        })
    }
}

//! Who made what, and where it appears: the pattern of 1,280 recordings that a collection repeats.
//!
//! The published counts, 256 tracks : 186 ISRCs : 58.6 releases : 15.4 artists, are whole numbers when taken five times
//! over: 1,280 : 930 : 293 : 77. So a collection is a row of blocks of exactly these, and the place of anything is found
//! by a division. Within a block, artists have from 1 to 36 releases (half have one), releases have from 1 to 105
//! tracks (54 % have one), five are compilations by various artists, and 350 tracks are a song that another release
//! has already: the single that is on the album too.

use super::dice::Dice;

pub(super) const RECORDINGS: u64 = 1_280;
pub(super) const SONGS: u64 = 930;
pub(super) const RELEASES: u64 = 293;
pub(super) const ARTISTS: u64 = 77;

/// (releases an artist has, how many such artists)
const ARTIST_RELEASES: [(usize, usize); 13] = [
    (1, 34),
    (2, 14),
    (3, 8),
    (4, 5),
    (5, 4),
    (6, 3),
    (8, 2),
    (10, 2),
    (12, 1),
    (15, 1),
    (20, 1),
    (25, 1),
    (36, 1),
];

/// (tracks a release has, how many such releases), compilations aside
const RELEASE_TRACKS: [(usize, usize); 21] = [
    (1, 160),
    (2, 28),
    (3, 18),
    (4, 16),
    (5, 12),
    (6, 10),
    (7, 2),
    (8, 2),
    (9, 3),
    (10, 5),
    (11, 5),
    (12, 7),
    (13, 3),
    (14, 4),
    (15, 3),
    (16, 2),
    (18, 3),
    (20, 2),
    (22, 1),
    (24, 1),
    (33, 1),
];

const COMPILATION_TRACKS: [usize; 5] = [25, 30, 35, 40, 105];

/// A place for a recording.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slot {
    pub(super) release: u16,
    /// From 0.
    pub(super) place_on_release: u16,
    pub(super) song: u16,
    /// Songs and artists that this and earlier slots have: what a block cut off after it holds.
    pub(super) songs_so_far: u16,
    pub(super) artists_so_far: u16,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct ReleaseSlots {
    pub(super) first: u16,
    pub(super) tracks: u16,
    /// `None`: various artists.
    pub(super) artist: Option<u16>,
}

/// One pattern.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) slots: Vec<Slot>,
    pub(super) releases: Vec<ReleaseSlots>,
    pub(super) song_artists: Vec<u16>,
}

impl Block {
    pub(super) fn new(dice: &mut Dice) -> Block {
        let releases = releases(dice);
        // Which slots shall repeat a song: as many of a random order as it takes.
        let mut order: Vec<usize> = (0..RECORDINGS as usize).collect();
        loop {
            dice.shuffle(&mut order);
            let mut repeats = (RECORDINGS - SONGS) as usize;
            while repeats <= order.len() {
                let mut marked = vec![false; order.len()];
                order[..repeats].iter().for_each(|&slot| marked[slot] = true);
                let (slots, song_artists) = songs(&releases, &marked, &mut dice.clone());
                match song_artists.len().checked_sub(SONGS as usize) {
                    Some(0) => return Block { slots, releases, song_artists },
                    Some(missing) => repeats += missing,
                    None => break,
                }
            }
        }
    }
}

fn releases(dice: &mut Dice) -> Vec<ReleaseSlots> {
    let spread = |counts: &[(usize, usize)]| -> Vec<usize> {
        counts.iter().flat_map(|&(value, times)| vec![value; times]).collect()
    };
    let (mut of_artist, mut tracks) = (spread(&ARTIST_RELEASES), spread(&RELEASE_TRACKS));
    dice.shuffle(&mut of_artist);
    dice.shuffle(&mut tracks);
    let owners = of_artist.iter().enumerate().flat_map(|(artist, &n)| vec![Some(artist as u16); n]);
    let owners = owners.chain(vec![None; COMPILATION_TRACKS.len()]);
    let tracks = tracks.into_iter().chain(COMPILATION_TRACKS);
    let mut first = 0;
    let place = |(artist, tracks): (Option<u16>, usize)| {
        let release = ReleaseSlots { first, tracks: tracks as u16, artist };
        first += tracks as u16;
        release
    };
    owners.zip(tracks).map(place).collect()
}

/// Gives every slot its song: a new one of its artist, or where marked one that an earlier release has.
fn songs(releases: &[ReleaseSlots], marked: &[bool], dice: &mut Dice) -> (Vec<Slot>, Vec<u16>) {
    let mut slots: Vec<Slot> = Vec::with_capacity(marked.len());
    let mut song_artists: Vec<u16> = Vec::new();
    let mut artists_so_far = 0;
    for (number, release) in releases.iter().enumerate() {
        for place in 0..release.tracks {
            let here = release.first as usize;
            // An artist's songs are the last ones made, since their releases follow each other.
            let pool = match release.artist {
                Some(artist) => song_artists.partition_point(|&of| of < artist)..song_artists.len(),
                None => 0..song_artists.len(),
            };
            let earlier = (marked[slots.len()] && !pool.is_empty())
                .then(|| {
                    (0..6)
                        .map(|_| (pool.start + dice.place(pool.len())) as u16)
                        .find(|&song| slots[here..].iter().all(|slot| slot.song != song))
                })
                .flatten();
            let song = earlier.unwrap_or_else(|| {
                let artist = release.artist.unwrap_or_else(|| dice.below(ARTISTS) as u16);
                song_artists.push(artist);
                song_artists.len() as u16 - 1
            });
            artists_so_far = artists_so_far.max(song_artists[song as usize] + 1);
            slots.push(Slot {
                release: number as u16,
                place_on_release: place,
                song,
                songs_so_far: song_artists.len() as u16,
                artists_so_far,
            });
        }
    }
    (slots, song_artists)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_exactly_the_published_proportions() {
        for seed in 0..4 {
            let block = Block::new(&mut Dice::of(seed, 0, 0));
            assert_eq!(block.slots.len() as u64, RECORDINGS);
            assert_eq!(block.song_artists.len() as u64, SONGS);
            assert_eq!(block.releases.len() as u64, RELEASES);
            assert_eq!(u64::from(block.slots[1_279].artists_so_far), ARTISTS);
            for release in &block.releases {
                let slots = &block.slots[release.first as usize..][..release.tracks as usize];
                let mut songs: Vec<u16> = slots.iter().map(|slot| slot.song).collect();
                songs.sort_unstable();
                songs.dedup();
                assert_eq!(songs.len(), slots.len(), "a song twice on a release");
                for slot in slots {
                    let by = block.song_artists[slot.song as usize];
                    assert!(release.artist.is_none_or(|artist| artist == by));
                }
            }
        }
    }
}

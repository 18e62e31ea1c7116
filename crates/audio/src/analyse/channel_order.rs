//! The order of channels: WAVE's in blocks, Vorbis' in Vorbis and Opus files.

/// Which coded channel comes out at each place of the WAVE order, by the number of channels (Vorbis
/// I section 4.3.9, and the same for Opus' mapping family 1: RFC 7845 section 5.1.1.2).
pub(super) const VORBIS_ORDER: [&[usize]; 9] = [
    &[],
    &[0],
    &[0, 1],
    &[0, 2, 1],
    &[0, 1, 2, 3],
    &[0, 2, 1, 3, 4],
    &[0, 2, 1, 5, 3, 4],
    &[0, 2, 1, 6, 5, 3, 4],
    &[0, 2, 1, 7, 5, 6, 3, 4],
];

/// For each channel of the Vorbis order, which plane of the WAVE order it is. One to eight channels.
pub(super) fn planes_in_vorbis_order(channels: usize) -> Vec<usize> {
    let mut planes = vec![0; channels];
    for (wave, &vorbis) in VORBIS_ORDER[channels].iter().enumerate() {
        planes[vorbis] = wave;
    }
    planes
}

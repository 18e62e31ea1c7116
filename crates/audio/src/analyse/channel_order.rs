//! The order of channels: WAVE's in blocks, Vorbis' in Vorbis and Opus files; and which sets of
//! channels those files have an order for at all.

use symphonia::core::audio::{Channels, Position};

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

/// Whether Vorbis and Opus files of as many channels have them at the same places. A set that is no
/// more than the first bits of WAVE's mask is what symphonia makes of a number alone, and passes.
pub(super) fn has_vorbis_order(channels: &Channels) -> bool {
    const FRONT: Position = Position::FRONT_LEFT.union(Position::FRONT_RIGHT);
    const REAR: Position = Position::REAR_LEFT.union(Position::REAR_RIGHT);
    const SIDE: Position = Position::SIDE_LEFT.union(Position::SIDE_RIGHT);
    const CENTRE: Position = Position::FRONT_CENTER;
    const LOW: Position = Position::LFE1;
    let Channels::Positioned(positions) = channels else {
        return true;
    };
    let count = positions.bits().count_ones();
    let said = positions.bits() != (1 << count) - 1;
    let pairs = |front: Position| [front | REAR, front | SIDE].contains(positions);
    match count {
        0..=2 => true,
        3 => *positions == FRONT | CENTRE,
        _ if !said => true,
        4 => pairs(FRONT),
        5 => pairs(FRONT | CENTRE),
        6 => pairs(FRONT | CENTRE | LOW),
        7 => *positions == FRONT | CENTRE | LOW | Position::REAR_CENTER | SIDE,
        8 => *positions == FRONT | CENTRE | LOW | REAR | SIDE,
        _ => false,
    }
}

//! Pictures as FLAC carries them (RFC 9639 section 8.8), which Vorbis and Opus comments carry in
//! base64 as METADATA_BLOCK_PICTURE.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use deadwax_model::{Picture, PictureKind};
use image::{ImageDecoder, ImageReader};
use std::io::Cursor;

/// A FLAC picture block without its block header. Width, height and bits per pixel are read from
/// the image's own header and 0 when it does not say.
pub fn picture_block(picture: &Picture) -> Vec<u8> {
    let (width, height, depth) = dimensions(&picture.data).unwrap_or_default();
    let mut block = Vec::with_capacity(32 + picture.mime.len() + picture.data.len());
    block.extend_from_slice(&picture.kind.flac_type().to_be_bytes());
    block.extend_from_slice(&(picture.mime.len() as u32).to_be_bytes());
    block.extend_from_slice(picture.mime.as_bytes());
    // No description, and 0 colours because the image is not indexed as far as we say.
    for number in [0, width, height, depth, 0, picture.data.len() as u32] {
        block.extend_from_slice(&number.to_be_bytes());
    }
    block.extend_from_slice(&picture.data);
    block
}

/// The same block as the value of a METADATA_BLOCK_PICTURE field.
pub fn base64_picture(picture: &Picture) -> String {
    STANDARD.encode(picture_block(picture))
}

/// What the picture in a block shows; `None` when the block is too short to say.
pub fn kind_of_picture_block(block: &[u8]) -> Option<PictureKind> {
    let number = u32::from_be_bytes(*block.first_chunk()?);
    Some(match number {
        3 => PictureKind::Front,
        4 => PictureKind::Back,
        _ => PictureKind::Other,
    })
}

/// What the picture in a METADATA_BLOCK_PICTURE value shows. Only the first characters are read.
pub fn kind_of_base64_picture(value: &[u8]) -> Option<PictureKind> {
    let head = STANDARD.decode(value.get(..8)?).ok()?;
    kind_of_picture_block(&head)
}

fn dimensions(image: &[u8]) -> Option<(u32, u32, u32)> {
    let reader = ImageReader::new(Cursor::new(image)).with_guessed_format().ok()?;
    let decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    Some((width, height, decoder.original_color_type().bits_per_pixel().into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, ImageFormat};

    fn png() -> Picture {
        let mut data = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(30, 20).write_to(&mut data, ImageFormat::Png).unwrap();
        Picture { kind: PictureKind::Front, mime: "image/png".into(), data: data.into_inner() }
    }

    #[test]
    fn says_what_the_image_says() {
        let picture = png();
        let block = picture_block(&picture);
        assert_eq!(block[..8], [0, 0, 0, 3, 0, 0, 0, 9]);
        assert_eq!(block[17..37], [0, 0, 0, 0, 0, 0, 0, 30, 0, 0, 0, 20, 0, 0, 0, 24, 0, 0, 0, 0]);
        assert_eq!(block[41..], picture.data);
        let kind = kind_of_base64_picture(base64_picture(&picture).as_bytes());
        assert_eq!(kind, Some(PictureKind::Front));
    }

    #[test]
    fn unknown_dimensions_are_zero() {
        let picture = Picture {
            kind: PictureKind::Other,
            mime: String::new(),
            data: b"not an image".to_vec(),
        };
        assert_eq!(picture_block(&picture)[..32], [vec![0; 31], vec![12]].concat());
    }
}

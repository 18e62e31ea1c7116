//! Artwork in a size that fits into every file of a release.
//!
//! A scan of 20 MB in each of twelve tracks is a fifth of an album in lossless audio and more than all of it in Opus. What is larger than a
//! policy allows is scaled down for embedding; the picture itself stays in the store as it came. The rules are in
//! docs/formats/embedding.md, "Pictures".

use deadwax_model::Picture;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, resize};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageError, ImageReader, Limits, RgbImage};
use std::io::Cursor;

/// Counts up when the same picture would be scaled otherwise.
pub const VERSION: u32 = 1;

/// The longest side of a picture that has been scaled down, in pixels, and the shortest worth embedding.
const LONGEST_SIDE: u32 = 1400;
const SHORTEST_SIDE: u32 = 64;

/// Quality of the JPEG, of 100.
const QUALITY: u8 = 85;

/// Most pixels of a picture that is decoded, and how many there may be in a row or column: as JPEG has them.
const PIXELS: u64 = 36_000_000;
const SIDE_MAX: u32 = 65_535;

/// Most bytes that a decoder may take.
const DECODER_BYTES: u64 = 256 << 20;

/// Why a picture cannot be scaled down. Sentences without a path: the caller has it.
#[derive(Debug, thiserror::Error)]
pub enum ArtworkError {
    /// Not an image, damaged, or of a kind that is not decoded.
    #[error("it cannot be read as an image: {0}")]
    Unreadable(ImageError),
    /// More pixels than are decoded.
    #[error(
        "it has {width} by {height} pixels, and at most 36 million are decoded, and 65,535 a side"
    )]
    TooManyPixels {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// Even a thumbnail has more bytes.
    #[error("even {side} pixels wide or high it has more than {most} bytes")]
    CannotFit {
        /// The side that was tried last.
        side: u32,
        /// The most bytes it may have.
        most: u64,
    },
}

/// The picture as it is when it has at most `most` bytes; else a JPEG of at most so many bytes, with sides in the same proportion. The
/// same picture always gives the same bytes.
///
/// # Errors
/// A picture above `most` that cannot be decoded, or that does not fit however small it is.
pub fn fit(picture: Picture, most: u64) -> Result<Picture, ArtworkError> {
    if picture.data.len() as u64 <= most {
        return Ok(picture);
    }
    let (whole, profile) = decode(&picture.data, most)?;
    let longest = whole.width().max(whole.height());
    let mut side = longest.min(LONGEST_SIDE);
    let first = scaled(&whole, side);
    drop(whole);
    let mut data = encode(&first, &profile).map_err(ArtworkError::Unreadable)?;
    while data.len() as u64 > most {
        // Bytes go with the area, roughly; a little less than that so that few turns are needed.
        let share = (most as f64 / data.len() as f64).sqrt() * 0.95;
        let smaller = ((f64::from(side) * share) as u32).max(SHORTEST_SIDE);
        if smaller >= side {
            return Err(ArtworkError::CannotFit { side, most });
        }
        side = smaller;
        data = encode(&scaled(&first, side), &profile).map_err(ArtworkError::Unreadable)?;
    }
    Ok(Picture { kind: picture.kind, mime: "image/jpeg".to_owned(), data })
}

/// The picture upright, in three colours, and the colour profile that they are meant in.
fn decode(data: &[u8], most: u64) -> Result<(RgbImage, Option<Vec<u8>>), ArtworkError> {
    let wrong = ArtworkError::Unreadable;
    let reader = ImageReader::new(Cursor::new(data)).with_guessed_format();
    let mut reader = reader.map_err(|error| wrong(ImageError::IoError(error)))?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODER_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(wrong)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS || width.max(height) > SIDE_MAX {
        return Err(ArtworkError::TooManyPixels { width, height });
    }
    // A picture whose EXIF or ICC data are damaged is a picture all the same.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().unwrap_or_default();
    // A profile of greys or of printing inks says nothing about the colours that come out.
    let is_of_rgb = |profile: &Vec<u8>| profile.get(16..20) == Some(b"RGB ");
    let mut image = DynamicImage::from_decoder(decoder).map_err(wrong)?;
    image.apply_orientation(orientation);
    // One that leaves too little room for the picture is left out.
    let has_room = |profile: &Vec<u8>| profile.len() as u64 <= most / 4;
    Ok((opaque(image), profile.filter(is_of_rgb).filter(has_room)))
}

/// What shines through becomes white: JPEG knows no transparency, and covers lie on light pages.
fn opaque(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    let over_white = |colour: u8, alpha: u8| {
        let (colour, alpha) = (u32::from(colour), u32::from(alpha));
        ((colour * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [red, green, blue, alpha] = image.get_pixel(x, y).0;
        image::Rgb([red, green, blue].map(|colour| over_white(colour, alpha)))
    })
}

/// The picture with `side` pixels along its longer side, which is no more than it has.
fn scaled(image: &RgbImage, side: u32) -> RgbImage {
    let (width, height) = image.dimensions();
    let longest = width.max(height);
    let share = |length: u32| {
        let length = u64::from(length) * u64::from(side);
        (length.div_ceil(u64::from(longest)) as u32).max(1)
    };
    match side < longest {
        true => resize(image, share(width), share(height), FilterType::Lanczos3),
        false => image.clone(),
    }
}

fn encode(image: &RgbImage, profile: &Option<Vec<u8>>) -> Result<Vec<u8>, ImageError> {
    let mut data = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut data, QUALITY);
    if let Some(profile) = profile {
        encoder.set_icc_profile(profile.clone()).map_err(ImageError::Unsupported)?;
    }
    encoder.encode_image(image)?;
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_model::PictureKind;
    use image::{ImageFormat, RgbaImage};

    fn picture(image: impl Into<DynamicImage>, format: ImageFormat) -> Picture {
        let mut data = Cursor::new(Vec::new());
        image.into().write_to(&mut data, format).unwrap();
        let mime = format.to_mime_type().to_owned();
        Picture { kind: PictureKind::Front, mime, data: data.into_inner() }
    }

    /// Hills of colour with a grain that no encoder makes small.
    fn grainy(width: u32, height: u32) -> RgbImage {
        let mut dice = 1u32;
        RgbImage::from_fn(width, height, |x, y| {
            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (dice >> 27) as u8;
            image::Rgb([(x / 8) as u8 | grain, (y / 8) as u8 | grain, grain])
        })
    }

    fn sides(picture: &Picture) -> (u32, u32) {
        let image = image::load_from_memory(&picture.data).unwrap();
        (image.width(), image.height())
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let small = picture(grainy(40, 30), ImageFormat::Png);
        assert_eq!(fit(small.clone(), small.data.len() as u64).unwrap(), small);
        let odd = Picture { data: b"no image".to_vec(), ..small };
        assert_eq!(fit(odd.clone(), 8).unwrap(), odd);
    }

    #[test]
    fn what_does_not_fit_becomes_a_smaller_jpeg_of_the_same_shape() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let large = picture(grainy(2_000, 1_500), format);
            let fitted = fit(large.clone(), 300_000).unwrap();
            assert_eq!((fitted.mime.as_str(), fitted.kind), ("image/jpeg", PictureKind::Front));
            assert!(fitted.data.len() <= 300_000 && fitted.data.len() > 100_000);
            let (width, height) = sides(&fitted);
            assert!(width <= 1_400 && height.abs_diff(width * 3 / 4) <= 1, "{width} by {height}");
            assert_eq!(fit(large, 300_000).unwrap(), fitted);
        }
    }

    #[test]
    fn no_picture_grows_and_what_is_not_decoded_is_told() {
        // BMP is not among the kinds that are decoded.
        let data = [&b"BM"[..], &[0; 400_000]].concat();
        let odd = Picture { kind: PictureKind::Front, mime: "image/bmp".to_owned(), data };
        assert!(matches!(fit(odd, 300_000), Err(ArtworkError::Unreadable(_))));
        let tall = fit(picture(grainy(30, 3_000), ImageFormat::Png), 60_000).unwrap();
        assert_eq!(sides(&tall), (14, 1_400));
    }

    #[test]
    fn what_shines_through_becomes_white() {
        let mut clear = RgbaImage::from_pixel(700, 700, image::Rgba([0, 0, 0, 0]));
        for (x, y, pixel) in grainy(700, 350).enumerate_pixels() {
            clear.put_pixel(x, y, image::Rgba([pixel.0[0], pixel.0[1], pixel.0[2], 255]));
        }
        let fitted = fit(picture(clear, ImageFormat::Png), 200_000).unwrap();
        let image = image::load_from_memory(&fitted.data).unwrap().into_rgb8();
        let corner = image.get_pixel(image.width() / 2, image.height() - 2).0;
        assert!(corner.iter().all(|colour| *colour > 250), "{corner:?}");
    }

    #[test]
    fn refuses_with_a_sentence() {
        let odd = Picture {
            kind: PictureKind::Other,
            mime: "image/png".to_owned(),
            data: vec![7; 1_000],
        };
        let said = fit(odd, 10).unwrap_err().to_string();
        assert!(said.starts_with("it cannot be read as an image: "), "{said}");
        let said = fit(picture(grainy(300, 300), ImageFormat::Png), 300).unwrap_err().to_string();
        assert!(said.contains("it has more than 300 bytes"), "{said}");
        // A PNG that says it is enormous.
        let mut enormous = picture(grainy(8, 8), ImageFormat::Png);
        enormous.data[16..24].copy_from_slice(&[0, 0, 0x80, 0, 0, 0, 0x80, 0]);
        let said = fit(enormous, 10).unwrap_err().to_string();
        assert!(said.contains("32768 by 32768") || said.contains("cannot be read"), "{said}");
        let mut cut = picture(grainy(500, 500), ImageFormat::Jpeg);
        cut.data.truncate(300);
        assert!(fit(cut, 10).is_err());
    }
}

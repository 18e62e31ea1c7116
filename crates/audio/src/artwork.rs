//! Artwork in the sizes that it is needed in: one that fits into every file of a release, and thumbnails for pages.
//!
//! A scan of 20 MB in each of twelve tracks is a fifth of an album in lossless audio and more than all of it in Opus. What is larger than a
//! policy allows is scaled down for embedding; the picture itself stays in the store as it came. The rules are in
//! docs/formats/embedding.md, "Pictures", and docs/formats/edition.md, "Artwork".

use deadwax_model::Picture;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, resize};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageError, ImageReader, Limits, RgbImage};
use std::io::Cursor;
use std::sync::{Mutex, MutexGuard};

/// Counts up when the same picture would be scaled otherwise for embedding.
pub const VERSION: u32 = 1;

/// Counts up when the same picture would give other thumbnails, or another word on whether it can be decoded.
pub const THUMBNAIL_VERSION: u32 = 1;

/// The longer sides of thumbnails in pixels, as the Cover Art Archive has them; the large one first.
pub const THUMBNAIL_SIDES: [u32; 2] = [500, 250];

/// The longest side of a picture that has been scaled down, in pixels, and the shortest worth embedding.
const LONGEST_SIDE: u32 = 1400;
const SHORTEST_SIDE: u32 = 64;

/// The longest colour profile that a thumbnail carries, in bytes: those of sRGB and Adobe RGB are shorter.
const THUMBNAIL_PROFILE_BYTES: usize = 4 << 10;

/// Quality of the JPEG, of 100.
const QUALITY: u8 = 85;

/// Most pixels of a picture that is decoded, and how many there may be in a row or column: as JPEG has them.
const PIXELS: u64 = 36_000_000;
const SIDE_MAX: u32 = 65_535;

/// Pictures with more pixels are decoded one at a time: two of the largest would take more memory than all else.
const PIXELS_BESIDE_OTHERS: u64 = 9_000_000;
static LARGE: Mutex<()> = Mutex::new(());

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
    let fitted = Artwork::read(&picture.data)?.fitted(most)?;
    Ok(Picture { kind: picture.kind, mime: "image/jpeg".to_owned(), data: fitted.data })
}

/// A picture, decoded: upright, in three colours.
pub struct Artwork {
    mime: &'static str,
    whole: RgbImage,
    /// What colours are meant by the numbers, when the file says it.
    profile: Option<Vec<u8>>,
    /// The turn of a large picture, which ends with it.
    _turn: Option<MutexGuard<'static, ()>>,
}

/// A smaller picture, a JPEG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smaller {
    /// Pixels along its longer side.
    pub side: u32,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// The encoded image.
    pub data: Vec<u8>,
}

impl Artwork {
    /// Decodes a JPEG, PNG or WebP; waits for its turn when it is large.
    ///
    /// # Errors
    /// What is none of these, is damaged, or has more pixels than are decoded.
    pub fn read(data: &[u8]) -> Result<Artwork, ArtworkError> {
        let wrong = ArtworkError::Unreadable;
        let reader = ImageReader::new(Cursor::new(data)).with_guessed_format();
        let mut reader = reader.map_err(|error| wrong(ImageError::IoError(error)))?;
        let mime = reader.format().map_or("", |format| format.to_mime_type());
        let mut limits = Limits::default();
        limits.max_alloc = Some(DECODER_BYTES);
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(wrong)?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > PIXELS || width.max(height) > SIDE_MAX {
            return Err(ArtworkError::TooManyPixels { width, height });
        }
        let is_large = u64::from(width) * u64::from(height) > PIXELS_BESIDE_OTHERS;
        let turn = is_large.then(|| LARGE.lock().unwrap_or_else(|e| e.into_inner()));
        // A picture whose EXIF or ICC data are damaged is a picture all the same.
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let profile = decoder.icc_profile().unwrap_or_default();
        // A profile of greys or of printing inks says nothing about the colours that come out.
        let is_of_rgb = |profile: &Vec<u8>| profile.get(16..20) == Some(b"RGB ");
        let mut image = DynamicImage::from_decoder(decoder).map_err(wrong)?;
        image.apply_orientation(orientation);
        Ok(Artwork { mime, whole: opaque(image), profile: profile.filter(is_of_rgb), _turn: turn })
    }

    /// What it is by its bytes: `image/jpeg`, `image/png` or `image/webp`.
    pub fn mime(&self) -> &'static str {
        self.mime
    }

    /// Pixels in a row, upright.
    pub fn width(&self) -> u32 {
        self.whole.width()
    }

    /// Rows, upright.
    pub fn height(&self) -> u32 {
        self.whole.height()
    }

    /// A JPEG of at most `most` bytes and 1,400 pixels a side, in the same proportion. The same picture always gives
    /// the same bytes.
    ///
    /// # Errors
    /// A picture that does not fit however small it is.
    pub fn fitted(self, most: u64) -> Result<Smaller, ArtworkError> {
        // One that leaves too little room for the picture is left out.
        let profile = self.profile.filter(|profile| profile.len() as u64 <= most / 4);
        let profile = profile.as_deref();
        let most_pixels = longer_side(&self.whole).min(LONGEST_SIDE);
        let first = scaled(&self.whole, most_pixels);
        drop(self.whole);
        let mut smaller = Smaller::of(&first, profile)?;
        while smaller.data.len() as u64 > most {
            // Bytes go with the area, roughly; a little less than that so that few turns are needed.
            let share = (most as f64 / smaller.data.len() as f64).sqrt() * 0.95;
            let side = ((f64::from(smaller.side) * share) as u32).max(SHORTEST_SIDE);
            if side >= smaller.side {
                return Err(ArtworkError::CannotFit { side: smaller.side, most });
            }
            smaller = Smaller::of(&scaled(&first, side), profile)?;
        }
        Ok(smaller)
    }

    /// Its thumbnails, the large one first: one for each of [`THUMBNAIL_SIDES`] that is shorter than its longer side.
    ///
    /// # Errors
    /// None in practice: encoding into memory.
    pub fn thumbnails(&self) -> Result<Vec<Smaller>, ArtworkError> {
        let profile = self.profile.as_deref().filter(|it| it.len() <= THUMBNAIL_PROFILE_BYTES);
        let mut made = Vec::new();
        let mut from: Option<RgbImage> = None;
        for side in THUMBNAIL_SIDES {
            if side >= longer_side(&self.whole) {
                continue;
            }
            let image = scaled(from.as_ref().unwrap_or(&self.whole), side);
            made.push(Smaller::of(&image, profile)?);
            from = Some(image);
        }
        Ok(made)
    }
}

impl Smaller {
    fn of(image: &RgbImage, profile: Option<&[u8]>) -> Result<Smaller, ArtworkError> {
        let data = encode(image, profile).map_err(ArtworkError::Unreadable)?;
        Ok(Smaller { side: longer_side(image), width: image.width(), height: image.height(), data })
    }
}

fn longer_side(image: &RgbImage) -> u32 {
    image.width().max(image.height())
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
    let longest = longer_side(image);
    let share = |length: u32| {
        let length = u64::from(length) * u64::from(side);
        (length.div_ceil(u64::from(longest)) as u32).max(1)
    };
    match side < longest {
        true => resize(image, share(width), share(height), FilterType::Lanczos3),
        false => image.clone(),
    }
}

fn encode(image: &RgbImage, profile: Option<&[u8]>) -> Result<Vec<u8>, ImageError> {
    let mut data = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut data, QUALITY);
    if let Some(profile) = profile {
        encoder.set_icc_profile(profile.to_vec()).map_err(ImageError::Unsupported)?;
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
    fn thumbnails_are_smaller_and_nothing_is_enlarged() {
        for ((width, height), wanted) in [
            ((1_200, 900), vec![(500, 375), (250, 188)]),
            ((300, 501), vec![(300, 500), (150, 250)]),
            ((500, 300), vec![(250, 150)]),
            ((250, 250), vec![]),
            ((3_000, 3), vec![(500, 1), (250, 1)]),
        ] {
            let artwork =
                Artwork::read(&picture(grainy(width, height), ImageFormat::Png).data).unwrap();
            assert_eq!((artwork.mime(), artwork.width()), ("image/png", width));
            let made = artwork.thumbnails().unwrap();
            let sides: Vec<_> = made.iter().map(|it| (it.width, it.height)).collect();
            assert_eq!(sides, wanted, "{width} by {height}");
            for thumbnail in &made {
                let image = image::load_from_memory(&thumbnail.data).unwrap();
                assert_eq!((image.width(), image.height()), (thumbnail.width, thumbnail.height));
                assert_eq!(thumbnail.width.max(thumbnail.height), thumbnail.side);
            }
            assert_eq!(artwork.thumbnails().unwrap(), made);
        }
    }

    #[test]
    fn a_short_profile_of_colours_goes_along() {
        let thumbnail_of = |profile: &[u8]| {
            let data = encode(&grainy(600, 600), Some(profile)).unwrap();
            let first = Artwork::read(&data).unwrap().thumbnails().unwrap().remove(0);
            let reader = ImageReader::new(Cursor::new(first.data)).with_guessed_format().unwrap();
            reader.into_decoder().unwrap().icc_profile().unwrap()
        };
        let mut profile = vec![0; 3_000];
        profile[16..20].copy_from_slice(b"RGB ");
        assert_eq!(thumbnail_of(&profile), Some(profile.clone()));
        assert_eq!(thumbnail_of(&[&profile[..], &profile].concat()), None);
        profile[16..20].copy_from_slice(b"CMYK");
        assert_eq!(thumbnail_of(&profile), None);
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

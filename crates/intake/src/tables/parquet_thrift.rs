//! Thrift's compact protocol, walked over before the decoder reads it: every field has to be of its type and
//! be there once, every list has to be whole, and what is not known may not lie deep. What passes here, the
//! decoder reads as it was read here, or refuses; it makes room for as many things as a list claims to have, and follows
//! them as deep as they go.
//!
//! Format: doc/specs/thrift-compact-protocol.md of github.com/apache/thrift.

use super::parquet_structs::{FIELDS, Struct, Type};

/// How deep what is not known may lie within itself.
const DEPTH: usize = 32;

const STOP: u8 = 0;
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const TEXT: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const STRUCT: u8 = 12;

/// Why bytes cannot be decoded without harm.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unsound {
    /// They end too early.
    CutOff,
    /// What is wrong, as part of a sentence.
    Wrong(String),
}

/// The fields of a structure by number, where they are there: an integer, a text's bytes, a list's length,
/// 1 of a truth that holds, and 0 of others.
pub(super) type Numbers = [Option<i64>; FIELDS];

/// Is given each structure at its end.
pub(super) type Visit<'v> = dyn FnMut(&'static Struct, &Numbers) -> Result<(), String> + 'v;

/// A walk over bytes.
pub(super) struct Walk<'a> {
    bytes: &'a [u8],
    place: usize,
    /// How many elements the lists may have that are still to come.
    elements_left: u64,
}

impl Walk<'_> {
    /// From the begin, with so many elements in all lists together.
    pub(super) fn new(bytes: &[u8], elements: u64) -> Walk<'_> {
        Walk { bytes, place: 0, elements_left: elements }
    }

    /// How many bytes were walked over.
    pub(super) fn place(&self) -> usize {
        self.place
    }

    /// Walks over a structure.
    pub(super) fn over(&mut self, of: &'static Struct, visit: &mut Visit) -> Result<(), Unsound> {
        let mut numbers = [None; FIELDS];
        let mut id = 0;
        while let Some(kind) = self.field(&mut id)? {
            let Some(field) = of.fields.iter().find(|field| field.0 == id) else {
                self.skip(kind, 0)?;
                continue;
            };
            // Integers of all widths are written alike, and read so; fastparquet writes the wider for the narrower.
            let kind = match (is_integer(kind), kind_of(&field.2)) {
                (true, wanted) if is_integer(wanted) => wanted,
                _ => kind,
            };
            let name = || format!("{} of {}", field.1, of.name);
            let number = &mut numbers[id as usize];
            if number.is_some() {
                return Err(Unsound::Wrong(format!("{} is there twice", name())));
            }
            *number = Some(self.value(&field.2, kind, &name, visit)?);
        }
        visit(of, &numbers).map_err(Unsound::Wrong)
    }

    /// The type of a structure's next field, whose number replaces that of the one before; `None` at its end.
    fn field(&mut self, id: &mut i16) -> Result<Option<u8>, Unsound> {
        let head = self.byte()?;
        let kind = head & 0x0F;
        if kind == STOP {
            return Ok(None);
        }
        let next = match head >> 4 {
            0 => i16::try_from(zigzag(self.varint()?)).ok(),
            delta => id.checked_add(delta.into()),
        };
        *id = next.ok_or_else(|| self.wrong("the number of a field is none"))?;
        Ok(Some(kind))
    }

    /// A value of a field, or of a list.
    fn value(
        &mut self,
        wanted: &'static Type,
        kind: u8,
        name: &dyn Fn() -> String,
        visit: &mut Visit,
    ) -> Result<i64, Unsound> {
        if !is_of(wanted, kind) {
            let (is, wanted) = (words(kind), words(kind_of(wanted)));
            return Err(Unsound::Wrong(format!("{} is {is}, not {wanted}", name())));
        }
        match wanted {
            Type::Truth => Ok(i64::from(kind == TRUE)),
            Type::Byte => self.byte().map(i64::from),
            Type::I16 => self.integer::<i16>(name),
            Type::I32 => self.integer::<i32>(name),
            Type::I64 => self.integer::<i64>(name),
            Type::Double => self.pass(8).map(|()| 0),
            Type::Text => {
                let length = self.varint()?;
                self.pass(length)?;
                // It is in memory, so its length is that of memory at most.
                Ok(length as i64)
            }
            Type::Struct(of) => self.over(of, visit).map(|()| 0),
            Type::List(of) => {
                let (length, kind) = self.list()?;
                self.elements_left = self.elements_left.checked_sub(length).ok_or_else(|| {
                    Unsound::Wrong(format!("{} has too many elements: {length}", name()))
                })?;
                for _ in 0..length {
                    self.value(of, kind, &|| format!("an element in {}", name()), visit)?;
                }
                Ok(length as i64)
            }
        }
    }

    /// An integer, which its type has to hold: the decoder cuts off what is too much.
    fn integer<T: TryFrom<i64>>(&mut self, name: &dyn Fn() -> String) -> Result<i64, Unsound> {
        let value = zigzag(self.varint()?);
        match T::try_from(value) {
            Ok(_) => Ok(value),
            Err(_) => Err(Unsound::Wrong(format!("{} is too large a number: {value}", name()))),
        }
    }

    /// A list's length and what it is of.
    fn list(&mut self) -> Result<(u64, u8), Unsound> {
        let head = self.byte()?;
        let length = match head >> 4 {
            15 => self.varint()?,
            length => length.into(),
        };
        Ok((length, head & 0x0F))
    }

    /// Passes over a value that is not known.
    fn skip(&mut self, kind: u8, depth: usize) -> Result<(), Unsound> {
        if depth > DEPTH {
            return Err(self.wrong("fields lie too deep in each other"));
        }
        match kind {
            // The type says which.
            TRUE | FALSE => {}
            BYTE => self.pass(1)?,
            I16 | I32 | I64 => drop(self.varint()?),
            DOUBLE => self.pass(8)?,
            TEXT => {
                let length = self.varint()?;
                self.pass(length)?;
            }
            LIST | SET => {
                let (length, of) = self.list()?;
                // In a list they take a byte each, which the decoder does not pass over.
                if length > 0 && matches!(of, TRUE | FALSE) {
                    return Err(self.wrong("a list of truths is not read here"));
                }
                for _ in 0..length {
                    self.skip(of, depth + 1)?;
                }
            }
            STRUCT => {
                let mut id = 0;
                while let Some(kind) = self.field(&mut id)? {
                    self.skip(kind, depth + 1)?;
                }
            }
            _ => return Err(self.wrong(&format!("{} is not read here", words(kind)))),
        }
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, Unsound> {
        let byte = *self.bytes.get(self.place).ok_or(Unsound::CutOff)?;
        self.place += 1;
        Ok(byte)
    }

    fn pass(&mut self, bytes: u64) -> Result<(), Unsound> {
        let left = self.bytes.len() - self.place;
        let bytes = usize::try_from(bytes).ok().filter(|bytes| *bytes <= left);
        self.place += bytes.ok_or(Unsound::CutOff)?;
        Ok(())
    }

    fn varint(&mut self) -> Result<u64, Unsound> {
        let mut rest = &self.bytes[self.place..];
        let before = rest.len();
        let value = varint(&mut rest);
        self.place += before - rest.len();
        match value {
            Some(value) => Ok(value),
            None if rest.is_empty() => Err(Unsound::CutOff),
            None => Err(self.wrong("a number has more than 64 bits")),
        }
    }

    fn wrong(&self, what: &str) -> Unsound {
        Unsound::Wrong(format!("{what}, before byte {}", self.place))
    }
}

/// ULEB128, of 64 bits.
pub(super) fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, behind) = rest.split_first()?;
        *rest = behind;
        value |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn zigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

fn is_integer(kind: u8) -> bool {
    matches!(kind, I16 | I32 | I64)
}

fn is_of(wanted: &Type, kind: u8) -> bool {
    kind == kind_of(wanted) || (kind == FALSE && matches!(wanted, Type::Truth))
}

fn kind_of(wanted: &Type) -> u8 {
    match wanted {
        Type::Truth => TRUE,
        Type::Byte => BYTE,
        Type::I16 => I16,
        Type::I32 => I32,
        Type::I64 => I64,
        Type::Double => DOUBLE,
        Type::Text => TEXT,
        Type::Struct(_) => STRUCT,
        Type::List(_) => LIST,
    }
}

fn words(kind: u8) -> &'static str {
    match kind {
        TRUE | FALSE => "a truth",
        BYTE => "an integer of 8 bits",
        I16 => "an integer of 16 bits",
        I32 => "an integer of 32 bits",
        I64 => "an integer of 64 bits",
        DOUBLE => "a fraction",
        TEXT => "a text",
        LIST => "a list",
        SET => "a set",
        STRUCT => "a structure",
        _ => "of a type that Parquet has not",
    }
}

#[cfg(test)]
mod tests {
    use super::super::parquet_structs::{FILE, PAGE};
    use super::*;

    fn said(of: &'static Struct, bytes: &[u8]) -> String {
        match Walk::new(bytes, 1_000).over(of, &mut |_, _| Ok(())) {
            Ok(()) => String::new(),
            Err(Unsound::CutOff) => "cut off".to_owned(),
            Err(Unsound::Wrong(what)) => what,
        }
    }

    #[test]
    fn fields_have_their_type_and_are_there_once() {
        assert_eq!(said(&FILE, &[0x15, 2, 0]), "");
        assert_eq!(said(&FILE, &[0x16, 2, 0]), "");
        for (bytes, words) in [
            (&[0x13, 2, 0][..], "version of FileMetaData is an integer of 8 bits, not an"),
            (&[0x11, 0], "version of FileMetaData is a truth"),
            (&[0x15, 2, 0x05, 2, 2, 0], "version of FileMetaData is there twice"),
            (&[0x29, 0x25, 2, 2, 0], "an element in schema of FileMetaData is an integer of 32"),
            (&[0x15, 0x80, 0x80, 0x80, 0x80, 0x10, 0], "too large a number: 2147483648"),
            (&[0x05, 0x82, 0x80, 0x08, 2, 0], "the number of a field is none"),
            (&[0x29, 0xFC, 0xE9, 7, 0], "schema of FileMetaData has too many elements: 1001"),
            (&[0x15, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], "64 bits"),
            (&[0x29, 0x3C, 0x48, 1], "cut off"),
            (&[0x15], "cut off"),
            (&[], "cut off"),
        ] {
            let said = said(&FILE, bytes);
            assert!(said.contains(words), "{said}");
        }
    }

    #[test]
    fn what_is_not_known_is_passed_over_and_not_deep() {
        // Field 15: a number, a text, an empty list, a list of two numbers, a structure of one.
        for bytes in
            [&[0xF5, 2][..], &[0xF8, 1, 7], &[0xF9, 0], &[0xF9, 0x25, 2, 2], &[0xFC, 0x15, 2, 0]]
        {
            assert_eq!(said(&PAGE, &[bytes, &[0]].concat()), "");
        }
        let lists = |depth: usize| [vec![0xF9], vec![0x19; depth], vec![0x05, 0]].concat();
        assert_eq!(said(&PAGE, &lists(DEPTH - 1)), "");
        assert!(said(&PAGE, &lists(DEPTH + 1)).contains("too deep"));
        let structs = [vec![0xFC], vec![0x1C; 1_000_000]].concat();
        assert!(said(&PAGE, &structs).contains("too deep"));
        // A list of 2^31-1 truths, which the decoder would count.
        let truths = [0xF9, 0xF1, 0xFF, 0xFF, 0xFF, 0xFF, 7, 0];
        assert!(said(&PAGE, &truths).contains("a list of truths"));
        assert!(said(&PAGE, &[0xFB, 1, 0]).contains("a type that Parquet has not is not read"));
    }

    #[test]
    fn numbers_are_given_at_the_end_of_their_structure() {
        let mut seen = Vec::new();
        let bytes = [0x15, 0, 0x15, 2, 0x15, 3, 0x2C, 0x15, 8, 0, 0, 9, 9];
        let mut walk = Walk::new(&bytes, 0);
        let visit = &mut |of: &'static Struct, numbers: &Numbers| {
            seen.push((of.name, numbers[1], numbers[2], numbers[3]));
            Ok(())
        };
        assert_eq!(walk.over(&PAGE, visit), Ok(()));
        assert_eq!(walk.place(), bytes.len() - 2);
        assert_eq!(
            seen,
            [("DataPageHeader", Some(4), None, None), ("PageHeader", Some(0), Some(1), Some(-2)),]
        );
    }
}

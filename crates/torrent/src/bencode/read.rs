//! Reads canonical bencode from untrusted bytes without copying strings. Depth and number of values
//! are bounded, and a length is believed only when that many bytes are there.

/// How deep lists and dictionaries may nest. A path of [`crate::names::MAX_DEPTH`] folders needs 36.
pub const MAX_DEPTH: usize = 64;

/// How many values one document may have. A pack of 5,000 files has about 150,000.
pub const MAX_VALUES: usize = 1_000_000;

/// Where and why bytes are not the bencode that we take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not canonical bencode at byte {at}: {what}")]
pub struct BencodeError {
    /// Offset from the start of the input.
    pub at: usize,
    /// What is wrong there.
    pub what: &'static str,
}

/// A value that borrows its strings from the input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Int(i64),
    Bytes(&'a [u8]),
    List(Vec<Value<'a>>),
    /// Keys strictly ascending.
    Dict(Vec<Entry<'a>>),
}

/// A key with its value, and the value's own bytes for hashing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub key: &'a [u8],
    pub value: Value<'a>,
    pub raw: &'a [u8],
}

impl<'a> Value<'a> {
    /// The entry of a dictionary; `None` when this is no dictionary or has no such key.
    pub fn entry(&self, key: &str) -> Option<&Entry<'a>> {
        let entries = self.dict()?;
        let place = entries.binary_search_by(|entry| entry.key.cmp(key.as_bytes())).ok()?;
        Some(&entries[place])
    }

    /// The value of a key of a dictionary.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.entry(key).map(|entry| &entry.value)
    }

    pub fn dict(&self) -> Option<&[Entry<'a>]> {
        if let Value::Dict(entries) = self { Some(entries) } else { None }
    }

    pub fn list(&self) -> Option<&[Value<'a>]> {
        if let Value::List(values) = self { Some(values) } else { None }
    }

    pub fn bytes(&self) -> Option<&'a [u8]> {
        if let Value::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub fn text(&self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// An integer that is not negative.
    pub fn length(&self) -> Option<u64> {
        if let Value::Int(value) = self { u64::try_from(*value).ok() } else { None }
    }
}

/// Reads one value that is the whole input.
pub(crate) fn read(input: &[u8]) -> Result<Value<'_>, BencodeError> {
    read_by(input, Order::Canonical)
}

/// The same of what other programs wrote: keys may stand in any order, and of those that occur twice the first counts. The
/// dictionaries that come out are sorted.
pub(crate) fn read_foreign(input: &[u8]) -> Result<Value<'_>, BencodeError> {
    read_by(input, Order::Any)
}

/// In which order keys may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Canonical,
    Any,
}

fn read_by(input: &[u8], order: Order) -> Result<Value<'_>, BencodeError> {
    let mut reader = Reader { input, at: 0, values: 0, order };
    let value = reader.value(0)?;
    if reader.at < input.len() {
        return reader.fail("there are bytes after the end");
    }
    Ok(value)
}

struct Reader<'a> {
    input: &'a [u8],
    at: usize,
    values: usize,
    order: Order,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value<'a>, BencodeError> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return self.fail("too many values");
        }
        if depth > MAX_DEPTH {
            return self.fail("nested too deep");
        }
        match self.peek()? {
            b'i' => {
                self.at += 1;
                let value = self.number(b'e')?;
                Ok(Value::Int(value))
            }
            b'0'..=b'9' => Ok(Value::Bytes(self.string()?)),
            b'l' => {
                self.at += 1;
                let mut values = Vec::new();
                while self.peek()? != b'e' {
                    values.push(self.value(depth + 1)?);
                }
                self.at += 1;
                Ok(Value::List(values))
            }
            b'd' => {
                self.at += 1;
                let mut entries: Vec<Entry> = Vec::new();
                while self.peek()? != b'e' {
                    let entry = self.entry(depth)?;
                    let falls = entries.last().is_some_and(|last| last.key >= entry.key);
                    if falls && self.order == Order::Canonical {
                        return self.fail("the keys before here are not sorted or not unique");
                    }
                    entries.push(entry);
                }
                self.at += 1;
                if self.order == Order::Any {
                    // A stable sort: the first of two stays the first.
                    entries.sort_by_key(|entry| entry.key);
                    entries.dedup_by_key(|entry| entry.key);
                }
                Ok(Value::Dict(entries))
            }
            _ => self.fail("no value starts like this"),
        }
    }

    fn entry(&mut self, depth: usize) -> Result<Entry<'a>, BencodeError> {
        if !self.peek()?.is_ascii_digit() {
            return self.fail("a key must be a string");
        }
        let key = self.string()?;
        let start = self.at;
        let value = self.value(depth + 1)?;
        Ok(Entry { key, value, raw: &self.input[start..self.at] })
    }

    fn string(&mut self) -> Result<&'a [u8], BencodeError> {
        let bytes = self.number(b':')?;
        let rest = &self.input[self.at..];
        match usize::try_from(bytes).ok().and_then(|bytes| rest.get(..bytes)) {
            Some(string) => {
                self.at += string.len();
                Ok(string)
            }
            None => self.fail("a string is longer than the input"),
        }
    }

    /// Digits up to `end`, which is consumed. No `-0`, no leading zeros, nothing beyond 64 bits.
    fn number(&mut self, end: u8) -> Result<i64, BencodeError> {
        // 20 characters hold every i64.
        let window = &self.input[self.at..self.input.len().min(self.at + 21)];
        let Some(length) = window.iter().position(|&byte| byte == end) else {
            return self.fail("a number has no end");
        };
        let digits = &window[..length];
        let plain = digits.strip_prefix(b"-").unwrap_or(digits);
        let canonical = match plain {
            [b'0'] => plain.len() == digits.len(),
            [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
            _ => false,
        };
        let value = std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok());
        match value {
            Some(value) if canonical => {
                self.at += length + 1;
                Ok(value)
            }
            _ => self.fail("a number is not written the one right way"),
        }
    }

    fn peek(&self) -> Result<u8, BencodeError> {
        match self.input.get(self.at) {
            Some(&byte) => Ok(byte),
            None => self.fail("the input ends too soon"),
        }
    }

    fn fail<T>(&self, what: &'static str) -> Result<T, BencodeError> {
        Err(BencodeError { at: self.at, what })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_one_right_way() {
        for bad in [
            "",
            "i",
            "i01e",
            "i-0e",
            "ie",
            "i+1e",
            "i99999999999999999999e",
            "01:a",
            "-1:a",
            "2:a",
            "l",
            "d",
            "di1ei2ee",
            "d1:ai1e1:ai2ee",
            "d1:bi1e1:ai2ee",
            "i1ei2e",
            "x",
            "d1:ae",
        ] {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
        let value = read(b"d1:ai-5e1:bl2:xy0:d1:cleee1:z3:abce").unwrap();
        assert_eq!(value.entry("b").unwrap().raw, b"l2:xy0:d1:cleee");
        assert_eq!(value.get("z").and_then(Value::text), Some("abc"));
        assert_eq!(value.get("a").and_then(Value::length), None);
    }

    #[test]
    fn depth_and_number_of_values_are_bounded() {
        let deep = |levels: usize| [vec![b'l'; levels], vec![b'e'; levels]].concat();
        assert!(read(&deep(MAX_DEPTH + 1)).is_ok());
        assert_eq!(read(&deep(1_000_000)).unwrap_err().what, "nested too deep");
        let many = [b"l".as_slice(), &b"le".repeat(MAX_VALUES), b"e"].concat();
        assert_eq!(read(&many).unwrap_err().what, "too many values");
        assert!(read(b"9223372036854775807:a").is_err());
    }

    #[test]
    fn foreign_keys_may_stand_in_any_order() {
        let value = read_foreign(b"d1:bi1e1:ai2e1:bi3ee").unwrap();
        let entries = value.dict().unwrap();
        assert_eq!(entries.iter().map(|it| it.key).collect::<Vec<_>>(), [b"a", b"b"]);
        assert_eq!(value.get("b"), Some(&Value::Int(1)));
        assert!(read_foreign(b"d1:bi01ee").is_err());
    }

    proptest! {
        #[test]
        fn what_is_canonical_reads_the_same_as_foreign(input in "(d1:ai[0-9]e1:bl(2:xy|i-1e)*ee)") {
            prop_assert_eq!(read_foreign(input.as_bytes()), read(input.as_bytes()));
        }

        #[test]
        fn any_bytes_are_refused_or_read(input in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&input);
        }

        #[test]
        fn any_likely_bytes_are_refused_or_read(input in "[dlei0-9:a-]{0,60}") {
            let _ = read(input.as_bytes());
        }
    }
}

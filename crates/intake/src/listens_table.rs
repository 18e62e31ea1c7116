//! Tables of listens: CSV with a head line, columns `isrc` or `id`, and `listens`.

use crate::Refusal;
use csv::{ReaderBuilder, StringRecord};
use deadwax_model::{ListensKey, ListensRow};
use std::collections::HashMap;
use std::io::Read;

/// What a table of listens gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListensTable {
    /// The rows that could be read, each key once (the last row of a key counts).
    pub rows: Vec<ListensRow>,
    /// The lines that could not, by their number, and why.
    pub bad: Vec<(u64, Refusal)>,
}

/// Reads a table whole. Separators `,`, `;` and tab are told from the head line. Fails only when the
/// head line does not name the columns.
pub fn read_listens(mut input: impl Read) -> Result<ListensTable, Refusal> {
    let mut content = Vec::new();
    input.read_to_end(&mut content).map_err(|e| Refusal::io(&e))?;
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter(&content))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&content));
    let columns = Columns::of(reader.headers().map_err(|e| not_a_table(&e))?)?;
    let mut table = ListensTable::default();
    let mut place_of: HashMap<ListensKey, usize> = HashMap::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(e) => {
                let line = e.position().map_or(0, csv::Position::line);
                table.bad.push((line, not_a_table(&e)));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        match columns.read(&record) {
            Err(refusal) => table.bad.push((line, refusal)),
            Ok(row) => match place_of.get(&row.key) {
                Some(&place) => {
                    let refusal = Refusal::new(
                        "it counts what an earlier line of this file counts already; this line's number was taken",
                        "leave one line for each ISRC or id",
                    );
                    table.bad.push((line, refusal));
                    table.rows[place] = row;
                }
                None => {
                    place_of.insert(row.key.clone(), table.rows.len());
                    table.rows.push(row);
                }
            },
        }
    }
    Ok(table)
}

struct Columns {
    isrc: Option<usize>,
    id: Option<usize>,
    listens: usize,
}

impl Columns {
    fn of(head: &StringRecord) -> Result<Columns, Refusal> {
        let find = |name: &str| head.iter().position(|column| column.eq_ignore_ascii_case(name));
        let (isrc, id) = (find("isrc"), find("id"));
        match find("listens") {
            Some(listens) if isrc.is_some() || id.is_some() => Ok(Columns { isrc, id, listens }),
            _ => Err(Refusal::new(
                format!(
                    "its first line names the columns '{}'; needed are listens, and isrc or id",
                    head.iter().collect::<Vec<_>>().join("', '")
                ),
                "put a line such as isrc,listens on top",
            )),
        }
    }

    fn read(&self, record: &StringRecord) -> Result<ListensRow, Refusal> {
        let field = |column: Option<usize>| {
            column.and_then(|column| record.get(column)).filter(|text| !text.is_empty())
        };
        let refuse =
            |what: String| Refusal::new(what, "correct the line, then run the same line again");
        let key = if let Some(id) = field(self.id) {
            ListensKey::Recording(id.parse().map_err(|e| refuse(format!("{e}")))?)
        } else if let Some(isrc) = field(self.isrc) {
            ListensKey::Isrc(isrc.parse().map_err(|e| refuse(format!("{e}")))?)
        } else {
            return Err(refuse("it has neither an ISRC nor an id".to_owned()));
        };
        let text = field(Some(self.listens)).unwrap_or_default();
        let listens = text
            .parse()
            .map_err(|_| refuse(format!("'{text}' is not a number of listens (digits only)")))?;
        Ok(ListensRow { key, listens })
    }
}

fn delimiter(content: &[u8]) -> u8 {
    let head = content.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
    let count = |wanted: u8| head.iter().filter(|&&b| b == wanted).count();
    [b',', b';', b'\t'].into_iter().max_by_key(|&d| (count(d), d == b',')).unwrap_or(b',')
}

fn not_a_table(error: &csv::Error) -> Refusal {
    Refusal::new(format!("it is not a table of text: {error}"), "give a CSV file in UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_people_write() {
        let table = read_listens("\u{feff}ISRC;Listens\nus-rc1-76-07839;12\n".as_bytes()).unwrap();
        assert_eq!(table.rows[0].listens, 12);
        let table =
            read_listens(&b"id,isrc,listens\n0123456789abcdef0123,,7\n,USRC17607839,8\n"[..])
                .unwrap();
        assert_eq!(table.rows.len(), 2);
        assert!(matches!(table.rows[0].key, ListensKey::Recording(_)));
        // Of a program that ends lines with a carriage return alone.
        let table =
            read_listens(&b"isrc;listens\rUSRC17607839;7\rUSRC17607840;8,,,\r"[..]).unwrap();
        assert_eq!((table.rows.len(), table.bad.len()), (1, 1));
    }

    #[test]
    fn bad_lines_are_told_by_number_and_stop_nothing() {
        let text = "isrc,listens\nUSRC17607839,many\nUSRC1760783,1\n\nUSRC17607839,5\nUSRC17607839,6\n,3\n";
        let table = read_listens(text.as_bytes()).unwrap();
        assert_eq!(table.rows.len(), 1);
        assert_eq!(table.rows[0].listens, 6);
        let lines: Vec<u64> = table.bad.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 3, 6, 7]);
        assert!(table.bad[0].1.what.contains("'many'"));
    }

    #[test]
    fn a_table_without_the_columns_is_refused() {
        let said = read_listens(&b"name,plays\n"[..]).unwrap_err();
        assert!(said.what.contains("'name', 'plays'"), "{}", said.what);
    }
}

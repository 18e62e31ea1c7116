//! One place for every file, on systems that tell `a` from `A` and on systems that do not.

use super::{MAX_COMPONENT_BYTES, component, file_name, is_extension};
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;

/// Makes a list of paths unique whatever the case of their letters and their normalization, so that no path is
/// also the folder of another. Earlier paths keep their names: a later file that collides gets ` (2)`, ` (3)`, ...
/// before its extension, a folder that collides with a file the same at its end, and folders that differ in case
/// alone become one, spelled as first seen. The result depends on the list alone, and is itself when given again.
pub fn unique(paths: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let mut places = Places::default();
    paths.into_iter().map(|path| places.place(path, Kind::File)).collect()
}

/// The same for folders that each belong to one thing alone: what is in one is never mixed with what is in another.
pub fn unique_folders(paths: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let mut places = Places::default();
    paths.into_iter().map(|path| places.place(path, Kind::OwnFolder)).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    /// One that paths go through.
    Folder,
    /// One that a path ends at.
    OwnFolder,
}

#[derive(Default)]
struct Places {
    taken: Taken,
    /// The folders that the last path went through, from above: paths come sorted mostly, so that the next has many of them too.
    through: Vec<Folder>,
}

struct Folder {
    asked: String,
    placed: String,
    /// Its folded path.
    key: String,
}

impl Places {
    fn place(&mut self, mut path: Vec<String>, end: Kind) -> Vec<String> {
        let Some(last) = path.pop() else { return path };
        // Who asks for a folder again gets the same: nothing that is taken is ever given back.
        let known =
            path.iter().zip(&self.through).take_while(|(asked, known)| **asked == known.asked);
        let known = known.count();
        if known < path.len() {
            self.through.truncate(known);
        }
        for asked in &path[known..] {
            let above = self.through.last().map_or("", |folder| &folder.key);
            let (placed, key) = self.taken.claim(above, asked.clone(), Kind::Folder);
            self.through.push(Folder { asked: asked.clone(), placed, key });
        }
        for (name, folder) in path.iter_mut().zip(&self.through) {
            name.clone_from(&folder.placed);
        }
        let above = path.len().checked_sub(1).map_or("", |depth| &self.through[depth].key);
        path.push(self.taken.claim(above, last, end).0);
        path
    }
}

#[derive(Default)]
struct Taken {
    /// Folded path so far, joined by '/' → what is there, and its last component as spelled.
    names: HashMap<String, (Kind, String)>,
    /// Folded path as it was asked for → the number to try next, so that thousands of one name stay fast.
    next: HashMap<String, u32>,
}

impl Taken {
    /// The name under which this file or folder can stand under `above`, and its folded path.
    fn claim(&mut self, above: &str, name: String, kind: Kind) -> (String, String) {
        let asked = format!("{above}/{}", fold(&name));
        match self.names.get(&asked) {
            None => {
                self.names.insert(asked.clone(), (kind, name.clone()));
                return (name, asked);
            }
            Some((Kind::Folder, spelled)) if kind == Kind::Folder => {
                return (spelled.clone(), asked);
            }
            Some(_) => {}
        }
        let mut number = match kind {
            Kind::File | Kind::OwnFolder => self.next.get(&asked).copied().unwrap_or(2),
            Kind::Folder => 2,
        };
        loop {
            let candidate = numbered(&name, number, kind);
            let key = format!("{above}/{}", fold(&candidate));
            match self.names.get(&key) {
                Some((Kind::Folder, spelled)) if kind == Kind::Folder => {
                    return (spelled.clone(), key);
                }
                Some(_) => number += 1,
                None => {
                    self.names.insert(key.clone(), (kind, candidate.clone()));
                    self.next.insert(asked, number + 1);
                    return (candidate, key);
                }
            }
        }
    }
}

/// `name (2).ext`, the name cut where that would be too long.
fn numbered(name: &str, number: u32, kind: Kind) -> String {
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if kind == Kind::File && is_extension(extension) => {
            (stem, extension)
        }
        _ => (name, ""),
    };
    let suffix = format!(" ({number})");
    let short = component(stem, MAX_COMPONENT_BYTES - suffix.len() - extension.len() - 1);
    file_name(&format!("{short}{suffix}"), extension, MAX_COMPONENT_BYTES)
}

/// Equal for names that some file system takes for the same. Upper case first, so that ß, ſ, ς and the like
/// meet their kin; this also folds a few that no system does, which costs a ` (2)` at worst.
fn fold(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let visible = name.nfc().filter(|c| !is_ignored(*c)).collect::<String>();
    visible.to_uppercase().to_lowercase().nfc().collect()
}

/// Characters that a name may have, because scripts and emoji need them, and HFS+ or a reader overlooks: joiners, soft hyphens,
/// variation selectors.
fn is_ignored(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{ad}' | '\u{34f}' | '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::super::is_component;
    use super::*;
    use proptest::prelude::*;

    fn made_unique(paths: &[&str]) -> Vec<String> {
        let split = |path: &&str| path.split('/').map(str::to_owned).collect();
        unique(paths.iter().map(split).collect()).iter().map(|path| path.join("/")).collect()
    }

    #[test]
    fn the_first_keeps_its_name() {
        assert_eq!(
            made_unique(&["A/x.ogg", "a/X.OGG", "A/x.ogg", "A/x (2).ogg", "b"]),
            ["A/x.ogg", "A/X (2).ogg", "A/x (3).ogg", "A/x (2) (2).ogg", "b"]
        );
        assert_eq!(made_unique(&["caf\u{e9}", "cafe\u{301}", "Straße", "STRASSE"])[1], "café (2)");
        assert_eq!(made_unique(&["Straße", "STRASSE"]), ["Straße", "STRASSE (2)"]);
    }

    #[test]
    fn a_folder_of_one_thing_is_no_others() {
        let paths = ["A/1990 Mr.Big", "A/1990 mr.big", "A/b", "A", "A/b/c"];
        let split = |path: &str| path.split('/').map(str::to_owned).collect();
        let made = unique_folders(paths.into_iter().map(split).collect());
        let made: Vec<String> = made.iter().map(|path| path.join("/")).collect();
        assert_eq!(made, ["A/1990 Mr.Big", "A/1990 mr.big (2)", "A/b", "A (2)", "A/b (2)/c"]);
    }

    #[test]
    fn a_file_is_never_a_folder() {
        assert_eq!(
            made_unique(&["a", "A/x", "a/y", "b/x", "B"]),
            ["a", "A (2)/x", "A (2)/y", "b/x", "B (2)"]
        );
        assert_eq!(made_unique(&["Vol. 1", "vol. 1"]), ["Vol. 1", "vol. 1 (2)"]);
        assert_eq!(made_unique(&["Vol. 1", "Vol. 1/x"]), ["Vol. 1", "Vol. 1 (2)/x"]);
    }

    #[test]
    fn thousands_of_one_name_are_fast_and_stay_short() {
        let long = "日".repeat(80);
        let paths = made_unique(&vec![long.as_str(); 20_000]);
        assert!(paths.iter().all(|name| is_component(name)));
        assert!(paths.last().is_some_and(|name| name.ends_with(" (20000)")));
    }

    /// The same name as systems keep or compare it: in another case, decomposed, with what is overlooked.
    fn variant(name: &str, how: u8) -> String {
        match how {
            0 => name.to_uppercase(),
            1 => name.to_lowercase(),
            2 => name.nfd().collect(),
            3 => name.nfc().collect(),
            4 => name.chars().flat_map(|c| [c, '\u{200d}']).collect(),
            _ => name.to_owned(),
        }
    }

    proptest! {
        #[test]
        fn no_system_takes_two_of_them_for_one(
            names in prop::collection::vec("[a-zA-Zéßöſ가Åı.·Σς京😀-]{1,4}", 1..4),
            variants in prop::collection::vec((any::<prop::sample::Index>(), 0..6u8), 1..12),
        ) {
            let paths = variants.iter().map(|(which, how)| {
                vec![component(&variant(&names[which.index(names.len())], *how), 240), "x.ogg".to_owned()]
            });
            let folders = unique_folders(paths.clone().map(|path| path[..1].to_vec()).collect());
            let files = unique(paths.map(|path| path[..1].to_vec()).collect());
            // NTFS and exFAT: upper case by character. APFS and ext4 with casefold: folded and decomposed. HFS+: the same, and joiners
            // overlooked.
            let ntfs = |name: &str| -> String { name.chars().map(|c| {
                let mut upper = c.to_uppercase();
                if upper.len() == 1 { upper.next().unwrap() } else { c }
            }).collect() };
            let apfs = |name: &str| -> String { name.nfd().flat_map(char::to_lowercase).nfd().collect() };
            let hfs = |name: &str| apfs(name).replace(['\u{200c}', '\u{200d}'], "");
            let systems: [&dyn Fn(&str) -> String; 3] = [&ntfs, &apfs, &hfs];
            for made in [&folders, &files] {
                for as_system in systems {
                    let mut seen: Vec<String> = made.iter().map(|path| as_system(&path[0])).collect();
                    seen.sort();
                    prop_assert!(seen.windows(2).all(|pair| pair[0] != pair[1]), "{made:?}");
                }
                prop_assert!(made.iter().flatten().all(|name| is_component(name)));
            }
        }

        #[test]
        fn folders_are_as_if_each_path_asked_for_its_own(
            paths in prop::collection::vec(prop::collection::vec("[aA]{1,2}|b|a \\(2\\)", 1..5), 0..60),
            sorted: bool,
            ends in prop::sample::select(vec![Kind::File, Kind::OwnFolder]),
        ) {
            let mut paths = paths;
            if sorted {
                paths.sort();
            }
            let (mut places, mut taken) = (Places::default(), Taken::default());
            for path in paths {
                let (mut above, mut one_by_one) = (String::new(), Vec::new());
                for (depth, name) in path.iter().enumerate() {
                    let kind = if depth + 1 == path.len() { ends } else { Kind::Folder };
                    let (name, key) = taken.claim(&above, name.clone(), kind);
                    one_by_one.push(name);
                    above = key;
                }
                prop_assert_eq!(places.place(path, ends), one_by_one);
            }
        }

        #[test]
        fn unique_and_stable(
            paths in prop::collection::vec(prop::collection::vec("[aAbB]{1,2}|a\\.b|é|e\u{301}|a \\(2\\)", 1..4), 0..40)
        ) {
            let once = unique(paths.clone());
            prop_assert_eq!(once.len(), paths.len());
            let folded = |path: &[String]| path.iter().map(|name| fold(name)).collect::<Vec<_>>();
            let mut seen: Vec<_> = once.iter().map(|path| folded(path)).collect();
            seen.sort();
            prop_assert!(seen.windows(2).all(|pair| !pair[1].starts_with(&pair[0])), "{once:?}");
            prop_assert_eq!(unique(once.clone()), once);
        }
    }
}

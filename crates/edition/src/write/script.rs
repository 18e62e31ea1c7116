//! The script that a title is written in, as people would sort records by it.

/// A script that titles are counted by, or what comes closest to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    Latin,
    Cyrillic,
    Greek,
    Arabic,
    Hebrew,
    Thai,
    /// Han characters without kana and hangul.
    Chinese,
    /// With kana.
    Japanese,
    /// With hangul, without kana.
    Korean,
    /// Letters of a script that has no name here.
    Other,
    /// No letter at all.
    None,
}

impl Script {
    const ALL: [Script; 11] = [
        Script::Latin,
        Script::Cyrillic,
        Script::Greek,
        Script::Arabic,
        Script::Hebrew,
        Script::Thai,
        Script::Chinese,
        Script::Japanese,
        Script::Korean,
        Script::Other,
        Script::None,
    ];

    /// The script of most of a title's letters, where Latin counts only when it is alone: titles in every script
    /// have a `feat.`, a `Live` or a `Remix`. Han, kana and hangul are counted together; kana make it Japanese, else
    /// hangul Korean. Of equally many the first in the order above.
    pub(crate) fn of(title: &str) -> Script {
        if title.is_ascii() {
            let has_letter = title.bytes().any(|byte| byte.is_ascii_alphabetic());
            return if has_letter { Script::Latin } else { Script::None };
        }
        let mut letters = [0u32; Script::ALL.len()];
        for script in title.chars().filter(|c| c.is_alphabetic()).map(of_letter) {
            letters[script as usize] += 1;
        }
        let of = |script: Script| letters[script as usize];
        let (kana, hangul) = (of(Script::Japanese), of(Script::Korean));
        let together = match (kana, hangul) {
            (0, 0) => Script::Chinese,
            (0, _) => Script::Korean,
            _ => Script::Japanese,
        };
        let east_asian = of(Script::Chinese) + kana + hangul;
        for script in [Script::Chinese, Script::Japanese, Script::Korean] {
            letters[script as usize] = if script == together { east_asian } else { 0 };
        }
        let mut most = if letters[0] > 0 { (Script::Latin, 0) } else { (Script::None, 0) };
        for (script, count) in Script::ALL.into_iter().zip(letters).skip(1) {
            if count > most.1 {
                most = (script, count);
            }
        }
        most.0
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Script::Latin => "Latin",
            Script::Cyrillic => "Cyrillic",
            Script::Greek => "Greek",
            Script::Arabic => "Arabic",
            Script::Hebrew => "Hebrew",
            Script::Thai => "Thai",
            Script::Chinese => "Chinese",
            Script::Japanese => "Japanese",
            Script::Korean => "Korean",
            Script::Other => "other",
            Script::None => "none",
        }
    }
}

/// The script of a letter, by the blocks of Unicode 16; kana stand for Japanese, hangul for Korean, Han characters and
/// bopomofo for Chinese.
fn of_letter(c: char) -> Script {
    match c {
        'A'..='Z'
        | 'a'..='z'
        | '\u{AA}'
        | '\u{B5}'
        | '\u{BA}'
        | '\u{C0}'..='\u{2B8}'
        | '\u{2E0}'..='\u{2E4}'
        | '\u{1D00}'..='\u{1DBF}'
        | '\u{1E00}'..='\u{1EFF}'
        | '\u{2071}'..='\u{209C}'
        | '\u{2100}'..='\u{218F}'
        | '\u{24B6}'..='\u{24E9}'
        | '\u{2C60}'..='\u{2C7F}'
        | '\u{A720}'..='\u{A7FF}'
        | '\u{AB30}'..='\u{AB6F}'
        | '\u{FB00}'..='\u{FB06}'
        | '\u{FF21}'..='\u{FF5A}'
        | '\u{1D400}'..='\u{1D6A7}'
        | '\u{1F130}'..='\u{1F189}' => Script::Latin,
        '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' | '\u{1D6A8}'..='\u{1D7CB}' => {
            Script::Greek
        }
        '\u{400}'..='\u{52F}'
        | '\u{1C80}'..='\u{1C8F}'
        | '\u{2DE0}'..='\u{2DFF}'
        | '\u{A640}'..='\u{A69F}'
        | '\u{1E030}'..='\u{1E08F}' => Script::Cyrillic,
        '\u{591}'..='\u{5F4}' | '\u{FB1D}'..='\u{FB4F}' => Script::Hebrew,
        '\u{600}'..='\u{6FF}'
        | '\u{750}'..='\u{77F}'
        | '\u{870}'..='\u{8FF}'
        | '\u{FB50}'..='\u{FDFF}'
        | '\u{FE70}'..='\u{FEFC}'
        | '\u{1EE00}'..='\u{1EEFF}' => Script::Arabic,
        '\u{E01}'..='\u{E5B}' => Script::Thai,
        '\u{3041}'..='\u{3096}'
        | '\u{309D}'..='\u{30FF}'
        | '\u{31F0}'..='\u{31FF}'
        | '\u{FF66}'..='\u{FF9F}'
        | '\u{1AFF0}'..='\u{1B16F}' => Script::Japanese,
        '\u{1100}'..='\u{11FF}'
        | '\u{3131}'..='\u{318E}'
        | '\u{A960}'..='\u{A97F}'
        | '\u{AC00}'..='\u{D7FF}'
        | '\u{FFA0}'..='\u{FFDC}' => Script::Korean,
        '\u{2E80}'..='\u{2FD5}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3021}'..='\u{303C}'
        | '\u{3105}'..='\u{312F}'
        | '\u{31A0}'..='\u{31BF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}' => Script::Chinese,
        _ => Script::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_as_people_sort_them() {
        for (title, script) in [
            ("So What", Script::Latin),
            ("Déjà Vu", Script::Latin),
            ("Ｔｏｋｙｏ", Script::Latin),
            ("Чёрный кот", Script::Cyrillic),
            ("Ὀδυσσεύς", Script::Greek),
            ("أغنية", Script::Arabic),
            ("שיר", Script::Hebrew),
            ("เพลงรัก", Script::Thai),
            ("月亮代表我的心", Script::Chinese),
            ("東京の夜", Script::Japanese),
            ("ガンダーラ", Script::Japanese),
            ("사랑 愛", Script::Korean),
            ("हिन्दी गीत", Script::Other),
            ("", Script::None),
            ("1999", Script::None),
            ("÷ !!! 🎵", Script::None),
        ] {
            assert_eq!(Script::of(title), script, "{title}");
        }
    }

    #[test]
    fn of_several_scripts_latin_gives_way() {
        assert_eq!(Script::of("東京 (Extended Club Remix)"), Script::Chinese);
        assert_eq!(Script::of("Ночь feat. Somebody Else"), Script::Cyrillic);
        assert_eq!(Script::of("Ночь и Θ"), Script::Cyrillic);
        assert_eq!(Script::of("Θάλασσα ж"), Script::Greek);
        // As many of the one as of the other: the first in the order.
        assert_eq!(Script::of("жΘ"), Script::Cyrillic);
    }

    #[test]
    fn every_script_has_its_own_place_and_word() {
        for (place, script) in Script::ALL.into_iter().enumerate() {
            assert_eq!(script as usize, place);
        }
        let words: std::collections::BTreeSet<_> = Script::ALL.map(Script::as_str).into();
        assert_eq!(words.len(), Script::ALL.len());
    }
}

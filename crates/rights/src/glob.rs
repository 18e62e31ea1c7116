//! The patterns of path rules. Our own matcher because a pattern comes from a person and is tried
//! against millions of paths: it must not be able to blow up. It walks the path once and keeps the
//! set of pattern positions that are still possible (Thompson's simulation), so the time is at most
//! path length times pattern length, whatever the pattern.

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// This character.
    Literal(char),
    /// `?`: one character that is not `/`.
    One,
    /// `*`: any number of characters that are not `/`.
    Star,
    /// `**`: any number of characters.
    Anything,
    /// `**/`, first half: may be passed over, or entered.
    Enter,
    /// `**/`, second half: any number of characters, left by a `/` only.
    Folders,
}

/// Whether the whole path text matches. The syntax is that of [`crate::RuleTarget::Path`].
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    let steps = parse(pattern);
    let mut possible = vec![false; steps.len() + 1];
    let mut next = possible.clone();
    possible[0] = true;
    pass_over(&steps, &mut possible);
    for c in path.chars() {
        next.fill(false);
        for (index, step) in steps.iter().enumerate().filter(|(index, _)| possible[*index]) {
            match step {
                Step::Literal(wanted) => next[index + 1] |= c == *wanted,
                Step::One => next[index + 1] |= c != '/',
                Step::Star => next[index] |= c != '/',
                Step::Anything => next[index] = true,
                Step::Enter => {}
                Step::Folders => {
                    next[index] = true;
                    next[index + 1] |= c == '/';
                }
            }
        }
        pass_over(&steps, &mut next);
        std::mem::swap(&mut possible, &mut next);
    }
    possible[steps.len()]
}

/// How many characters stand before the first wildcard: the longer, the more specific.
pub(crate) fn literal_prefix(pattern: &str) -> usize {
    let steps = parse(pattern);
    let own = if may_start_anywhere(pattern) { &steps[2..] } else { &steps[..] };
    own.iter().take_while(|step| matches!(step, Step::Literal(_))).count()
}

/// The pattern that matches this text and no other, when it begins with `/` and does not end with one.
pub(crate) fn escape(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if is_special(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// Characters that a backslash takes their meaning from. Before any other it is a character like others.
fn is_special(c: char) -> bool {
    matches!(c, '*' | '?' | '\\')
}

fn may_start_anywhere(pattern: &str) -> bool {
    !pattern.starts_with(['/', '*'])
}

/// Adds the positions that are reached without a character.
fn pass_over(steps: &[Step], possible: &mut [bool]) {
    for (index, step) in steps.iter().enumerate() {
        if possible[index] {
            match step {
                Step::Star | Step::Anything => possible[index + 1] = true,
                Step::Enter => {
                    possible[index + 1] = true;
                    possible[index + 2] = true;
                }
                Step::Literal(_) | Step::One | Step::Folders => {}
            }
        }
    }
}

fn parse(pattern: &str) -> Vec<Step> {
    let mut steps = Vec::with_capacity(pattern.len() + 3);
    if may_start_anywhere(pattern) {
        steps.extend([Step::Enter, Step::Folders]);
    }
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' if rest.starts_with(is_special) => {
                let mut following = rest.chars();
                steps.extend(following.next().map(Step::Literal));
                rest = following.as_str();
            }
            '?' => steps.push(Step::One),
            '*' if rest.starts_with('*') => {
                rest = rest.trim_start_matches('*');
                let at_a_folder = matches!(steps.last(), None | Some(Step::Literal('/')));
                match rest.strip_prefix('/') {
                    Some(after) if at_a_folder => {
                        rest = after;
                        steps.extend([Step::Enter, Step::Folders]);
                    }
                    _ => steps.push(Step::Anything),
                }
            }
            '*' => steps.push(Step::Star),
            _ => steps.push(Step::Literal(c)),
        }
    }
    if pattern.ends_with('/') {
        steps.push(Step::Anything);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_syntax() {
        for (pattern, path, wanted) in [
            ("/music/a.ogg", "/music/a.ogg", true),
            ("/music/a.ogg", "/music/a.oggx", false),
            ("/music/*.ogg", "/music/a.ogg", true),
            ("/music/*.ogg", "/music/b/a.ogg", false),
            ("/music/**", "/music/b/a.ogg", true),
            ("/music/**", "/music", false),
            ("/music/**/a.ogg", "/music/a.ogg", true),
            ("/music/**/a.ogg", "/music/b/c/a.ogg", true),
            ("/music/**/a.ogg", "/music/ba.ogg", false),
            ("/music/**/a.ogg", "/music/b/ca.ogg", false),
            ("/music/b**g", "/music/b/c/a.ogg", true),
            ("/music/", "/music/b/a.ogg", true),
            ("/music/", "/music2/a.ogg", false),
            ("**", "", true),
            ("*", "a/b", false),
            ("**/*.flac", "a.flac", true),
            ("**/*.flac", "/x/y/a.flac", true),
            ("b/*.ogg", "/music/b/a.ogg", true),
            ("b/*.ogg", "/music/bb/a.ogg", false),
            ("b/*.ogg", "b/a.ogg", true),
            ("?.ogg", "/music/é.ogg", true),
            ("?.ogg", "/music/éé.ogg", false),
            ("音楽/*", "/m/音楽/a", true),
            ("[a].ogg", "/m/[a].ogg", true),
            ("", "", true),
            ("", "a", false),
            ("***", "a/b", true),
            (r"/m/Who\?", "/m/Who?", true),
            (r"/m/Who\?", "/m/Whom", false),
            (r"/m/Who\?/", "/m/Who?/a.ogg", true),
            (r"/m/\*", "/m/*", true),
            (r"/m/\*", "/m/a", false),
            (r"/m/\**", "/m/*a", true),
            (r"/m/\**", "/m/a/b", false),
            (r"/m/a\\b", r"/m/a\b", true),
            (r"/m/a\b", r"/m/a\b", true),
            (r"/m/\\?", r"/m/\x", true),
            (r"/m/a\", r"/m/a\", true),
            (r"\*.ogg", "/m/*.ogg", true),
            (r"\*.ogg", "/m/a.ogg", false),
        ] {
            assert_eq!(matches(pattern, path), wanted, "{pattern} on {path}");
        }
        assert!(literal_prefix("/a/b/*.ogg") > literal_prefix("/a/**"));
        assert!(literal_prefix(r"/a/\*b/c") > literal_prefix("/a/b/*"));
        for (pattern, literals) in
            [("b/*", 2), ("*.ogg", 0), ("**/a", 0), ("", 0), ("/a/", 3), (r"/\?\\", 3)]
        {
            assert_eq!(literal_prefix(pattern), literals, "{pattern}");
        }
    }

    #[test]
    fn no_pattern_blows_up() {
        let path = "a".repeat(4_000);
        assert!(!matches(&("*a".repeat(200) + "b"), &path));
        assert!(!matches(&("**/*a?".repeat(100) + "b"), &path));
    }

    /// The obvious recursion, exponential and plainly right, on the parsed steps' meaning.
    fn plainly(pattern: &[char], path: &[char], at_folder: bool) -> bool {
        match pattern {
            [] => path.is_empty(),
            ['*', '*', '/', after @ ..] if at_folder => {
                plainly(after, path, true)
                    || (0..path.len())
                        .any(|i| path[i] == '/' && plainly(after, &path[i + 1..], true))
            }
            ['*', '*', after @ ..] => (0..=path.len()).any(|i| plainly(after, &path[i..], false)),
            ['*', after @ ..] => (0..=path.len())
                .take_while(|i| !path[..*i].contains(&'/'))
                .any(|i| plainly(after, &path[i..], false)),
            ['?', after @ ..] => {
                matches!(path, [c, rest @ ..] if *c != '/' && plainly(after, rest, false))
            }
            [c, after @ ..] => {
                matches!(path, [d, rest @ ..] if c == d && plainly(after, rest, *c == '/'))
            }
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_plain_recursion(
            parts in prop::collection::vec(prop::sample::select(vec!["a", "b", "/", "*", "?", "/**/", "b**"]), 0..7),
            path in "[ab/]{0,9}",
        ) {
            let pattern = format!("/{}", parts.concat());
            // Three stars in a row mean two; a last '/' means everything beneath. Both are tested above.
            prop_assume!(!pattern.contains("***") && !pattern.ends_with('/'));
            let path = format!("/{path}");
            let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), path.chars().collect());
            prop_assert_eq!(matches(&pattern, &path), plainly(&p, &t, true), "{} on {}", pattern, path);
        }

        #[test]
        fn an_escaped_text_matches_itself_alone(
            text in "/[ab*?/\\\\]{0,6}[ab*?\\\\]", path in "/[ab*?/\\\\]{0,7}",
        ) {
            prop_assert!(matches(&escape(&text), &text));
            prop_assert_eq!(matches(&escape(&text), &path), text == path);
        }

        #[test]
        fn never_panics(pattern in "\\PC*", path in "\\PC*") {
            matches(&pattern, &path);
            literal_prefix(&pattern);
            matches(&escape(&pattern), &path);
        }
    }
}

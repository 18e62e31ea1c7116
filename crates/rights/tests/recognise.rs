//! What people write into licence fields, and what it is taken for.

use deadwax_rights::Licence;
use proptest::prelude::*;

/// (text, identifier)
const RECOGNISED: &[(&str, &str)] = &[
    // Identifiers, in any case.
    ("CC-BY-SA-4.0", "CC-BY-SA-4.0"),
    ("cc-by-sa-4.0", "CC-BY-SA-4.0"),
    ("CC0-1.0", "CC0-1.0"),
    ("cc0-1.0", "CC0-1.0"),
    ("CC-PDM-1.0", "CC-PDM-1.0"),
    ("CC-PDDC", "CC-PDDC"),
    ("CC-SA-1.0", "CC-SA-1.0"),
    ("CC-BY-3.0-DE", "CC-BY-3.0-DE"),
    ("CC-BY-NC-SA-2.0-UK", "CC-BY-NC-SA-2.0-UK"),
    ("CC-BY-SA-2.1-JP", "CC-BY-SA-2.1-JP"),
    ("PDDL-1.0", "PDDL-1.0"),
    ("odbl-1.0", "ODbL-1.0"),
    ("LAL-1.3", "LAL-1.3"),
    ("MIT", "MIT"),
    ("mit", "MIT"),
    ("0BSD", "0BSD"),
    ("Unlicense", "Unlicense"),
    ("OGL-UK-3.0", "OGL-UK-3.0"),
    ("EUPL-1.2", "EUPL-1.2"),
    ("GPL-2.0", "GPL-2.0-only"),
    ("GPL-2.0+", "GPL-2.0-or-later"),
    ("gpl-2.0-or-later", "GPL-2.0-or-later"),
    ("LGPL-2.1-only", "LGPL-2.1-only"),
    ("AGPL-3.0-or-later", "AGPL-3.0-or-later"),
    ("GFDL-1.3-only", "GFDL-1.3-only"),
    ("InC", "InC"),
    ("InC-OW-EU", "InC-OW-EU"),
    ("NoC-US", "NoC-US"),
    ("UND", "UND"),
    // A choice: the archive takes what asks least.
    ("MIT OR Apache-2.0", "MIT"),
    ("CC-BY-NC-4.0 OR CC-BY-4.0", "CC-BY-4.0"),
    ("(GPL-2.0-or-later OR CC0-1.0)", "CC0-1.0"),
    // Addresses.
    ("https://creativecommons.org/licenses/by-sa/4.0/", "CC-BY-SA-4.0"),
    ("http://creativecommons.org/licenses/by/3.0", "CC-BY-3.0"),
    ("HTTP://WWW.CREATIVECOMMONS.ORG/LICENSES/BY-NC-ND/2.5/", "CC-BY-NC-ND-2.5"),
    ("creativecommons.org/licenses/by/4.0", "CC-BY-4.0"),
    ("https://creativecommons.org/licenses/by-nc/4.0/legalcode.fr", "CC-BY-NC-4.0"),
    ("https://creativecommons.org/licenses/by/3.0/de/deed.en_US", "CC-BY-3.0-DE"),
    ("https://creativecommons.org/licenses/by/3.0/deed.de", "CC-BY-3.0"),
    ("http://creativecommons.org/licenses/by-nc-sa/2.5/scotland/", "CC-BY-NC-SA-2.5-SCOTLAND"),
    ("http://creativecommons.org/licenses/by-nd-nc/1.0/", "CC-BY-NC-ND-1.0"),
    ("http://creativecommons.org/licenses/nc-sa/1.0/", "CC-NC-SA-1.0"),
    ("http://creativecommons.org/licenses/by-sa/3.0/fr/", "CC-BY-SA-3.0-FR"),
    ("https://creativecommons.org/licenses/by/4.0/?ref=chooser-v1", "CC-BY-4.0"),
    ("http://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
    ("https://creativecommons.org/publicdomain/mark/1.0/deed.ja", "CC-PDM-1.0"),
    ("http://creativecommons.org/licenses/publicdomain/", "CC-PDDC"),
    ("http://rightsstatements.org/vocab/InC/1.0/", "InC"),
    ("https://rightsstatements.org/page/NoC-US/1.0/?language=de", "NoC-US"),
    ("http://rightsstatements.org/vocab/InC-RUU/1.0/", "InC-RUU"),
    ("https://spdx.org/licenses/CC-BY-4.0.html", "CC-BY-4.0"),
    ("https://www.gnu.org/licenses/gpl-3.0.html", "GPL-3.0-only"),
    ("http://www.gnu.org/licenses/old-licenses/gpl-2.0.txt", "GPL-2.0-only"),
    ("https://opendatacommons.org/licenses/pddl/1-0/", "PDDL-1.0"),
    // An address in a sentence.
    (
        "2004 Eric Smith. Licensed to the public under http://creativecommons.org/licenses/by/3.0/ \
         verify at http://example.com/not-this.html",
        "CC-BY-3.0",
    ),
    (
        "This work is licensed under the Creative Commons Attribution-ShareAlike 4.0 International \
         License. To view a copy of this license, visit http://creativecommons.org/licenses/by-sa/4.0/ or \
         send a letter to Creative Commons, PO Box 1866, Mountain View, CA 94042, USA.",
        "CC-BY-SA-4.0",
    ),
    ("CC BY 3.0: http://creativecommons.org/licenses/by/3.0/us/", "CC-BY-3.0-US"),
    (
        "(c) 2011 Ann, some rights reserved <https://creativecommons.org/licenses/by/4.0/>",
        "CC-BY-4.0",
    ),
    // Spellings.
    ("CC BY-SA 4.0", "CC-BY-SA-4.0"),
    ("CC BY 4", "CC-BY-4.0"),
    ("cc-by-nc-nd v3.0", "CC-BY-NC-ND-3.0"),
    ("CC BY‐NC 4.0", "CC-BY-NC-4.0"),
    ("BY-NC-SA 3.0", "CC-BY-NC-SA-3.0"),
    ("cc-by", "CC-BY"),
    ("CC BY-SA", "CC-BY-SA"),
    ("Creative Commons Attribution-ShareAlike 4.0 International", "CC-BY-SA-4.0"),
    ("Creative Commons Attribution 4.0 International (CC BY 4.0)", "CC-BY-4.0"),
    ("Creative Commons Attribution (CC BY) 4.0", "CC-BY-4.0"),
    ("Creative Commons: By Attribution 3.0", "CC-BY-3.0"),
    ("Creative Commons Attribution-NonCommercial-NoDerivs 3.0 Unported License", "CC-BY-NC-ND-3.0"),
    ("Attribution-Noncommercial-Share Alike 3.0 United States", "CC-BY-NC-SA-3.0-US"),
    ("Licensed under a Creative Commons Attribution License", "CC-BY"),
    ("Creative Commons Attribution No Derivative Works 2.0 Germany", "CC-BY-ND-2.0-DE"),
    ("CC0", "CC0-1.0"),
    ("CC0 1.0 Universal (CC0 1.0) Public Domain Dedication", "CC0-1.0"),
    ("Public Domain (CC0)", "CC0-1.0"),
    ("Public Domain", "CC-PDM-1.0"),
    ("public domain.", "CC-PDM-1.0"),
    ("PD", "CC-PDM-1.0"),
    ("This work is in the public domain", "CC-PDM-1.0"),
    ("Public Domain Mark 1.0", "CC-PDM-1.0"),
    ("GPL", "GPL-1.0-or-later"),
    ("GNU GPL", "GPL-1.0-or-later"),
    ("GPL+", "GPL-1.0-or-later"),
    ("GPLv2", "GPL-2.0-only"),
    ("GPLv2+", "GPL-2.0-or-later"),
    ("GPL v2", "GPL-2.0-only"),
    ("GPL 2 or later", "GPL-2.0-or-later"),
    ("GNU GPL version 2 or later", "GPL-2.0-or-later"),
    ("GNU General Public License v3", "GPL-3.0-only"),
    ("GNU General Public License (GPL), version 2", "GPL-2.0-only"),
    (
        "Released under the terms of the GNU General Public License as published by the Free Software \
         Foundation; either version 2 of the License, or (at your option) any later version.",
        "GPL-2.0-or-later",
    ),
    ("LGPLv3", "LGPL-3.0-only"),
    ("LGPL", "LGPL-2.0-or-later"),
    ("AGPL", "AGPL-3.0-or-later"),
    ("GFDL", "GFDL-1.1-or-later"),
    ("GNU Free Documentation License 1.2 or later", "GFDL-1.2-or-later"),
    ("Licence Art Libre", "LAL"),
    ("Free Art License 1.3", "LAL-1.3"),
    ("FAL", "LAL"),
    ("Design Science License", "DSL"),
    ("MIT License", "MIT"),
    ("Apache License, Version 2.0", "Apache-2.0"),
    ("3-clause BSD", "BSD-3-Clause"),
    ("WTFPL", "WTFPL"),
    ("License: CC BY 4.0", "CC-BY-4.0"),
    ("  CC BY 4.0\0", "CC-BY-4.0"),
    ("In Copyright", "InC"),
    ("No Known Copyright", "NKC"),
    ("All rights reserved", "InC"),
    ("© 2009 Foo Records. All rights reserved.", "InC"),
    ("(P) & (C) 1999 Bar, Alle Rechte vorbehalten", "InC"),
];

const NOT_RECOGNISED: &[&str] = &[
    "",
    " ",
    "unknown",
    "free",
    "Free to use",
    "royalty free",
    "see website",
    "(C) 2007 Mattias Westlund",
    // Vague.
    "CC",
    "Creative Commons",
    "CC NC",
    "Creative Commons License",
    "Attribution",
    "by",
    "by Ann",
    "BSD",
    "Apache",
    "EUPL",
    "no copyright",
    "Copyright free",
    "NCS",
    // Words that only look like identifiers.
    "Inc",
    "Foo Inc.",
    "und",
    // Denied, doubted, qualified.
    "not CC0",
    "Not public domain",
    "not in copyright",
    "non-GPL",
    "GPL-like",
    "CC-BY style",
    "CC BY?",
    "CC BY or maybe GPL",
    "probably CC0",
    "public domain in the US",
    "Public domain?",
    "PD-US-expired",
    "CC BY for personal use only",
    "CC BY 4.0 with exceptions",
    "GPL with exceptions",
    "GPL-2.0-only WITH Classpath-exception-2.0",
    "Not all rights reserved",
    "No rights reserved",
    "not http://creativecommons.org/licenses/by/3.0/",
    "This is not licensed under http://creativecommons.org/licenses/by/3.0/",
    "Was http://creativecommons.org/licenses/by/3.0/ until 2012",
    "http://creativecommons.org/licenses/by/3.0/ non-commercial use only",
    "http://creativecommons.org/licenses/by/3.0/ or ask me",
    "http://creativecommons.org/licenses/by/3.0/?? maybe?",
    "© 2011 Ann. All rights reserved. http://creativecommons.org/licenses/by/3.0/",
    // Two at once.
    "CC BY / GPL",
    "GPL / CC-BY-SA",
    "MIT AND CC-BY-4.0",
    "MIT or Apache-2.0",
    "CC-BY-4.0 OR Custom",
    "GPL v2, v3",
    "GPLv2/v3",
    "GPL version 2 or 3",
    "GPL-2.0-only GPL-2.0-or-later",
    "CC BY 3.0, CC BY 4.0",
    "CC BY 3.0/4.0",
    "CC BY-NC 4.0 https://creativecommons.org/licenses/by/4.0/",
    "http://creativecommons.org/licenses/by/3.0/ http://creativecommons.org/licenses/by-nc/3.0/",
    // What was never published.
    "CC BY 5.0",
    "CC-BY-4.0-DE",
    "CC-BY-ND-SA-4.0",
    "CC-BY-BY-4.0",
    "CC-NC-4.0",
    "CC-BY-3.0-XX",
    "GPL-4.0",
    "GPLv7",
    "CC0-2.0",
    "http://creativecommons.org/licenses/by/9.0/",
    "http://creativecommons.org/licenses/sampling+/1.0/",
    "http://creativecommons.org/publicdomain/nonsense/1.0/",
    // Not that host.
    "http://creativecommons.org.example.com/licenses/by/3.0/",
    "http://notcreativecommons.org/licenses/by/3.0/",
    "http://example.com/creativecommons.org/licenses/by/3.0/",
    "http://creativecommons.org/",
    "http://i.creativecommons.org/l/by/3.0/88x31.png",
    "http://rightsstatements.org/vocab/",
];

#[test]
fn spellings() {
    let wrong: Vec<String> = RECOGNISED
        .iter()
        .filter_map(|(text, wanted)| {
            let found = Licence::recognise(text);
            (found.as_ref().map(Licence::id) != Some(wanted))
                .then(|| format!("{text:?}: {found:?}, not {wanted}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_doubt_is_a_miss() {
    let wrong: Vec<String> = NOT_RECOGNISED
        .iter()
        .filter_map(|text| Some(format!("{text:?}: {}", Licence::recognise(text)?)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn names_and_addresses_are_those_of_the_licence() {
    let licence = Licence::recognise("CC-BY-NC-ND-1.0").unwrap();
    assert_eq!(licence.uri().unwrap(), "https://creativecommons.org/licenses/by-nd-nc/1.0/");
    let licence = Licence::recognise("cc by-sa 3.0 de").unwrap();
    assert_eq!(licence.name(), "Creative Commons Attribution-ShareAlike 3.0 Germany");
    assert_eq!(licence.uri().unwrap(), "https://creativecommons.org/licenses/by-sa/3.0/de/");
    assert_eq!(Licence::recognise("cc-by").unwrap().uri(), None);
    let refusal = "nonsense".parse::<Licence>().unwrap_err().to_string();
    assert!(refusal.starts_with("'nonsense' is not a licence"), "{refusal}");
}

#[test]
fn a_text_of_any_length_is_quick() {
    assert_eq!(Licence::recognise(&"cc by ".repeat(100_000)), None);
    let hostile = ["gnu gpl as published ", "attribution ", "or ", "https://", "((((((", "cc cc "];
    for text in hostile {
        Licence::recognise(&text.repeat(4096 / text.len()));
    }
}

fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "CC",
        "cc0",
        "BY",
        "-",
        "NC",
        "ND",
        "SA",
        " ",
        "4.0",
        "3.0",
        "de",
        "GPL",
        "v2",
        "+",
        "or later",
        "OR",
        "not",
        "https://",
        "creativecommons.org/licenses/",
        "by/3.0/",
        "?",
        "public domain",
        "all rights reserved",
        "MIT",
        "(",
        ")",
        "Attribution",
        "é",
        "\0",
    ])
}

proptest! {
    #[test]
    fn never_panics(text in "\\PC*") {
        Licence::recognise(&text);
    }

    #[test]
    fn what_is_recognised_is_recognised_again(pieces in prop::collection::vec(piece(), 0..10)) {
        if let Some(licence) = Licence::recognise(&pieces.concat()) {
            let again = |text: &str| Licence::recognise(text);
            prop_assert_eq!(again(licence.id()), Some(licence.clone()));
            prop_assert_eq!(again(&licence.name()), Some(licence.clone()));
            if let Some(uri) = licence.uri() {
                prop_assert_eq!(again(&uri), Some(licence));
            }
        }
    }

    #[test]
    fn a_no_in_front_is_never_a_yes(index in 0..RECOGNISED.len(), no in prop::sample::select(vec!["not ", "no ", "maybe ", "formerly ", "unlike "])) {
        let (text, _) = RECOGNISED[index];
        prop_assert_eq!(Licence::recognise(&format!("{no}{text}")), None);
    }
}

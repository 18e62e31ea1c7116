//! The places to whose law Creative Commons licences before 4.0 were ported. Source: the list of
//! ports at creativecommons.org/licenses/list.

/// (code in identifiers and addresses, name in titles)
pub(super) const PORTS: &[(&str, &str)] = &[
    ("AM", "Armenia"),
    ("AR", "Argentina"),
    ("AT", "Austria"),
    ("AU", "Australia"),
    ("AZ", "Azerbaijan"),
    ("BE", "Belgium"),
    ("BG", "Bulgaria"),
    ("BR", "Brazil"),
    ("CA", "Canada"),
    ("CH", "Switzerland"),
    ("CL", "Chile"),
    ("CN", "China Mainland"),
    ("CO", "Colombia"),
    ("CR", "Costa Rica"),
    ("CZ", "Czech Republic"),
    ("DE", "Germany"),
    ("DK", "Denmark"),
    ("EC", "Ecuador"),
    ("EE", "Estonia"),
    ("EG", "Egypt"),
    ("ES", "Spain"),
    ("FI", "Finland"),
    ("FR", "France"),
    ("GE", "Georgia"),
    ("GR", "Greece"),
    ("GT", "Guatemala"),
    ("HK", "Hong Kong"),
    ("HR", "Croatia"),
    ("HU", "Hungary"),
    ("IE", "Ireland"),
    ("IGO", "IGO"),
    ("IL", "Israel"),
    ("IN", "India"),
    ("IT", "Italy"),
    ("JP", "Japan"),
    ("KR", "Korea"),
    ("LU", "Luxembourg"),
    ("MK", "Macedonia"),
    ("MT", "Malta"),
    ("MX", "Mexico"),
    ("MY", "Malaysia"),
    ("NL", "Netherlands"),
    ("NO", "Norway"),
    ("NZ", "New Zealand"),
    ("PE", "Peru"),
    ("PH", "Philippines"),
    ("PL", "Poland"),
    ("PR", "Puerto Rico"),
    ("PT", "Portugal"),
    ("RO", "Romania"),
    ("RS", "Serbia"),
    ("SCOTLAND", "UK: Scotland"),
    ("SE", "Sweden"),
    ("SG", "Singapore"),
    ("SI", "Slovenia"),
    ("TH", "Thailand"),
    ("TW", "Taiwan"),
    ("UG", "Uganda"),
    ("UK", "UK: England & Wales"),
    ("US", "United States"),
    ("VE", "Venezuela"),
    ("VN", "Vietnam"),
    ("ZA", "South Africa"),
];

/// The code as it is kept, from one in any case.
pub(super) fn port(code: &str) -> Option<&'static str> {
    PORTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)).map(|(known, _)| *known)
}

/// The name for a code.
pub(super) fn name(code: &str) -> &'static str {
    PORTS.iter().find(|(known, _)| *known == code).map_or("", |(_, name)| name)
}

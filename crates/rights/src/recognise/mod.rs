//! From the texts that people write to the one licence that they mean.

use crate::{Licence, Permissions, Scope};

pub(crate) fn licence(text: &str) -> Option<Licence> {
    (text == "CC0-1.0").then(|| Licence(text.to_owned()))
}
pub(crate) fn name(licence: &Licence) -> String {
    licence.0.clone()
}
pub(crate) fn uri(_: &Licence) -> Option<String> {
    None
}
pub(crate) fn permissions(_: &Licence) -> Permissions {
    Permissions {
        publish: Scope::Everywhere,
        stream: Scope::Everywhere,
        conditions: Vec::new(),
    }
}

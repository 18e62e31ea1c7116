//! Any text as a statement of rights: what is recognised has a name and an address that mean the same.
#![no_main]

use deadwax_rights::Licence;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Some(licence) = Licence::recognise(text) else { return };
    for again in [licence.id().to_owned(), licence.name()].into_iter().chain(licence.uri()) {
        assert_eq!(Licence::recognise(&again).as_ref(), Some(&licence), "{text:?}: {again:?}");
    }
    licence.permissions();
    licence.conditions();
});

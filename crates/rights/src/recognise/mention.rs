//! One licence as a text names it, perhaps vaguely: "GPL" before "version 2" has been read.

use super::{cc::Cc, fixed, fixed::Fixed, gnu::Gnu};
use crate::Permissions;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mention {
    Cc(Cc),
    Gnu(Gnu),
    Fixed(&'static Fixed),
    /// "Public domain" without saying on whose word.
    PublicDomain,
}

impl Mention {
    /// From an identifier alone: SPDX's in any case, rightsstatements.org's as they are written
    /// ("und" and "Inc" are words).
    pub(super) fn of_id(id: &str) -> Option<Mention> {
        (Fixed::of_id(id).map(Mention::Fixed))
            .or_else(|| Cc::of_id(id).map(Mention::Cc))
            .or_else(|| Gnu::of_id(id).map(Mention::Gnu))
    }

    /// What two mentions in one text come to: one may say more than the other, but not otherwise.
    pub(super) fn and(self, other: Mention) -> Option<Mention> {
        match (self, other) {
            (Mention::Cc(a), Mention::Cc(b)) => a.and(b).map(Mention::Cc),
            (Mention::Gnu(a), Mention::Gnu(b)) => a.and(b).map(Mention::Gnu),
            (Mention::PublicDomain, Mention::Fixed(fixed))
            | (Mention::Fixed(fixed), Mention::PublicDomain)
                if fixed.is_public_domain() =>
            {
                Some(Mention::Fixed(fixed))
            }
            (a, b) => (a == b).then_some(a),
        }
    }

    pub(super) fn id(self) -> String {
        match self {
            Mention::Cc(cc) => cc.id(),
            Mention::Gnu(gnu) => gnu.id(),
            Mention::Fixed(fixed) => fixed.id.to_owned(),
            Mention::PublicDomain => fixed::PUBLIC_DOMAIN_MARK.to_owned(),
        }
    }

    pub(super) fn name(self) -> String {
        match self {
            Mention::Cc(cc) => cc.name(),
            Mention::Gnu(gnu) => gnu.name(),
            Mention::Fixed(fixed) => fixed.name.to_owned(),
            Mention::PublicDomain => "Public Domain".to_owned(),
        }
    }

    pub(super) fn uri(self) -> Option<String> {
        match self {
            Mention::Cc(cc) => cc.uri(),
            Mention::Gnu(gnu) => Some(gnu.uri()),
            Mention::Fixed(fixed) => fixed.uri(),
            Mention::PublicDomain => None,
        }
    }

    pub(super) fn permissions(self) -> Permissions {
        match self {
            Mention::Cc(cc) => cc.permissions(),
            Mention::Gnu(gnu) => gnu.permissions(),
            Mention::Fixed(fixed) => fixed.permissions(),
            Mention::PublicDomain => Permissions::everywhere(&[]),
        }
    }
}

//! Where an edition comes from: a folder or an address, and nothing outside of it (docs/formats/mirror.md).

use crate::MirrorError;
use crate::http::{Http, HttpError};
use async_trait::async_trait;
use deadwax_torrent::names;
use deadwax_trust::{Fetch, FetchError, FolderFetch};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// `newest.json` has a name in it and nothing else.
const NEWEST_BYTES: u64 = 4096;

/// What SOURCE of the command line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceAddress {
    /// A folder of this machine.
    Folder(PathBuf),
    /// An address of a server; its path ends in `/`.
    Http(Url),
}

impl SourceAddress {
    /// What was said: with `://` in it an address, else a folder.
    ///
    /// # Errors
    /// Addresses that are not `http` or `https`, or have a question mark in them.
    pub fn parse(text: &str) -> Result<SourceAddress, MirrorError> {
        if !text.contains("://") {
            return Ok(SourceAddress::Folder(PathBuf::from(text)));
        }
        let wrong = |what: &str| {
            MirrorError::Refused(format!(
                "'{text}' {what}; name a folder, or an http:// or https:// address"
            ))
        };
        let mut url = Url::parse(text).map_err(|e| wrong(&format!("is no address ({e})")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("is of a kind that no edition is fetched from"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("has a '?' or '#' in it, and names of files are put behind it"));
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(SourceAddress::Http(url))
    }

    /// A folder or file beneath.
    pub(crate) fn below<'p>(&self, parts: impl IntoIterator<Item = &'p str>) -> SourceAddress {
        match self {
            SourceAddress::Folder(folder) => SourceAddress::Folder(
                parts.into_iter().fold(folder.clone(), |at, part| at.join(part)),
            ),
            SourceAddress::Http(url) => SourceAddress::Http(below(url, parts)),
        }
    }

    /// With a folder as it is wherever one stands.
    pub(crate) fn absolute(&self) -> Result<SourceAddress, MirrorError> {
        match self {
            SourceAddress::Folder(folder) => folder
                .canonicalize()
                .map(SourceAddress::Folder)
                .map_err(MirrorError::io("open the source", folder)),
            http => Ok(http.clone()),
        }
    }
}

impl std::fmt::Display for SourceAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SourceAddress::Folder(folder) => folder.display().fmt(f),
            SourceAddress::Http(url) => url.fmt(f),
        }
    }
}

/// An address with names put behind it, each written so that it stays one name.
pub(crate) fn below<'p>(url: &Url, parts: impl IntoIterator<Item = &'p str>) -> Url {
    let mut url = url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(parts);
    }
    url
}

/// The newest edition that a source says it has; `newest.json` is a hint, so that what it names is checked as every edition.
pub(crate) async fn newest(
    source: &SourceAddress,
    http: &Http,
) -> Result<SourceAddress, MirrorError> {
    let read = fetcher(source, http).fetch("newest.json", NEWEST_BYTES).await;
    let said = match read {
        Err(FetchError::NotFound) => return Ok(source.clone()),
        Err(error) => {
            let what = format!("cannot read newest.json of {source}: {error}; try again later");
            return Err(MirrorError::Refused(what));
        }
        Ok(said) => said,
    };
    #[derive(serde::Deserialize)]
    struct Newest {
        format: String,
        edition: String,
    }
    match serde_json::from_slice::<Newest>(&said) {
        Ok(it) if it.format == "deadwax-newest" && names::is_component(&it.edition) => {
            Ok(source.below([it.edition.as_str()]))
        }
        _ => Err(MirrorError::Refused(format!(
            "newest.json of {source} does not name an edition; name the edition's own folder or address"
        ))),
    }
}

/// How the metadata of an edition there are fetched.
pub(crate) fn fetcher(source: &SourceAddress, http: &Http) -> Arc<dyn Fetch> {
    match source {
        SourceAddress::Folder(folder) => Arc::new(FolderFetch::new(folder)),
        SourceAddress::Http(url) => Arc::new(HttpFetch { base: url.clone(), http: http.clone() }),
    }
}

/// An edition on a server.
#[derive(Debug)]
struct HttpFetch {
    base: Url,
    http: Http,
}

#[async_trait]
impl Fetch for HttpFetch {
    async fn fetch(&self, path: &str, most_bytes: u64) -> Result<Vec<u8>, FetchError> {
        if !path.split('/').all(is_name) {
            return Err(FetchError::Other(format!("{path} leads out of the edition")));
        }
        let url = below(&self.base, path.split('/'));
        self.http.small(&url, most_bytes).await.map_err(|error| match error {
            HttpError::NotFound => FetchError::NotFound,
            HttpError::TooMuch(_) => FetchError::TooLarge,
            HttpError::Misbehaves(what) | HttpError::Failed(what) => {
                FetchError::Other(format!("{url} {what}"))
            }
        })
    }
}

/// A name that stays within its folder, on a disk and in an address.
pub(crate) fn is_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains(['/', '\\', '\0'])
}

/// A file beneath a folder that no symbolic link leads to: `None` where one would, or nothing is.
pub(crate) fn plain_file(folder: &Path, parts: &[String]) -> Option<PathBuf> {
    let mut at = folder.to_path_buf();
    for part in parts {
        at.push(Some(part).filter(|part| is_name(part))?);
        let there = at.symlink_metadata().ok()?;
        if there.file_type().is_symlink() {
            return None;
        }
    }
    at.is_file().then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_folder_or_an_address_of_two_kinds() {
        let http = SourceAddress::parse("http://[::1]:8080/music/editions").unwrap();
        assert_eq!(http.to_string(), "http://[::1]:8080/music/editions/");
        let file = http.below(["2026-11-21", "packs", "A ?", "50% #1/..ogg"]);
        assert_eq!(
            file.to_string(),
            "http://[::1]:8080/music/editions/2026-11-21/packs/A%20%3F/50%25%20%231%2F..ogg"
        );
        assert!(matches!(SourceAddress::parse("/srv/ed"), Ok(SourceAddress::Folder(_))));
        for refused in ["file:///etc", "ftp://a/b", "http://", "https://a/b?c=d", "https://a/#b"] {
            assert!(SourceAddress::parse(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn no_link_leads_out_of_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("in");
        std::fs::create_dir_all(inside.join("a")).unwrap();
        std::fs::write(inside.join("a/1"), "here").unwrap();
        std::fs::write(folder.path().join("secret"), "there").unwrap();
        std::os::unix::fs::symlink(folder.path(), inside.join("up")).unwrap();
        let find = |parts: &[&str]| {
            plain_file(&inside, &parts.iter().map(|part| part.to_string()).collect::<Vec<_>>())
        };
        assert!(find(&["a", "1"]).is_some());
        for outside in
            [&["up", "secret"][..], &["..", "secret"], &["a", "..", "..", "secret"], &["a"]]
        {
            assert!(find(outside).is_none(), "{outside:?}");
        }
    }
}

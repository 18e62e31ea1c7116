//! One key: Ed25519, as PKCS #8 in PEM, which `openssl pkey` reads too.

use crate::{Role, SignError};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use deadwax_store::write_private_file;
use std::fs;
use std::path::{Path, PathBuf};
use tough::schema::decoded::{Decoded, Hex};
use tough::schema::key::Key;
use tough::sign::Sign;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// A key to sign with.
#[derive(Debug)]
pub struct SigningKey {
    pair: Ed25519KeyPair,
    id: Decoded<Hex>,
    path: PathBuf,
}

impl SigningKey {
    /// Makes a key and keeps it in `folder`, readable by its owner alone: `ROLE-KEYID.pem`.
    pub fn create(folder: &Path, role: Role) -> Result<SigningKey, SignError> {
        let made = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new());
        let document = made.map_err(|_| SignError::NotMade)?;
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).map_err(|_| SignError::NotMade)?;
        let mut key = SigningKey::of(pair, folder.to_path_buf())?;
        key.path = folder.join(file_name(role, &key.id()));
        // 48 bytes, one line of base64.
        let text = format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(document.as_ref()));
        write_private_file(&key.path, text.as_bytes())?;
        Ok(key)
    }

    pub(crate) fn read(path: &Path) -> Result<SigningKey, SignError> {
        let bad =
            |what: &str| SignError::BadKey { path: path.to_path_buf(), what: what.to_owned() };
        let text = fs::read_to_string(path).map_err(SignError::io("read", path))?;
        let inside = text.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END));
        let (inside, _) = inside.ok_or_else(|| bad("it is no private key in PEM"))?;
        let base64: String = inside.split_whitespace().collect();
        let document = STANDARD.decode(base64).map_err(|_| bad("its base64 is cut or damaged"))?;
        let pair = Ed25519KeyPair::from_pkcs8(&document);
        SigningKey::of(pair.map_err(|_| bad("it is no Ed25519 key"))?, path.to_path_buf())
    }

    fn of(pair: Ed25519KeyPair, path: PathBuf) -> Result<SigningKey, SignError> {
        match pair.tuf_key().key_id() {
            Ok(id) => Ok(SigningKey { pair, id, path }),
            Err(e) => Err(SignError::BadKey { path, what: e.to_string() }),
        }
    }

    /// Its id in TUF: 64 hex digits.
    pub fn id(&self) -> String {
        hex::encode(&self.id)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn tuf_id(&self) -> &Decoded<Hex> {
        &self.id
    }

    pub(crate) fn public(&self) -> Key {
        self.pair.tuf_key()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

/// How the file of a key is called.
pub(crate) fn file_name(role: Role, id: &str) -> String {
    format!("{role}-{id}.pem")
}

/// The role that a key's file is named after, `None` of any other file.
pub(crate) fn role_of(name: &str) -> Option<Role> {
    let (role, _) = name.strip_suffix(".pem")?.split_once('-')?;
    role.parse().ok()
}

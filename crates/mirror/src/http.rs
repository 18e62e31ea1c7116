//! Asking a server for a file or a part of it. What answers is trusted with nothing: it may send us nowhere else, say nothing
//! for long, or more than was asked for.

use crate::limits::Rate;
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, HeaderMap, HeaderName, LOCATION, RANGE};
use reqwest::{Client, Response, StatusCode};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Redirects within a server that are followed for one file.
const REDIRECTS: usize = 3;

/// How long a server may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// To let us connect.
    pub connect: Duration,
    /// To send the next bytes.
    pub stall: Duration,
    /// To send one piece of 1 MiB, waiting for it alone counted: bytes that come one by one are a stall too.
    pub piece: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            connect: Duration::from_secs(15),
            stall: Duration::from_secs(30),
            piece: Duration::from_secs(300),
        }
    }
}

/// Asks servers.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: Client,
    pub patience: Patience,
    pub rate: Arc<Rate>,
}

/// Why nothing, or nothing more, came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HttpError {
    /// It says that it has no such file.
    NotFound,
    /// There is more than there may be.
    TooMuch(String),
    /// It does what no honest server does: what, as a verb phrase.
    Misbehaves(String),
    /// It cannot be reached, is busy, or broke off.
    Failed(String),
}

impl HttpError {
    /// As a verb phrase: `answers ...`.
    pub fn what(&self) -> &str {
        match self {
            HttpError::NotFound => "does not have it",
            HttpError::TooMuch(what) | HttpError::Misbehaves(what) | HttpError::Failed(what) => {
                what
            }
        }
    }
}

/// An answer whose head is as it should be; its body is still to come.
pub(crate) struct Body {
    response: Response,
    /// Where in the file the body begins.
    pub from: u64,
    /// Whether a part was asked for and the whole file comes.
    pub is_whole_instead: bool,
    /// Bytes of it that are still to come.
    left: u64,
    patience: Patience,
    rate: Arc<Rate>,
}

impl Http {
    pub fn new(patience: Patience, rate: Arc<Rate>) -> Result<Http, String> {
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .user_agent(concat!("deadwax/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(patience.connect)
            .tcp_nodelay(true)
            .build()
            .map_err(|e| chain(&e))?;
        Ok(Http { client, patience, rate })
    }

    /// A whole small file, of at most so many bytes.
    pub async fn small(&self, url: &Url, most_bytes: u64) -> Result<Vec<u8>, HttpError> {
        let mut response = self.ask(url, None).await?;
        if response.status() != StatusCode::OK {
            return Err(HttpError::Failed(format!("answers {}", response.status())));
        }
        let too_much = || HttpError::TooMuch(format!("sends more than {most_bytes} bytes"));
        if number(response.headers(), &CONTENT_LENGTH).is_some_and(|bytes| bytes > most_bytes) {
            return Err(too_much());
        }
        let mut whole = Vec::new();
        while let Some(part) = timely(self.patience.stall, response.chunk()).await? {
            if (whole.len() + part.len()) as u64 > most_bytes {
                return Err(too_much());
            }
            self.rate.take(part.len() as u64).await;
            whole.extend_from_slice(&part);
        }
        Ok(whole)
    }

    /// A part of a file of `of` bytes; a server without ranges gives the file from its beginning.
    pub async fn part(&self, url: &Url, from: u64, to: u64, of: u64) -> Result<Body, HttpError> {
        let is_all = from == 0 && to == of;
        let range = (!is_all).then(|| format!("bytes={from}-{}", to - 1));
        let response = self.ask(url, range).await?;
        let lies = |what: String| Err(HttpError::Misbehaves(what));
        let length = number(response.headers(), &CONTENT_LENGTH);
        let (from, to) = match response.status() {
            StatusCode::PARTIAL_CONTENT if !is_all => {
                let said = response.headers().get(CONTENT_RANGE).and_then(|it| it.to_str().ok());
                let known = format!("bytes {from}-{}/{of}", to - 1);
                let unknown = format!("bytes {from}-{}/*", to - 1);
                if said != Some(known.as_str()) && said != Some(unknown.as_str()) {
                    let said = said.unwrap_or("nothing");
                    return lies(format!("was asked for {known} and says that it sends {said}"));
                }
                (from, to)
            }
            StatusCode::OK => (0, of),
            status => return Err(HttpError::Failed(format!("answers {status}"))),
        };
        if let Some(length) = length.filter(|length| *length != to - from) {
            return lies(format!("says that {length} bytes come, where {} are", to - from));
        }
        let is_whole_instead = !is_all && response.status() == StatusCode::OK;
        let (patience, rate) = (self.patience, Arc::clone(&self.rate));
        Ok(Body { response, from, is_whole_instead, left: to - from, patience, rate })
    }

    /// Asks, and follows the server within itself.
    async fn ask(&self, url: &Url, range: Option<String>) -> Result<Response, HttpError> {
        let mut at = url.clone();
        for _ in 0..=REDIRECTS {
            let mut request = self.client.get(at.clone());
            if let Some(range) = &range {
                request = request.header(RANGE, range);
            }
            let response =
                timely(self.patience.stall + self.patience.connect, request.send()).await?;
            let status = response.status();
            if matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::FORBIDDEN) {
                return Err(HttpError::NotFound);
            }
            if !status.is_redirection() {
                return Ok(response);
            }
            let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            let Some(to) = to else {
                return Err(HttpError::Misbehaves(format!("answers {status} and says not where")));
            };
            match at.join(to) {
                Ok(next) if next.origin() == url.origin() && next.origin().is_tuple() => at = next,
                _ => {
                    let to: String = to.chars().filter(|c| !c.is_control()).take(200).collect();
                    let what =
                        format!("redirects to {to}, outside of itself, where nothing is asked");
                    return Err(HttpError::Misbehaves(what));
                }
            }
        }
        Err(HttpError::Misbehaves(format!("redirects more than {REDIRECTS} times")))
    }
}

impl Body {
    /// Fills `piece` with the next bytes.
    pub async fn fill(&mut self, piece: &mut PieceBuffer, bytes: u64) -> Result<(), HttpError> {
        let began = tokio::time::Instant::now();
        let mut limited = Duration::ZERO;
        while (piece.data.len() as u64) < bytes {
            let part = match std::mem::take(&mut piece.rest) {
                rest if !rest.is_empty() => rest,
                _ => {
                    let part = timely(self.patience.stall, self.response.chunk()).await?;
                    let Some(part) = part else {
                        return Err(HttpError::Misbehaves(format!(
                            "ends {} bytes early",
                            self.left
                        )));
                    };
                    let before = tokio::time::Instant::now();
                    self.rate.take(part.len() as u64).await;
                    limited += before.elapsed();
                    if part.len() as u64 > self.left {
                        return Err(HttpError::Misbehaves(
                            "sends more than was asked for".to_owned(),
                        ));
                    }
                    self.left -= part.len() as u64;
                    part
                }
            };
            let take = part.len().min(bytes as usize - piece.data.len());
            piece.data.extend_from_slice(&part[..take]);
            piece.rest = part.slice(take..);
            if began.elapsed().saturating_sub(limited) > self.patience.piece {
                let s = self.patience.piece.as_secs();
                return Err(HttpError::Failed(format!("takes more than {s} seconds for a piece")));
            }
        }
        Ok(())
    }

    /// Whether the answer ends where it should. One that goes on is not read to its end.
    pub async fn end(mut self) -> Result<(), HttpError> {
        while let Some(part) = timely(self.patience.stall, self.response.chunk()).await? {
            if !part.is_empty() {
                return Err(HttpError::Misbehaves("sends more than was asked for".to_owned()));
            }
        }
        Ok(())
    }
}

/// A piece as it comes, and what came with its last bytes of the next one.
#[derive(Debug, Default)]
pub(crate) struct PieceBuffer {
    pub data: Vec<u8>,
    rest: bytes::Bytes,
}

async fn timely<T>(
    patience: Duration,
    answer: impl Future<Output = Result<T, reqwest::Error>>,
) -> Result<T, HttpError> {
    match tokio::time::timeout(patience, answer).await {
        Ok(answer) => answer.map_err(|e| HttpError::Failed(failed(&e))),
        Err(_) => {
            let s = patience.as_secs_f32();
            Err(HttpError::Failed(format!("sends nothing for {s} seconds")))
        }
    }
}

fn failed(error: &reqwest::Error) -> String {
    match error.is_connect() {
        true => format!("cannot be reached ({})", chain(error)),
        false => format!("breaks off ({})", chain(error)),
    }
}

/// The innermost cause: what is around it says the address again, and that there was an error.
fn chain(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost.to_string()
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

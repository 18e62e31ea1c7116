//! The command line: one definition, from which `--help` is made.

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use deadwax_edition::Stage;
use deadwax_mirror::plan::Prefer;
use deadwax_model::{Rank, Root};
use deadwax_rights::{Licence, TakedownReason, TakedownScope};
use deadwax_trust::Role;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A preservation archive for recorded music.
///
/// Deadwax takes in music that you are entitled to keep, catalogues it, keeps it in the size that its
/// listeners justify, gives every kept original back bit for bit, and publishes what its rights
/// statements allow as ranked catalogues and torrents.
#[derive(Debug, Parser)]
#[command(
    name = "deadwax",
    version,
    max_term_width = 100,
    after_help = "\
Exit codes: 0 done; 1 failed, or interrupted; 2 wrong usage; 3 done, with problems in some items, each listed.
Any command can be interrupted; the same line again goes on from there.

Start here:
  deadwax archive ~/Music/my-label --to my-archive
  deadwax --archive my-archive list"
)]
pub struct Args {
    /// The archive's folder; the current one when not given.
    #[arg(long, global = true, env = "DEADWAX_ARCHIVE", value_name = "DIR")]
    pub archive: Option<PathBuf>,
    /// Print JSON instead of text: one document, or one line an item for lists.
    #[arg(long, global = true)]
    pub json: bool,
    /// Print no progress.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// How progress is told on standard error: bar, line (one every ten seconds), json (an event a line, for
    /// programs) or none; bar on a terminal and line elsewhere when not given.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t = ProgressForm::Auto,
        value_name = "FORM",
        hide_possible_values = true,
        hide_default_value = true,
        conflicts_with = "quiet"
    )]
    pub progress: ProgressForm,
    /// Print a line for every item that is done.
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Files worked on at the same time; 0 for as many as there are cores.
    #[arg(long, global = true, default_value_t = 0, value_name = "N", hide_default_value = true)]
    pub jobs: usize,
    /// Take this for today's date: it names editions and decides whether a rule still holds.
    #[arg(long, global = true, value_name = "YYYY-MM-DD", value_parser = date)]
    pub date: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// How progress is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProgressForm {
    /// `bar` on a terminal, else `line`.
    Auto,
    /// A bar that stays in its place.
    Bar,
    /// A line when a part of the work begins, every ten seconds, and when it is done.
    Line,
    /// Events for a program, a JSON object a line; with or without --json.
    Json,
    /// Nothing, as with --quiet.
    None,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The main job in one line: init, add, plan, build, publish, verify.
    Archive(ArchiveArgs),
    /// Make an empty archive.
    Init(InitArgs),
    /// Take in music, tables of facts, or tables of listens. Files are read, never changed or moved.
    Add(AddArgs),
    /// Say, show and explain what may leave the archive, and why not.
    #[command(subcommand)]
    Rights(RightsCommand),
    /// Take recordings down, show what is dark, and lift it again.
    #[command(subcommand)]
    Takedown(TakedownCommand),
    /// Find which recordings of this archive are in files, folders or torrents.
    Trace(TraceArgs),
    /// Find recordings that sound the same under other names, rates or codecs, and say which are one.
    Same(SameArgs),
    /// Show what is kept at which tier, its bytes and its share of listens; makes nothing.
    Plan(PlanArgs),
    /// Make the holdings that the plan asks for.
    Build(PlanArgs),
    /// Write a new edition: the list, search, Parquet, packs with torrents, the report page.
    Publish(PublishArgs),
    /// Make, change and show the keys that editions are signed with, and sign anew.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Re-read everything that is stored, of an archive, a mirror or an edition, and compare it with its root.
    Verify(VerifyArgs),
    /// Put damaged or missing files right, from sources, copies and the web; nothing is deleted.
    Repair(RepairArgs),
    /// Write the original of a recording, bit for bit.
    Restore(RestoreArgs),
    /// Print the list, most listened first.
    List,
    /// Show everything known of a recording, or what is by an artist or on a release.
    Show(ShowArgs),
    /// Search the newest edition, most listened first.
    Search(SearchArgs),
    /// Draw recordings at random from the newest edition.
    Shuffle(ShuffleArgs),
    /// Give packs of the archive, an edition or a mirror to whoever asks, by BitTorrent, until Ctrl-C.
    Seed(SeedArgs),
    /// Carry a verified part of an edition: the most that fits a budget, and follow what is published.
    Mirror(MirrorArgs),
    /// Count the newest edition: tiers, formats, years, rights, coverage.
    Stats(StatsArgs),
}

/// `archive`.
#[derive(Debug, ClapArgs)]
pub struct ArchiveArgs {
    /// The folder of music, or one file.
    pub music: PathBuf,
    /// The archive's folder; made when it is not there.
    #[arg(long, value_name = "ARCHIVE")]
    pub to: Option<PathBuf>,
    /// The name of a new archive; its folder's name when not given.
    #[arg(long)]
    pub title: Option<String>,
    /// A licence that holds for all of it: an SPDX identifier such as CC-BY-4.0, or a licence's address.
    #[arg(long, value_name = "LICENCE", value_parser = licence)]
    pub rights: Option<Licence>,
    /// A table of listens to take in too (CSV: isrc or id, listens).
    #[arg(long, value_name = "FILE")]
    pub listens: Option<PathBuf>,
    /// Keep at most this much, most listened first: 50MB, 1.5 GiB, 300 TB.
    #[arg(long, value_name = "SIZE", value_parser = deadwax_archive::parse_size)]
    pub budget: Option<u64>,
}

/// `init`.
#[derive(Debug, ClapArgs)]
pub struct InitArgs {
    /// The archive's folder, new or empty; --archive when not given.
    pub folder: Option<PathBuf>,
    /// The archive's name; its folder's name when not given.
    #[arg(long)]
    pub title: Option<String>,
}

/// `add`.
#[derive(Debug, ClapArgs)]
pub struct AddArgs {
    /// Folders of music, single files, or tables.
    #[arg(required = true)]
    pub sources: Vec<PathBuf>,
    /// What the sources are.
    #[arg(long, value_enum, default_value_t = Format::Guess)]
    pub format: Format,
    /// A licence that holds for all of the music: an SPDX identifier such as CC-BY-4.0, or a licence's address.
    #[arg(long, value_name = "LICENCE", value_parser = licence)]
    pub rights: Option<Licence>,
    /// What the collection is called that tables are of; their folder's name when not given. Ids in tables
    /// mean something within a collection only.
    #[arg(long = "as", value_name = "NAME")]
    pub collection: Option<String>,
}

/// What is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// `tables` for a folder with a table `recording` in it and for files called as tables; `listens` for
    /// other files ending in .csv or .tsv; else `music`.
    Guess,
    /// A folder of audio and its artwork, or one audio file.
    Music,
    /// Tables of facts without audio: a folder of recording.parquet, artist.parquet, release.parquet,
    /// track.parquet, credit.parquet, isrc.parquet, listens.parquet, or some of these, or .csv, or .ndjson.
    Tables,
    /// A CSV table with the columns isrc or id, and listens.
    Listens,
}

/// `rights ...`.
#[derive(Debug, Subcommand)]
pub enum RightsCommand {
    /// State a licence for some recordings; the most specific statement wins.
    Set(RightsSetArgs),
    /// List the rules that were set.
    List,
    /// Take a rule away.
    Remove {
        /// Its number, as `rights list` shows it.
        number: u32,
    },
    /// Say of each recording that is held back why, and the line that would settle it.
    Explain {
        /// Only this one, cleared or not: a rank, an id or an ISRC.
        recording: Option<String>,
    },
}

/// `rights set`.
#[derive(Debug, ClapArgs)]
pub struct RightsSetArgs {
    /// Of which recordings.
    #[command(flatten)]
    pub target: TargetArgs,
    /// An SPDX identifier, a Creative Commons or rightsstatements.org address, or a common spelling.
    #[arg(long, value_parser = licence)]
    pub licence: Licence,
    /// On what ground: a contract, a letter, a deed. Kept with the rule.
    #[arg(long, default_value = "stated by the operator")]
    pub ground: String,
    /// The last day on which it holds.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub until: Option<String>,
    /// Only in these countries (two letters each).
    #[arg(long = "in", value_name = "COUNTRY", value_delimiter = ',', value_parser = country)]
    pub places: Vec<[u8; 2]>,
}

/// Which recordings a rule is about: exactly one.
#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = false)]
pub struct TargetArgs {
    /// One recording: a rank, an id or an ISRC.
    #[arg(long)]
    pub recording: Option<String>,
    /// The recordings on releases of this title.
    #[arg(long)]
    pub release: Option<String>,
    /// The recordings that credit this artist.
    #[arg(long)]
    pub artist: Option<String>,
    /// The recordings from these paths: `*`, `?` and `**` as in a shell.
    #[arg(long, value_name = "PATTERN")]
    pub path: Option<String>,
    /// Every recording.
    #[arg(long, visible_alias = "everything")]
    pub all: bool,
}

/// `takedown ...`.
#[derive(Debug, Subcommand)]
pub enum TakedownCommand {
    /// Take something down: nothing of it leaves any more, its files are taken out of the pack folders of all editions, and
    /// mirrors are told to drop it.
    Add(TakedownAddArgs),
    /// List all takedowns there ever were.
    List,
    /// Lift a takedown: the next publish brings back what nothing else holds back.
    Lift {
        /// Its number, as `takedown list` shows it.
        number: u32,
        /// The archive's own name of the notice that says so, as N-2026-18. It is published.
        #[arg(long, value_name = "ID")]
        notice: String,
        /// Keys.
        #[command(flatten)]
        keys: KeysArgs,
    },
}

/// `takedown add`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
The record is only added to. The same line again goes on where it was stopped. What is the same by
the last plan, and what is added later under the same ISRC, release or artist, is dark too. The list
of editions still names the recording, as held back.")]
pub struct TakedownAddArgs {
    /// Of what.
    #[command(flatten)]
    pub target: TakedownTargetArgs,
    /// On what ground: copyright, privacy, court-order, contract, error or other. It is published.
    #[arg(long, value_name = "CLASS")]
    pub reason: TakedownReason,
    /// The archive's own name of the notice, as N-2026-17. It is published: no name of a person.
    #[arg(long, value_name = "ID")]
    pub notice: String,
    /// How dark it goes: publish (nothing of it leaves) or keep (the archive does not keep it either).
    #[arg(long, value_name = "SCOPE", default_value_t = TakedownScope::Publish)]
    pub scope: TakedownScope,
    /// With --scope keep: yes, remove the archive's own copies, which may be the last that there are.
    #[arg(long)]
    pub remove_copies: bool,
    /// Something to remember it by. It stays in the archive.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Show what it would touch, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Keys.
    #[command(flatten)]
    pub keys: KeysArgs,
}

/// What a takedown is about: exactly one kind.
#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = false)]
pub struct TakedownTargetArgs {
    /// A recording by rank or id, or all recordings of an ISRC.
    pub recording: Option<String>,
    /// The recordings on a release: its title, or its id where several have it.
    #[arg(long, value_name = "ID")]
    pub release: Option<String>,
    /// The recordings that credit this artist.
    #[arg(long, value_name = "NAME")]
    pub artist: Option<String>,
    /// Files by their roots, with the recordings that they are of; a picture by itself.
    #[arg(long = "root", value_name = "ROOT", num_args = 1..)]
    pub roots: Vec<Root>,
}

/// `trace`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Files are compared by their bytes, and audio also by how it sounds. Torrents of any program are
compared by the hashes that they have: what was encoded anew can only be told from the file itself.")]
pub struct TraceArgs {
    /// Files, folders with everything in them, torrents.
    #[arg(required = true, value_name = "PATH|TORRENT")]
    pub paths: Vec<PathBuf>,
}

/// `same ...`.
#[derive(Debug, ClapArgs)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Without a command it lists the pairs that sound the same, and changes nothing. Fingerprints are made by `build`.
Recordings become one by `same merge`, or by a shared ISRC where deadwax.toml says so ([same] merge = \"isrc\"). The better
source keeps its place in the list and has the ISRCs, releases and listens of both; nothing is deleted."
)]
pub struct SameArgs {
    /// What to say; none lists the pairs.
    #[command(subcommand)]
    pub command: Option<SameCommand>,
}

/// What is said of recordings that sound the same.
#[derive(Debug, Subcommand)]
pub enum SameCommand {
    /// Say that two recordings are the same; from the next plan on the better source stands for both.
    Merge(SameMergeArgs),
    /// Say that two recordings are not the same, whatever else says so.
    Split(SamePairArgs),
    /// List what was said.
    List,
    /// Take a rule away.
    Remove {
        /// Its number, as `same list` shows it.
        number: u32,
    },
}

/// `same merge`.
#[derive(Debug, ClapArgs)]
pub struct SameMergeArgs {
    /// Which two.
    #[command(flatten)]
    pub pair: SamePairArgs,
    /// Also when they do not sound the same, differ in length, or cannot be compared: somebody has heard both.
    #[arg(long)]
    pub even_so: bool,
}

/// Two recordings.
#[derive(Debug, ClapArgs)]
pub struct SamePairArgs {
    /// A rank, an id or an ISRC.
    pub a: String,
    /// Another one.
    pub b: String,
    /// On what ground. Kept with the rule.
    #[arg(long, default_value = "stated by the operator")]
    pub ground: String,
}

/// `plan`, `build`.
#[derive(Debug, ClapArgs)]
pub struct PlanArgs {
    /// Keep at most this much, most listened first: 50MB, 1.5 GiB, 300 TB.
    #[arg(long, value_name = "SIZE", value_parser = deadwax_archive::parse_size)]
    pub budget: Option<u64>,
}

/// `publish`.
#[derive(Debug, ClapArgs)]
pub struct PublishArgs {
    /// What of the new edition is out: metadata (the list, always out), audio, audio:RANK (the audio of
    /// ranks 1 to RANK), artwork, patches; several with commas. Audio and artwork when not given.
    /// What is not named is not out, also when an earlier edition had it.
    #[arg(long = "stage", value_name = "STAGE", value_delimiter = ',')]
    pub stages: Vec<Stage>,
    /// Keys.
    #[command(flatten)]
    pub keys: KeysArgs,
}

/// Keys that are kept elsewhere.
#[derive(Debug, ClapArgs)]
pub struct KeysArgs {
    /// A folder with keys that are not kept with the archive; may be said several times.
    #[arg(long, value_name = "DIR")]
    pub keys: Vec<PathBuf>,
}

/// `keys ...`.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make one more key for a role. A new root names it, signed by the root keys, and the newest edition is signed under it.
    New {
        /// Whose: root, targets, snapshot or timestamp.
        #[arg(long)]
        role: Role,
        /// Where it goes; the archive's folder keys/ when not given.
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
        /// Keys.
        #[command(flatten)]
        keys: KeysArgs,
    },
    /// Make new keys in the place of the old ones, of all roles or of some. Mirrors follow by a new root, signed by the old
    /// root keys and the new. Nothing is deleted.
    Rotate {
        /// Only of this role: root, targets, snapshot or timestamp; may be said several times.
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<Role>,
        /// Where they go; the archive's folder keys/ when not given.
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
        /// Keys.
        #[command(flatten)]
        keys: KeysArgs,
    },
    /// Show the keys of every role, where they are, how many must sign, and when signatures expire.
    List {
        /// Keys.
        #[command(flatten)]
        keys: KeysArgs,
    },
    /// Sign the timestamp of the newest edition anew, and what else expires soon. Every few days, or mirrors refuse it.
    Refresh {
        /// Keys.
        #[command(flatten)]
        keys: KeysArgs,
    },
}

/// `verify`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
When each file was last found sound is noted: in fixity.sqlite of an archive, in .deadwax/state.sqlite of a mirror. Nothing is written
into an edition. A check of everything that was interrupted is gone on with by the same line, within 30 days.

A share of the oldest every night:
  deadwax verify /srv/mirror --older-than 30d --at-most 500GB")]
pub struct VerifyArgs {
    /// An archive, a mirror or an edition; the archive when not given.
    pub path: Option<PathBuf>,
    /// Only files that were last found sound so long ago or longer, or never: 30d, 6w, 1y.
    #[arg(long, value_name = "TIME", value_parser = days)]
    pub older_than: Option<u32>,
    /// Read at most this much, those files first that were not looked at for longest.
    #[arg(long, value_name = "SIZE", value_parser = deadwax_archive::parse_size)]
    pub at_most: Option<u64>,
}

/// `repair`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
An archive is verified first; what is damaged is taken back from where the archive or a copy (--from) has it, or made again from its sources.
A mirror repairs what its last `verify` found, or verifies first where that was nothing: of a damaged file it fetches the leaves of 16 KiB that are
not sound, from copies, its source, the web seeds of its torrents and peers. A file is replaced when what was put together has its root, not before.")]
pub struct RepairArgs {
    /// An archive or a mirror; the archive when not given.
    pub path: Option<PathBuf>,
    /// An archive, an edition or a mirror on this machine that may have sound copies. Several times for several.
    #[arg(long, value_name = "PATH")]
    pub from: Vec<PathBuf>,
    /// Of a mirror: ask no web server.
    #[arg(long)]
    pub no_web: bool,
    /// Of a mirror: ask this BitTorrent peer too, a `deadwax seed` or any client that has the pack. May be said several times.
    #[arg(long = "peer", value_name = "ADDRESS:PORT")]
    pub peers: Vec<SocketAddr>,
    /// Of a mirror: fetch at most so much a second, as 2MB.
    #[arg(long, value_name = "SIZE", value_parser = deadwax_archive::parse_size)]
    pub limit_rate: Option<u64>,
}

/// `restore`.
#[derive(Debug, ClapArgs)]
pub struct RestoreArgs {
    /// A rank, an id or an ISRC.
    pub recording: String,
    /// Where to write it: a new file, or a folder (the file then has its source's name).
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// `show`.
#[derive(Debug, ClapArgs)]
#[group(id = "shown", required = true, multiple = false, args = ["recording", "artist", "release"])]
pub struct ShowArgs {
    /// A rank, an id or an ISRC.
    pub recording: Option<String>,
    /// What an artist of this name is on, most listened first, in the newest edition.
    #[arg(long, value_name = "NAME")]
    pub artist: Option<String>,
    /// The tracks of releases with this title, most listened first, in the newest edition.
    #[arg(long, value_name = "TITLE")]
    pub release: Option<String>,
    /// With --artist and --release: at most this many.
    #[arg(short = 'n', long, default_value_t = 20)]
    pub limit: usize,
    /// With --artist and --release: only behind this rank, the next page.
    #[arg(long, value_name = "RANK", default_value_t = 0, hide_default_value = true)]
    pub after: u32,
    /// Which edition.
    #[command(flatten)]
    pub edition: EditionArgs,
}

/// Which edition to ask.
#[derive(Debug, ClapArgs)]
pub struct EditionArgs {
    /// Ask the edition in this folder instead of the archive's newest.
    #[arg(long, value_name = "DIR")]
    pub edition: Option<PathBuf>,
}

/// `search`.
#[derive(Debug, ClapArgs)]
pub struct SearchArgs {
    /// Words of title, artist and release; the last may be unfinished. Fields: artist: release: year: isrc:
    #[arg(required = true)]
    pub words: Vec<String>,
    /// At most this many.
    #[arg(short = 'n', long, default_value_t = 20)]
    pub limit: usize,
    /// Only behind this rank: the next page.
    #[arg(long, value_name = "RANK", default_value_t = 0, hide_default_value = true)]
    pub after: u32,
    /// Which edition.
    #[command(flatten)]
    pub edition: EditionArgs,
}

/// `shuffle`.
#[derive(Debug, ClapArgs)]
pub struct ShuffleArgs {
    /// How many.
    #[arg(short = 'n', long, default_value_t = 10)]
    pub number: usize,
    /// The same seed gives the same draw.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Only recordings that may be published.
    #[arg(long)]
    pub cleared: bool,
    /// Which edition.
    #[command(flatten)]
    pub edition: EditionArgs,
}

/// `seed`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Files are only read. Of an archive, packs of its newest edition are given, and of these what is cleared today; of an
edition or a mirror, what is there in full length and not under a takedown that it knows. What is taken away while
this runs is not given from then on; a licence that ends is noticed at the next start. Whoever wants packs is found
through the trackers that the torrents name, and through nothing else unless you say so.")]
pub struct SeedArgs {
    /// An archive, an edition or a mirror; the archive when not given.
    pub path: Option<PathBuf>,
    /// Where others reach us, over TCP; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "0.0.0.0:6881")]
    pub listen: SocketAddr,
    /// Do not ask the trackers that the torrents name.
    #[arg(long)]
    pub no_trackers: bool,
    /// Be found in the public distributed hash table too; never for private packs.
    #[arg(long)]
    pub dht: bool,
    /// Be found on the local network by multicast too; never for private packs.
    #[arg(long)]
    pub local_discovery: bool,
    /// Connect to this one too. May be said several times.
    #[arg(long = "peer", value_name = "ADDRESS:PORT")]
    pub peers: Vec<SocketAddr>,
    /// Give at most so much a second, to all together: 500kB, 2 MiB; at least 16 KiB.
    #[arg(long, value_name = "SIZE", value_parser = deadwax_archive::parse_size)]
    pub limit_rate: Option<u64>,
    /// Only this pack. May be said several times.
    #[arg(long = "pack", value_name = "NAME")]
    pub packs: Vec<String>,
    /// How often to look again what is there and what may be given: a new edition, files that came, licences that ended.
    #[arg(long, value_name = "TIME", value_parser = span, default_value = "15m")]
    pub every: Duration,
}

/// `mirror`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
What is here is a plain folder of packs, as torrent clients have them; `deadwax seed DIR` gives it to others. Every piece is
compared with its hash before it counts, and what went dark in an edition is removed first. The first time the root of the
archive's keys is believed, unless --root names it: compare its fingerprint with what the archive says.

  deadwax mirror https://archive.example/editions/ --budget 200GB --into my-mirror
  deadwax mirror --into my-mirror --watch")]
pub struct MirrorArgs {
    /// The edition, or the folder of editions: a folder of this machine, or an http:// or https:// address. As it was
    /// last time when not given.
    pub source: Option<String>,
    /// The most that the mirror may take, all of its files together: 200GB, 1.5 TiB. As it was last time when not given.
    #[arg(long, value_name = "SIZE", value_parser = deadwax_archive::parse_size)]
    pub budget: Option<u64>,
    /// The mirror's folder, new or from before.
    #[arg(long, value_name = "DIR")]
    pub into: PathBuf,
    /// What to choose: mix (the head that most people need, and what has the fewest copies), listens (the most listened),
    /// rarest (the fewest copies) or even (any). As it was last time, or mix, when not given.
    #[arg(long, value_name = "WHAT", value_parser = prefer)]
    pub prefer: Option<Prefer>,
    /// The root of the archive's keys: one of its files trust/N.root.json.
    #[arg(long, value_name = "FILE")]
    pub root: Option<PathBuf>,
    /// Carry the edition's own files too: catalogue, search, Parquet, the page.
    #[arg(long)]
    pub metadata: bool,
    /// Stay, look for new editions, and check what is here.
    #[arg(long)]
    pub watch: bool,
    /// With --watch: how often: 30m, 1h, 1d.
    #[arg(long, value_name = "TIME", value_parser = span, default_value = "1h", requires = "watch")]
    pub every: Duration,
    /// Fetch at most so much a second, from all together: 500kB, 2 MiB.
    #[arg(long, value_name = "SIZE", value_parser = deadwax_archive::parse_size)]
    pub limit_rate: Option<u64>,
    /// Leave so much of the disk free.
    #[arg(long, value_name = "SIZE", value_parser = deadwax_archive::parse_size)]
    pub reserve_disk: Option<u64>,
    /// Show what would be carried, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Ask this peer too. May be said several times.
    #[arg(long = "peer", value_name = "ADDRESS:PORT")]
    pub peers: Vec<SocketAddr>,
    /// Ask no peers: fetch from SOURCE and web seeds alone.
    #[arg(long, conflicts_with_all = ["no_web", "peers", "listen"])]
    pub no_torrent: bool,
    /// Fetch files from peers alone; the lists come from SOURCE.
    #[arg(long)]
    pub no_web: bool,
    /// Where peers reach us while it fetches; nowhere when not given.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
}

/// `stats`: one question at a time; everything that is counted when none is asked.
#[derive(Debug, ClapArgs)]
pub struct StatsArgs {
    /// What is asked.
    #[command(flatten)]
    pub question: StatsQuestion,
    /// Which edition.
    #[command(flatten)]
    pub edition: EditionArgs,
}

/// A question to `stats`.
#[derive(Debug, ClapArgs)]
#[group(multiple = false)]
pub struct StatsQuestion {
    /// What the first RANK recordings of the list stand for, and what they take.
    #[arg(long, value_name = "RANK", value_parser = rank)]
    pub rank: Option<Rank>,
    /// How much of all listening is in the first SIZE: 500GB, 1.5 TiB.
    #[arg(long, value_name = "SIZE", value_parser = deadwax_archive::parse_size)]
    pub bytes: Option<u64>,
    /// What so much of all listening costs: 99.6%.
    #[arg(long, value_name = "PERCENT", value_parser = share)]
    pub share: Option<f64>,
    /// The N most listened, one a line: rank, title, artist, listens, id.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub top: Option<u32>,
}

fn prefer(text: &str) -> Result<Prefer, String> {
    text.parse().map_err(|e: deadwax_mirror::plan::UnknownPreference| e.to_string())
}

/// `90s`, `30m`, `1h`, `2d`.
fn span(text: &str) -> Result<Duration, String> {
    let units = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)];
    let seconds = units.into_iter().find_map(|(unit, seconds)| {
        text.strip_suffix(unit)?.trim_end().parse::<u64>().ok()?.checked_mul(seconds)
    });
    seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs).ok_or_else(|| {
        format!(
            "'{text}' is not a span of time: write a whole number and s, m, h or d, as 30m or 1h"
        )
    })
}

fn rank(text: &str) -> Result<Rank, String> {
    let rank = text.replace(['_', ','], "").parse().ok().and_then(Rank::new);
    rank.ok_or_else(|| {
        format!("'{text}' is not a rank: write a number from 1, as 500 or 1_000_000")
    })
}

/// The share that a percentage says: the number nearest to it, so that 99.6% is 0.996 and no hair less.
fn share(text: &str) -> Result<f64, String> {
    let digits = text.strip_suffix('%').map(str::trim_end);
    let is_number = |digits: &&str| digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let share = digits.filter(is_number).and_then(|digits| format!("{digits}e-2").parse().ok());
    share
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| format!("'{text}' is not a share: write it in percent, as 99.6% or 50%"))
}

/// A length of time in days.
fn days(text: &str) -> Result<u32, String> {
    let unit = text.chars().last().and_then(|unit| match unit {
        'd' => Some(1),
        'w' => Some(7),
        'y' => Some(365),
        _ => None,
    });
    let number = text.get(..text.len().saturating_sub(1)).and_then(|digits| digits.parse().ok());
    unit.zip(number).and_then(|(unit, number): (u32, u32)| number.checked_mul(unit)).ok_or_else(
        || {
            format!(
                "'{text}' is not a length of time: write days, weeks or years, as 30d, 6w or 1y"
            )
        },
    )
}

fn licence(text: &str) -> Result<Licence, String> {
    Licence::recognise(text).ok_or_else(|| {
        format!(
            "'{text}' is no licence that is known here; give an SPDX identifier such as CC-BY-4.0, or the \
             address of a Creative Commons licence or rightsstatements.org statement"
        )
    })
}

fn date(text: &str) -> Result<String, String> {
    let is_plain = text.len() == 10;
    match text.parse::<jiff::civil::Date>() {
        Ok(date) if is_plain => Ok(date.to_string()),
        _ => Err(format!("'{text}' is not a date: write it as 2026-11-20")),
    }
}

fn country(text: &str) -> Result<[u8; 2], String> {
    match text.parse() {
        Ok(deadwax_rights::Place::Country(code)) => Ok(code),
        _ => Err(format!("'{text}' is not a country's two letters (ISO 3166-1), as in US")),
    }
}

//! The policy language: what is kept of what, by popularity, share of listens, codec, bit rate, release, artist and licence.

mod made;

use deadwax_archive::{KeptBecause, Policy};
use deadwax_model::{Status, Tier};
use deadwax_testkit::{music::Piece, wav};
use made::{Made, made, run};
use std::fs;

/// Tier by ISRC's last digit, `-` where nothing is kept.
fn tiers(made: &Made) -> Vec<String> {
    let plan = made.archive.plan(&run(), None).unwrap();
    made.archive.carry_out(&plan).unwrap();
    let tier = |n: u32| made.archive.one(&format!("QZDWX26{n:05}")).unwrap().placement.unwrap();
    (0..plan.rows.len() as u32)
        .map(|n| tier(n).tier.map_or("-".to_owned(), |tier| tier.to_string()))
        .collect()
}

fn added(pieces: u64, seconds: f32) -> Made {
    let made = made(pieces, seconds);
    made.archive.add_music(&run(), &made.music, None).unwrap();
    made
}

#[test]
fn the_part_that_has_half_of_the_listens() {
    let made = added(5, 4.0);
    // All of popularity 0, 1,000 listens together; the two most heard have 600 of them, the first alone 400.
    made.listens(&[(0, 200), (1, 400), (2, 150), (3, 150), (4, 100)]);
    let made = made.under(
        "[tiers]\nunpopular = 'none'\n
         [[tiers.rule]]\npopularity = 0\nlistens_share = 0.5\ntier = 'opus-48'",
    );
    assert_eq!(tiers(&made), ["opus-48", "opus-48", "-", "-", "-"]);
    assert_eq!(made.status("QZDWX2600004"), Status::ByPolicy);
    let made = made.under(
        "[tiers]\nunpopular = 'none'\n
         [[tiers.rule]]\nlistens_share = 0.4\ntier = 'keep'\n
         [[tiers.rule]]\nlistens_share = 0.5\ntier = 'opus-96'",
    );
    // What the first rule leaves has 600 listens; half of them are had by the next most heard and one of the two after it.
    assert_eq!(tiers(&made), ["opus-96", "keep", "opus-96", "-", "-"]);
    let made = made
        .under("[tiers]\nunpopular = 'opus-48'\n[[tiers.rule]]\nlistens_share = 1\ntier = 'keep'");
    assert_eq!(tiers(&made), ["keep"; 5]);
}

#[test]
fn what_nobody_counted_has_no_share() {
    let made = added(2, 4.0);
    let made = made.under("[[tiers.rule]]\nlistens_share = 1.0\ntier = 'opus-48'");
    assert_eq!(tiers(&made), ["keep", "keep"]);
}

#[test]
fn the_first_rule_that_fits_decides() {
    let made = made(3, 4.0);
    // The third is by somebody, on a release, and not lossless in name only: a WAV.
    let samples = Piece { seed: 9, seconds: 4.0 }.compose_i16();
    let said = [
        ("IART", "Ann\u{E9}e"),
        ("IPRD", "Trio"),
        ("ISRC", "QZDWX2600002"),
        ("ICOP", "CC-BY-NC-ND-4.0"),
    ];
    fs::remove_file(made.music.join("2.flac")).unwrap();
    fs::write(made.music.join("2.wav"), wav::encode(&samples, &said)).unwrap();
    made.archive.add_music(&run(), &made.music, None).unwrap();
    made.listens(&[(0, 5_000), (1, 2)]);
    let ids: Vec<_> = made.archive.plan(&run(), None).unwrap().rows;
    let wav = ids.iter().find(|row| row.artists.starts_with("Ann")).unwrap().id.clone();
    let mut made = made;
    let (yes, no) = (Tier::Opus(64), Tier::Keep);
    for (rule, tier) in [
        ("codec = 'pcm'", yes),
        ("codec = ['flac', 'lossless']", yes),
        ("codec = 'lossy'", no),
        ("codec = ['flac', 'mp3']", no),
        // 44.1 kHz, two channels of 16 bits: 1,411.2 kbit/s.
        ("bit_rate = '1411'", yes),
        ("bit_rate = '-1410'", no),
        ("bit_rate = '1412-'", no),
        ("release = 'TRIO'", yes),
        ("release = ['Duo', 'Quartet']", no),
        ("artist = 'ANNE\u{301}E'", yes),
        ("artist = 'Ann'", no),
        ("licence = 'no-derivatives'", yes),
        ("licence = 'CC-BY-NC-*'", yes),
        ("licence = 'CC BY-NC-ND 4.0'", yes),
        ("licence = ['CC-BY-4.0', 'none']", no),
        ("popularity = 'unknown'", yes),
        ("popularity = ['0', '1-100']", no),
        ("popularity = ['0', 'unknown']\ncodec = 'pcm'\nrelease = 'Trio'", yes),
        ("codec = 'pcm'\nrelease = 'Duo'", no),
    ] {
        made = made.under(&format!("[[tiers.rule]]\n{rule}\ntier = 'opus-64'"));
        let plan = made.archive.plan(&run(), None).unwrap();
        let found = plan.rows.iter().find(|row| row.id == wav).unwrap().tier;
        assert_eq!(found, Some(tier), "{rule}");
    }
    made = made.under(
        "[[tiers.rule]]\npopularity = '1-'\ncodec = 'lossless'\ntier = 'vorbis-160'\n
         [[tiers.rule]]\ncodec = 'lossless'\ntier = 'keep'",
    );
    let plan = made.archive.plan(&run(), None).unwrap();
    let tiers: Vec<Tier> = plan.rows.iter().filter_map(|row| row.tier).collect();
    assert_eq!(tiers, [Tier::Vorbis(160), Tier::Keep, Tier::Keep]);
}

#[test]
fn an_encoding_that_would_be_no_smaller_is_not_wanted() {
    let made = added(1, 4.0);
    let made = made.under("[tiers]\nunknown = 'opus-510'");
    let plan = made.archive.plan(&run(), None).unwrap();
    assert_eq!(plan.rows[0].tier, Some(Tier::Keep));
    let instead = plan.rows[0].instead.unwrap();
    assert_eq!((instead.of, instead.because), (Tier::Opus(510), KeptBecause::NoSmaller));
    assert_eq!(plan.summary().kept_instead[&KeptBecause::NoSmaller], 1);
}

#[test]
fn a_rule_that_is_wrong_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deadwax.toml");
    for (rule, said) in [
        (
            "tier = 'opus-5'",
            "'opus-5' is not a tier; a tier is keep, opus-N (N from 6 to 510 kbit/s)",
        ),
        ("tier = 'opus'", "is not a tier"),
        ("codec = 'flac'", "missing field `tier`"),
        ("tier = 'keep'\ncodec = 'mp9'", "'mp9' is not a codec; known: lossless, lossy, vorbis"),
        ("tier = 'keep'\ncodec = []", "the list is empty"),
        ("tier = 'keep'\nbit_rate = 'fast'", "'fast' is not a range"),
        ("tier = 'keep'\npopularity = '9-1'", "ends before it begins"),
        ("tier = 'keep'\nlistens_share = 50", "a share is above 0 and at most 1"),
        ("tier = 'keep'\nlicence = 'mine'", "'mine' is not a licence that is known"),
        ("tier = 'keep'\nyear = 1980", "unknown field `year`"),
    ] {
        fs::write(&path, format!("title = 'T'\n\n[[tiers.rule]]\n{rule}\n")).unwrap();
        let found = Policy::read(&path).unwrap_err().to_string();
        assert!(found.contains(said), "{rule}: {found}");
        assert!(
            found.contains("line 3") || found.contains("line 4") || found.contains("line 5"),
            "{found}"
        );
    }
}

#[test]
fn an_encoding_that_comes_out_no_smaller_is_thrown_away() {
    let made = made(0, 1.0);
    // Expected to be smaller, since so little music takes next to nothing; but there are headers.
    let samples = Piece { seed: 1, seconds: 0.003 }.compose_i16();
    fs::write(made.music.join("blip.wav"), wav::encode(&samples, &[])).unwrap();
    let made = made.under("[tiers]\nunknown = 'opus-75'");
    made.archive.add_music(&run(), &made.music, None).unwrap();
    let plan = made.archive.plan(&run(), None).unwrap();
    assert_eq!(plan.rows[0].tier, Some(Tier::Opus(75)));
    let report = made.archive.plan_and_build(&run(), None).unwrap();
    assert_eq!((report.made, report.failed, report.problems.len()), (1, 0, 0), "{report:?}");
    let plan = made.archive.plan(&run(), None).unwrap();
    assert_eq!((plan.rows[0].tier, plan.rows[0].status), (Some(Tier::Keep), Status::Held));
    assert_eq!(plan.rows[0].instead.unwrap().because, KeptBecause::NoSmaller);
}

#[test]
fn the_true_peak_is_measured_when_the_policy_asks_for_it() {
    let made = made(1, 4.0);
    made.archive(None);
    let analysis = |made: &Made| made.archive.one("1").unwrap().analysis.unwrap();
    assert_eq!(analysis(&made).true_peak, None);
    let made = made.under("[analysis]\ntrue_peak = true");
    assert_eq!(made.archive.plan_and_build(&run(), None).unwrap().made, 1);
    let found = analysis(&made);
    assert!(found.true_peak.unwrap() >= found.sample_peak.unwrap(), "{found:?}");
    assert_eq!(made.archive.plan_and_build(&run(), None).unwrap().made, 0, "and not again");
}

//! What `--help` says of every command: a snapshot, so that a change of the command line is seen.

#[path = "support/made.rs"]
mod made;

use made::Bench;

#[test]
fn help_of_every_command() {
    let bench = Bench::new();
    let commands = [
        "",
        "archive",
        "init",
        "add",
        "rights",
        "rights set",
        "rights list",
        "rights remove",
        "rights explain",
        "takedown",
        "takedown add",
        "takedown list",
        "takedown lift",
        "trace",
        "plan",
        "build",
        "publish",
        "keys",
        "keys new",
        "keys rotate",
        "keys list",
        "keys refresh",
        "verify",
        "repair",
        "restore",
        "list",
        "show",
        "search",
        "seed",
        "shuffle",
        "stats",
        "mirror",
    ];
    let mut text = String::new();
    for command in commands {
        let line = command.split_whitespace().chain(["--help"]);
        let outcome = bench.sandbox.run(std::path::Path::new(made::DEADWAX), line).unwrap();
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{command}");
        let said = outcome.stdout.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        text.push_str(&format!("$ deadwax {command} --help\n{said}\n\n"));
    }
    insta::assert_snapshot!("help", text);
    let short = bench.sandbox.run(std::path::Path::new(made::DEADWAX), ["--version"]).unwrap();
    assert_eq!(short.stdout, concat!("deadwax ", env!("CARGO_PKG_VERSION"), "\n"));
}

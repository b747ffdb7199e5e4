//! The rules of the house: which way the arrows point, how long a file gets, what the README says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, MetadataCommand};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn stages_never_depend_on_each_other() {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(vec!["--offline".to_owned()])
        .exec()
        .expect("cargo describes the workspace");
    let members: BTreeSet<String> = metadata
        .packages
        .iter()
        .map(|p| p.name.to_string())
        .collect();
    for package in &metadata.packages {
        let inside: BTreeSet<&str> = package
            .dependencies
            .iter()
            .filter(|d| d.kind == DependencyKind::Normal && members.contains(&d.name))
            .map(|d| d.name.as_str())
            .collect();
        let allowed: &[&str] = match package.name.as_str() {
            "jounce" => &["trip", "ingest", "detector", "aggregator"],
            "trip" => &[],
            _ => &["trip"],
        };
        assert!(
            inside.iter().all(|d| allowed.contains(d)),
            "{}: {inside:?}",
            package.name
        );
        let duckdb = package.dependencies.iter().any(|d| d.name == "duckdb");
        assert!(
            !duckdb || package.name.as_str() == "aggregator",
            "{} links DuckDB",
            package.name
        );
    }
}

/// Every Rust file of the project, with its text.
fn sources() -> Vec<(PathBuf, String)> {
    let parts = [
        "src",
        "trip",
        "ingest",
        "detector",
        "aggregator",
        "tests",
        "benches",
    ];
    let walk = parts
        .iter()
        .flat_map(|part| walkdir::WalkDir::new(root().join(part)));
    let files = walk
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path);
    let rust = files.filter(|path| path.extension().is_some_and(|e| e == "rs"));
    rust.map(|path| {
        (
            path.clone(),
            std::fs::read_to_string(&path).expect("a source file"),
        )
    })
    .collect()
}

#[test]
fn files_stay_short_and_open_with_what_they_are() {
    let sources = sources();
    assert!(sources.len() > 60, "{}", sources.len());
    for (path, text) in &sources {
        let lines = text.lines().count();
        assert!(
            lines <= 450,
            "{}: {lines} lines hold more than one idea",
            path.display()
        );
        let of_module = path.ends_with("tests.rs") || text.starts_with("//!");
        assert!(of_module, "{} does not say what it is", path.display());
    }
}

#[test]
fn the_pure_modules_touch_no_clock_file_socket_or_thread() {
    let pure = |path: &Path| {
        let text = path
            .strip_prefix(root())
            .expect("inside")
            .to_string_lossy()
            .replace('\\', "/");
        let tests = text.ends_with("tests.rs") || text.contains("/tests/");
        let inside = [
            "trip/src",
            "detector/src",
            "ingest/src/wire",
            "ingest/src/intake",
        ];
        let ledger = [
            "aggregator/src/ledger",
            "aggregator/src/fold",
            "aggregator/src/said",
        ]
        .iter()
        .any(|part| text.starts_with(part));
        !tests && (ledger || inside.iter().any(|part| text.starts_with(part)))
    };
    let forbidden = [
        "std::fs",
        "std::net",
        "std::thread",
        "Instant::now",
        "SystemTime",
        "async fn",
    ];
    for (path, text) in sources().iter().filter(|(path, _)| pure(path)) {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for word in forbidden {
            assert!(!code.contains(word), "{} uses {word}", path.display());
        }
    }
}

/// The arguments of every `jounce` command line in the README, as the shell would split them.
fn commands_of_the_readme() -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(root().join("README.md")).expect("a README");
    let lines = text
        .lines()
        .filter(|line| line.starts_with("cargo run --release"));
    let after = lines.filter_map(|line| line.split_once(" -- "));
    let before_comment = after.map(|(_, args)| args.split('#').next().unwrap_or_default());
    before_comment
        .map(|args| args.split_whitespace().map(str::to_owned).collect())
        .collect()
}

#[test]
fn the_commands_of_the_readme_are_commands() {
    use clap::Parser;
    let commands = commands_of_the_readme();
    assert!(commands.len() >= 5);
    for args in commands {
        let words = args.iter().take_while(|a| *a != ">").cloned();
        let line = std::iter::once("jounce".to_owned()).chain(words);
        let parsed = jounce::cli::Cli::try_parse_from(line);
        assert!(parsed.is_ok(), "{args:?}: {}", parsed.unwrap_err());
    }
}

//! The guides in `docs/`: what they show is what happens.

use std::path::Path;
use std::process::Command;

/// The shell lines of a guide, block by block.
fn blocks(guide: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("docs").join(guide)).expect("a guide");
    let fenced = text.split("```sh\n").skip(1);
    fenced
        .map(|block| block.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[cfg(unix)]
#[test]
fn a_week_with_the_map_goes_as_the_guide_says() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["sample-traces", "docs"] {
        std::os::unix::fs::symlink(root().join(name), folder.path().join(name)).unwrap();
    }
    let program = Path::new(env!("CARGO_BIN_EXE_jounce"));
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", program.parent().unwrap().display());
    let (mut ran, mut said) = (0, String::new());
    for block in blocks("CLERK.md") {
        let shell = Command::new("sh")
            .args(["-e", "-c", &block])
            .current_dir(&folder)
            .env("PATH", &path)
            .env_remove("RUST_LOG")
            .output()
            .unwrap();
        let (out, err) = (text(shell.stdout), text(shell.stderr));
        assert!(shell.status.success(), "{block}\n{out}\n{err}");
        ran += block.matches("jounce map ").count();
        said += &out;
    }
    assert!(ran >= 20, "{ran}");
    for expected in [
        "2026-W0",
        "work scheduled, order W-12",
        "work closed (known_feature)",
        "verified_gone",
        "candidate, work none",
        "2 hazards lie by one",
        "1 repair written down, 0 known already, 0 without a hazard",
        "0 repairs written down, 1 known already, 0 without a hazard",
        "repair_unverified",
        "atlantis, days of Atlantic/Azores",
    ] {
        assert!(said.contains(expected), "{expected} is not in\n{said}");
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

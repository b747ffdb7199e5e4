//! The program under `unsynced.c`: killed at an exact step, and what was synced is kept apart.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

use super::city::{Args, scratch};
use crate::support::program;

/// The compiled shim; `None`, said aloud, where it cannot be compiled.
pub(super) fn library() -> Option<&'static Path> {
    static COMPILED: OnceLock<Option<PathBuf>> = OnceLock::new();
    COMPILED.get_or_init(compile).as_deref()
}

fn compile() -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/faults/unsynced.c");
    let library = scratch("shim").join("unsynced.so");
    let compiled = Command::new("cc")
        .args(["-O1", "-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .output();
    match compiled {
        Ok(output) if output.status.success() => Some(library),
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => {
            eprintln!("SKIPPED: no C compiler `cc` for tests/it/faults/unsynced.c");
            None
        }
    }
}

/// How a run under the shim ended.
pub(super) enum Ended {
    Killed,
    /// By itself, after so many steps.
    ByItself(u64),
}

/// A way to run the program.
pub(super) struct Shim<'a> {
    /// The compiled shim.
    pub(super) library: &'a Path,
    /// The folder that is watched.
    pub(super) folder: &'a Path,
    /// Where what is certain to be on disk is kept.
    pub(super) durable: Option<&'a Path>,
}

/// The step in whose place the program is killed.
#[derive(Clone, Copy)]
pub(super) struct Kill {
    pub(super) at: u64,
    /// Whether a write is half done then.
    pub(super) torn: bool,
}

impl Shim<'_> {
    /// Runs the program to its end, or to its death.
    pub(super) fn run(&self, args: &Args, kill: Option<Kill>) -> Ended {
        let steps = tempfile::NamedTempFile::new().unwrap();
        let folder = self.folder.canonicalize().unwrap();
        let mut command = program();
        command
            .args(args)
            .env("LD_PRELOAD", self.library)
            .env("FAULTS_FOLDER", folder)
            .env("FAULTS_STEPS", steps.path());
        if let Some(durable) = self.durable {
            command.env("FAULTS_DURABLE", durable);
        }
        if let Some(kill) = kill {
            command.env("FAULTS_KILL_AT", kill.at.to_string());
            if kill.torn {
                command.env("FAULTS_TORN", "1");
            }
        }
        let output = command.output().unwrap();
        if output.status.signal() == Some(9) {
            return Ended::Killed;
        }
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{args:?}\n{err}");
        let steps = fs::read_to_string(steps.path()).unwrap();
        Ended::ByItself(steps.trim().parse().unwrap())
    }

    /// The steps of an undisturbed run.
    pub(super) fn steps(&self, args: &Args) -> u64 {
        match self.run(args, None) {
            Ended::ByItself(steps) => steps,
            Ended::Killed => panic!("nobody asked for that"),
        }
    }
}

/// What a file system may make of what was not synced.
#[derive(Clone, Copy, Debug)]
pub(super) enum Loss {
    /// Neither bytes nor names that were not synced are left.
    Names,
    /// Names last at once (as on most file systems), bytes do not.
    Bytes,
    /// Names and lengths last at once: in the place of bytes there are zeros.
    Zeros,
}

impl Loss {
    pub(super) const ALL: [Self; 3] = [Self::Names, Self::Bytes, Self::Zeros];
}

/// Puts into `to` what a power loss leaves of the `live` folder.
pub(super) fn power_loss(live: &Path, durable: &Path, loss: Loss, to: &Path) {
    let names: BTreeMap<String, String> = match loss {
        Loss::Names => {
            let synced = fs::read_to_string(durable.join("names")).unwrap_or_default();
            let lines = synced.lines().map(|line| line.split_once('\t').unwrap());
            lines
                .map(|(file, name)| (name.to_owned(), file.to_owned()))
                .collect()
        }
        Loss::Bytes | Loss::Zeros => (fs::read_dir(live).unwrap())
            .map(|file| file.unwrap().path())
            .map(|path| {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, stable_name(&path))
            })
            .collect(),
    };
    for (name, file) in names {
        let mut bytes = fs::read(durable.join(file)).unwrap_or_default();
        if matches!(loss, Loss::Zeros) {
            let length = fs::metadata(live.join(&name)).unwrap().len() as usize;
            bytes.resize(bytes.len().max(length), 0);
        }
        fs::write(to.join(name), bytes).unwrap();
    }
}

/// The name that a file has among what was synced: as the shim gives it.
fn stable_name(path: &Path) -> String {
    let metadata = fs::metadata(path).unwrap();
    let born = metadata.created().unwrap();
    let born = born.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    format!(
        "{}-{}.{:09}",
        metadata.ino(),
        born.as_secs(),
        born.subsec_nanos()
    )
}

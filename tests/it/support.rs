//! Running the program, making traces.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The program, ready for arguments.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jounce"));
    command.stdin(Stdio::null()).env_remove("RUST_LOG");
    command
}

/// What a run of the program gave.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs the program to its end.
pub(crate) fn jounce<A: AsRef<OsStr>>(args: &[A]) -> Ran {
    let output = program().args(args).output().expect("the program starts");
    Ran {
        code: output.status.code().expect("it was not killed"),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

/// Runs the program and expects exit code 0.
pub(crate) fn good<A: AsRef<OsStr>>(args: &[A]) -> String {
    let ran = jounce(args);
    assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
    ran.out
}

/// A replay that waits for its standard input and has the map meanwhile, and what `args` ran into
/// then. Whoever asks has the map for a moment too: when the replay comes just then it is refused,
/// and begins again.
pub(crate) fn held<A: AsRef<OsStr>>(map: &Path, args: &[A]) -> (Child, Ran) {
    let replay = [
        "replay".as_ref(),
        "-".as_ref(),
        "--map".as_ref(),
        map.as_os_str(),
    ];
    loop {
        let mut holder = program();
        holder.args(replay).stdin(Stdio::piped());
        holder.stdout(Stdio::null()).stderr(Stdio::null());
        let mut holder = holder.spawn().unwrap();
        while holder.try_wait().unwrap().is_none() {
            let ran = jounce(args);
            if ran.err.contains("is open in") {
                return (holder, ran);
            }
            std::thread::yield_now();
        }
    }
}

/// Replays paths into a map and gives its GeoJSON.
pub(crate) fn map_of<P: AsRef<Path>>(paths: &[P], map: &Path) -> String {
    let mut args = vec![OsStr::new("replay")];
    args.extend(paths.iter().map(|path| path.as_ref().as_os_str()));
    args.extend([OsStr::new("--map"), map.as_os_str()]);
    good(&args);
    geojson(map)
}

/// Every hazard of a map.
pub(crate) fn geojson(map: &Path) -> String {
    let list = ["map", "list"].map(OsStr::new);
    good(
        &[
            &list[..],
            &[map.as_os_str(), "--format".as_ref(), "geojson".as_ref()],
        ]
        .concat(),
    )
}

pub(crate) fn sample_traces() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-traces/simulated")
}

/// The traces in the sample folder, in order.
pub(crate) fn sample_files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(sample_traces()).expect("the sample traces");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut traces: Vec<PathBuf> = paths
        .filter(|p| p.to_string_lossy().ends_with(".jsonl.gz"))
        .collect();
    traces.sort();
    assert!(traces.len() >= 5, "{traces:?}");
    traces
}

/// Real drives beside the checkout; `None`, said aloud, where there are none.
pub(crate) fn real_traces() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/traces");
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("SKIPPED: no recorded drives at {}", path.display());
    None
}

/// A CSV trace of a drive to the north at 12 m/s with a jolt every 20 s.
pub(crate) struct Csv {
    pub(crate) rate_hz: f64,
    pub(crate) seconds: f64,
    pub(crate) begin_s: f64,
    /// Metres that the drive lies east of the others.
    pub(crate) east_m: f64,
    pub(crate) gps: bool,
    pub(crate) accel: bool,
}

pub(crate) const CSV: Csv = Csv {
    rate_hz: 50.0,
    seconds: 90.0,
    begin_s: 1_767_600_000.0,
    east_m: 0.0,
    gps: true,
    accel: true,
};

impl Csv {
    pub(crate) fn text(&self) -> String {
        let mut text = "t,ax,ay,az,gx,gy,gz,lat,lon,speed,accuracy,bearing\n".to_owned();
        for i in 0..(self.seconds * self.rate_hz) as u64 {
            let t = i as f64 / self.rate_hz;
            write!(text, "{:.4},", self.begin_s + t).unwrap();
            if self.accel {
                write!(text, "0.1,0.2,{:.3},,,,", 9.8 + self.signal(i, t)).unwrap();
            } else {
                text.push_str(",,,,,,");
            }
            let every = (self.rate_hz.round() as u64).max(1);
            if self.gps && i % every == 0 {
                let lat = 41.15 + 12.0 * t / 111_195.0;
                let lon = -8.6 + self.east_m / 83_700.0;
                writeln!(text, "{lat:.7},{lon:.7},12,4,0").unwrap();
            } else {
                text.push_str(",,,,\n");
            }
        }
        text
    }

    fn signal(&self, i: u64, t: f64) -> f64 {
        let noise = ((i * 104_729) % 1000) as f64 / 1000.0 - 0.5;
        let since = t.rem_euclid(20.0);
        let jolt = if t >= 20.0 && since < 0.9 {
            4.0 * (7.0 * since).sin()
        } else {
            0.0
        };
        0.3 * noise + 0.1 * (6.3 * t).sin() + jolt
    }

    pub(crate) fn write(&self, path: &Path) {
        std::fs::write(path, self.text()).expect("a trace can be written");
    }
}

//! The control socket: while a server has a data directory, commands on it are carried out by the server, in
//! the same words and with the same output.
//!
//! The command sends its words as one line of JSON; what comes back are frames: a byte that says what
//! it is (`o` output, `e` error text, `x` the exit code, which is the last), four bytes of length
//! (big-endian), and so many bytes.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::commands::Ending;

/// The words of a command.
#[derive(Debug, Serialize, Deserialize)]
struct Words {
    args: Vec<String>,
    folder: PathBuf,
}

/// The socket's name in a data directory.
const NAME: &str = "control.sock";

/// A command says what it wants within this time.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest line of words, bytes.
const MAX_WORDS_BYTES: u64 = 1 << 20;

/// Has the server that holds a data directory carry this very command out; `None` when none does.
///
/// # Errors
/// When the server goes away in the middle.
pub fn ask(data: &Path, out: &mut dyn Write) -> anyhow::Result<Option<Ending>> {
    let Ok(mut socket) = UnixStream::connect(data.join(NAME)) else {
        return Ok(None);
    };
    let words = Words {
        args: std::env::args().skip(1).collect(),
        folder: std::env::current_dir().context("cannot tell the current folder")?,
    };
    let gone = "the server that holds the data went away; what it did by then is done";
    let line = serde_json::to_string(&words).context("cannot write the command down")?;
    writeln!(socket, "{line}").context(gone)?;
    loop {
        let mut head = [0; 5];
        socket.read_exact(&mut head).context(gone)?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        let mut text = vec![0; length as usize];
        socket.read_exact(&mut text).context(gone)?;
        match head[0] {
            b'o' => out.write_all(&text)?,
            b'e' => {
                out.flush()?;
                eprint!("{}", String::from_utf8_lossy(&text));
            }
            _ => {
                let good = text == b"0";
                return Ok(Some(if good { Ending::Good } else { Ending::Refused }));
            }
        }
    }
}

/// Output that goes to the command as frames.
pub(super) struct Frames {
    socket: UnixStream,
}

impl Frames {
    /// The same way out once more, for when the first is lost.
    pub(super) fn spare(&self) -> io::Result<Self> {
        let socket = self.socket.try_clone()?;
        Ok(Self { socket })
    }

    fn frame(&mut self, kind: u8, text: &[u8]) -> io::Result<()> {
        let mut frame = Vec::with_capacity(5 + text.len());
        frame.push(kind);
        frame.extend_from_slice(&(text.len() as u32).to_be_bytes());
        frame.extend_from_slice(text);
        self.socket.write_all(&frame)
    }
}

impl Write for Frames {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let bytes = &bytes[..bytes.len().min(1 << 16)];
        self.frame(b'o', bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// What the server does with the words of a command, seen from a folder.
pub(super) type Perform =
    dyn Fn(Vec<String>, &Path, Frames) -> (Frames, anyhow::Result<Ending>) + Send + Sync;

/// Opens the socket in a data directory; only its owner may speak to it.
///
/// # Errors
/// When the name cannot be had.
pub(super) fn open(data: &Path) -> anyhow::Result<UnixListener> {
    let path = data.join(NAME);
    // One that a crash left answers nobody.
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path)
        .with_context(|| format!("cannot open the control socket {}", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
        .with_context(|| path.display().to_string())?;
    Ok(listener)
}

/// Carries commands out, one after the other, until the program ends.
pub(super) fn answer(listener: &UnixListener, perform: &Perform) {
    for socket in listener.incoming().flatten() {
        if let Err(error) = answer_one(socket, perform) {
            tracing::warn!("a command through the control socket went away: {error}");
        }
    }
}

fn answer_one(socket: UnixStream, perform: &Perform) -> io::Result<()> {
    socket.set_read_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new((&socket).take(MAX_WORDS_BYTES)).read_line(&mut line)?;
    let Ok(Words { args, folder }) = serde_json::from_str(&line) else {
        return Ok(());
    };
    let (mut frames, done) = perform(args, &folder, Frames { socket });
    let good = match done {
        Ok(ending) => ending == Ending::Good,
        Err(error) => {
            frames.frame(b'e', format!("error: {error:#}\n").as_bytes())?;
            false
        }
    };
    frames.frame(b'x', if good { b"0" } else { b"1" })
}

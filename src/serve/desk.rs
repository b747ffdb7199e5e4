//! What the server does with commands that come through its control socket.

use std::io::Write as _;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::Parser as _;
use ingest::clock::now_us;
use ingest::devices::Registry;
use ingest::inbox::Inbox;

use super::cartographer::Cartographer;
use super::control::{Frames, Perform};
use super::folder::Folder;
use super::settings::Settings;
use super::{backup, forget};
use crate::cli::{Backup, Cli, Command, DeviceCommand, MapCommand, MapForget};
use crate::commands::{self, Ending};
use crate::render;

/// What commands are carried out on.
pub(super) struct Desk {
    pub(super) folder: Folder,
    pub(super) inbox: Arc<Inbox>,
    pub(super) map: Cartographer,
    pub(super) registry: Arc<Registry>,
    pub(super) settings: Settings,
    pub(super) open: bool,
}

/// The way in which this server carries commands out.
pub(super) fn perform(desk: Desk) -> Box<Perform> {
    Box::new(move |args, from, mut out| {
        let words = std::iter::once("jounce".to_owned()).chain(args);
        let mut cli = match Cli::try_parse_from(words) {
            Ok(cli) => cli,
            Err(error) => return (out, Err(error.into())),
        };
        cli.command.seen_from(from);
        let done = match cli.command {
            Command::Map(MapCommand::Forget(args)) => desk.forget(&args, &mut out),
            Command::Map(command) => return on_map(&desk.map, command, out),
            Command::Device(command) => desk.devices(&command, &mut out),
            Command::Inbox(command) => commands::inbox::run(&command, &desk.inbox, &mut out),
            Command::Backup(args) => back_up(&desk.folder, &desk.map, &args, &mut out),
            _ => Err(anyhow::anyhow!("a server does not carry that out")),
        };
        (out, done)
    })
}

impl Desk {
    fn forget(&self, args: &MapForget, out: &mut Frames) -> anyhow::Result<Ending> {
        let trips = forget::by_device(&self.inbox, &self.map, &args.device)?;
        if trips == 0 {
            bail!("neither the map nor the inbox has trips of that device");
        }
        let trips = render::count(trips as u64, "trip", "trips");
        writeln!(
            out,
            "{trips} taken out of the map and of the inbox, and never taken in again"
        )?;
        Ok(Ending::Good)
    }

    fn devices(&self, command: &DeviceCommand, out: &mut Frames) -> anyhow::Result<Ending> {
        if let (DeviceCommand::Invite(_), false) = (command, self.open) {
            self.settings.operator.answers()?;
        }
        let url = self.settings.server.url.as_deref();
        commands::device::run(command, &self.registry, url, now_us(), out)?;
        Ok(Ending::Good)
    }
}

/// Carries a command out on the map, which is lent to it.
fn on_map(
    map: &Cartographer,
    command: MapCommand,
    out: Frames,
) -> (Frames, anyhow::Result<Ending>) {
    let spare = match out.spare() {
        Ok(spare) => spare,
        Err(error) => return (out, Err(error.into())),
    };
    let work = move || {
        let mut out = out;
        let done = commands::map::run(&command, &mut out);
        (out, done)
    };
    match map.lend(work) {
        Ok(done) => done,
        Err(error) => (spare, Err(anyhow::Error::msg(error))),
    }
}

fn back_up(
    folder: &Folder,
    map: &Cartographer,
    args: &Backup,
    out: &mut Frames,
) -> anyhow::Result<Ending> {
    let (to, whole) = (&args.to, args.whole);
    if to.starts_with(folder.path()) {
        bail!("a backup lies outside of the data directory");
    }
    let (from, target) = (folder.clone(), to.to_owned());
    map.lend(move || backup::copy_map(&from, &target))
        .map_err(anyhow::Error::msg)?
        .context("cannot copy the map")?;
    let bytes = backup::copy_rest(folder, to, whole)?;
    backup::tell(bytes, "written", to, out)?;
    Ok(Ending::Good)
}

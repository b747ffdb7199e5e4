//! `jounce backup` and `jounce restore`.

use std::io::Write;

use anyhow::Context as _;
use ingest::inbox::{Inbox, Limits};

use super::Ending;
use crate::cli::{Backup, Restore};
use crate::serve::backup;
use crate::serve::control;
use crate::serve::folder::Folder;

pub(super) fn back_up(args: &Backup, out: &mut dyn Write) -> anyhow::Result<Ending> {
    if let Some(ending) = control::ask(&args.data, out)? {
        return Ok(ending);
    }
    let folder = Folder::existing(&args.data)?;
    // As long as this is open, no server can begin.
    let _inbox =
        Inbox::read(&folder.inbox(), Limits::default()).context("the data directory is in use")?;
    backup::copy_map(&folder, &args.to)?;
    let bytes = backup::copy_rest(&folder, &args.to, args.whole)?;
    backup::tell(bytes, "written", &args.to, out)?;
    Ok(Ending::Good)
}

pub(super) fn restore(args: &Restore, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let bytes = backup::restore(&args.from, &args.data)?;
    backup::tell(bytes, "restored", &args.data, out)?;
    Ok(Ending::Good)
}

//! A recording in an archive, put together from its tables.

use trip::Gravity;

use super::sheet::Sheet;
use super::table::{Found, Table};
use super::{Opened, Stream};
use crate::trace::archive::{Archive, Member};
use crate::trace::refusal::{Cause, Lost, Refusal};

/// The table that a member is; `None` when it is empty.
pub(super) fn sheet(archive: &Archive, member: &Member) -> Result<Option<Sheet>, Refusal> {
    Sheet::open(archive.inflated(member)?, Some(member.name.clone()))
}

/// The table that a member is, if it has any rows.
pub(super) fn filled(archive: &Archive, member: &Member) -> Result<Option<Sheet>, Refusal> {
    let Some(mut looked_at) = sheet(archive, member)? else {
        return Ok(None);
    };
    while let Some(row) = looked_at.next() {
        // A row that is refused is told when the table is read.
        if !matches!(row, Ok(None)) {
            return sheet(archive, member);
        }
    }
    Ok(None)
}

/// The folder that all these members lie in.
///
/// # Errors
/// When they lie in several: the archive holds several recordings.
pub(super) fn folder_of<'a>(
    mut members: impl Iterator<Item = &'a Member>,
) -> Result<&'a str, Refusal> {
    let folder = members.next().map_or("", |it| &it.folder);
    if members.all(|it| it.folder == folder) {
        return Ok(folder);
    }
    Err(Refusal::file(Cause::Several))
}

/// What is found so far.
pub(super) struct Tables<'a> {
    archive: &'a Archive,
    read: Vec<Member>,
    streams: Vec<Stream>,
    gravity: Option<Gravity>,
    has_fixes: bool,
}

impl<'a> Tables<'a> {
    /// Nothing yet.
    pub(super) fn new(archive: &'a Archive) -> Self {
        Self {
            archive,
            read: vec![],
            streams: vec![],
            gravity: None,
            has_fixes: false,
        }
    }

    /// The accelerometer, out of these members.
    pub(super) fn accel(
        &mut self,
        members: impl IntoIterator<Item = Member>,
        readings: impl Iterator<Item = Found> + Send + 'static,
        gravity: Gravity,
    ) {
        let first = self.read.len();
        self.read.extend(members);
        let name = self.read.get(first).map(|it| it.name.clone());
        self.streams.push((name, Box::new(readings)));
        self.gravity = Some(gravity);
    }

    /// The gyroscope.
    pub(super) fn gyro(&mut self, member: Member, table: Table) {
        self.read.push(member);
        self.streams.push((table.member(), Box::new(table)));
    }

    /// The positions.
    pub(super) fn fixes(&mut self, member: Member, table: Table) {
        self.has_fixes = true;
        self.gyro(member, table);
    }

    /// A member that says something of the others.
    pub(super) fn beside(&mut self, member: Member) {
        self.read.push(member);
    }

    /// The recording; what it lacks is refused.
    pub(super) fn opened(self) -> Result<Opened, Refusal> {
        if self.gravity.is_none() && !self.has_fixes {
            let sensor = "accelerometer and no location";
            return Err(Refusal::file(Cause::NoSensor { sensor }));
        }
        let sensors = [
            (self.gravity.is_some(), Lost::Samples, "accelerometer"),
            (self.has_fixes, Lost::Fixes, "location"),
        ];
        let missing = sensors.into_iter().filter(|(there, ..)| !there);
        let refused =
            missing.map(|(_, lost, sensor)| Refusal::file(Cause::NoSensor { sensor }).losing(lost));
        Ok(Opened {
            digest: self.archive.digest(self.read)?,
            streams: self.streams,
            gravity: self.gravity.unwrap_or_default(),
            refused: refused.collect(),
        })
    }
}

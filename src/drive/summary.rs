//! The account of a drive: what was made, what became of it, how long it took.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use ingest::ack::SeqSet;
use serde::Serialize;
use trip::TripId;

use super::Drive;
use super::clock;
use super::phone::Account;
use super::raw::Came;
use super::run::Run;
use super::spread::Spread;
use crate::render;

/// What became of every trip, by device; and of what is no trip.
#[derive(Debug, Default)]
pub struct Ledger {
    trips: BTreeMap<Arc<str>, BTreeMap<TripId, Account>>,
    raw: Option<Came>,
    storm: Option<StormCame>,
}

/// What came of a storm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct StormCame {
    /// Phones that tried.
    pub phones: u64,
    /// Phones that were connected and subscribed, all at one time.
    pub connected: u64,
    /// From the first one's begin until the last one was in, ms.
    pub all_in_ms: f64,
}

/// What is told of a drive.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// What chance was seeded with: the same seed makes the same trips.
    pub seed: u64,
    /// Phones.
    pub phones: u32,
    /// Trips that they made.
    pub trips: u64,
    /// Messages made.
    pub made: u64,
    /// Messages that acks say are stored.
    pub acked: u64,
    /// Messages refused, by reason.
    pub nacked: BTreeMap<String, u64>,
    /// Nacks that named no message, by reason.
    pub nameless_nacks: BTreeMap<String, u64>,
    /// Messages made that were neither acked nor nacked: must be 0.
    pub lost: u64,
    /// Times that a message was sent again because no ack came.
    pub resent: u64,
    /// Times that a message was sent twice on purpose.
    pub repeated: u64,
    /// Messages PUBACKed, where they are raw.
    pub pubacked: u64,
    /// What went wrong with connections, and how often.
    pub troubles: BTreeMap<String, u64>,
    /// Hours of drives that the messages cover.
    pub driven_h: f64,
    /// Bytes of all payloads, each counted once.
    pub payload_bytes: u64,
    /// Bytes written to sockets.
    pub sent_bytes: u64,
    /// Bytes read from sockets.
    pub heard_bytes: u64,
    /// Megabytes of payloads for each driven hour.
    pub payload_mb_per_h: Option<f64>,
    /// Megabytes written to sockets for each driven hour.
    pub sent_mb_per_h: Option<f64>,
    /// From the first sending of a message to the ack that covers it.
    pub ack_ms: Times,
    /// From the sending of a message to its PUBACK.
    pub puback_ms: Times,
    /// Until a connection stood and acks could be heard on it.
    pub connect_ms: Times,
    /// How long it all took, s.
    pub seconds: f64,
    /// Messages acked per second; where they are raw, PUBACKed from the first publish to the last PUBACK.
    pub per_second: f64,
    /// Processor seconds of this process in user mode.
    pub cpu_user_s: Option<f64>,
    /// Processor seconds of this process in system mode.
    pub cpu_system_s: Option<f64>,
    /// Descriptors that this process might have.
    pub descriptors: u64,
    /// What came of a storm, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storm: Option<StormCame>,
}

/// How long something took, ms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Times {
    /// How many there were.
    pub count: u64,
    /// Half took no longer.
    pub p50: Option<f64>,
    /// 99 of 100 took no longer.
    pub p99: Option<f64>,
    /// None took longer.
    pub max: Option<f64>,
}

impl Ledger {
    pub(super) fn of_raw(came: Came) -> Self {
        Self {
            raw: Some(came),
            ..Self::default()
        }
    }

    pub(super) fn of_storm(came: StormCame) -> Self {
        Self {
            storm: Some(came),
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, device: Arc<str>, trips: BTreeMap<TripId, Account>) {
        self.trips.entry(device).or_default().extend(trips);
    }

    /// Writes what became of every trip: CSV with the columns `device`, `trip`, `made` (messages, from
    /// number 0 on), `acked` and `nacked` (runs of numbers, as in `0-17 19`).
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "device,trip,made,acked,nacked")?;
        for (device, trips) in &self.trips {
            for (trip, account) in trips {
                let (acked, nacked) = (runs(&account.acked), runs(&account.nacked));
                writeln!(out, "{device},{trip},{},{acked},{nacked}", account.made)?;
            }
        }
        Ok(())
    }

    fn len(&self) -> u64 {
        self.trips.values().map(|trips| trips.len() as u64).sum()
    }
}

fn runs(set: &SeqSet) -> String {
    let first = set.upto().map(|upto| [0, upto]);
    let runs = first.iter().chain(set.also());
    let words: Vec<String> = runs
        .map(|[from, to]| match from == to {
            true => from.to_string(),
            false => format!("{from}-{to}"),
        })
        .collect();
    words.join(" ")
}

impl Times {
    fn of(spread: &Spread) -> Self {
        Self {
            count: spread.count(),
            p50: spread.quantile_ms(0.5),
            p99: spread.quantile_ms(0.99),
            max: spread.longest_ms(),
        }
    }

    fn words(&self) -> String {
        let ms = |value: Option<f64>| render::decimals(value, 1);
        format!(
            "p50 {} · p99 {} · longest {} ms",
            ms(self.p50),
            ms(self.p99),
            ms(self.max)
        )
    }
}

impl Summary {
    pub(super) fn of(drive: &Drive, ledger: &Ledger, run: &Run, descriptors: u64) -> Self {
        let tally = &run.tally;
        let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Relaxed);
        let driven_h = tally.driven_us.load(Relaxed) as f64 / 3.6e9;
        let per_hour = |bytes: u64| (driven_h > 0.0).then(|| bytes as f64 / 1e6 / driven_h);
        let seconds = run.clock.elapsed_s();
        let cpu = clock::cpu_seconds();
        let (pubacked, sending_s) = ledger
            .raw
            .map_or((0, seconds), |raw| (raw.pubacked, raw.seconds));
        let acked = count(&tally.acked);
        Self {
            seed: drive.seed,
            phones: drive.phones,
            trips: ledger.len(),
            made: count(&tally.made),
            acked,
            nacked: tally.nacked(),
            nameless_nacks: tally.nameless_nacks(),
            lost: tally.waiting(),
            resent: count(&tally.resent),
            repeated: count(&tally.repeated),
            pubacked,
            troubles: tally.troubles(),
            driven_h,
            payload_bytes: count(&tally.payload_bytes),
            sent_bytes: count(&tally.sent_bytes),
            heard_bytes: count(&tally.heard_bytes),
            payload_mb_per_h: per_hour(count(&tally.payload_bytes)),
            sent_mb_per_h: per_hour(count(&tally.sent_bytes)),
            ack_ms: Times::of(&tally.ack),
            puback_ms: Times::of(&tally.puback),
            connect_ms: Times::of(&tally.connect),
            seconds,
            per_second: acked.max(pubacked) as f64 / sending_s,
            cpu_user_s: cpu.map(|(user, _)| user),
            cpu_system_s: cpu.map(|(_, system)| system),
            descriptors,
            storm: ledger.storm,
        }
    }

    /// Whether everything that was asked for was done, and nothing lost.
    pub fn is_whole(&self) -> bool {
        self.lost == 0
            && self
                .storm
                .is_none_or(|storm| storm.connected == storm.phones)
    }

    /// Writes it for people.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let grouped = render::grouped;
        if let Some(storm) = &self.storm {
            let StormCame {
                phones,
                connected,
                all_in_ms,
            } = storm;
            writeln!(
                out,
                "storm        {} of {} phones connected and subscribed in {all_in_ms:.0} ms",
                grouped(*connected),
                grouped(*phones)
            )?;
        } else {
            let (phones, trips) = (u64::from(self.phones), self.trips);
            writeln!(
                out,
                "drives       {}, {}, {:.2} h driven, seed {}",
                render::count(phones, "phone", "phones"),
                render::count(trips, "trip", "trips"),
                self.driven_h,
                self.seed
            )?;
            writeln!(
                out,
                "messages     {} made · {} acked · {} nacked · {} lost",
                grouped(self.made),
                grouped(self.acked),
                grouped(self.nacked.values().sum()),
                grouped(self.lost)
            )?;
            for (reason, n) in self.nacked.iter().chain(&self.nameless_nacks) {
                writeln!(out, "  nacked     {} {reason}", grouped(*n))?;
            }
            writeln!(
                out,
                "sent again   {} without an ack · {} on purpose",
                grouped(self.resent),
                grouped(self.repeated)
            )?;
            writeln!(out, "to the ack   {}", self.ack_ms.words())?;
        }
        if self.puback_ms.count > 0 {
            writeln!(out, "to PUBACK    {}", self.puback_ms.words())?;
        }
        writeln!(
            out,
            "connections  {} · {}",
            grouped(self.connect_ms.count),
            self.connect_ms.words()
        )?;
        for (trouble, n) in &self.troubles {
            writeln!(out, "  trouble    {} × {trouble}", grouped(*n))?;
        }
        writeln!(
            out,
            "bytes        {} payload · {} sent · {} heard",
            grouped(self.payload_bytes),
            grouped(self.sent_bytes),
            grouped(self.heard_bytes)
        )?;
        if let (Some(payload), Some(sent)) = (self.payload_mb_per_h, self.sent_mb_per_h) {
            writeln!(
                out,
                "per hour     {payload:.2} MB payload · {sent:.2} MB sent, of each driven hour"
            )?;
        }
        let cpu = self.cpu_user_s.zip(self.cpu_system_s);
        let cpu = cpu.map_or(String::new(), |(user, system)| {
            format!(" · {user:.1} + {system:.1} CPU s (user + system)")
        });
        writeln!(
            out,
            "took         {:.1} s · {:.0} messages/s{cpu} · {} descriptors allowed",
            self.seconds,
            self.per_second,
            grouped(self.descriptors)
        )
    }
}

//! A trip on its way through the stages.

use aggregator::TripEvidence;
use detector::{Detector, Watch};
use ingest::intake::Tally;
use ingest::wire::{Content, Message};
use trip::{Batch, Generation, Header, Report, TripKey};

use super::ClosedTrip;
use super::digest::TripDigest;
use crate::trim::{Trim, TrimRule};

/// What is known of a trip so far.
pub(super) struct OpenTrip {
    trim: Option<Trim>,
    /// Made with the first readings, gone when the phone has said goodbye.
    detector: Option<Detector>,
    watching: bool,
    /// What the detector saw, when it has ended.
    watch: Option<Watch>,
    header: Header,
    digest: TripDigest,
    tally: Tally,
    /// Whether the phone sent readings, trimmed or not.
    has_samples: bool,
    samples: u64,
    fixes: u64,
    span_us: Option<(i64, i64)>,
    report: Report,
    /// What a detector on the phone found; it counts when the phone sent no samples.
    from_phone: Option<(Generation, Report)>,
}

impl OpenTrip {
    pub(super) fn new(trim: Option<TrimRule>, watching: bool) -> Self {
        Self {
            trim: trim.map(Trim::new),
            detector: None,
            watching,
            watch: None,
            header: Header::default(),
            digest: TripDigest::default(),
            tally: Tally::default(),
            has_samples: false,
            samples: 0,
            fixes: 0,
            span_us: None,
            report: Report::default(),
            from_phone: None,
        }
    }

    /// Adds what the intake dropped.
    pub(super) fn note(&mut self, tally: Tally) {
        self.tally += tally;
    }

    /// Reads the next message; gives its readings, if it has some.
    pub(super) fn read(&mut self, message: Message) -> Option<Batch> {
        self.digest.add(&message);
        match message.content {
            Content::Samples(batch) => {
                self.header = batch.header.unwrap_or(self.header);
                self.has_samples |= !batch.samples.is_empty();
                return Some(batch);
            }
            Content::Report(generation, report) => {
                let empty = || (generation, Report::default());
                self.from_phone.get_or_insert_with(empty).1.append(report);
            }
            Content::Bye(_) => self.end(),
            // Marks are labels for people who tune the detector, not evidence.
            Content::Mark(_) => {}
        }
        None
    }

    /// Cuts the ends of the trip, if that was asked for.
    pub(super) fn trim(&mut self, batch: Batch) -> Batch {
        match &mut self.trim {
            Some(trim) => trim.pass(batch),
            None => batch,
        }
    }

    /// Hands readings to the detector.
    pub(super) fn judge(&mut self, batch: &Batch, config: &detector::Config) {
        let Some((first_us, last_us)) = batch.span_us() else {
            return;
        };
        let (first, last) = self.span_us.unwrap_or((first_us, last_us));
        self.span_us = Some((first.min(first_us), last.max(last_us)));
        self.samples += batch.samples.len() as u64;
        self.fixes += batch.fixes.len() as u64;
        let make = if self.watching {
            Detector::watching
        } else {
            Detector::new
        };
        let detector = self.detector.get_or_insert_with(|| make(config.clone()));
        self.report.append(detector.push(batch));
    }

    /// Ends the detector's work: the phone said goodbye, or its file is at its end.
    fn end(&mut self) {
        if let Some(detector) = self.detector.take() {
            let (report, watch) = detector.finish_watched();
            self.report.append(report);
            if self.watching {
                self.keep(watch);
            }
        }
    }

    /// Adds what a detector saw; one that starts after a goodbye sees what comes later.
    fn keep(&mut self, mut later: Watch) {
        let watch = self.watch.get_or_insert_default();
        watch.vertical.append(&mut later.vertical);
        watch.moments.append(&mut later.moments);
    }

    /// The trip's evidence.
    pub(super) fn close(mut self, key: TripKey, generation: &Generation) -> ClosedTrip {
        self.end();
        let (mut generation, mut report) = (generation.clone(), self.report);
        let from_phone = self.from_phone.filter(|_| !self.has_samples);
        let by_phone = from_phone.is_some();
        if let Some(phone) = from_phone {
            (generation, report) = phone;
        }
        let (first_us, last_us) = self.span_us.or_else(|| span_us(&report)).unwrap_or((0, 0));
        let (messages, digest) = self.digest.finish();
        let evidence = TripEvidence {
            key,
            counts_as: None,
            generation,
            vehicle: self.header.vehicle,
            messages,
            digest,
            first_us,
            last_us,
            report,
        };
        ClosedTrip {
            evidence,
            tally: self.tally,
            samples: self.samples,
            fixes: self.fixes,
            by_phone,
            watch: self.watch,
        }
    }
}

/// From the first to the last moment that a report speaks of.
fn span_us(report: &Report) -> Option<(i64, i64)> {
    let bumps = report.bumps.iter().map(|b| (b.begin_us, b.end_us));
    let stretches = report.stretches.iter().map(|s| (s.begin_us, s.end_us));
    bumps
        .chain(stretches)
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

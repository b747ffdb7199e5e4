//! How well events are ranked: precision against recall as the threshold falls.

use serde::Serialize;

use super::{Event, Tolerance, Truth, Verdict, matching};

/// The events and marks of one drive.
#[derive(Clone, Debug)]
pub struct Scene<'a> {
    /// The number of the ride, from 0: all phones of one ride share it.
    pub ride: usize,
    /// What was found, in order of time.
    pub events: Vec<Event>,
    /// What should have been.
    pub truth: Truth<'a>,
}

/// The events of several drives by falling score, each a hit or a false alarm.
#[derive(Clone, Debug)]
pub struct Curve {
    ranked: Vec<Ranked>,
    /// Wanted marks of each ride.
    marks: Vec<u64>,
}

#[derive(Clone, Copy, Debug)]
struct Ranked {
    score: f64,
    hit: bool,
    ride: usize,
}

/// One point of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Events of this score and more.
    pub score: f64,
    /// Share of them that are hits.
    pub precision: f64,
    /// Share of the marks that they hit.
    pub recall: f64,
}

impl Curve {
    /// Ranks the events of all scenes; of equal scores the first scene's and the earlier comes
    /// first, so scenes must come in an order that means something: by the names of their traces.
    pub fn of(scenes: &[Scene<'_>], tolerance: Tolerance) -> Self {
        let rides = scenes.iter().map(|scene| scene.ride + 1).max();
        let mut marks = vec![0; rides.unwrap_or(0)];
        let mut ranked = Vec::new();
        for scene in scenes {
            marks[scene.ride] += scene.truth.wanted.len() as u64;
            let verdicts = matching::by_falling_score(&scene.events, &scene.truth, tolerance);
            let counted = scene.events.iter().zip(verdicts);
            let counted = counted.filter(|(_, verdict)| *verdict != Verdict::Ignored);
            ranked.extend(counted.map(|(event, verdict)| Ranked {
                score: event.score,
                hit: verdict != Verdict::FalseAlarm,
                ride: scene.ride,
            }));
        }
        ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
        Self { ranked, marks }
    }

    /// The area under the monotone envelope of precision over recall; `None` without marks.
    pub fn average_precision(&self) -> Option<f64> {
        self.average_precision_of(&vec![1; self.marks.len()])
    }

    /// The same when each ride is taken so many times.
    ///
    /// Copies of an event are taken in one step. That changes nothing: within the step precision
    /// only rises or only falls, so its end or its beginning sets the envelope.
    pub fn average_precision_of(&self, times: &[u32]) -> Option<f64> {
        let marks: u64 = (self.marks.iter().zip(times))
            .map(|(&marks, &times)| marks * u64::from(times))
            .sum();
        if marks == 0 {
            return None;
        }
        let (mut hits, mut events) = (0, 0);
        let mut steps = Vec::new();
        for ranked in &self.ranked {
            let times = u64::from(times[ranked.ride]);
            events += times;
            if ranked.hit && times > 0 {
                hits += times;
                steps.push((times, hits as f64 / events as f64));
            }
        }
        let mut envelope: f64 = 0.0;
        let mut area = 0.0;
        for (step, precision) in steps.into_iter().rev() {
            envelope = envelope.max(precision);
            area += step as f64 * envelope;
        }
        Some(area / marks as f64)
    }

    /// The share of the marks that is found before more than so many false alarms are raised.
    pub fn recall_at(&self, false_alarms: f64) -> Option<f64> {
        let marks: u64 = self.marks.iter().sum();
        let (mut hits, mut alarms) = (0u64, 0u64);
        for ranked in &self.ranked {
            if ranked.hit {
                hits += 1;
            } else {
                alarms += 1;
                if alarms as f64 > false_alarms {
                    break;
                }
            }
        }
        (marks > 0).then(|| hits as f64 / marks as f64)
    }

    /// The points at which recall grows, from the highest score down.
    pub fn points(&self) -> Vec<CurvePoint> {
        let marks: u64 = self.marks.iter().sum();
        let mut hits = 0u64;
        let counted = self.ranked.iter().enumerate();
        let at_hits = counted.filter(|(_, ranked)| ranked.hit);
        at_hits
            .map(|(before, ranked)| {
                hits += 1;
                CurvePoint {
                    score: ranked.score,
                    precision: hits as f64 / (before + 1) as f64,
                    recall: hits as f64 / marks as f64,
                }
            })
            .collect()
    }
}

//! Collections of clips: a few seconds of vertical acceleration each, cut around one thing.
//!
//! A clip is judged as a trip of its own and scores what its highest event scores. The area under the
//! ROC curve is the probability that a clip of an anomaly scores higher than one of plain road.

use std::io::Read;

use serde::Serialize;
use trip::Sample;

use super::interval::{self, Interval};

/// One clip.
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    /// Its name.
    pub name: String,
    /// What it was cut around.
    pub kind: String,
    /// Vertical acceleration on z, nothing on the other axes.
    pub samples: Vec<Sample>,
}

/// Why a collection cannot be read. It is truth: one bad row spoils it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClipError {
    /// It cannot be read, or is not CSV.
    #[error("clips cannot be read")]
    Csv(#[from] csv::Error),
    /// A column is not there.
    #[error("column {column} is missing")]
    Column {
        /// Its name.
        column: &'static str,
    },
    /// A row does not hold what it should.
    #[error("line {line}: clip and kind must be words, t and az numbers, t rising within a clip")]
    Row {
        /// The line, from 1.
        line: u64,
    },
}

/// Reads clips: columns `clip,kind,t,az` (t in s, az in m/s² with gravity). Others are ignored.
///
/// # Errors
/// When a row is no reading of a clip.
pub fn read(file: impl Read) -> Result<Vec<Clip>, ClipError> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(file);
    let header = reader.headers()?.clone();
    let place = |column: &'static str| {
        let at = header.iter().position(|name| name == column);
        at.ok_or(ClipError::Column { column })
    };
    let [name, kind, t, az] = [place("clip")?, place("kind")?, place("t")?, place("az")?];
    let mut clips: Vec<Clip> = Vec::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let refused = || ClipError::Row { line };
        let word = |at: usize| record.get(at).filter(|word| !word.is_empty());
        let number = |at: usize| -> Option<f64> {
            let value = record.get(at)?.parse().ok();
            value.filter(|value: &f64| value.abs() < 1e12)
        };
        let (name, kind) = word(name).zip(word(kind)).ok_or_else(refused)?;
        let (t, az) = number(t).zip(number(az)).ok_or_else(refused)?;
        let sample = Sample {
            t_us: (t * 1e6).round() as i64,
            accel_mps2: [0.0, 0.0, az as f32],
        };
        match clips.last_mut().filter(|clip| clip.name == name) {
            Some(clip) => {
                let earlier = clip.samples.last().is_none_or(|s| s.t_us < sample.t_us);
                if !earlier || clip.kind != kind {
                    return Err(refused());
                }
                clip.samples.push(sample);
            }
            None => clips.push(Clip {
                name: name.to_owned(),
                kind: kind.to_owned(),
                samples: vec![sample],
            }),
        }
    }
    Ok(clips)
}

/// A clip and what it scored.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredClip {
    /// What it was cut around.
    pub kind: String,
    /// Its highest score; −∞ when nothing scored.
    pub score: f64,
}

/// How well scores tell clips of anomalies from clips of plain road.
#[derive(Clone, Debug, Serialize)]
pub struct ClipFigures {
    /// The set: the folder that the collection lies in.
    pub set: String,
    /// The file.
    pub file: String,
    /// Clips of each kind.
    pub clips: std::collections::BTreeMap<String, u64>,
    /// Clips in which nothing scored; they count as the lowest.
    pub without_score: u64,
    /// The areas.
    pub auc: Vec<Auc>,
}

/// One area under a ROC curve.
#[derive(Clone, Debug, Serialize)]
pub struct Auc {
    /// Kinds that should score high.
    pub of: String,
    /// Kinds that should score low.
    pub against: String,
    /// Clips that should score high.
    pub clips_of: u64,
    /// Clips that should score low.
    pub clips_against: u64,
    /// The area: 1 is perfect, 0.5 is chance. Equal scores count half.
    pub area: f64,
    /// Its interval, by bootstrap over clips within their kinds.
    pub interval: Option<Interval>,
}

/// Kinds of plain road.
const PLAIN: [&str; 2] = ["regular", "rough"];

/// Whether a kind is an anomaly: a pothole, or a speed bump of any sort.
fn is_anomaly(kind: &str) -> bool {
    kind == "pothole" || kind.starts_with("speed_bump")
}

impl ClipFigures {
    /// The area of all anomalies against plain road alone.
    pub fn anomaly_against_plain(clips: &[ScoredClip]) -> Option<f64> {
        let sides = sides(clips, is_anomaly, is_plain);
        mann_whitney(&sides, &vec![1; sides.len()])
    }

    /// Of scored clips.
    pub fn of(set: &str, file: &str, clips: &[ScoredClip]) -> Self {
        let mut counts = std::collections::BTreeMap::new();
        for clip in clips {
            *counts.entry(clip.kind.clone()).or_default() += 1;
        }
        let mut auc = vec![area(clips, "anomaly", is_anomaly, "plain road", is_plain)];
        for one in PLAIN {
            auc.push(area(clips, "anomaly", is_anomaly, one, |kind| kind == one));
        }
        for one in counts.keys().filter(|kind| is_anomaly(kind)) {
            auc.push(area(clips, one, |kind| kind == one, "plain road", is_plain));
        }
        let silent = clips.iter().filter(|c| c.score == f64::NEG_INFINITY);
        Self {
            set: set.to_owned(),
            file: file.to_owned(),
            without_score: silent.count() as u64,
            clips: counts,
            auc: auc.into_iter().flatten().collect(),
        }
    }
}

fn is_plain(kind: &str) -> bool {
    PLAIN.contains(&kind)
}

/// A clip's score, whether it should be high, and its kind.
type Side<'a> = (f64, bool, &'a str);

/// The clips of both sides by rising score.
fn sides<'a>(
    clips: &'a [ScoredClip],
    is_high: impl Fn(&str) -> bool,
    is_low: impl Fn(&str) -> bool,
) -> Vec<Side<'a>> {
    let mut sides: Vec<Side<'_>> = (clips.iter())
        .filter(|clip| is_high(&clip.kind) || is_low(&clip.kind))
        .map(|clip| (clip.score, is_high(&clip.kind), clip.kind.as_str()))
        .collect();
    sides.sort_by(|a, b| a.0.total_cmp(&b.0));
    sides
}

fn area(
    clips: &[ScoredClip],
    of: &str,
    is_high: impl Fn(&str) -> bool,
    against: &str,
    is_low: impl Fn(&str) -> bool,
) -> Option<Auc> {
    let sides = sides(clips, is_high, is_low);
    let mut kinds: Vec<&str> = sides.iter().map(|side| side.2).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let stratum = |kind: &str| kinds.partition_point(|other| *other < kind);
    let strata: Vec<usize> = sides.iter().map(|side| stratum(side.2)).collect();
    let highs = sides.iter().filter(|side| side.1).count() as u64;
    Some(Auc {
        of: of.to_owned(),
        against: against.to_owned(),
        clips_of: highs,
        clips_against: sides.len() as u64 - highs,
        area: mann_whitney(&sides, &vec![1; sides.len()])?,
        interval: interval::bootstrap(&strata, |times| mann_whitney(&sides, times)),
    })
}

/// The share of pairs in which the high one scores higher, ties half, when each is taken so many
/// times. `sides` are sorted by score. `None` when a side is empty.
fn mann_whitney(sides: &[Side<'_>], times: &[u32]) -> Option<f64> {
    let (mut highs, mut lows_before, mut won) = (0u64, 0u64, 0.0);
    let mut begin = 0;
    while begin < sides.len() {
        let same = sides[begin..].iter().take_while(|s| s.0 == sides[begin].0);
        let end = begin + same.count();
        let (mut high, mut low) = (0, 0);
        for (side, &times) in sides[begin..end].iter().zip(&times[begin..end]) {
            *if side.1 { &mut high } else { &mut low } += u64::from(times);
        }
        won += high as f64 * (lows_before as f64 + 0.5 * low as f64);
        highs += high;
        lows_before += low;
        begin = end;
    }
    let pairs = highs as f64 * lows_before as f64;
    (pairs > 0.0).then(|| won / pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clip(kind: &str, score: f64) -> ScoredClip {
        ScoredClip {
            kind: kind.to_owned(),
            score,
        }
    }

    #[test]
    fn areas_count_the_pairs_that_are_in_order() {
        let none = f64::NEG_INFINITY;
        let clips = [
            clip("pothole", 3.0),
            clip("pothole", none),
            clip("speed_bump_metal", 2.0),
            clip("regular", none),
            clip("rough", 2.0),
            clip("unknown", 9.0),
        ];
        let figures = ClipFigures::of("set", "clips.csv", &clips);
        let areas: Vec<(&str, &str, f64)> = (figures.auc.iter())
            .map(|auc| (auc.of.as_str(), auc.against.as_str(), auc.area))
            .collect();
        // Against both: 3 beats two; −∞ ties one and loses one; 2 beats one and ties one.
        let expected = [
            ("anomaly", "plain road", 4.0 / 6.0),
            ("anomaly", "regular", 2.5 / 3.0),
            ("anomaly", "rough", 1.5 / 3.0),
            ("pothole", "plain road", 2.5 / 4.0),
            ("speed_bump_metal", "plain road", 1.5 / 2.0),
        ];
        assert_eq!(areas, expected);
        assert_eq!(figures.without_score, 2);
    }

    #[test]
    fn clips_are_rows_of_one_name() {
        let text = "clip,kind,t,az\na,rough,0,9.8\na,rough,0.02,9.9\nb,pothole,0,9.7\n";
        let clips = read(text.as_bytes()).expect("sound");
        assert_eq!(clips.len(), 2);
        assert_eq!(clips[0].samples[1].t_us, 20_000);
        assert_eq!(clips[1].samples[0].accel_mps2, [0.0, 0.0, 9.7]);
    }

    #[test]
    fn a_bad_clip_is_named_by_its_line() {
        let check = |rows: &str, problem: &str| {
            let text = format!("clip,kind,t,az\na,rough,0,9.8\n{rows}\n");
            let error = read(text.as_bytes()).expect_err(problem);
            assert!(error.to_string().starts_with(problem), "{error}");
        };
        check("a,rough,0,9.8", "line 3: ");
        check("a,regular,1,9.8", "line 3: ");
        check("a,rough,x,9.8", "line 3: ");
        check("a,rough,1,NaN", "line 3: ");
        let error = read("clip,t,az\n".as_bytes()).expect_err("no kind");
        assert_eq!(error.to_string(), "column kind is missing");
    }
}

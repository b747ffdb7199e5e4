//! One drive from beginning to end: the car follows its plan over the road, the phone records.

use rand::RngExt;
use trip::{DeviceId, Kind, TripId};

use ingest::labels::Label;
use ingest::road::Section;
use ingest::wire::v1;

use super::GRAVITY_MPS2;
use super::cabin::{Cabin, Felt};
use super::gps::{Mark, RawFix, reached_s};
use super::message;
use super::motion::{Course, Instant};
use super::plan::Plan;
use super::random::{Purpose, Span};
use super::road::{Ground, Road};
use super::route::Route;
use super::sensor::{Reading, Sensors};
use super::town::{Participant, Town};
use super::truth;
use super::vehicle::{self, Motion, State};

/// A drive as its phone tells it, and the truth about it.
#[derive(Clone, Debug)]
pub struct Drive {
    /// A name for its files: `drive-01`, `drive-02`, …
    pub name: String,
    /// The phone's mailbox.
    pub device: DeviceId,
    /// The journey.
    pub trip: TripId,
    /// What the phone would have published, in order; the last one is a `bye`.
    pub messages: Vec<v1::Message>,
    /// The hazards that it really hit, in order: from the time the first axle enters to the time
    /// the rear axle leaves.
    pub labels: Vec<Label>,
    /// How rough its road really was, for each 100 m.
    pub road: Vec<Section>,
    /// The same for each 10 m, to hold pieces of any length against.
    #[cfg(test)]
    pub(super) fine_road: Vec<Section>,
    /// Every hazard that it passed, hit or not, in order.
    pub passes: Vec<Passed>,
    /// How the phone sat.
    pub mount: trip::Mount,
    /// Rate of its accelerometer, Hz.
    pub rate_hz: f64,
    /// How old its positions were when it told them, seconds.
    pub latency_s: f64,
    /// How long it recorded, seconds.
    pub duration_s: f64,
}

/// A hazard passed in a drive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Passed {
    /// Its `id` in [`Town::hazards_geojson`].
    pub hazard: u32,
    /// What it is.
    pub kind: Kind,
    /// When the first axle reached it, µs of the phone's clock.
    pub begin_us: i64,
    /// When the rear axle left it.
    pub end_us: i64,
    /// Whether a wheel went over it; the driver may have gone round it.
    pub hit: bool,
}

/// A drive before it is put into words.
pub(super) struct Driven {
    plan: Plan,
    readings: Vec<Reading>,
    fixes: Vec<RawFix>,
    track: Vec<Mark>,
    /// Times count from the beginning of the drive.
    sections: Vec<Section>,
    #[cfg(test)]
    fine_sections: Vec<Section>,
    duration_s: f64,
}

/// Time between two steps of the car, seconds: 1.6 kHz, more than a hundred per wheel hop.
const STEP_S: f64 = 1.0 / 1600.0;

/// Steps between two marks of the track: ten a second.
const STEPS_PER_MARK: u64 = 160;

/// How long the car settles on the road under it before the recording begins, seconds.
const SETTLE_S: f64 = 4.0;

/// A route is at least this long for every second of driving, metres.
const ROUTE_MPS: f64 = 14.0;

/// The first day on which anybody drives: 2026-01-05T00:00:00Z in µs.
const FIRST_DAY_US: i64 = 1_767_571_200_000_000;

/// Drives spread over this many days, and over these hours of the day.
const DAYS: u32 = 28;
const HOURS: Span = Span::new(7.0, 20.0);

impl Driven {
    /// Drives.
    pub(super) fn new(town: &Town, who: &Participant, number: u32) -> Self {
        let secs = town.config.minutes * 60.0;
        let mut rng = town.dice.stream(Purpose::Route, number);
        let route = Route::draw(&town.streets, secs * ROUTE_MPS, &mut rng);
        let plan = (who.driver).plan(&route, &town.streets, &town.hazards, secs, &mut rng);
        let ground = Ground {
            dice: &town.dice,
            recipe: &town.recipe,
        };
        let end_m = plan.stops.last().map_or(0.0, |stop| stop.at_m) + 10.0;
        let road = Road::build(&ground, &route, end_m, &town.hazards, &plan.passes);
        let mut recording = Recording::new(town, who, number, secs);
        let mut course = Course::new(&route, &plan, who.driver.pedals, &mut rng);
        let mut wheels = Wheels::settled(who, &road);
        let mut track = Vec::new();
        let mut steps = 0u64;
        while !course.is_over() {
            let way = course.step(STEP_S, &mut rng);
            let body = wheels.step(who, &road, &way);
            let t_s = (steps + 1) as f64 * STEP_S;
            recording.step(t_s, &way, &body);
            if steps.is_multiple_of(STEPS_PER_MARK) {
                track.push(mark(&route, &way, t_s));
            }
            steps += 1;
        }
        let mut rng = town.dice.stream(Purpose::Receiver, number);
        Self {
            fixes: who.receiver.fixes(&track, &mut rng),
            readings: recording.sensors.into_readings(),
            sections: truth::sections(town, &route, &road, &track, truth::SECTION_M),
            #[cfg(test)]
            fine_sections: truth::sections(town, &route, &road, &track, 10.0),
            plan,
            track,
            duration_s: steps as f64 * STEP_S,
        }
    }

    /// The drive with dates, names and labels.
    pub(super) fn into_drive(self, town: &Town, who: Participant, number: u32) -> Drive {
        let begin_us = begin_us(town, number);
        let passes = self.passes(town, &who, begin_us);
        let labels = (passes.iter())
            .filter(|pass| pass.hit)
            .map(|pass| Label {
                t_start: pass.begin_us as f64 / 1e6,
                t_end: pass.end_us as f64 / 1e6,
                kind: pass.kind.name().to_owned(),
                place: Some(truth::place(town, &town.hazards[pass.hazard as usize - 1])),
            })
            .collect();
        let begin_s = begin_us as f64 / 1e6;
        let dated = |section: &Section| Section {
            t_start: begin_s + section.t_start,
            t_end: begin_s + section.t_end,
            ..*section
        };
        let trip = town.trip_id(number);
        let voice = message::Voice {
            trip,
            device: &who.device,
            phone: &who.phone,
            origin: town.origin,
            begin_us,
        };
        let digits = town.config.drivers.to_string().len().max(2);
        Drive {
            name: format!("drive-{:0digits$}", number + 1),
            messages: voice.messages(&self.readings, &self.fixes, self.duration_s),
            device: who.device,
            trip,
            labels,
            road: self.sections.iter().map(dated).collect(),
            #[cfg(test)]
            fine_road: self.fine_sections.iter().map(dated).collect(),
            passes,
            mount: who.phone.seat.mount,
            rate_hz: who.phone.rate_hz,
            latency_s: who.receiver.latency_s,
            duration_s: self.duration_s,
        }
    }

    /// The hazards that were passed with both axles.
    fn passes(&self, town: &Town, who: &Participant, begin_us: i64) -> Vec<Passed> {
        let wheelbase_m = who.car.wheelbase_m();
        let us = |t_s: f64| begin_us + (t_s * 1e6).round() as i64;
        (self.plan.passes.iter())
            .filter_map(|pass| {
                let hazard = &town.hazards[pass.hazard];
                Some(Passed {
                    hazard: hazard.id,
                    kind: hazard.kind,
                    begin_us: us(reached_s(&self.track, pass.begin_m)?),
                    end_us: us(reached_s(&self.track, pass.end_m + wheelbase_m)?),
                    hit: pass.hit.contains(&true),
                })
            })
            .collect()
    }
}

/// When a driver's trip begins, µs since 1970: spread over days and hours, never today.
fn begin_us(town: &Town, number: u32) -> i64 {
    let mut rng = town.dice.stream(Purpose::Calendar, number);
    let day = i64::from(rng.random_range(0..DAYS));
    let second = (HOURS.draw(&mut rng) * 3600.0) as i64;
    FIRST_DAY_US + (day * 86_400 + second) * 1_000_000
}

/// The car on its wheels.
struct Wheels {
    state: State,
}

impl Wheels {
    /// The car as it stands at the beginning of the road.
    fn settled(who: &Participant, road: &Road) -> Self {
        let mut wheels = Self {
            state: State::default(),
        };
        for _ in 0..(SETTLE_S / STEP_S) as usize {
            wheels.step(who, road, &Instant::default());
        }
        wheels
    }

    fn step(&mut self, who: &Participant, road: &Road, way: &Instant) -> Motion {
        let front = road.under(way.at_m);
        let rear = road.under(way.at_m - who.car.wheelbase_m());
        let moving = if way.speed_mps > 0.0 { 1.0 } else { 0.0 };
        let by_wheel = |front: [f64; 2], rear: [f64; 2]| [front[0], front[1], rear[0], rear[1]];
        let drive = vehicle::Drive {
            road_m: by_wheel(front.height_m, rear.height_m),
            slope: by_wheel(front.slope, rear.slope).map(|slope| slope * moving),
            forward_mps2: way.forward_mps2,
            left_mps2: way.left_mps2,
        };
        who.car.step(&mut self.state, &drive, STEP_S)
    }
}

/// The phone while it records.
struct Recording<'a> {
    cabin: Cabin<'a>,
    sensors: Sensors<'a>,
    rng: rand_chacha::ChaCha8Rng,
}

impl<'a> Recording<'a> {
    fn new(town: &Town, who: &'a Participant, number: u32, secs: f64) -> Self {
        let mut rng = town.dice.stream(Purpose::Cabin, number);
        let cabin = Cabin::new(&who.phone.seat, secs, &mut rng);
        let at_rest = Felt {
            force_mps2: who.phone.seat.turn.apply([0.0, 0.0, GRAVITY_MPS2]),
            ..Felt::default()
        };
        Self {
            sensors: Sensors::new(&who.phone, secs, at_rest, &mut rng),
            cabin,
            rng,
        }
    }

    fn step(&mut self, t_s: f64, way: &Instant, body: &Motion) {
        let felt = self.cabin.step(way, body, STEP_S, &mut self.rng);
        self.sensors.feel(t_s, felt, &mut self.rng);
    }
}

/// Where the phone was: it rides about a metre behind the front axle, which no receiver can tell.
fn mark(route: &Route, way: &Instant, t_s: f64) -> Mark {
    let (point, direction_rad) = route.place(way.at_m, way.aside_m);
    Mark {
        t_s,
        at_m: way.at_m,
        point,
        direction_rad,
        speed_mps: way.speed_mps,
    }
}

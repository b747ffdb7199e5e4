//! The words that the stages of jounce share: values only, no I/O, no clock, no algorithm.
//!
//! A phone takes [`Sample`]s of its accelerometer, [`Rotation`]s of its gyroscope and GPS
//! [`Fix`]es, and publishes them as [`Batch`]es of one *trip*, the journey of one phone. `ingest`
//! brings batches in order, `detector` turns them into a [`Report`]: the [`Bump`]s the phone felt,
//! the [`Stretch`]es of road it judged, and what it [`Skipped`] and why. `aggregator` fuses the
//! reports of many trips into hazards, which are its own word: they are not of a trip.
//!
//! | module | holds |
//! | --- | --- |
//! | `position` | [`Position`] on the globe, [`Offset`] between two |
//! | `heading` | [`Heading`]: which way a vehicle goes |
//! | `speed` | [`Speed`]: m/s inside, km/h at the rim |
//! | `id` | [`DeviceId`], [`TripId`], [`TripKey`]: who said it |
//! | `reading` | [`Sample`], [`Rotation`], [`Fix`]: what the sensors said |
//! | `batch` | [`Batch`] and the trip's [`Header`] |
//! | `bump` | [`Bump`], [`Place`], [`Kind`], [`Measured`] |
//! | `stretch` | [`Stretch`], [`Roughness`] |
//! | `report` | [`Report`], [`Skipped`], [`Generation`] |
//!
//! Units: SI, WGS 84 degrees, and times in microseconds of the phone's own clock; a time from
//! [`DATED_FROM_US`] on counts from the Unix epoch, an earlier one has no date.
//!
//! ```
//! use trip::{Position, Speed};
//!
//! let here = Position::new(41.1496, -8.6110)?;
//! let there = here.moved(30.0, 40.0);
//! assert!((here.distance_m(there) - 50.0).abs() < 0.1);
//! assert_eq!(Speed::from_kmh(36.0)?.mps(), 10.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod batch;
mod bump;
mod heading;
mod id;
mod position;
mod reading;
mod report;
mod speed;
mod stretch;

pub use batch::{Batch, Gravity, Header, Mount, Vehicle};
pub use bump::{BANDS_HZ, Band, Bump, Channel, Kind, Measured, Place};
pub use heading::{Heading, HeadingError};
pub use id::{DeviceId, IdError, TripId, TripKey};
pub use position::{Offset, Position, PositionError};
pub use reading::{DATED_FROM_US, Fix, FixSource, Rotation, Sample, is_dated};
pub use report::{Generation, Report, SkipReason, Skipped};
pub use speed::{Speed, SpeedError};
pub use stretch::{PathPoint, RoadClass, Roughness, Stretch};

//! One message of one trip.

use crate::{Fix, Rotation, Sample};

/// What one message of a trip carried, in SI units, each list in order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// The message's number within its trip, from 0 without gaps.
    pub seq: u32,
    /// What the phone said about itself, on the message with `seq` 0.
    pub header: Option<Header>,
    /// Accelerometer readings.
    pub samples: Vec<Sample>,
    /// Gyroscope readings.
    pub rotations: Vec<Rotation>,
    /// Position readings.
    pub fixes: Vec<Fix>,
}

/// What is known about a trip's phone and vehicle. Missing means unknown, never a default.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Header {
    /// What drove.
    pub vehicle: Vehicle,
    /// How the phone sat in it.
    pub mount: Mount,
    /// Whether the accelerometer's values contain gravity.
    pub gravity: Gravity,
    /// The accelerometer clips beyond ± this many m/s².
    pub range_mps2: Option<f32>,
    /// The accelerometer's smallest step in m/s².
    pub resolution_mps2: Option<f32>,
}

impl Batch {
    /// The earliest and the latest time of any reading; `None` when there is none.
    pub fn span_us(&self) -> Option<(i64, i64)> {
        let times = || {
            (self.samples.iter().map(|s| s.t_us))
                .chain(self.rotations.iter().map(|r| r.t_us))
                .chain(self.fixes.iter().map(|f| f.t_us))
        };
        Some((times().min()?, times().max()?))
    }
}

/// Declares a closed vocabulary: an enum whose last word is its `unknown`, its names on the wire
/// and in the map, and the way back.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident { $($(#[$word_meta:meta])* $word:ident => $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$word_meta])* $word),+ }

        impl $name {
            /// Every word, in a fixed order.
            pub const ALL: &[Self] = &[$(Self::$word),+];

            /// The word as the wire, the map and the tables write it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$word => $text),+ }
            }

            /// The word with that name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.name() == name)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
}
pub(crate) use vocabulary;

vocabulary! {
    /// What drove.
    #[derive(Default)]
    Vehicle {
        /// A passenger car.
        Car => "car",
        /// A van or light truck.
        Van => "van",
        /// A bus.
        Bus => "bus",
        /// A truck.
        Truck => "truck",
        /// A motorcycle or scooter.
        Motorcycle => "motorcycle",
        /// A bicycle.
        Bicycle => "bicycle",
        /// Not said.
        #[default]
        Unknown => "unknown",
    }
}

vocabulary! {
    /// How the phone sat in the vehicle.
    #[derive(Default)]
    Mount {
        /// A holder fixed to the vehicle.
        Holder => "holder",
        /// A mat or tray on the dashboard.
        Mat => "mat",
        /// A cup holder or the console.
        Cup => "cup",
        /// Somebody's pocket.
        Pocket => "pocket",
        /// A bag.
        Bag => "bag",
        /// Not said.
        #[default]
        Unknown => "unknown",
    }
}

vocabulary! {
    /// Whether accelerometer values contain gravity.
    #[derive(Default)]
    Gravity {
        /// They do: at rest the length of the vector is 9.8 m/s².
        With => "with",
        /// The platform took it out: at rest the vector is near zero.
        Without => "without",
        /// Not said; the detector measures it.
        #[default]
        Unknown => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_what_it_writes() {
        for &vehicle in Vehicle::ALL {
            assert_eq!(Vehicle::from_name(vehicle.name()), Some(vehicle));
        }
        assert_eq!(Mount::from_name("hat"), None);
    }

    #[test]
    fn an_empty_batch_spans_nothing() {
        assert_eq!(Batch::default().span_us(), None);
    }
}

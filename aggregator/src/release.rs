//! What leaves the house, and for whom: layers of a map as tables. Pure.
//!
//! A map knows more than everybody may be told. Each [`Layer`] is given away as one table, whose
//! columns hang on the [`Audience`]; the formats it is written in all carry the same ones.
//!
//! - **Public.** A hazard is told when k distinct drivers felt it and it is no candidate, or when
//!   staff vouch for it: an inspector found it, or work on it is accepted, ordered or claimed. Counts
//!   come in ranges, times as ISO weeks, places to a metre. What fewer than k drivers say is left
//!   out of a row that staff vouch for. A citizen's report or a known feature alone vouches for
//!   nothing: its hazard is a candidate, and those are internal.
//! - **Staff.** All that is known of hazards and of what people did, with names and times; of single
//!   bumps the day; no driver.
//! - **Research.** Evidence as staff see it, without names and free text; bumps with all that was
//!   measured, their drivers numbered for this one file.
//!
//! What is told of a row hangs on the whole map, never on what else was asked for: a box or a
//! difference of two boxes shows a choice of the same public rows.
//!
//! | module | holds |
//! | --- | --- |
//! | `sheet` | a table: columns with their meaning, and a shape on the globe |
//! | `shape` | points and cells as WKB and GeoJSON |
//! | `range` | counts in ranges |
//! | `hazard`, `cell`, `week`, `act`, `bump` | the columns of each layer |

pub(crate) mod act;
pub(crate) mod bump;
pub(crate) mod cell;
pub(crate) mod hazard;
mod range;
pub(crate) mod shape;
pub(crate) mod sheet;
pub(crate) mod week;

use crate::hazard::words;
use crate::stamp::Week;
use crate::zone::Zone;

/// For whom something is given away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// Everybody.
    Public,
    /// The road department.
    Staff,
    /// Those who study how it works, under an agreement.
    Research,
}

/// What is given away of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// What drivers together say is there.
    Hazards,
    /// Which road was surveyed, and what was found.
    Coverage,
    /// How each hazard was felt, week by week.
    History,
    /// What single phones felt.
    Bumps,
    /// What people said and decided.
    Acts,
}

words!(Audience {
    Public => "public",
    Staff => "staff",
    Research => "research",
});

words!(Layer {
    Hazards => "hazards",
    Coverage => "coverage",
    History => "history",
    Bumps => "bumps",
    Acts => "acts",
});

impl Layer {
    /// Whether the layer is given to an audience at all.
    pub fn is_for(self, audience: Audience) -> bool {
        match self {
            Self::Hazards | Self::Coverage | Self::History => true,
            Self::Bumps => audience != Audience::Public,
            Self::Acts => audience == Audience::Staff,
        }
    }

    /// The table that holds it in a snapshot.
    pub fn table(self) -> &'static str {
        match self {
            Self::Hazards => "hazard",
            Self::Coverage => "coverage",
            Self::History => "history",
            Self::Bumps => "bump",
            Self::Acts => "act",
        }
    }

    /// Those of a snapshot: what single phones felt is for research alone.
    pub fn in_snapshot(audience: Audience) -> impl Iterator<Item = Self> {
        let is_in = move |layer: &Self| {
            layer.is_for(audience) && (*layer != Self::Bumps || audience == Audience::Research)
        };
        Self::ALL.iter().copied().filter(is_in)
    }
}

/// Whether a moment is the last of an ISO week in a zone: the only ones that the public may look
/// from.
pub(crate) fn ends_a_week(t_us: i64, zone: &Zone) -> bool {
    let next_us = t_us.saturating_add(1);
    let day = zone.day_of(next_us);
    zone.begin_us(day) == next_us && monday_of(day) == day
}

/// The Monday of the week that a day lies in, both in days since 1970-01-01.
pub(crate) fn monday_of(day: i32) -> i32 {
    // Day 0 was a Thursday.
    day - (day + 3).rem_euclid(7)
}

/// The name of the week that begins with a Monday; empty where the calendar has none.
pub(crate) fn week_name(monday: i32) -> String {
    let week = crate::stamp::Stamp::Day(monday).week();
    week.map_or_else(String::new, |week: Week| week.to_string())
}

/// The name of the week of a moment in a zone; empty without one.
pub(crate) fn week_of(t_us: Option<i64>, zone: &Zone) -> String {
    t_us.map_or_else(String::new, |t_us| week_name(monday_of(zone.day_of(t_us))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stamp::DAY_US;

    #[test]
    fn a_week_ends_on_sunday_at_midnight() {
        // 2026-01-05 is a Monday.
        let monday_us = 20_458 * DAY_US;
        let utc = &Zone::UTC;
        assert!(ends_a_week(monday_us - 1, utc));
        for t_us in [monday_us, monday_us - 2, monday_us + DAY_US - 1, i64::MAX] {
            assert!(!ends_a_week(t_us, utc), "{t_us}");
        }
        assert_eq!(week_of(Some(monday_us), utc), "2026-W02");
        assert_eq!(week_of(Some(monday_us - 1), utc), "2026-W01");
        assert_eq!(week_of(None, utc), "");
    }

    #[test]
    fn a_week_ends_where_the_map_is() {
        let delhi: Zone = "Asia/Kolkata".parse().unwrap();
        let monday_us = 20_458 * DAY_US - 5 * 3_600_000_000 - 1_800_000_000;
        assert!(ends_a_week(monday_us - 1, &delhi) && !ends_a_week(monday_us - 1, &Zone::UTC));
        assert_eq!(week_of(Some(monday_us), &delhi), "2026-W02");
        assert_eq!(week_of(Some(monday_us), &Zone::UTC), "2026-W01");
    }

    #[test]
    fn the_public_gets_neither_bumps_nor_names() {
        let of = |audience| {
            Layer::in_snapshot(audience)
                .map(Layer::table)
                .collect::<Vec<_>>()
        };
        assert_eq!(of(Audience::Public), ["hazard", "coverage", "history"]);
        assert_eq!(
            of(Audience::Staff),
            ["hazard", "coverage", "history", "act"]
        );
        assert_eq!(
            of(Audience::Research),
            ["hazard", "coverage", "history", "bump"]
        );
        assert!(Layer::Bumps.is_for(Audience::Staff));
    }
}

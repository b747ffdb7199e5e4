//! Counts in ranges.

use crate::config::ReleaseRule;

/// What a count of fewer than k drivers is told as.
pub(crate) const FEW: &str = "few";

/// The most days of one week on which one driver counts.
const DAYS: u32 = 7;

impl ReleaseRule {
    /// The range of a count that at least k distinct drivers make; [`FEW`] below k.
    pub(crate) fn range(&self, count: u32) -> String {
        if count < self.k() {
            return FEW.to_owned();
        }
        let from = &self.ranges_from;
        let last = from.len() - 1;
        let index = from.iter().rposition(|&from| from <= count).unwrap_or(0);
        if index == last {
            return format!("{}+", from[last]);
        }
        format!("{}-{}", from[index], from[index + 1] - 1)
    }

    /// The range of the driver-days of one week; [`FEW`] when fewer than k drivers may have made
    /// them: one driver makes up to seven a week.
    pub(crate) fn range_of_week(&self, driver_days: u32) -> String {
        if !self.is_k_in_week(driver_days) {
            return FEW.to_owned();
        }
        self.range(driver_days)
    }

    /// Whether the driver-days of one week are certainly of k distinct drivers.
    pub(crate) fn is_k_in_week(&self, driver_days: u32) -> bool {
        driver_days > (self.k() - 1).saturating_mul(DAYS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_told_in_ranges_and_never_below_k() {
        let rule = ReleaseRule::default();
        let told = [0, 1, 2, 3, 5, 6, 10, 11, 25, 26, 9_000].map(|count| rule.range(count));
        let expected = [
            "few", "few", "few", "3-5", "3-5", "6-10", "6-10", "11-25", "11-25", "26+", "26+",
        ];
        assert_eq!(told, expected);
        let strict = ReleaseRule { k: 7, ..rule };
        assert_eq!([6, 7].map(|count| strict.range(count)), ["few", "6-10"]);
    }

    #[test]
    fn no_setting_goes_below_three_drivers() {
        let lax = ReleaseRule {
            k: 0,
            ..ReleaseRule::default()
        };
        assert_eq!([2, 3].map(|count| lax.range(count)), ["few", "3-5"]);
    }

    #[test]
    fn two_drivers_every_day_of_a_week_are_few() {
        let rule = ReleaseRule::default();
        assert_eq!(rule.range_of_week(14), "few");
        assert_eq!(rule.range_of_week(15), "11-25");
    }
}

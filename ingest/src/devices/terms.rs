//! How long a device, a secret and an invite are good for.

/// How long things are good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// A phone that enrols, or renews, is let in for so many days. 365: once a season would lose
    /// volunteers, and a phone that is sold should not send for ever.
    pub device_days: u32,
    /// The secret before a renewal is good for so many days more. 7: a phone that was away for a week
    /// still sends what it kept.
    pub old_secret_days: u32,
    /// What is known of a device is kept for so many days after it was let in for the last time. 90, as
    /// long as single passes are: so long its cohort counts.
    pub kept_days: u32,
    /// The most phones one invite is for. 1000: a poster that leaks brings no more.
    pub most_invite_uses: u32,
    /// The most days an invite is good for. 365.
    pub most_invite_days: u32,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            device_days: 365,
            old_secret_days: 7,
            kept_days: 90,
            most_invite_uses: 1000,
            most_invite_days: 365,
        }
    }
}

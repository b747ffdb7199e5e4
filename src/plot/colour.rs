//! Colours that people with any colour vision tell apart.

/// Text and what matters most.
pub const INK: &str = "#222222";
/// Frames, ticks and what is beside the point.
pub const GREY: &str = "#767676";
/// Grid lines.
pub const PALE: &str = "#e4e4e4";

// Source: Okabe & Ito (2008), "Color Universal Design", the eight of them without yellow.
/// The first line.
pub const BLUE: &str = "#0072b2";
/// The second.
pub const VERMILION: &str = "#d55e00";
/// The third.
pub const GREEN: &str = "#009e73";
/// The fourth.
pub const ORANGE: &str = "#e69f00";
/// The fifth.
pub const SKY: &str = "#56b4e9";
/// The sixth.
pub const PURPLE: &str = "#cc79a7";

/// The lines of a plot in order.
pub const LINES: [&str; 6] = [BLUE, VERMILION, GREEN, ORANGE, SKY, PURPLE];

/// The colour of a heat map at a share from 0 (dark blue) to 1 (pale yellow), as `#rrggbb`.
///
/// Equal steps look equal: lightness rises evenly, hue turns from blue over rose to yellow, in a
/// space made for that. Source: Ottosson (2020), "A perceptual color space" (Oklab).
pub fn heat(share: f64) -> String {
    let share = share.clamp(0.0, 1.0);
    let lightness = 0.2 + 0.77 * share;
    let hue = (280.0 + 180.0 * share).to_radians();
    let chroma = 0.05 + 0.36 * share * (1.0 - share) + 0.05 * share;
    let [r, g, b] = oklab(lightness, chroma * hue.cos(), chroma * hue.sin());
    format!("#{:02x}{:02x}{:02x}", byte(r), byte(g), byte(b))
}

/// Linear red, green and blue of an Oklab colour.
fn oklab(l: f64, a: f64, b: f64) -> [f64; 3] {
    let long = (l + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let middle = (l - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let short = (l - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    [
        4.076_741_662_1 * long - 3.307_711_591_3 * middle + 0.230_969_929_2 * short,
        -1.268_438_004_6 * long + 2.609_757_401_1 * middle - 0.341_319_396_5 * short,
        -0.004_196_086_3 * long - 0.703_418_614_7 * middle + 1.707_614_701_0 * short,
    ]
}

/// A linear share of a colour as sRGB writes it (IEC 61966-2-1).
fn byte(linear: f64) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let curved = if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    (curved * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_more_is_lighter() {
        let light = |share| {
            let text = heat(share);
            let part = |at| f64::from(u8::from_str_radix(&text[at..at + 2], 16).expect("hex"));
            0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
        };
        let steps: Vec<f64> = (0..=20).map(|i| light(f64::from(i) / 20.0)).collect();
        assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{steps:?}");
        assert_eq!(heat(f64::NAN.max(0.0)), heat(-1.0));
    }
}

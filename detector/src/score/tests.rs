use super::*;
use crate::window::Peak;

fn frame(number: i64, body_ln: f32, blow_mps2: f32) -> Frame {
    let t_us = number * 160_000;
    Frame {
        body_ln: [Some(body_ln); 2],
        level_ln: Some(body_ln + 0.35),
        peak: Peak {
            t_us,
            height_mps2: blow_mps2,
        },
        blow_mps2,
        across_mps2: blow_mps2 / 2.0,
        ..Frame::still(t_us)
    }
}

fn scores(frames: impl Iterator<Item = Frame>) -> Vec<Scored> {
    let mut scorer = Scorer::new(Config::default());
    let mut out = Vec::new();
    for frame in frames {
        scorer.push(frame, None, false, &mut out);
    }
    scorer.end_segment(&mut out);
    out.into_iter().map(|(scored, _)| scored).collect()
}

fn threshold() -> f32 {
    Config::default().trigger.threshold as f32
}

#[test]
fn a_swell_that_stands_out_of_its_baseline_and_its_neighbourhood_is_a_jolt() {
    let energy = |i| if (1000..1003).contains(&i) { 0.0 } else { -1.9 };
    let out = scores((0..2000).map(|i| frame(i, energy(i), 0.4)));
    assert_eq!(out.len(), 2000);
    assert!(out[1001].score > threshold() + 1.0, "{:?}", out[1001]);
    assert!(out[600].score < threshold() - 2.0);
}

#[test]
fn a_long_swell_is_its_own_neighbourhood() {
    let energy = |i| if (1000..1060).contains(&i) { 0.0 } else { -1.9 };
    let out = scores((0..2000).map(|i| frame(i, energy(i), 0.4)));
    let short = scores((0..2000).map(|i| frame(i, if i == 1030 { 0.0 } else { -1.9 }, 0.4)));
    assert!(out[1030].score < short[1030].score - 2.0);
}

#[test]
fn swell_beyond_what_a_road_can_do_counts_less_and_less() {
    let peak = |height| {
        let energy = |i| if i == 1000 { height } else { -2.2 };
        scores((0..2000).map(|i| frame(i, energy(i), 0.4)))[1000].body
    };
    let gain = |from, to| peak(to).expect("judged") - peak(from).expect("judged");
    assert!(gain(0.5, 1.5) < gain(-1.8, -0.8));
}

#[test]
fn a_rough_road_is_its_own_baseline_for_blows() {
    let blow = |i: i64| match i {
        1500 => 15.0,
        i if i % 10 == 0 => 5.0,
        _ => 1.0,
    };
    let out = scores((0..2000).map(|i| frame(i, -2.0, blow(i))));
    let usual = out[1490].impact.expect("a blow");
    assert!(usual < threshold());
    assert!(out[1500].impact.expect("a blow") > usual + 1.0);
}

#[test]
fn a_blow_below_the_floor_is_none_on_the_smoothest_road() {
    let out = scores((0..2000).map(|i| frame(i, -4.0, if i == 1500 { 0.4 } else { 0.01 })));
    assert_eq!(out[1500].impact, None);
}

#[test]
fn near_the_ends_of_a_segment_there_are_candidates_and_no_bumps() {
    let blow = |i| if i == 4 { 12.0 } else { 0.3 };
    let out = scores((0..14).map(|i| frame(i, -2.0, blow(i))));
    assert!(out.iter().all(|s| s.skip == Some(SkipReason::Edge)));
    let found = out[4].score;
    assert!(found > -6.0 && found < threshold(), "{found}");
}

//! Encodings, compression and sizes.

use std::io::Write;

use super::{Incoming, cbor, decode, report, samples, with};
use crate::wire::{WireError, limits, v1};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory does not fail");
    encoder.finish().expect("memory does not fail")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 0).expect("memory does not fail")
}

#[test]
fn a_message_says_the_same_however_it_is_packed() {
    for value in [samples(), report()] {
        let json = value.to_string().into_bytes();
        let cbor = cbor(&value);
        let tagged = [&[0xd9, 0xd9, 0xf7], cbor.as_slice()].concat();
        let plain = decode(&json).expect("sound");
        for packet in [
            &cbor,
            &tagged,
            &gzip(&json),
            &gzip(&cbor),
            &zstd(&json),
            &zstd(&cbor),
        ] {
            assert_eq!(decode(packet).as_ref(), Ok(&plain));
        }
    }
}

#[test]
fn whatever_follows_a_message_refuses_it() {
    for bytes in [samples().to_string().into_bytes(), cbor(&samples())] {
        let error = decode(&[bytes.as_slice(), b"x"].concat()).expect_err("two things");
        assert_eq!(error.reason(), "not_a_message");
    }
}

#[test]
fn a_cut_message_is_refused_wherever_it_is_cut() {
    let packed = [gzip, zstd].map(|pack| pack(samples().to_string().as_bytes()));
    let bare = [samples().to_string().into_bytes(), cbor(&samples())];
    for bytes in bare.iter().chain(&packed) {
        for len in 0..bytes.len() {
            assert!(decode(&bytes[..len]).is_err(), "{len} of {}", bytes.len());
        }
    }
}

#[test]
fn a_packet_beyond_256_kb_is_refused_unread() {
    let packet = vec![b'{'; limits::MAX_PACKET_BYTES + 1];
    assert_eq!(decode(&packet), Err(WireError::TooLarge));
}

#[test]
fn a_bomb_is_refused_at_one_megabyte() {
    let zeros = vec![b' '; 20_000_000];
    for bomb in [gzip(&zeros), zstd(&zeros)] {
        assert!(
            bomb.len() <= limits::MAX_PACKET_BYTES,
            "{} bytes",
            bomb.len()
        );
        assert_eq!(decode(&bomb), Err(WireError::InflatedTooLarge));
    }
}

#[test]
fn a_zstd_frame_that_asks_for_128_mb_of_memory_is_refused() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("memory does not fail");
    encoder.window_log(27).expect("a legal window");
    encoder
        .write_all(samples().to_string().as_bytes())
        .expect("memory does not fail");
    let packet = encoder.finish().expect("memory does not fail");
    assert_eq!(decode(&packet), Err(WireError::Compression));
}

#[test]
fn what_the_types_write_is_read_as_what_they_say() {
    let readings = (0..600_i64).map(|i| {
        let t_us = 1_767_600_000_000_000 + i * 16_667;
        (t_us, [0.1 * i as f64, -0.1, 9.8])
    });
    let accel = v1::Columns::from_readings(v1::AccelUnit::MetrePerSecondSquared, 0.1, readings);
    let message = v1::Message {
        trip: "0".repeat(32),
        seq: 7,
        device: Some("d-1".to_owned()),
        received_us: Some(1_767_600_020_000_000),
        content: v1::Content::Samples(v1::Samples {
            accel: Some(accel),
            ..Default::default()
        }),
    };
    let Ok(Incoming::Message(json)) = decode(&message.to_json()) else {
        panic!("sound")
    };
    let Ok(Incoming::Message(cbor)) = decode(&message.to_cbor()) else {
        panic!("sound")
    };
    assert_eq!(json, cbor);
    let crate::wire::Content::Samples(batch) = &json.content else {
        panic!("samples")
    };
    assert_eq!(batch.samples.len(), 600);
    assert_eq!(
        batch.samples[599].t_us,
        1_767_600_000_000_000 + 599 * 16_667
    );
    assert_eq!(batch.samples[599].accel_mps2, [59.9, -0.1, 9.8]);
    assert!(json.key().is_some());

    let hello = v1::Hello {
        now_us: 5,
        trips: vec!["0".repeat(32)],
    };
    assert_eq!(decode(&hello.to_json()), decode(&hello.to_cbor()));
    assert!(matches!(decode(&hello.to_json()), Ok(Incoming::Hello(_))));
}

#[test]
fn a_deep_nest_is_refused_without_overflow() {
    let nest = |open: &str, depth: usize| {
        with(samples(), "/x", serde_json::json!("HERE"))
            .to_string()
            .replace("\"HERE\"", &open.repeat(depth))
    };
    assert!(decode(nest("[", 100_000).as_bytes()).is_err());
    let mut cbor = vec![0xa1, 0x61, b'x'];
    cbor.extend(std::iter::repeat_n(0x81, 200_000));
    assert!(decode(&cbor).is_err());
}

//! MQTT 3.1.1, as far as a phone needs it: what the door and collectors speak.
//!
//! QoS 0 and 1, no retained messages, no sessions that outlive a connection. Numbers in square
//! brackets, such as \[MQTT-3.1.0-1\], are statements of the OASIS standard of 29 October 2014.

pub mod packet;

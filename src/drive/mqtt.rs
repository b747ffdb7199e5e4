//! A phone on MQTT: connects, says hello, publishes, hears acks, breaks off, comes back.

use bytes::BytesMut;
use ingest::ack::Ack;
use ingest::mqtt::packet::Packet;
use ingest::outbox::Send;
use tokio::sync::watch;

use super::line::{KEEP_ALIVE_S, Line, LineError, publish};
use super::login::Login;
use super::phone::{Phone, hello};
use super::run::{Patience, Run};

/// How a connection ended in peace.
enum Ending {
    /// All is said and settled, or no longer waited for.
    Over,
    /// The phone broke off, and comes back after so many µs.
    Broken(i64),
}

/// A line is asked for a sign of life after this long without one, and given up after twice as long, µs.
/// The server hangs up at the same time. Source: \[MQTT-3.1.2-24\].
const SIGN_OF_LIFE_US: i64 = KEEP_ALIVE_S as i64 * 750_000;

/// Plays a phone to its end, and gives back what became of it.
pub(super) async fn play(mut phone: Phone, login: Login, number: u32, run: &Run) -> Phone {
    let mut stop = run.stop.clone();
    let mut patience = Patience::new(run);
    let mut tries = 0;
    loop {
        let away_us = match talk(&mut phone, &login, number, run, &mut patience, &mut stop).await {
            Ok(Ending::Over) => return phone,
            Ok(Ending::Broken(away_us)) => {
                tries = 0;
                away_us
            }
            Err((error, had_line)) => {
                run.tally.trouble(&error.kind());
                if error.is_final() {
                    return phone;
                }
                tries = if had_line { 0 } else { tries + 1 };
                phone.comes_back_us(tries)
            }
        };
        phone.outbox.lost();
        if !run
            .pause(away_us, &mut phone, &mut patience, &mut stop)
            .await
        {
            return phone;
        }
    }
}

/// One connection; an error says whether it stood.
async fn talk(
    phone: &mut Phone,
    login: &Login,
    number: u32,
    run: &Run,
    patience: &mut Patience,
    stop: &mut watch::Receiver<bool>,
) -> Result<Ending, (LineError, bool)> {
    let begin_us = run.clock.now_us();
    let opening = Line::open(&run.route, number, login, run.tally.clone());
    let opening = tokio::time::timeout(run.patience_to_connect, opening).await;
    let line = opening.unwrap_or(Err(LineError::Silent));
    let line = line.map_err(|error| (error, false))?;
    let now_us = run.clock.now_us();
    run.tally.connect.add(now_us - begin_us);
    phone.outbox.connected();
    let _on_air = run.on_air();
    let mut talk = Talk {
        line,
        login,
        run,
        next_id: 0,
        published: vec![],
        heard_us: now_us,
        pinged: false,
    };
    let went = talk.go_on(phone, patience, stop).await;
    went.map_err(|error| (error, true))
}

/// A connection and what is under way on it.
struct Talk<'a> {
    line: Line,
    login: &'a Login,
    run: &'a Run,
    next_id: u16,
    /// Identifiers without a PUBACK, and when they were used, µs.
    published: Vec<(u16, i64)>,
    heard_us: i64,
    pinged: bool,
}

impl Talk<'_> {
    async fn go_on(
        &mut self,
        phone: &mut Phone,
        patience: &mut Patience,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<Ending, LineError> {
        let broken = phone.next_break_us();
        let broken = broken.map(|(stay_us, away_us)| (self.heard_us + stay_us, away_us));
        loop {
            let now_us = self.run.clock.now_us();
            if *stop.borrow_and_update() {
                phone.stop(now_us);
            }
            phone.make(now_us);
            self.send(phone, now_us).await?;
            if phone.is_done() || patience.is_over(phone, now_us) {
                // Goodbye or not: nothing depends on it.
                let _ = self.line.write(&[Packet::Disconnect]).await;
                return Ok(Ending::Over);
            }
            match broken {
                Some((at_us, away_us)) if at_us <= now_us => {
                    return Ok(Ending::Broken(away_us));
                }
                _ => {}
            }
            let silent_us = now_us - self.heard_us;
            if silent_us >= 2 * SIGN_OF_LIFE_US {
                return Err(LineError::Silent);
            }
            if silent_us >= SIGN_OF_LIFE_US && !self.pinged {
                self.pinged = true;
                self.line.write(&[Packet::PingReq]).await?;
            }
            let next_us = [
                phone.next_us(),
                phone.outbox.next_deadline(),
                broken.map(|(at_us, _)| at_us),
                patience.end_us(phone),
                Some(self.heard_us + SIGN_OF_LIFE_US * (1 + i64::from(self.pinged))),
            ];
            let next_us = next_us.into_iter().flatten().min().unwrap_or(i64::MAX);
            tokio::select! {
                heard = self.line.listen() => {
                    heard?;
                    self.hear(phone)?;
                }
                () = tokio::time::sleep_until(self.run.clock.instant(next_us)) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Sends all that may be sent now, in one write.
    async fn send(&mut self, phone: &mut Phone, now_us: i64) -> Result<(), LineError> {
        let mut out = BytesMut::new();
        while let Some((send, times)) = phone.poll(now_us) {
            let (payload, again) = match send {
                Send::Hello(trips) => (hello(&trips, now_us).into(), false),
                Send::Message(letter) => (letter.payload, letter.again),
            };
            for time in 0..times {
                // 0 is no identifier.
                self.next_id = self.next_id.checked_add(1).unwrap_or(1);
                self.published.push((self.next_id, now_us));
                let duplicate = again || time > 0;
                publish(&self.login.up, self.next_id, &payload, duplicate).write(&mut out);
            }
        }
        if out.is_empty() {
            return Ok(());
        }
        self.line.write_bytes(&out).await
    }

    fn hear(&mut self, phone: &mut Phone) -> Result<(), LineError> {
        let now_us = self.run.clock.now_us();
        self.heard_us = now_us;
        self.pinged = false;
        let (published, tally) = (&mut self.published, &self.run.tally);
        self.line.each(|packet| match packet {
            Packet::PubAck(id) => {
                if let Some(at) = published.iter().position(|&(other, _)| other == id) {
                    tally.puback.add(now_us - published.swap_remove(at).1);
                }
            }
            Packet::Publish(publish) => match serde_json::from_slice::<Ack>(publish.payload) {
                Ok(ack) => phone.heard(&ack, now_us),
                Err(_) => tally.trouble("an ack that is none"),
            },
            _ => {}
        })
    }
}

//! A door on a free port, an inbox behind it that does as it is told, and phones.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig, crypto};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use trip::TripId;

use crate::ack::{Ack, SeqSet};
use crate::door::{
    Caller, Denial, Door, Ending, Gate, Judgement, Limits, Login, Trusted, bind, listen,
};
use crate::inbox::{Answer, Letter, Outcome, Put, Slot};
use crate::mqtt::packet::{Connect, ConnectCode, Packet, Publish, Qos};

/// Longer than anything takes here, even on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// What the inbox does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// It answers at once.
    Well,
    /// It takes and answers nothing.
    Stalled,
    /// Its disk is full.
    Trouble,
}

/// A door, and what stands behind it.
pub(super) struct Yard {
    pub(super) door: Arc<Door>,
    pub(super) address: SocketAddr,
    pub(super) mood: watch::Sender<Mood>,
    /// Payloads in order of arrival.
    pub(super) stored: Arc<Mutex<Vec<Vec<u8>>>>,
    pub(super) listening: JoinHandle<()>,
    gate: Arc<Register>,
    connector: Option<TlsConnector>,
}

/// Knows every device with the secret `secret`; `late-…` it cannot tell, and `barred-…` it bars.
#[derive(Default)]
struct Register(Mutex<BTreeMap<String, watch::Sender<bool>>>);

impl Gate for Arc<Register> {
    fn admit<'a>(&'a self, caller: Caller<'a>) -> Judgement<'a> {
        Box::pin(async move {
            let user = caller.user.ok_or(Denial::WrongSecret)?;
            if user.starts_with("late-") {
                std::future::pending::<()>().await;
            }
            if user.starts_with("barred-") {
                return Err(Denial::NotAllowed);
            }
            if caller.password != Some(b"secret") {
                return Err(Denial::WrongSecret);
            }
            let device = user.parse().map_err(|_| Denial::WrongSecret)?;
            let mut devices = self.0.lock().expect("not poisoned");
            let ended = devices.entry(user.to_owned()).or_default().subscribe();
            Ok(Login {
                device: Arc::new(device),
                topic_name: user.to_owned(),
                ended,
            })
        })
    }
}

/// How phones come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    Tcp,
    Tls,
}

impl Yard {
    pub(super) fn new(over: Over) -> Self {
        Self::with(over, Limits::default(), 1 << 20)
    }

    /// A yard whose inbox has room for so many bytes.
    pub(super) fn with(over: Over, limits: Limits, room: usize) -> Self {
        let (slot, puts) = Slot::new(room);
        let (mood, mooded) = watch::channel(Mood::Well);
        let stored = Arc::default();
        tokio::spawn(write(puts, mooded, Arc::clone(&stored)));
        let gate = Arc::new(Register::default());
        let door = Door::new(Box::new(Arc::clone(&gate)), slot);
        let door = Arc::new(door.with_limits(limits, Trusted::default()));
        let listener = bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (acceptor, connector) = match over {
            Over::Tcp => (None, None),
            Over::Tls => {
                let (acceptor, connector) = tls();
                (Some(acceptor), Some(connector))
            }
        };
        let listening = tokio::spawn(listen(listener, acceptor, Arc::clone(&door)));
        Self {
            door,
            address,
            mood,
            stored,
            listening,
            gate,
            connector,
        }
    }

    pub(super) async fn tcp(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).await.expect("accepted");
        stream.set_nodelay(true).expect("a socket");
        stream
    }

    /// A connection that has not said anything yet.
    pub(super) async fn stranger(&self) -> Phone {
        let stream = self.tcp().await;
        let io: Box<dyn Stream> = match &self.connector {
            None => Box::new(stream),
            Some(connector) => {
                let name = ServerName::try_from("localhost").expect("a name");
                Box::new(connector.connect(name, stream).await.expect("TLS"))
            }
        };
        Phone {
            io,
            bytes: BytesMut::new(),
        }
    }

    /// A device that was let in.
    pub(super) async fn phone(&self, user: &str) -> Phone {
        let mut phone = self.stranger().await;
        phone.say(&connect(user)).await;
        phone.hears(&welcome(ConnectCode::Accepted)).await;
        phone
    }

    /// A device that was let in and hears acks.
    pub(super) async fn listener(&self, user: &str) -> Phone {
        let mut phone = self.phone(user).await;
        let filter = format!("jounce/v1/{user}/ack");
        assert_eq!(phone.subscribe(&filter).await, 0);
        phone
    }

    /// An honest phone comes, publishes, is told, and goes: within a second.
    pub(super) async fn serves_an_honest_phone(&self) {
        let served = async {
            let mut phone = self.listener("honest").await;
            let before = self.stored.lock().expect("not poisoned").len() as u32;
            phone.publish("honest", 9, &message(before)).await;
            phone.hears(&Packet::PubAck(9)).await;
            assert!(phone.hears_ack("honest").await.covers(before));
            phone.say(&Packet::Disconnect).await;
            phone.is_hung_up().await;
        };
        timeout(Duration::from_secs(1), served)
            .await
            .expect("within a second");
    }

    pub(super) fn revoke(&self, user: &str) {
        let devices = self.gate.0.lock().expect("not poisoned");
        devices[user].send_replace(true);
    }

    /// Waits until so many connections ended like that.
    pub(super) async fn counts(&self, ending: Ending, count: u64) {
        until(|| self.door.counters().ended(ending) >= count).await;
        let endings = self.door.counters().endings();
        assert_eq!(
            self.door.counters().ended(ending),
            count,
            "{ending:?} {endings:?}"
        );
    }

    pub(super) fn stored(&self) -> usize {
        self.stored.lock().expect("not poisoned").len()
    }
}

/// Waits until something is so.
pub(super) async fn until(so: impl Fn() -> bool) {
    let waiting = async {
        while !so() {
            sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(PATIENCE, waiting)
        .await
        .expect("it never became so");
}

async fn write(
    mut puts: mpsc::Receiver<Put>,
    mut mood: watch::Receiver<Mood>,
    stored: Arc<Mutex<Vec<Vec<u8>>>>,
) {
    let mut standing: BTreeMap<_, SeqSet> = BTreeMap::new();
    loop {
        if mood.wait_for(|mood| *mood != Mood::Stalled).await.is_err() {
            return;
        }
        let Some(put) = puts.recv().await else { return };
        let now = *mood
            .wait_for(|mood| *mood != Mood::Stalled)
            .await
            .expect("the yard stands");
        let outcome = match put.letter {
            _ if now == Mood::Trouble => Outcome::Trouble,
            Letter::Message {
                trip, seq, payload, ..
            } => {
                let set = standing.entry((put.device, trip)).or_default();
                let fresh = set.insert(seq);
                if fresh {
                    stored.lock().expect("not poisoned").push(payload.to_vec());
                }
                Outcome::Stored {
                    trip,
                    fresh,
                    standing: set.clone(),
                }
            }
            Letter::Refused { of, reason } => Outcome::Refused {
                of,
                reason,
                standing: SeqSet::default(),
            },
            Letter::Hello { trips, .. } => {
                let of = |trip| {
                    let key = (Arc::clone(&put.device), trip);
                    (trip, standing.get(&key).cloned().unwrap_or_default())
                };
                Outcome::Standing(trips.into_iter().map(of).collect())
            }
        };
        let token = put.token;
        // A connection that is gone hears nothing.
        let _ = put.reply.send(Answer { token, outcome });
    }
}

fn tls() -> (TlsAcceptor, TlsConnector) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let provider = Arc::new(crypto::ring::default_provider());
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .expect("a certificate and its key");
    let mut roots = RootCertStore::empty();
    roots.add(certificate).expect("a certificate");
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(server).into(), Arc::new(client).into())
}

pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// The other side of a connection.
pub(super) struct Phone {
    pub(super) io: Box<dyn Stream>,
    bytes: BytesMut,
}

/// Lets in whoever names a device.
pub(super) struct Everybody;

impl Gate for Everybody {
    fn admit<'a>(&'a self, caller: Caller<'a>) -> Judgement<'a> {
        Box::pin(async move {
            let name = caller.user.ok_or(Denial::WrongSecret)?;
            Ok(Login {
                device: Arc::new(name.parse().map_err(|_| Denial::NotAllowed)?),
                topic_name: name.to_owned(),
                ended: watch::Sender::new(false).subscribe(),
            })
        })
    }
}

impl Phone {
    pub(super) fn on(io: impl Stream + 'static) -> Self {
        Self {
            io: Box::new(io),
            bytes: BytesMut::new(),
        }
    }

    pub(super) async fn say(&mut self, packet: &Packet<'_>) {
        let mut bytes = BytesMut::new();
        packet.write(&mut bytes);
        self.say_bytes(&bytes).await;
    }

    /// Writes bytes; whether the door still takes them shows in what is heard next.
    pub(super) async fn say_bytes(&mut self, bytes: &[u8]) {
        let said = async {
            self.io.write_all(bytes).await?;
            self.io.flush().await
        };
        let _ = timeout(PATIENCE, said).await.expect("the door reads");
    }

    pub(super) async fn publish(&mut self, name: &str, id: u16, payload: &[u8]) {
        let topic = format!("jounce/v1/{name}/up");
        self.say(&publish(&topic, Qos::AtLeastOnce(id), payload))
            .await;
    }

    /// The next packet, as bytes; `None` when the door has hung up.
    pub(super) async fn next(&mut self) -> Option<BytesMut> {
        let next = async {
            loop {
                let read = Packet::read(&self.bytes, 1 << 20).expect("the door writes packets");
                if let Some((_, length)) = read {
                    return Some(self.bytes.split_to(length));
                }
                match self.io.read_buf(&mut self.bytes).await {
                    Ok(0) | Err(_) => return None,
                    Ok(_) => {}
                }
            }
        };
        timeout(PATIENCE, next)
            .await
            .expect("the door says something")
    }

    pub(super) async fn hears(&mut self, expected: &Packet<'_>) {
        let bytes = self.next().await;
        let packet = bytes.as_ref().map(|bytes| {
            let read = Packet::read(bytes, 1 << 20).expect("a packet");
            read.expect("a whole one").0
        });
        assert_eq!(packet.as_ref(), Some(expected));
    }

    pub(super) async fn hears_ack(&mut self, name: &str) -> Ack {
        let bytes = self.next().await.expect("an ack");
        match Packet::read(&bytes, 1 << 20) {
            Ok(Some((Packet::Publish(publish), _))) => {
                assert_eq!(publish.topic, format!("jounce/v1/{name}/ack"));
                assert_eq!((publish.qos, publish.retain), (Qos::AtMostOnce, false));
                serde_json::from_slice(publish.payload).expect("an ack")
            }
            other => panic!("{other:?} is no ack"),
        }
    }

    pub(super) async fn subscribe(&mut self, filter: &str) -> u8 {
        let filters = vec![(filter, 1)];
        self.say(&Packet::Subscribe { id: 5, filters }).await;
        let bytes = self.next().await.expect("a SUBACK");
        match Packet::read(&bytes, 1 << 20) {
            Ok(Some((Packet::SubAck { id: 5, codes }, _))) => codes[0],
            other => panic!("{other:?} is no SUBACK"),
        }
    }

    /// The door hangs up, without another word.
    pub(super) async fn is_hung_up(&mut self) {
        assert_eq!(self.next().await, None);
    }

    /// The door hangs up; what it said before does not matter.
    pub(super) async fn is_hung_up_in_the_end(&mut self) {
        while self.next().await.is_some() {}
    }
}

pub(super) fn connect(user: &str) -> Packet<'_> {
    Packet::Connect(plea(user))
}

pub(super) fn plea(user: &str) -> Connect<'_> {
    Connect {
        client_id: user,
        keep_alive_s: 60,
        clean_session: true,
        will: None,
        user: Some(user),
        password: Some(b"secret"),
    }
}

pub(super) fn welcome(code: ConnectCode) -> Packet<'static> {
    Packet::ConnAck {
        session_present: false,
        code,
    }
}

pub(super) fn publish<'a>(topic: &'a str, qos: Qos, payload: &'a [u8]) -> Packet<'a> {
    Packet::Publish(Publish {
        topic,
        qos,
        retain: false,
        duplicate: false,
        payload,
    })
}

/// A sound message with that number.
pub(super) fn message(seq: u32) -> Vec<u8> {
    format!(r#"{{"v":1,"type":"bye","trip":"{:032x}","seq":{seq}}}"#, 7).into_bytes()
}

pub(super) fn trip() -> TripId {
    format!("{:032x}", 7).parse().expect("a trip")
}

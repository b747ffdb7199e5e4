//! Starting everything, and stopping it again in an order in which nothing is lost.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aggregator::Store;
use anyhow::Context as _;
use bytes::Bytes;
use ingest::bridge;
use ingest::clock::now_us;
use ingest::devices::{Keeper, Registry};
use ingest::door::{self, Caller, Door, Gate, Judgement};
use ingest::inbox::{Inbox, Letter, Slot};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use trip::DeviceId;

use super::cartographer::Cartographer;
use super::clerk::{Clerk, Progress};
use super::folder::Folder;
use super::http::{self, Shared};
use super::settings::Settings;
use super::settle::Cut;
use super::{control, desk};
use crate::commands::Ending;
use crate::descriptors;
use crate::trim::Veil;

/// Descriptors that are not for phones: segments, the map, listeners.
const OWN_DESCRIPTORS: u64 = 256;

const HOUR_US: i64 = 3_600_000_000;

/// What a payload is to the inbox, whichever app sent it.
fn read(payload: Bytes, device: &DeviceId, received_us: i64) -> Vec<Letter> {
    ingest::foreign::read(payload, device, received_us)
}

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// When something cannot be started; what was started by then is stopped.
pub fn run(settings: Settings, detector: detector::Config, open: bool) -> anyhow::Result<Ending> {
    let wanted = settings.limits.connections as u64 + OWN_DESCRIPTORS;
    let descriptors = descriptors::raise(wanted).saturating_sub(OWN_DESCRIPTORS);
    let folder = Folder::open(&settings.server.data)?;
    let tls = tls(&settings)?;
    make_map(&folder, settings.map.area.as_deref())?;
    let (inbox, slot) = Inbox::open(&folder.inbox(), settings.inbox_limits())
        .with_context(|| format!("cannot open the inbox in {}", folder.path().display()))?;
    let inbox = Arc::new(inbox);
    let registry = Registry::open(&folder.devices(), settings.terms(), now_us())
        .context("cannot open the registry of devices")?;
    let registry = Arc::new(registry);
    let keeper = Arc::new(keeper(&settings, &registry, open));
    let fold_every = Duration::from_secs(u64::from(settings.map.fold_every_s));
    let (map, map_thread) =
        Cartographer::start(&folder.map(), fold_every).context("cannot open the map")?;
    let progress = Arc::new(Progress::default());
    let clerk = clerk(&settings, &inbox, &map, &registry, &progress, detector);
    let stopping = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&stopping);
    let clerk_thread = std::thread::spawn(move || clerk.run(&stop));
    let listener = control::open(folder.path())?;
    let perform = desk::perform(desk::Desk {
        folder,
        inbox: Arc::clone(&inbox),
        map: map.clone(),
        registry,
        settings: settings.clone(),
        open,
    });
    // It ends with the program.
    std::thread::spawn(move || control::answer(&listener, &*perform));

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the network side")?;
    let parts = Parts {
        settings,
        open,
        tls,
        descriptors,
        slot,
        inbox: Arc::clone(&inbox),
        keeper,
        map: map.clone(),
        progress,
        stopping: Arc::clone(&stopping),
    };
    let served = runtime.block_on(serve(parts));
    // Nobody puts anything in any more: the writer ends, then the clerk, then the map.
    runtime.shutdown_timeout(Duration::from_secs(5));
    stopping.store(true, Ordering::Relaxed);
    // A thread that panicked has said so; the others are stopped all the same.
    let _ = clerk_thread.join();
    map.stop();
    let _ = map_thread.join();
    tracing::info!("stopped; everything that was acked is on disk");
    served.map(|()| Ending::Good)
}

/// Who decides who may come in.
fn keeper(settings: &Settings, registry: &Arc<Registry>, open: bool) -> Keeper {
    let clock = Box::new(now_us);
    if open {
        return Keeper::open(clock);
    }
    Keeper::of(
        Arc::clone(registry),
        settings.devices.rules(),
        settings.devices.enrolments_per_hour,
        settings.server.trusted(),
        clock,
    )
}

/// The keeper at the door; HTTP asks the same one.
struct Admitting(Arc<Keeper>);

impl Gate for Admitting {
    fn admit<'a>(&'a self, caller: Caller<'a>) -> Judgement<'a> {
        self.0.admit(caller)
    }
}

/// What the network side needs.
struct Parts {
    settings: Settings,
    open: bool,
    tls: Option<Arc<ServerConfig>>,
    descriptors: u64,
    slot: Slot,
    inbox: Arc<Inbox>,
    keeper: Arc<Keeper>,
    map: Cartographer,
    progress: Arc<Progress>,
    stopping: Arc<AtomicBool>,
}

/// The network side, until a signal.
async fn serve(parts: Parts) -> anyhow::Result<()> {
    let settings = &parts.settings;
    let gate = Admitting(Arc::clone(&parts.keeper));
    let door = Door::new(Box::new(gate), parts.slot.clone())
        .with_limits(
            door_limits(settings, parts.descriptors),
            settings.server.trusted(),
        )
        .with_reading(Box::new(read));
    let door = Arc::new(door);
    let acceptor = parts.tls.clone().map(TlsAcceptor::from);
    let mqtt = door::bind(settings.server.mqtt)
        .with_context(|| format!("cannot listen for MQTT on {}", settings.server.mqtt))?;
    let mqtt_address = mqtt.local_addr().context("the listener has no address")?;
    let connections = settings.limits.connections.min(parts.descriptors as usize);
    let web = http::listen(settings.server.http, acceptor.clone(), connections)?;
    let (stop, stopped) = watch::channel(false);

    let counters = settings.broker.address().map(|address| {
        let counters = Arc::new(bridge::Counters::default());
        let config = bridge::Config::new(address);
        let running = bridge::run(
            config,
            parts.slot.clone(),
            read,
            Arc::clone(&counters),
            stopped.clone(),
        );
        (counters, tokio::spawn(running))
    });
    let (counters, bridging) = counters.unzip();
    announce(&parts, mqtt_address, web.address);
    let shared = Arc::new(Shared {
        settings: parts.settings.clone(),
        slot: parts.slot,
        inbox: parts.inbox,
        keeper: parts.keeper,
        door: Arc::clone(&door),
        bridge: counters,
        map: parts.map,
        progress: parts.progress,
        read,
        stopping: Arc::clone(&parts.stopping),
    });
    let web = tokio::spawn(web.serve(http::router(shared), stopped));
    let phones = tokio::spawn(door::listen(mqtt, acceptor, Arc::clone(&door)));
    signalled().await?;
    tracing::info!("stopping: what is under way is answered first");
    parts.stopping.store(true, Ordering::Relaxed);
    stop.send_replace(true);
    door.stop();
    // Each bounds its own farewell; one that panicked has said so.
    let _ = phones.await;
    let _ = web.await;
    if let Some(bridging) = bridging {
        let _ = bridging.await;
    }
    Ok(())
}

async fn signalled() -> anyhow::Result<()> {
    let listen = |kind| signal(kind).context("cannot listen for signals");
    let (mut term, mut int) = (
        listen(SignalKind::terminate())?,
        listen(SignalKind::interrupt())?,
    );
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    Ok(())
}

/// Says on standard error where phones and people find the server.
fn announce(parts: &Parts, mqtt: std::net::SocketAddr, web: std::net::SocketAddr) {
    let secure = parts.tls.is_some();
    let (mqtt_scheme, web_scheme) = if secure {
        ("mqtts", "https")
    } else {
        ("mqtt", "http")
    };
    eprintln!("jounce serves {}", parts.settings.server.data.display());
    eprintln!("  phones      {mqtt_scheme}://{mqtt}   or {web_scheme}://{web}/mqtt by WebSocket");
    eprintln!("  people      {web_scheme}://{web}/");
    eprintln!("  descriptors {} for connections", parts.descriptors);
    if parts.open {
        eprintln!(
            "  OPEN: anybody who reaches these ports may send as any device, and may read the acks of any. \
             For trials only; what comes in goes to the map like everything else."
        );
    } else if let Err(missing) = parts.settings.operator.answers() {
        eprintln!("  {missing}");
    }
}

/// Makes the map of an area, where there is none.
fn make_map(folder: &Folder, area: Option<&Path>) -> anyhow::Result<()> {
    let path = folder.map();
    let Some(area) = area.filter(|_| !path.exists()) else {
        return Ok(());
    };
    let area = crate::commands::map::area::read(area)?;
    Store::open_area(&path, area).context("cannot make the map")?;
    Ok(())
}

fn door_limits(settings: &Settings, descriptors: u64) -> door::Limits {
    let limits = settings.limits.of_door();
    door::Limits {
        connections: limits.connections.min(descriptors as usize),
        ..limits
    }
}

fn clerk(
    settings: &Settings,
    inbox: &Arc<Inbox>,
    map: &Cartographer,
    registry: &Arc<Registry>,
    progress: &Arc<Progress>,
    detector: detector::Config,
) -> Clerk {
    let privacy = &settings.privacy;
    let (registry, weight) = (Arc::clone(registry), settings.devices.cohort_weight);
    Clerk {
        inbox: Arc::clone(inbox),
        map: map.clone(),
        cut: Cut {
            rule: settings.trim(),
            veil: Veil {
                metres: privacy.trim_extra_m,
            },
        },
        detector,
        witness: Arc::new(move |device| registry.witness_of(device, weight)),
        idle_us: i64::from(settings.trips.idle_minutes) * 60_000_000,
        raw_us: i64::from(privacy.raw_hours) * HOUR_US,
        retention_days: privacy.retention_days as i32,
        progress: Arc::clone(progress),
    }
}

/// The TLS of both listeners.
fn tls(settings: &Settings) -> anyhow::Result<Option<Arc<ServerConfig>>> {
    let (Some(cert), Some(key)) = (&settings.server.tls_cert, &settings.server.tls_key) else {
        return Ok(None);
    };
    let certificates = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("cannot read certificates from {}", cert.display()))?;
    let key_shown = key.display().to_string();
    let key = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("cannot read a private key from {key_shown}"))?;
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("no version of TLS")?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .with_context(|| format!("{} does not fit {key_shown}", cert.display()))?;
    Ok(Some(Arc::new(config)))
}

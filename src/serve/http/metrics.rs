//! `GET /metrics` for Prometheus: counts and lags, without names or places.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use super::Shared;

pub(super) async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    let mut registry = Registry::with_prefix("jounce");
    registry.register_collector(Box::new(Figures(shared)));
    let mut text = String::new();
    if prometheus_client::encoding::text::encode(&mut text, &registry).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// The figures, read when they are asked for.
struct Figures(Arc<Shared>);

impl std::fmt::Debug for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Figures")
    }
}

/// Writes figures one after the other.
struct Page<'a, 'b>(&'a mut DescriptorEncoder<'b>);

impl Page<'_, '_> {
    fn figure(&mut self, name: &str, help: &str, metric: &dyn Metric) -> std::fmt::Result {
        metric.write(self.0.encode_descriptor(name, help, None, metric.kind())?)
    }

    fn count(&mut self, name: &str, help: &str, value: u64) -> std::fmt::Result {
        self.figure(name, help, &ConstCounter::new(value))
    }

    fn gauge(&mut self, name: &str, help: &str, value: f64) -> std::fmt::Result {
        self.figure(name, help, &ConstGauge::new(value))
    }

    /// One count for each of some names.
    fn by<'n>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        counts: impl Iterator<Item = (&'n str, u64)>,
    ) -> std::fmt::Result {
        let kind = prometheus_client::metrics::MetricType::Counter;
        let mut encoder = self.0.encode_descriptor(name, help, None, kind)?;
        for (of, count) in counts {
            let labels = [(label.to_owned(), of.to_owned())];
            ConstCounter::new(count).encode(encoder.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

/// A metric that writes itself.
trait Metric {
    fn kind(&self) -> prometheus_client::metrics::MetricType;
    fn write(&self, encoder: MetricEncoder<'_>) -> std::fmt::Result;
}

impl<T: EncodeMetric> Metric for T {
    fn kind(&self) -> prometheus_client::metrics::MetricType {
        self.metric_type()
    }

    fn write(&self, encoder: MetricEncoder<'_>) -> std::fmt::Result {
        self.encode(encoder)
    }
}

impl Collector for Figures {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> std::fmt::Result {
        let mut encoder = encoder;
        let mut page = Page(&mut encoder);
        self.inbox(&mut page)?;
        self.door(&mut page)?;
        self.bridge(&mut page)?;
        self.trips(&mut page)
    }
}

fn of(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

impl Figures {
    fn inbox(&self, page: &mut Page<'_, '_>) -> std::fmt::Result {
        let figures = self.0.inbox.counters().figures();
        let told = figures.accepted + figures.duplicates + figures.refused.values().sum::<u64>();
        page.count("messages_accepted", "Messages stored", figures.accepted)?;
        page.count(
            "messages_duplicate",
            "Messages that were there already",
            figures.duplicates,
        )?;
        page.count(
            "messages_acked",
            "Messages whose phone may delete them",
            told,
        )?;
        let refused = figures
            .refused
            .iter()
            .map(|(reason, count)| (*reason, *count));
        page.by("messages_refused", "Messages refused", "reason", refused)?;
        page.count(
            "inbox_commits",
            "Writes made last, one sync each",
            figures.commits,
        )?;
        let seconds = figures.commit_us as f64 / 1e6;
        page.gauge("inbox_commit_seconds_sum", "Time in these writes", seconds)?;
        let slowest = figures.slowest_commit_us as f64 / 1e6;
        page.gauge("inbox_commit_seconds_max", "The longest of them", slowest)?;
        page.count("inbox_written_bytes", "Bytes written", figures.bytes)?;
        let damaged = figures.damaged_bytes as f64;
        page.gauge(
            "inbox_damaged_bytes",
            "Bytes of the inbox that are no records",
            damaged,
        )?;
        let waiting = self.0.slot.waiting_bytes() as f64;
        page.gauge(
            "inbox_waiting_bytes",
            "Bytes that wait for the disk",
            waiting,
        )?;
        let (raw, kept) = self.0.inbox.disk_bytes();
        page.gauge(
            "inbox_raw_bytes",
            "Messages as they came, on disk",
            raw as f64,
        )?;
        page.gauge(
            "inbox_kept_bytes",
            "Trips without their ends, on disk",
            kept as f64,
        )
    }

    fn door(&self, page: &mut Page<'_, '_>) -> std::fmt::Result {
        let counters = self.0.door.counters();
        let now = of(&counters.connections) as f64;
        page.gauge("connections", "Connections open", now)?;
        page.count(
            "connections_made",
            "Connections that came",
            of(&counters.connections_total),
        )?;
        page.count(
            "connections_admitted",
            "Connections let in",
            of(&counters.admitted),
        )?;
        let endings = counters.endings();
        let endings = endings.iter().map(|(reason, count)| (*reason, *count));
        page.by(
            "connections_ended",
            "Connections that ended",
            "reason",
            endings,
        )?;
        page.count(
            "door_publishes",
            "Messages that came by MQTT",
            of(&counters.publishes),
        )?;
        page.count(
            "door_read_bytes",
            "Bytes read by MQTT",
            of(&counters.bytes_in),
        )?;
        page.count(
            "door_written_bytes",
            "Bytes written by MQTT",
            of(&counters.bytes_out),
        )?;
        page.count("door_acks", "Acks published", of(&counters.acks))
    }

    fn bridge(&self, page: &mut Page<'_, '_>) -> std::fmt::Result {
        let Some(bridge) = &self.0.bridge else {
            return Ok(());
        };
        let counts = bridge.counts();
        let connected = f64::from(u8::from(counts.connected));
        page.gauge(
            "broker_connected",
            "Whether the outside broker is there",
            connected,
        )?;
        page.count(
            "broker_connections",
            "Connections to it",
            counts.connections,
        )?;
        page.count("broker_received", "Messages from it", counts.received)
    }

    fn trips(&self, page: &mut Page<'_, '_>) -> std::fmt::Result {
        let (progress, map) = (&self.0.progress, self.0.map.standing());
        let open = self.0.inbox.open_trips() as f64;
        page.gauge(
            "trips_open",
            "Trips with messages that are not settled",
            open,
        )?;
        let due = of(&progress.due) as f64;
        page.gauge(
            "detector_lag_trips",
            "Trips that ended and are not settled yet",
            due,
        )?;
        let taken = of(&progress.taken).checked_sub(1);
        let waiting = self.0.inbox.kept_after(taken, usize::MAX).len() as f64;
        page.gauge(
            "map_lag_trips",
            "Trips settled and not in the map yet",
            waiting,
        )?;
        let behind = progress.behind_us.load(Ordering::Relaxed) as f64 / 1e6;
        page.gauge(
            "map_lag_seconds",
            "Age of the last message of the newest trip judged",
            behind,
        )?;
        page.count("trips_judged", "Trips judged", of(&progress.judged))?;
        page.count("trips_recorded", "Trips taken into the map", of(&map.trips))?;
        page.count(
            "driven_seconds",
            "Driving that was judged",
            of(&progress.driven_s),
        )?;
        page.count(
            "failures",
            "Files that refused or were damaged",
            of(&progress.failures),
        )?;
        let hours = of(&progress.driven_s) as f64 / 3600.0;
        let per_hour = if hours > 0.0 {
            of(&progress.kept_bytes) as f64 / hours
        } else {
            0.0
        };
        page.gauge(
            "kept_bytes_per_driven_hour",
            "What a driven hour takes on disk",
            per_hour,
        )?;
        let stale = f64::from(u8::from(map.is_stale.load(Ordering::Relaxed)));
        page.gauge("map_stale", "Whether evidence waits to be folded", stale)?;
        let fold = of(&map.fold_ms) as f64 / 1e3;
        page.gauge("map_fold_seconds", "How long the last fold took", fold)
    }
}

//! The metrics, in Prometheus' text form. Labels have few values: a route is a name of ours, never a path.

use super::{Answered, Event, Route};
use http::Method;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Upper bounds of the latency histogram, in microseconds.
const BOUNDS: [u64; 14] = [
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    10_000_000,
];

/// Counts of what happened.
#[derive(Debug)]
pub struct Metrics {
    engine: &'static str,
    started: SystemTime,
    in_flight: AtomicI64,
    abandoned: AtomicU64,
    migrations: AtomicU64,
    warnings: AtomicU64,
    accept_failures: AtomicU64,
    answered: Mutex<BTreeMap<(Route, &'static str, u16), u64>>,
    latencies: Mutex<BTreeMap<Route, Histogram>>,
    /// By kind and outcome. Kinds are names in our source, hence few.
    jobs: Mutex<BTreeMap<(String, &'static str), u64>>,
    queue_failures: AtomicU64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Histogram {
    counts: [u64; BOUNDS.len()],
    count: u64,
    sum: Duration,
}

impl Metrics {
    pub(super) fn new(engine: &'static str) -> Metrics {
        Metrics {
            engine,
            started: SystemTime::now(),
            in_flight: AtomicI64::new(0),
            abandoned: AtomicU64::new(0),
            migrations: AtomicU64::new(0),
            warnings: AtomicU64::new(0),
            accept_failures: AtomicU64::new(0),
            answered: Mutex::default(),
            latencies: Mutex::default(),
            jobs: Mutex::default(),
            queue_failures: AtomicU64::new(0),
        }
    }

    pub(super) fn count(&self, event: &Event<'_>) {
        match event {
            Event::RequestBegun => {
                self.in_flight.fetch_add(1, Relaxed);
            }
            Event::RequestAnswered(answered) => self.count_answer(answered),
            Event::RequestAbandoned => {
                self.in_flight.fetch_sub(1, Relaxed);
                self.abandoned.fetch_add(1, Relaxed);
            }
            Event::MigrationApplied { .. } => {
                self.migrations.fetch_add(1, Relaxed);
            }
            Event::Warned(_) => {
                self.warnings.fetch_add(1, Relaxed);
            }
            Event::AcceptFailed(_) => {
                self.accept_failures.fetch_add(1, Relaxed);
            }
            Event::JobDone { kind, .. } => self.count_job(kind, "done"),
            Event::JobFailed { kind, .. } => self.count_job(kind, "failed"),
            Event::JobDead { kind, .. } => self.count_job(kind, "dead"),
            Event::JobLeaseLost { kind, .. } => self.count_job(kind, "lease_lost"),
            Event::QueueUnreachable(_) => {
                self.queue_failures.fetch_add(1, Relaxed);
            }
            Event::Progressed(_)
            | Event::Seeded { .. }
            | Event::SigningKeysChanged { .. }
            | Event::Serving { .. }
            | Event::Stopping(_)
            | Event::Stopped { .. }
            | Event::CloseFailed(_) => {}
        }
    }

    fn count_job(&self, kind: &str, outcome: &'static str) {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        *jobs.entry((kind.to_owned(), outcome)).or_default() += 1;
    }

    fn count_answer(&self, answered: &Answered<'_>) {
        self.in_flight.fetch_sub(1, Relaxed);
        let key = (answered.route, method_label(answered.method), answered.status.as_u16());
        *self.answered.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default() += 1;
        let mut latencies = self.latencies.lock().unwrap_or_else(PoisonError::into_inner);
        let histogram = latencies.entry(answered.route).or_default();
        let microseconds = u64::try_from(answered.took.as_micros()).unwrap_or(u64::MAX);
        if let Some(bucket) = BOUNDS.iter().position(|bound| microseconds <= *bound) {
            histogram.counts[bucket] += 1;
        }
        histogram.count += 1;
        histogram.sum += answered.took;
    }

    /// The page of `/metrics`.
    pub fn page(&self) -> String {
        let mut page = String::with_capacity(4096);
        let head = |page: &mut String, name: &str, kind: &str, help: &str| {
            let _ = write!(page, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        };
        head(&mut page, "bedplate_info", "gauge", "The release and the engine.");
        let _ = writeln!(
            page,
            "bedplate_info{{version=\"{}\",engine=\"{}\"}} 1",
            env!("CARGO_PKG_VERSION"),
            self.engine
        );
        head(
            &mut page,
            "process_start_time_seconds",
            "gauge",
            "When the process began, in seconds since 1970.",
        );
        let started = self.started.duration_since(UNIX_EPOCH).unwrap_or_default();
        let _ = writeln!(page, "process_start_time_seconds {}", started.as_secs_f64());
        if let Some(bytes) = resident_bytes() {
            head(&mut page, "process_resident_memory_bytes", "gauge", "Memory in use.");
            let _ = writeln!(page, "process_resident_memory_bytes {bytes}");
        }
        head(&mut page, "bedplate_http_requests_in_flight", "gauge", "Requests that are being answered.");
        let _ = writeln!(page, "bedplate_http_requests_in_flight {}", self.in_flight.load(Relaxed));
        let counters = [
            (
                "bedplate_http_requests_abandoned_total",
                "Requests whose client went away before the answer.",
                &self.abandoned,
            ),
            ("bedplate_migrations_applied_total", "Migrations applied by this process.", &self.migrations),
            ("bedplate_warnings_total", "Warnings in the log.", &self.warnings),
            (
                "bedplate_accept_failures_total",
                "Connections that could not be accepted.",
                &self.accept_failures,
            ),
            (
                "bedplate_job_queue_failures_total",
                "Times the queue of jobs could not be read or written.",
                &self.queue_failures,
            ),
        ];
        for (name, help, counter) in counters {
            head(&mut page, name, "counter", help);
            let _ = writeln!(page, "{name} {}", counter.load(Relaxed));
        }
        head(&mut page, "bedplate_jobs_total", "counter", "Attempts at jobs, by how they ended.");
        for ((kind, outcome), count) in &*self.jobs.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = writeln!(page, "bedplate_jobs_total{{kind=\"{kind}\",outcome=\"{outcome}\"}} {count}");
        }
        head(&mut page, "bedplate_http_requests_total", "counter", "Requests answered.");
        for ((route, method, status), count) in &*self.answered.lock().unwrap_or_else(PoisonError::into_inner)
        {
            let route = route.label();
            let _ = writeln!(
                page,
                "bedplate_http_requests_total{{route=\"{route}\",method=\"{method}\",status=\"{status}\"}} {count}"
            );
        }
        head(&mut page, "bedplate_http_request_duration_seconds", "histogram", "How long answers took.");
        for (route, histogram) in &*self.latencies.lock().unwrap_or_else(PoisonError::into_inner) {
            histogram.write(route.label(), &mut page);
        }
        page
    }
}

impl Histogram {
    fn write(&self, route: &str, page: &mut String) {
        let name = "bedplate_http_request_duration_seconds";
        let mut below = 0;
        for (bound, count) in BOUNDS.iter().zip(self.counts) {
            below += count;
            let seconds = Duration::from_micros(*bound).as_secs_f64();
            let _ = writeln!(page, "{name}_bucket{{route=\"{route}\",le=\"{seconds}\"}} {below}");
        }
        let _ = writeln!(page, "{name}_bucket{{route=\"{route}\",le=\"+Inf\"}} {}", self.count);
        let _ = writeln!(page, "{name}_sum{{route=\"{route}\"}} {}", self.sum.as_secs_f64());
        let _ = writeln!(page, "{name}_count{{route=\"{route}\"}} {}", self.count);
    }
}

/// A client may send any word as a method; the label has few.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// Resident memory, where the system tells it in `/proc`.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

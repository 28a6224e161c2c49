use super::log::line;
use super::*;
use std::sync::{Arc, Mutex};
use std::time::UNIX_EPOCH;

const METHOD: &Method = &Method::GET;

fn answered(path: &str, status: u16) -> Answered<'_> {
    Answered {
        id: "0193",
        client: IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        method: METHOD,
        path,
        route: Route::of(path),
        status: StatusCode::from_u16(status).expect("a status"),
        bytes: Some(12),
        took: Duration::from_micros(1234),
        cause: None,
    }
}

fn text(event: &Event<'_>) -> String {
    line(event, LogFormat::Text, UNIX_EPOCH).expect("a line")
}

#[test]
fn a_request_is_a_sentence_with_its_identifier() {
    assert_eq!(
        text(&Event::RequestAnswered(answered("/rest/v1/todos", 200))),
        "1970-01-01T00:00:00.000Z GET /rest/v1/todos answered 200 in 1.23 ms with 12 bytes to 127.0.0.1 id=0193\n"
    );
    let failed = Answered { cause: Some("disk\nfull"), ..answered("/rest/v1/todos", 500) };
    assert_eq!(
        text(&Event::RequestAnswered(failed)),
        "1970-01-01T00:00:00.000Z ERROR GET /rest/v1/todos answered 500 in 1.23 ms with 12 bytes to 127.0.0.1 because of: disk full id=0193\n"
    );
}

#[test]
fn json_has_the_sentence_and_its_parts() {
    let line = line(&Event::RequestAnswered(answered("/rest/v1/rpc/f", 200)), LogFormat::Json, UNIX_EPOCH)
        .expect("a line");
    let value: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(value["event"], "request");
    assert_eq!(value["route"], "/rest/v1/rpc/{function}");
    assert_eq!(value["status"], 200);
    assert_eq!(value["request_id"], "0193");
    assert_eq!(value["level"], "info");
}

#[test]
fn a_path_cannot_forge_a_line_or_fill_the_log() {
    let path = format!("/a\nforged\u{1b}[2J{}", "x".repeat(10_000));
    let line = text(&Event::RequestAnswered(answered(&path, 404)));
    assert_eq!(line.matches('\n').count(), 1);
    assert!(!line.contains('\u{1b}'));
    assert!(line.len() < 800, "{}", line.len());
}

#[test]
fn routes_are_few_whatever_the_paths() {
    assert_eq!(Route::of("/rest/v1/a"), Route::Rest);
    assert_eq!(Route::of("/rest/v1"), Route::Rest);
    assert_eq!(Route::of("/rest/v1/rpc/f"), Route::RestFunction);
    assert_eq!(Route::of("/rest/v11"), Route::Unknown);
    assert_eq!(Route::of("/x"), Route::Unknown);
}

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the page").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_log_writes_in_order_and_the_metrics_count() {
    let page = Page::default();
    let events = Events::with_log(Log::to(LogFormat::Text, page.clone()), "sqlite");
    for status in [200, 200, 404] {
        events.emit(&Event::RequestBegun);
        events.emit(&Event::RequestAnswered(answered("/rest/v1/todos", status)));
    }
    events.emit(&Event::RequestBegun);
    events.emit(&Event::RequestAbandoned);
    events.emit(&Event::RequestBegun);
    events.flush();
    let written = String::from_utf8(page.0.lock().expect("the page").clone()).expect("text");
    let statuses: Vec<&str> =
        written.lines().filter_map(|line| line.split("answered ").nth(1)?.get(..3)).collect();
    assert_eq!(statuses, ["200", "200", "404"]);
    let metrics = events.metrics().page();
    for expected in [
        "bedplate_http_requests_total{route=\"/rest/v1/{relation}\",method=\"GET\",status=\"200\"} 2\n",
        "bedplate_http_requests_total{route=\"/rest/v1/{relation}\",method=\"GET\",status=\"404\"} 1\n",
        "bedplate_http_requests_in_flight 1\n",
        "bedplate_http_requests_abandoned_total 1\n",
        "bedplate_http_request_duration_seconds_bucket{route=\"/rest/v1/{relation}\",le=\"0.001\"} 0\n",
        "bedplate_http_request_duration_seconds_bucket{route=\"/rest/v1/{relation}\",le=\"0.0025\"} 3\n",
        "bedplate_http_request_duration_seconds_count{route=\"/rest/v1/{relation}\"} 3\n",
        "engine=\"sqlite\"} 1\n",
    ] {
        assert!(metrics.contains(expected), "{expected}\n{metrics}");
    }
}

#[test]
fn a_method_of_the_client_s_own_is_no_label() {
    let events = Events::with_log(Log::to(LogFormat::Text, Page::default()), "sqlite");
    let method = Method::from_bytes(b"X-EVIL").expect("a method");
    events.emit(&Event::RequestBegun);
    events.emit(&Event::RequestAnswered(Answered { method: &method, ..answered("/x", 404) }));
    assert!(!events.metrics().page().contains("EVIL"));
}

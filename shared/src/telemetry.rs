//! The log line of every request, which also contains its CloudWatch metrics.
//!
//! The line is JSON in the [embedded metric format]: CloudWatch extracts metrics from the members
//! named in `_aws`, and Logs Insights queries all members. Members without a metric have the names
//! of [Powertools], so that its queries work. The line contains no data of the client: no path,
//! header or body, and no client IP.
//!
//! [embedded metric format]: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
//! [Powertools]: https://docs.powertools.aws.dev/lambda/python/latest/core/logger/#standard-structured-keys

use std::{
    fmt,
    time::{Duration, Instant},
};

use serde::Serialize;
use tracing::Level;

use crate::{
    domain::{Actor, AuthMethod, Timestamp, UserId},
    http::Call,
    store::Usage,
};

/// The namespace of the metrics.
const NAMESPACE: &str = "Users";
/// The only dimension: the name of the instance. Lambda's own metrics show each route at no price,
/// because each route is a function.
const DIMENSIONS: [[&str; 1]; 1] = [["Service"]];
/// The names and units of the metrics.
const METRICS: &[Metric] = &[
    Metric { name: "Latency", unit: "Milliseconds" },
    Metric { name: "DynamoDBRequests", unit: "Count" },
    Metric { name: "ReadUnits", unit: "Count" },
    Metric { name: "WriteUnits", unit: "Count" },
    Metric { name: "ServerErrors", unit: "Count" },
    Metric { name: "LoginFailures", unit: "Count" },
];
/// The names and units of rare metrics. A line names them only if one is not zero, because
/// CloudWatch charges for the hours in which a metric exists.
const RARE_METRICS: &[Metric] = &[
    Metric { name: "Rejections", unit: "Count" },
    Metric { name: "NewAdministrators", unit: "Count" },
];
const LOGIN: &str = "POST /api/session";

/// Writes log events as lines of JSON. Lambda reads their levels.
pub(crate) fn init() {
    let lines = tracing_subscriber::fmt().json().without_time().with_target(false);
    lines.with_max_level(Level::INFO).init();
}

/// A request in progress.
#[derive(Debug)]
pub struct RequestTimer {
    request_id: String,
    route: String,
    at: Timestamp,
    began: Instant,
}

/// A finished request. `Display` is a line for a terminal.
#[derive(Debug)]
pub struct RequestLog {
    request: RequestTimer,
    status: u16,
    actor: Option<Actor>,
    latency: Duration,
    usage: Usage,
}

impl RequestTimer {
    /// Starts the measurement of a request that arrives now.
    #[must_use]
    pub fn new(call: &Call) -> Self {
        Self {
            request_id: call.request_id().to_owned(),
            route: call.route().to_owned(),
            at: call.now(),
            began: Instant::now(),
        }
    }

    /// Ends the measurement with the status of the response, the actor and the DynamoDB usage.
    #[must_use]
    pub fn finish(self, status: u16, actor: Option<Actor>, usage: Usage) -> RequestLog {
        RequestLog { latency: self.began.elapsed(), request: self, status, actor, usage }
    }
}

/// An invocation of a function by Lambda.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Invocation<'a> {
    /// The name of the function.
    pub function_name: &'a str,
    /// Lambda's ID of the invocation.
    pub function_request_id: &'a str,
    /// Whether this is the first request of the process.
    pub cold_start: bool,
    /// The ID of the trace in X-Ray.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xray_trace_id: Option<&'a str>,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    unit: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: [[&'static str; 1]; 1],
    metrics: Vec<Metric>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    timestamp: i64,
    cloud_watch_metrics: [Directive; 1],
}

#[derive(Serialize)]
struct EmfRecord<'a> {
    #[serde(rename = "_aws")]
    metadata: Metadata,
    level: &'static str,
    timestamp: Timestamp,
    message: &'static str,
    service: &'a str,
    #[serde(flatten)]
    invocation: &'a Invocation<'a>,
    request_id: &'a str,
    route: &'a str,
    status: u16,
    /// The user ID of the actor, as in the audit log. An API key has that of its service account.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<AuthMethod>,
    #[serde(flatten)]
    metrics: MetricValues<'a>,
}

/// The members named in `_aws`: the dimension and the metrics.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MetricValues<'a> {
    service: &'a str,
    latency: f64,
    #[serde(rename = "DynamoDBRequests")]
    requests: u32,
    read_units: f64,
    write_units: f64,
    server_errors: u8,
    login_failures: u8,
    rejections: u8,
    new_administrators: u32,
}

impl RequestLog {
    /// Returns the line for CloudWatch.
    ///
    /// # Errors
    ///
    /// Returns an error if serialization fails, which these types cannot cause.
    pub fn line(
        &self,
        service: &str,
        invocation: &Invocation<'_>,
    ) -> Result<String, serde_json::Error> {
        let Self { request, status, actor, usage, .. } = self;
        let is_rejected = matches!(status, 403 | 429);
        serde_json::to_string(&EmfRecord {
            metadata: metadata(request.at, is_rejected || usage.promotions > 0),
            level: "INFO",
            timestamp: request.at,
            message: "request",
            service,
            invocation,
            request_id: &request.request_id,
            route: &request.route,
            status: *status,
            actor: actor.and_then(|actor| actor.id).map(UserId::get),
            via: actor.map(|actor| actor.method),
            metrics: MetricValues {
                service,
                latency: self.milliseconds(),
                requests: usage.requests,
                read_units: usage.read_units,
                write_units: usage.write_units,
                server_errors: u8::from(*status >= 500),
                login_failures: u8::from(self.is_failed_login()),
                rejections: u8::from(is_rejected),
                new_administrators: usage.promotions,
            },
        })
    }

    /// Whether a login failed because of its credentials or the rate limit.
    fn is_failed_login(&self) -> bool {
        self.request.route == LOGIN && matches!(self.status, 401 | 429)
    }

    /// The latency in milliseconds, rounded to a microsecond.
    fn milliseconds(&self) -> f64 {
        (self.latency.as_secs_f64() * 1e6).round() / 1e3
    }
}

fn metadata(at: Timestamp, has_rare_metrics: bool) -> Metadata {
    let rare = if has_rare_metrics { RARE_METRICS } else { &[] };
    let metrics = [METRICS, rare].concat();
    let directive = Directive { namespace: NAMESPACE, dimensions: DIMENSIONS, metrics };
    Metadata { timestamp: at.epoch_milliseconds(), cloud_watch_metrics: [directive] }
}

impl fmt::Display for RequestLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            request, status, usage: Usage { requests, read_units, write_units, .. }, ..
        } = self;
        let (route, latency) = (&request.route, self.milliseconds());
        write!(f, "{route} {status} {latency} ms, DynamoDB: {requests} requests, ")?;
        write!(f, "{read_units} read units, {write_units} write units")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use time::OffsetDateTime;

    fn request_log(route: &str, status: u16) -> RequestLog {
        let at = Timestamp::new(OffsetDateTime::from_unix_timestamp_nanos(1_234_500_000).unwrap());
        let request = RequestTimer {
            request_id: "r-1".to_owned(),
            route: route.to_owned(),
            at,
            began: Instant::now(),
        };
        let usage = Usage { requests: 2, read_units: 1.5, write_units: 8.0, promotions: 0 };
        let actor = Some(Actor { id: Some(UserId::INSTALLER), method: AuthMethod::Session });
        RequestLog { request, status, actor, latency: Duration::from_nanos(2_345_678), usage }
    }

    const INVOCATION: Invocation<'_> = Invocation {
        function_name: "users-dev-get-user",
        function_request_id: "f-1",
        cold_start: true,
        xray_trace_id: Some("1-2-3"),
    };

    fn line(log: &RequestLog) -> Value {
        serde_json::from_str(&log.line("users-dev", &INVOCATION).unwrap()).unwrap()
    }

    #[test]
    fn is_one_line_with_all_members() {
        let log = request_log("GET /api/user/{id}", 200);
        assert!(!log.line("users-dev", &INVOCATION).unwrap().contains('\n'));
        let mut line = line(&log);
        line.as_object_mut().unwrap().remove("_aws");
        assert_eq!(
            line,
            json!({
                "level": "INFO", "timestamp": "1970-01-01T00:00:01.234500Z", "message": "request",
                "service": "users-dev", "function_name": "users-dev-get-user",
                "function_request_id": "f-1", "cold_start": true, "xray_trace_id": "1-2-3",
                "request_id": "r-1", "route": "GET /api/user/{id}", "status": 200,
                "actor": 1, "via": "session",
                "Service": "users-dev", "Latency": 2.346, "DynamoDBRequests": 2, "ReadUnits": 1.5,
                "WriteUnits": 8.0, "ServerErrors": 0, "LoginFailures": 0, "Rejections": 0,
                "NewAdministrators": 0,
            })
        );
    }

    #[test]
    fn every_metric_and_dimension_is_a_member() {
        let line = line(&request_log("GET /api/user/{id}", 200));
        let metadata = &line["_aws"];
        assert_eq!(metadata["Timestamp"], 1_234);
        let [directive] = &metadata["CloudWatchMetrics"].as_array().unwrap()[..] else { panic!() };
        assert_eq!(directive["Namespace"], "Users");
        for name in directive["Dimensions"][0].as_array().unwrap() {
            assert!(line[name.as_str().unwrap()].is_string(), "{name}");
        }
        for metric in directive["Metrics"].as_array().unwrap() {
            assert!(line[metric["Name"].as_str().unwrap()].is_number(), "{metric}");
        }
    }

    #[test]
    fn rare_metrics_are_named_only_when_they_count() {
        for (status, promotions, count) in [(200, 0, 6), (403, 0, 8), (429, 0, 8), (200, 1, 8)] {
            let mut log = request_log("PUT /api/user/{id}", status);
            log.usage.promotions = promotions;
            let line = line(&log);
            let names = &line["_aws"]["CloudWatchMetrics"][0]["Metrics"];
            assert_eq!(names.as_array().unwrap().len(), count, "{status} {promotions}");
            assert_eq!(line["NewAdministrators"], promotions);
            assert_eq!(line["Rejections"], u8::from(status != 200));
        }
    }

    #[test]
    fn counts_server_errors_and_failed_logins() {
        for (route, status, server_errors, login_failures) in [
            (LOGIN, 200, 0, 0),
            (LOGIN, 401, 0, 1),
            (LOGIN, 429, 0, 1),
            (LOGIN, 503, 1, 0),
            ("GET /api/user", 401, 0, 0),
            ("GET /api/user", 500, 1, 0),
        ] {
            let line = line(&request_log(route, status));
            assert_eq!(line["ServerErrors"], server_errors, "{route} {status}");
            assert_eq!(line["LoginFailures"], login_failures, "{route} {status}");
        }
    }

    #[test]
    fn display_is_a_line_for_a_terminal() {
        assert_eq!(
            request_log("GET /api/user/{id}", 200).to_string(),
            "GET /api/user/{id} 200 2.346 ms, DynamoDB: 2 requests, 1.5 read units, 8 write units"
        );
    }
}

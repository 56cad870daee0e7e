"""Prometheus figures of the API process and of what it sees of the house."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.picture import node_silent
from api.realtime import Hub
from cti.facts import CallState, Topic

_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class Metrics:
    """One registry per app, so that two apps in one process (a test) do not share figures."""

    def __init__(self, hub: Hub) -> None:
        self._registry = CollectorRegistry()
        self.dead_letters = 0
        self._registry.register(_Live(hub, self))
        self._requests = Counter(
            "lianxin_http_requests", "Requests by route and status.", ["method", "route", "status"],
            registry=self._registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "lianxin_http_request_seconds", "Time to the end of the answer.", ["route"], buckets=_BUCKETS,
            registry=self._registry,
        )  # fmt: skip

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self._registry)


class _Live(Collector):
    def __init__(self, hub: Hub, metrics: Metrics) -> None:
        self._hub = hub
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        hub = self._hub
        yield _gauge("lianxin_feed_sockets", "Open feed sockets.", hub.sockets)
        yield _gauge("lianxin_feed_lag_seconds", "Commit to fan-out of the last batch.", hub.lag_s)
        yield _gauge("lianxin_feed_seq", "Last feed row taken.", hub.picture.seq)
        yield _gauge("lianxin_database_away", "1 while the feed cannot be followed.", int(hub.away_since is not None))
        yield _counter("lianxin_feed_rows", "Feed rows taken.", hub.rows_read)
        yield _counter("lianxin_feed_resyncs", "Screens told to resync.", hub.overflows)
        yield _gauge("lianxin_dead_letters", "Lines and rows set aside.", self._metrics.dead_letters)
        yield self._calls()
        ends = CounterMetricFamily("lianxin_commands", "Commands by state reached.", labels=["state"])
        for state, count in hub.command_ends.items():
            ends.add_metric([state], count)
        yield ends
        nodes = GaugeMetricFamily("lianxin_node_connected", "1 while cti is linked to its PBX.", labels=["node"])
        for node in hub.picture.of_topic(Topic.NODE):
            nodes.add_metric([node["node"]], int(node["connected"] and not node_silent(node, datetime.now(UTC))))
        yield nodes

    def _calls(self) -> Metric:
        calls = GaugeMetricFamily("lianxin_calls_live", "Calls by state.", labels=["state"])
        states = [c["state"] for c in self._hub.picture.of_topic(Topic.CALL)]
        for state in CallState:
            calls.add_metric([state.value], states.count(state.value))
        return calls


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(name, text, value=value)

"""Metrics for Prometheus, on a port of their own: what a process counted, and how the installation does."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import REGISTRY, CollectorRegistry, start_http_server
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from api.installation import Installation, installation
from api.services import Services
from core.settings import Settings
from workers.bootstrap import build

_SHARED = "PROMETHEUS_MULTIPROC_DIR"


class InstallationCollector(Collector):
    """Asks the database at each scrape: the same answer whichever process gives it."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        state = installation(self._services)
        yield from _of_queues(state)
        yield from _of_chores(state)
        yield _one("flitsketen_intake_open", "1 while captures are taken in.", not state.shortage)
        yield _one("flitsketen_cameras_silent", "Cameras in use that are not heard of.", len(state.silent))
        yield _one("flitsketen_certificates_ending", "Of the seal and of cameras, within 30 days.", len(state.ending))
        yield _one("flitsketen_packages_held", "Packages in quarantine.", state.held_packages)
        yield _one("flitsketen_readings_waiting", "Plates that wait for a person.", state.readings_waiting)
        yield _one("flitsketen_appeals_at_risk", "Appeals with their term at risk, up to 250.", state.appeals.at_risk)
        yield _one("flitsketen_appeals_late", "Appeals past their term, up to 250.", state.appeals.late)
        free = GaugeMetricFamily("flitsketen_free_bytes", "Free on disk.", labels=["place"])
        for one in state.storage:
            free.add_metric([one.place], one.free)
        yield free


def expose(settings: Settings, services: Services) -> None:
    """Serve the metrics of this process until it ends, where the settings name a port.

    Raises OSError where something else listens there.
    """
    if settings.metrics_port:
        REGISTRY.register(InstallationCollector(services))
        start_http_server(settings.metrics_port, settings.metrics_host)


@contextmanager
def exposed_together(settings: Settings) -> Iterator[None]:
    """As `expose`, for the processes that this one starts meanwhile: they count into files, which it adds up."""
    if not settings.metrics_port:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="flitsketen-metrics-") as shared:
        os.environ[_SHARED] = shared
        registry = CollectorRegistry()
        MultiProcessCollector(registry, shared)  # type: ignore[no-untyped-call]
        registry.register(InstallationCollector(build(settings).services))
        start_http_server(settings.metrics_port, settings.metrics_host, registry)
        yield


def _one(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)


def _of_queues(state: Installation) -> Iterator[Metric]:
    families = {
        "waiting": "Jobs that wait, by queue.",
        "oldest_seconds": "How long the first that waits could have been done.",
        "handed_out": "Jobs that workers have or are about to get.",
        "dead": "Jobs that failed too often and wait for a person.",
    }
    for field, what in families.items():
        family = GaugeMetricFamily(f"flitsketen_queue_{field}", what, labels=["queue"])
        for one in state.queues:
            family.add_metric([one.name], getattr(one, field))
        yield family


def _of_chores(state: Installation) -> Iterator[Metric]:
    done = GaugeMetricFamily("flitsketen_chore_success_timestamp_seconds", "When it went well last.", labels=["chore"])
    well = GaugeMetricFamily("flitsketen_chore_well", "1 when it went well last and is not overdue.", labels=["chore"])
    for one in state.chores:
        well.add_metric([one.name], one.well)
        if one.succeeded_at:
            done.add_metric([one.name], one.succeeded_at.timestamp())
    yield from (done, well)

"""Traces (OpenTelemetry): one from a camera's push over outbox, queues and jobs to the letter.

Spans say which route or job, how it ended and how long it took; never what was in it, nor the text of an error.
"""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import Span, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from core.settings import Settings

_tracer = trace.get_tracer("flitsketen")
_written = TraceContextTextMapPropagator()
_HEADER = "traceparent"


def configure_tracing(settings: Settings, process: str) -> None:
    """Send the spans of this process to a collector, where the settings name one. Once a process."""
    if not settings.otlp_url:
        return
    provider = TracerProvider(
        resource=Resource({SERVICE_NAME: f"flitsketen-{process}"}),
        sampler=ParentBasedTraceIdRatio(settings.trace_share),
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{settings.otlp_url.rstrip('/')}/v1/traces")))
    trace.set_tracer_provider(provider)


@contextmanager
def span(name: str, kind: SpanKind, parent: Context | None = None) -> Iterator[Span]:
    """What is done inside is one step of a trace; an error ends it without being quoted."""
    with _tracer.start_as_current_span(
        name, parent, kind, record_exception=False, set_status_on_exception=False
    ) as current:
        yield current


def carried() -> str | None:
    """The place in the trace that what is called for later goes on from (W3C Trace Context)."""
    carrier: dict[str, str] = {}
    _written.inject(carrier)
    return carrier.get(_HEADER)


def resumed(carried: str | None) -> Context:
    """Where a trace went on from; an empty place where there was none."""
    return _written.extract({_HEADER: carried} if carried else {}, Context())


def with_trace(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """For a log: the trace that its line belongs to."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        entry["trace_id"] = trace.format_trace_id(context.trace_id)
    return entry

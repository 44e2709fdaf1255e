"""Structured logs that carry no personal data: a field passes only if it is on the list."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from core.tracing import with_trace

SAFE_FIELDS = frozenset(
    {
        "actor_kind", "attempt", "bytes", "camera_id", "case_id", "code", "count", "duration_ms", "error_type",
        "event", "file", "job", "level", "message_id", "method", "partition", "queue", "reason", "route",
        "request_id", "state", "status", "timestamp", "trace_id", "url",
    }
)  # fmt: skip


def _keep_safe_fields(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    dropped = [key for key in entry if key not in SAFE_FIELDS]
    for key in dropped:
        del entry[key]
    if dropped:
        entry["reason"] = f"{len(dropped)} field(s) withheld"
    return entry


def configure_logging(level: str = "INFO", file: TextIO | None = None) -> None:
    """Send JSON lines to `file`, or to standard error.

    Exceptions are named by type; their text may hold personal data.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            with_trace,
            _keep_safe_fields,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(file=file or sys.stderr),
    )

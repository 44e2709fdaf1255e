"""What a process counts of its own work, for Prometheus. Labels name kinds of things, never a thing or a person."""

from prometheus_client import Counter, Histogram

_QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_LONG = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000)

JOB_SECONDS = Histogram(
    "flitsketen_job_seconds", "Jobs that were run, by how they ended.", ["queue", "job", "state"], buckets=_LONG
)
REQUEST_SECONDS = Histogram(
    "flitsketen_request_seconds", "Requests that were answered, until the last byte.", ["method", "route", "status"],
    buckets=_QUICK,
)  # fmt: skip
PACKAGES = Counter("flitsketen_packages", "Packages of cameras, by what became of them.", ["outcome"])
CHORE_SECONDS = Histogram(
    "flitsketen_chore_seconds", "Chores that were done, by how they ended.", ["chore", "outcome"], buckets=_LONG
)

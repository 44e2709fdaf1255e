"""Fills a database in bulk with captures that were taken in before: what stands in the tables, without photos.

The database makes the rows itself: each capture with its two photos, its key, an audit record and its finished jobs.
"""

from sqlalchemy import Connection, text

from core.database import Database

_STEP = 250_000
_NUMBERS = {
    "sqlite": (
        "WITH RECURSIVE some(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM some WHERE n + 1 < :last)"
        " SELECT n FROM some"
    ),
    "postgresql": "SELECT n FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint) - 1) AS made(n)",
}
_HEX = {"sqlite": "printf('%012x', n)", "postgresql": "lpad(to_hex(n), 12, '0')"}
_KEY = {"sqlite": "zeroblob(60)", "postgresql": "decode(repeat('00', 60), 'hex')"}
_DETAILS = (
    '{"camera_id": "bench", "capture_id": "x", "captured_at": "2026-01-01T00:00:00Z", "location":'
    ' {"road": "Teststraat", "municipality": "Utrecht", "latitude": 52.1, "longitude": 5.1}, "lane": 1,'
    ' "direction": "approaching",'
    ' "image_count": 2, "images": [{"sha256": "x"}, {"sha256": "x"}], "measured_speed_kmh": "64.0"}'
)
_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def fill(database: Database, camera_id: str, count: int) -> None:
    """So many, in the past of the camera, whose facts are there."""
    kind = database.engine.dialect.name
    with database.engine.connect() as connection:
        certificate = connection.execute(text("SELECT id FROM calibration_certificate")).scalar_one()
        head = connection.execute(text("SELECT seq FROM audit_head WHERE partition = 'ingest'")).scalar_one()
    for first in range(0, count, _STEP):
        values = {
            "first": first, "last": min(first + _STEP, count), "camera": camera_id, "certificate": certificate,
            "head": head, "details": _DETAILS, "digest": _DIGEST,
        }  # fmt: skip
        with database.engine.connect() as connection:
            if database.is_sqlite:
                connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                # What the rows refer to is there: they need not be looked up ninety million times.
                connection.exec_driver_sql("SET session_replication_role = replica")
            _fill(connection, kind, values)
            connection.commit()
    with database.engine.connect() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(text("UPDATE audit_head SET seq = seq + :more WHERE partition = 'ingest'"), {"more": count})
        connection.commit()
        if not database.is_sqlite:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")


def _fill(connection: Connection, kind: str, values: dict[str, object]) -> None:
    numbers, id_ = _NUMBERS[kind], f"'00000000-0000-7000-8000-' || {_HEX[kind]}"
    moment = "'2026-01-01 00:00:00'" if kind == "sqlite" else "TIMESTAMPTZ '2026-01-01 00:00:00+00'"
    empty, details = ("'{}'", ":details") if kind == "sqlite" else ("CAST('{}' AS json)", "CAST(:details AS json)")
    statements = [
        "INSERT INTO case_key (case_id, wrapped, created_at)"
        f" SELECT {id_}, {_KEY[kind]}, {moment} FROM ({numbers}) AS f",
        "INSERT INTO capture (id, camera_id, external_id, certificate_id, captured_at, received_at, details,"
        " metadata_sha256, content_sha256, signature)"
        f" SELECT {id_}, :camera, 'filled-' || n, :certificate, {moment}, {moment}, {details},"
        f" :digest, :digest, :digest FROM ({numbers}) AS f",
        f"INSERT INTO capture_name SELECT :camera, 'filled-' || n, {id_} FROM ({numbers}) AS f",
        *(
            "INSERT INTO capture_image (id, capture_id, position, sha256, width, height, size)"
            f" SELECT {id_} || '-{position}', {id_}, {position}, :digest, 1400, 1000, 500000 FROM ({numbers}) AS f"
            for position in (0, 1)
        ),
        *(
            "INSERT INTO outbox_message (id, job, key, payload, state, attempts, created_at, available_at)"
            f" SELECT {id_} || '-{job}', '{job}', '{job}:' || {id_} || ':' || 1, {empty}, 'done', 1, {moment},"
            f" {moment} FROM ({numbers}) AS f"
            for job in ("ingest.log_evidence", "imaging.read")
        ),
        (
            "INSERT INTO audit_record (partition, seq, at, actor, action, subject_kind, subject_id, reason, detail,"
            " previous_hash, hash)"
            f" SELECT 'ingest', :head + 1 + n, {moment}, 'camera:bench', 'row.sealed', 'capture', {id_},"
            f" 'first write', {empty}, :digest, :digest FROM ({numbers}) AS f"
        ),
    ]
    for statement in statements:
        connection.execute(text(statement), values)

"""keys of cameras, what entitles them to measure, how they do, packages that are released"""

import base64
import hashlib

import sqlalchemy as sa
from alembic import op

import core.database

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_MOMENT = core.database.UtcDateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("camera", schema=None) as batch_op:
        batch_op.alter_column("public_key", existing_type=sa.String(), nullable=True)
        batch_op.add_column(sa.Column("compromised", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("camera", schema=None) as batch_op:
        batch_op.alter_column("compromised", server_default=None)
    op.create_table(
        "camera_key",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("camera_id", sa.String(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("valid_from", _MOMENT, nullable=False),
        sa.Column("valid_to", _MOMENT, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_camera_key_camera_id_camera")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera_key")),
    )
    op.create_index(op.f("ix_camera_key_camera_id"), "camera_key", ["camera_id"])
    _take_over_keys()
    op.create_table(
        "enrolment_code",
        sa.Column("code_sha256", sa.String(), nullable=False),
        sa.Column("camera_id", sa.String(), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_enrolment_code_camera_id_camera")),
        sa.PrimaryKeyConstraint("code_sha256", name=op.f("pk_enrolment_code")),
    )
    op.create_index(op.f("ix_enrolment_code_camera_id"), "enrolment_code", ["camera_id"])
    op.create_table(
        "seen_nonce",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("forget_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key_id", "nonce", name=op.f("pk_seen_nonce")),
    )
    op.create_index(op.f("ix_seen_nonce_forget_at"), "seen_nonce", ["forget_at"])
    op.create_table(
        "heartbeat",
        sa.Column("camera_id", sa.String(), nullable=False),
        sa.Column("sent_at", _MOMENT, nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("drift_ms", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("oldest_at", _MOMENT, nullable=True),
        sa.Column("software", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_heartbeat_camera_id_camera")),
        sa.PrimaryKeyConstraint("camera_id", name=op.f("pk_heartbeat")),
    )
    version = op.create_table(
        "registry_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_version")),
    )
    op.bulk_insert(version, [{"id": 1, "number": 0}])
    _create_facts()
    with op.batch_alter_table("calibration_certificate", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdrawn_from", _MOMENT, nullable=True))
    with op.batch_alter_table("capture", schema=None) as batch_op:
        batch_op.add_column(sa.Column("key_id", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("basis", sa.JSON(none_as_null=True), nullable=True))
        batch_op.create_foreign_key(op.f("fk_capture_key_id_camera_key"), "camera_key", ["key_id"], ["id"])
        batch_op.create_index(op.f("ix_capture_camera_id"), ["camera_id", "received_at"])
    with op.batch_alter_table("quarantined_package", schema=None) as batch_op:
        batch_op.add_column(sa.Column("signature", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("released_as", sa.String(), nullable=True))
        batch_op.create_index(op.f("ix_quarantined_package_state"), ["state"])
    op.add_column("tree_head", sa.Column("timestamp", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_outbox_message_available_at"))
        batch_op.create_index(op.f("ix_outbox_message_state"), ["state", "available_at"])


def _take_over_keys() -> None:
    """Cameras that were registered with a key keep it, as the first of theirs."""
    connection = op.get_bind()
    cameras = connection.execute(sa.text("SELECT id, public_key, registered_at, revoked_from, state FROM camera"))
    for camera_id, public_key, registered_at, revoked_from, state in cameras.all():
        connection.execute(
            sa.text(
                "INSERT INTO camera_key (id, camera_id, public_key, valid_from, valid_to, state)"
                " VALUES (:id, :camera_id, :public_key, :valid_from, :valid_to, :state)"
            ),
            {
                "id": hashlib.sha256(base64.b64decode(public_key)).hexdigest(),
                "camera_id": camera_id,
                "public_key": public_key,
                "valid_from": registered_at,
                "valid_to": revoked_from,
                "state": "ended" if state == "revoked" else "active",
            },
        )


def _create_facts() -> None:
    op.create_table(
        "type_approval",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.Column("valid_from", _MOMENT, nullable=False),
        sa.Column("valid_to", _MOMENT, nullable=True),
        sa.Column("withdrawn_from", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_type_approval")),
    )
    op.create_index(op.f("ix_type_approval_model"), "type_approval", ["model"])
    op.create_table(
        "reference_certificate",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.Column("value_mm", sa.Integer(), nullable=False),
        sa.Column("uncertainty_mm", sa.Integer(), nullable=False),
        sa.Column("valid_from", _MOMENT, nullable=False),
        sa.Column("valid_to", _MOMENT, nullable=False),
        sa.Column("withdrawn_from", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_certificate")),
    )
    op.create_index(op.f("ix_reference_certificate_subject"), "reference_certificate", ["subject"])
    op.create_table(
        "deployment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("camera_id", sa.String(), nullable=False),
        sa.Column("stretch", sa.String(), nullable=False),
        sa.Column("road", sa.String(), nullable=False),
        sa.Column("municipality", sa.String(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("radius_m", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("limit_kmh", sa.Integer(), nullable=False),
        sa.Column("installed_by", sa.String(), nullable=False),
        sa.Column("valid_from", _MOMENT, nullable=False),
        sa.Column("valid_to", _MOMENT, nullable=True),
        sa.Column("withdrawn_from", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_deployment_camera_id_camera")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
    )
    op.create_index(op.f("ix_deployment_camera_id"), "deployment", ["camera_id"])
    op.create_table(
        "speed_limit",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("stretch", sa.String(), nullable=False),
        sa.Column("limit_kmh", sa.Integer(), nullable=False),
        sa.Column("road_type", sa.String(), nullable=False),
        sa.Column("from_hour", sa.Integer(), nullable=True),
        sa.Column("to_hour", sa.Integer(), nullable=True),
        sa.Column("decree", sa.String(), nullable=False),
        sa.Column("valid_from", _MOMENT, nullable=False),
        sa.Column("valid_to", _MOMENT, nullable=True),
        sa.Column("withdrawn_from", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speed_limit")),
    )
    op.create_index(op.f("ix_speed_limit_stretch"), "speed_limit", ["stretch"])

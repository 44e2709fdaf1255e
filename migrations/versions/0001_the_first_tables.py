"""the first tables"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appeal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("grounds", sa.String(), nullable=False),
        sa.Column("appellant", sa.JSON(), nullable=False),
        sa.Column("late_reason", sa.String(), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("decide_by", sa.Date(), nullable=False),
        sa.Column("in_time", sa.Boolean(), nullable=False),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("handler_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_appeal_decision_id")),
    )
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeal_state"), ["state"], unique=False)

    op.create_table(
        "assessment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("capture_id", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("capture_id", name=op.f("uq_assessment_capture_id")),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("partition", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_checkpoint")),
    )
    op.create_table(
        "audit_head",
        sa.Column("partition", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("partition", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_record",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("partition", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_record")),
        sa.UniqueConstraint("partition", "seq", name=op.f("uq_audit_record_partition")),
    )
    with op.batch_alter_table("audit_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_record_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "camera",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_from", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera")),
    )
    op.create_table(
        "case_key",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_key")),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("capture_id", sa.String(), nullable=False),
        sa.Column("case_number", sa.String(), nullable=False),
        sa.Column("payment_reference", sa.String(), nullable=False),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("plate_country", sa.String(), nullable=False),
        sa.Column("keeper", sa.JSON(), nullable=False),
        sa.Column("vehicle", sa.String(), nullable=False),
        sa.Column("offence_code", sa.String(), nullable=False),
        sa.Column("offence_nl", sa.String(), nullable=False),
        sa.Column("violated_article", sa.String(), nullable=False),
        sa.Column("conduct_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("municipality", sa.String(), nullable=False),
        sa.Column("road_type", sa.String(), nullable=False),
        sa.Column("measured_kmh", sa.String(), nullable=False),
        sa.Column("corrected_kmh", sa.Integer(), nullable=False),
        sa.Column("limit_kmh", sa.Integer(), nullable=False),
        sa.Column("sanction_cents", sa.Integer(), nullable=False),
        sa.Column("administration_cents", sa.Integer(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("appeal_until", sa.Date(), nullable=False),
        sa.Column("pay_until", sa.Date(), nullable=False),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.Column("rules_version", sa.String(), nullable=False),
        sa.Column("specimen", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("current_sanction_cents", sa.Integer(), nullable=False),
        sa.Column("resume_state", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("capture_id", name=op.f("uq_decision_capture_id")),
        sa.UniqueConstraint("case_number", name=op.f("uq_decision_case_number")),
        sa.UniqueConstraint("payment_reference", name=op.f("uq_decision_payment_reference")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_due_on"), ["due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_state"), ["state"], unique=False)

    op.create_table(
        "outbox_message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_message_key")),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_message_available_at"), ["available_at"], unique=False)

    op.create_table(
        "principal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_principal")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_principal_token_sha256")),
    )
    op.create_table(
        "reading",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("capture_id", sa.String(), nullable=False),
        sa.Column("plate", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("confidence_permille", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("models", sa.JSON(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
        sa.UniqueConstraint("capture_id", name=op.f("uq_reading_capture_id")),
    )
    with op.batch_alter_table("reading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reading_state"), ["state"], unique=False)

    op.create_table(
        "redacted_photo",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("capture_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("hidden", sa.JSON(), nullable=False),
        sa.Column("plate_visible", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redacted_photo")),
        sa.UniqueConstraint("capture_id", "position", name=op.f("uq_redacted_photo_capture_id")),
    )
    with op.batch_alter_table("redacted_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_redacted_photo_capture_id"), ["capture_id"], unique=False)

    op.create_table(
        "appeal_decision",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("appeal_id", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("sanction_cents", sa.Integer(), nullable=True),
        sa.Column("motivation", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("court_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_decision_appeal_id_appeal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_decision")),
        sa.UniqueConstraint("appeal_id", name=op.f("uq_appeal_decision_appeal_id")),
    )
    op.create_table(
        "calibration_certificate",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("camera_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_calibration_certificate_camera_id_camera")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_certificate")),
    )
    with op.batch_alter_table("calibration_certificate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calibration_certificate_camera_id"), ["camera_id"], unique=False)

    op.create_table(
        "court_appeal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("appeal_id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("grounds", sa.String(), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("in_time", sa.Boolean(), nullable=False),
        sa.Column("court", sa.String(), nullable=False),
        sa.Column("security_cents", sa.Integer(), nullable=False),
        sa.Column("security_until", sa.Date(), nullable=True),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_court_appeal_appeal_id_appeal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_court_appeal")),
        sa.UniqueConstraint("appeal_id", name=op.f("uq_court_appeal_appeal_id")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_court_appeal_decision_id")),
    )
    with op.batch_alter_table("court_appeal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_court_appeal_state"), ["state"], unique=False)

    op.create_table(
        "ledger_transaction",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=True),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_ledger_transaction_decision_id_decision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transaction")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_transaction_key")),
    )
    with op.batch_alter_table("ledger_transaction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_transaction_decision_id"), ["decision_id"], unique=False)

    op.create_table(
        "letter",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_letter_decision_id_decision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("decision_id", "kind", name=op.f("uq_letter_decision_id")),
    )
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_decision_id"), ["decision_id"], unique=False)

    op.create_table(
        "payment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source_key", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_payment_decision_id_decision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("source_key", name=op.f("uq_payment_source_key")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_decision_id"), ["decision_id"], unique=False)

    op.create_table(
        "plate_confirmation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("reading_id", sa.String(), nullable=False),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name=op.f("fk_plate_confirmation_reading_id_reading")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plate_confirmation")),
        sa.UniqueConstraint("reading_id", name=op.f("uq_plate_confirmation_reading_id")),
    )
    op.create_table(
        "quarantined_package",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("camera_id", sa.String(), nullable=False),
        sa.Column("package_sha256", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blobs", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_quarantined_package_camera_id_camera")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantined_package")),
        sa.UniqueConstraint("camera_id", "package_sha256", "code", name=op.f("uq_quarantined_package_camera_id")),
    )
    op.create_table(
        "capture",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("camera_id", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("certificate_id", sa.String(), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("metadata_sha256", sa.String(), nullable=False),
        sa.Column("content_sha256", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_capture_camera_id_camera")),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["calibration_certificate.id"],
            name=op.f("fk_capture_certificate_id_calibration_certificate"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capture")),
        sa.UniqueConstraint("camera_id", "external_id", name=op.f("uq_capture_camera_id")),
    )
    with op.batch_alter_table("capture", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_capture_captured_at"), ["captured_at"], unique=False)

    op.create_table(
        "dossier",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("court_appeal_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["court_appeal_id"], ["court_appeal.id"], name=op.f("fk_dossier_court_appeal_id_court_appeal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier")),
        sa.UniqueConstraint("court_appeal_id", name=op.f("uq_dossier_court_appeal_id")),
    )
    op.create_table(
        "ledger_posting",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("transaction_id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=True),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_ledger_posting_decision_id_decision")),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["ledger_transaction.id"],
            name=op.f("fk_ledger_posting_transaction_id_ledger_transaction"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_posting")),
    )
    with op.batch_alter_table("ledger_posting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_posting_account"), ["account"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_posting_decision_id"), ["decision_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_posting_transaction_id"), ["transaction_id"], unique=False)

    op.create_table(
        "ruling",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("court_appeal_id", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("sanction_cents", sa.Integer(), nullable=True),
        sa.Column("motivation", sa.String(), nullable=False),
        sa.Column("ruled_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["court_appeal_id"], ["court_appeal.id"], name=op.f("fk_ruling_court_appeal_id_court_appeal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ruling")),
        sa.UniqueConstraint("court_appeal_id", name=op.f("uq_ruling_court_appeal_id")),
    )
    op.create_table(
        "capture_image",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("capture_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["capture_id"], ["capture.id"], name=op.f("fk_capture_image_capture_id_capture")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capture_image")),
        sa.UniqueConstraint("capture_id", "position", name=op.f("uq_capture_image_capture_id")),
    )
    with op.batch_alter_table("capture_image", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_capture_image_capture_id"), ["capture_id"], unique=False)

    heads = sa.table("audit_head", sa.column("partition"), sa.column("seq"), sa.column("hash"))
    # Present from the start, so that two first writers do not meet on an empty table.
    partitions = ("access", "ingest", "imaging", "fines", "appeals")
    op.bulk_insert(heads, [{"partition": name, "seq": 0, "hash": "0" * 64} for name in partitions])


def downgrade() -> None:
    with op.batch_alter_table("capture_image", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_capture_image_capture_id"))

    op.drop_table("capture_image")
    op.drop_table("ruling")
    with op.batch_alter_table("ledger_posting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_posting_transaction_id"))
        batch_op.drop_index(batch_op.f("ix_ledger_posting_decision_id"))
        batch_op.drop_index(batch_op.f("ix_ledger_posting_account"))

    op.drop_table("ledger_posting")
    op.drop_table("dossier")
    with op.batch_alter_table("capture", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_capture_captured_at"))

    op.drop_table("capture")
    op.drop_table("quarantined_package")
    op.drop_table("plate_confirmation")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_decision_id"))

    op.drop_table("payment")
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_decision_id"))

    op.drop_table("letter")
    with op.batch_alter_table("ledger_transaction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_transaction_decision_id"))

    op.drop_table("ledger_transaction")
    with op.batch_alter_table("court_appeal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_court_appeal_state"))

    op.drop_table("court_appeal")
    with op.batch_alter_table("calibration_certificate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calibration_certificate_camera_id"))

    op.drop_table("calibration_certificate")
    op.drop_table("appeal_decision")
    with op.batch_alter_table("redacted_photo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_redacted_photo_capture_id"))

    op.drop_table("redacted_photo")
    with op.batch_alter_table("reading", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reading_state"))

    op.drop_table("reading")
    op.drop_table("principal")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_message_available_at"))

    op.drop_table("outbox_message")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_state"))
        batch_op.drop_index(batch_op.f("ix_decision_due_on"))

    op.drop_table("decision")
    op.drop_table("case_key")
    op.drop_table("camera")
    with op.batch_alter_table("audit_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_record_subject_id"))

    op.drop_table("audit_record")
    op.drop_table("audit_head")
    op.drop_table("audit_checkpoint")
    op.drop_table("assessment")
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appeal_state"))

    op.drop_table("appeal")

"""criminal cases for the prosecutor, their exports and receipts"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handover",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("manifest", sa.JSON(), nullable=True),
        sa.Column("manifest_sha256", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index(op.f("ix_handover_state"), "handover", ["state"])
    op.create_table(
        "referral",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("assessment_id", sa.String(), nullable=False),
        sa.Column("capture_id", sa.String(), nullable=False),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("plate_country", sa.String(), nullable=False),
        sa.Column("measured_kmh", sa.String(), nullable=False),
        sa.Column("corrected_kmh", sa.Integer(), nullable=False),
        sa.Column("handover_id", sa.String(), nullable=True),
        sa.Column("prosecutor_number", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_referral_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], name=op.f("fk_referral_handover_id_handover")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
        sa.UniqueConstraint("assessment_id", name=op.f("uq_referral_assessment_id")),
        sa.UniqueConstraint("capture_id", name=op.f("uq_referral_capture_id")),
    )
    op.create_index(op.f("ix_referral_handover_id"), "referral", ["handover_id"])
    op.create_index(op.f("ix_referral_state"), "referral", ["state"])

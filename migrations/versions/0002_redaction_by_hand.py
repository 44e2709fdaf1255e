"""redaction by hand: regions that a person adds or lifts, and revisions of the citizen's copy"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "region_change",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("capture_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("box", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region_change")),
        sa.UniqueConstraint("capture_id", "number", name=op.f("uq_region_change_capture_id")),
    )
    with op.batch_alter_table("region_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_region_change_capture_id"), ["capture_id"], unique=False)

    # Copies made before are revision 1, their networks and moment unknown.
    with op.batch_alter_table("redacted_photo", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("models", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(
            sa.Column(
                "redacted_at",
                sa.DateTime(timezone=True),
                nullable=False,
                server_default="1970-01-01 00:00:00+00:00",
            )
        )
        batch_op.drop_constraint(op.f("uq_redacted_photo_capture_id"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_redacted_photo_capture_id"), ["capture_id", "position", "revision"])
    with op.batch_alter_table("redacted_photo", schema=None) as batch_op:
        for column in ("revision", "models", "redacted_at"):
            batch_op.alter_column(column, server_default=None)

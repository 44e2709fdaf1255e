"""second review: what each person read on a photo"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plate_opinion",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("reading_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("plate", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name=op.f("fk_plate_opinion_reading_id_reading")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plate_opinion")),
        sa.UniqueConstraint("reading_id", "number", name=op.f("uq_plate_opinion_reading_id")),
    )
    with op.batch_alter_table("plate_opinion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plate_opinion_given_by"), ["given_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_plate_opinion_reading_id"), ["reading_id"], unique=False)

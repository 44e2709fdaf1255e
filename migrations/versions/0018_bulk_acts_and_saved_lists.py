"""acts for many appeals at once, and lists of one's own"""

import sqlalchemy as sa
from alembic import op

import core.database

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulk_act",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.Column("done_at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("undone", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_act")),
    )
    op.create_table(
        "saved_list",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("view", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_list")),
    )
    op.create_index(op.f("ix_saved_list_owner_id"), "saved_list", ["owner_id"])

"""what is kept, by which rule and until when; legal holds; proofs of destruction; which key wrapped a case's key"""

import sqlalchemy as sa
from alembic import op

import core.database
from migrations import online

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_MOMENT = core.database.UtcDateTime(timezone=True)
_KEPT = sa.text("wrapped IS NOT NULL")
_TO_SWEEP = sa.text("destroyed_at IS NOT NULL AND swept_at IS NULL")


def upgrade() -> None:
    op.add_column("case_key", sa.Column("wrapped_by", sa.String(), nullable=True))
    # Every case that is there is to be looked at.
    op.add_column("case_key", sa.Column("look_on", sa.Date(), nullable=False, server_default="0001-01-01"))
    op.add_column("case_key", sa.Column("kept_by", sa.String(), nullable=True))
    op.add_column("case_key", sa.Column("swept_at", _MOMENT, nullable=True))
    online.create_index("ix_case_key_look_on", "case_key", ["look_on", "case_id"], _KEPT)
    online.create_index("ix_case_key_to_sweep", "case_key", ["case_id"], _TO_SWEEP)
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("placed_by", sa.String(), nullable=False),
        sa.Column("placed_at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    op.create_index(op.f("ix_legal_hold_case_id"), "legal_hold", ["case_id"])
    op.create_index(op.f("ix_legal_hold_state"), "legal_hold", ["state"])
    op.create_table(
        "destruction",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("destroyed_at", _MOMENT, nullable=False),
        sa.Column("blobs", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("removed_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction")),
        sa.UniqueConstraint("case_id", name=op.f("uq_destruction_case_id")),
    )
    op.create_table(
        "held_count",
        sa.Column("kept_by", sa.String(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("first_look", sa.Date(), nullable=False),
        sa.Column("counted_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("kept_by", name=op.f("pk_held_count")),
    )


def downgrade() -> None:
    for table in ("held_count", "destruction", "legal_hold"):
        op.drop_table(table)
    for name in ("ix_case_key_to_sweep", "ix_case_key_look_on"):
        op.drop_index(name, "case_key")
    for column in ("swept_at", "kept_by", "look_on", "wrapped_by"):
        op.drop_column("case_key", column)

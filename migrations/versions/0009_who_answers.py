"""statements about the keeper; more than one decision on a capture, one after the other; holds"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_constraint("uq_decision_capture_id", type_="unique")
        batch_op.create_index(batch_op.f("ix_decision_capture_id"), ["capture_id"])
        batch_op.add_column(sa.Column("holds", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.alter_column("holds", server_default=None)
    op.create_table(
        "keeper_statement",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("person", sa.JSON(), nullable=True),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("successor_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_keeper_statement_decision_id_decision")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["decision.id"], name=op.f("fk_keeper_statement_successor_id_decision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keeper_statement")),
        sa.UniqueConstraint("successor_id", name=op.f("uq_keeper_statement_successor_id")),
    )
    op.create_index(op.f("ix_keeper_statement_decision_id"), "keeper_statement", ["decision_id"])
    op.create_index(op.f("ix_keeper_statement_state"), "keeper_statement", ["state"])

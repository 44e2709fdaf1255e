"""instalment plans, steps of recovery, protection; when a decision is final"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _indexes(table: str, *columns: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        for column in columns:
            batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)


def upgrade() -> None:
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("final_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("stopped_until", sa.Date(), nullable=True))
    op.execute("UPDATE decision SET final_on = appeal_until")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.alter_column("final_on", nullable=False)
    op.create_table(
        "payment_plan",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("instalments", sa.JSON(), nullable=False),
        sa.Column("paid_before_cents", sa.Integer(), nullable=False),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_payment_plan_decision_id_decision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_plan")),
    )
    _indexes("payment_plan", "decision_id", "state")
    op.create_table(
        "measure",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_measure_decision_id_decision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure")),
    )
    _indexes("measure", "decision_id", "state")

"""payment pages at a provider; payments of which a part went back"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("returned_cents", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE payment SET returned_cents = amount_cents WHERE state = 'reversed'")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.alter_column("returned_cents", server_default=None)
    op.create_table(
        "checkout",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ref", sa.String(), nullable=True),
        sa.Column("page_url", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_checkout_decision_id_decision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkout")),
        sa.UniqueConstraint("ref", name=op.f("uq_checkout_ref")),
    )
    op.create_index(op.f("ix_checkout_decision_id"), "checkout", ["decision_id"])
    op.create_index(op.f("ix_checkout_state"), "checkout", ["state"])
    op.create_table(
        "checkout_change",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("checkout_id", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["checkout_id"], ["checkout.id"], name=op.f("fk_checkout_change_checkout_id_checkout")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkout_change")),
        sa.UniqueConstraint("ref", "kind", name=op.f("uq_checkout_change_ref")),
    )
    op.create_index(op.f("ix_checkout_change_checkout_id"), "checkout_change", ["checkout_id"])

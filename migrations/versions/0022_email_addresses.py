"""e-mail addresses that want to be told of a case's letters"""

import sqlalchemy as sa
from alembic import op

import core.database

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_MOMENT = core.database.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "email_address",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("confirmed_at", _MOMENT, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_email_address_decision_id_decision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_address")),
    )
    op.create_index(op.f("ix_email_address_decision_id"), "email_address", ["decision_id"])

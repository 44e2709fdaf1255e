"""which signing key took over from which"""

import sqlalchemy as sa
from alembic import op

import core.database

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signing_key_change",
        sa.Column("former", sa.String(), nullable=False),
        sa.Column("successor", sa.String(), nullable=False),
        sa.Column("ends_at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("former_signature", sa.String(), nullable=False),
        sa.Column("successor_signature", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("former", name=op.f("pk_signing_key_change")),
        sa.UniqueConstraint("successor", name=op.f("uq_signing_key_change_successor")),
    )


def downgrade() -> None:
    op.drop_table("signing_key_change")

"""people known by another login than a token of ours, and each login with its roles"""

import sqlalchemy as sa
from alembic import op

import core.database

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("principal", schema=None) as batch_op:
        batch_op.alter_column("token_sha256", existing_type=sa.String(), nullable=True)
        batch_op.add_column(sa.Column("identity", sa.String(), nullable=True))
        batch_op.create_unique_constraint(op.f("uq_principal_identity"), ["identity"])
    op.create_table(
        "login",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("principal_id", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("begun_at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", core.database.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["principal_id"], ["principal.id"], name=op.f("fk_login_principal_id_principal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login")),
    )
    op.create_index(op.f("ix_login_principal_id"), "login", ["principal_id"])

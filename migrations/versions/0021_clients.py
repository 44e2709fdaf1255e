"""systems that are known by a key of their own, and the tokens that they were given"""

import sqlalchemy as sa
from alembic import op

import core.database

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_MOMENT = core.database.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "client_key",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("principal_id", sa.String(), nullable=False),
        sa.Column("thumbprint", sa.String(), nullable=False),
        sa.Column("public", sa.JSON(), nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["principal_id"], ["principal.id"], name=op.f("fk_client_key_principal_id_principal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_key")),
        sa.UniqueConstraint("principal_id", "thumbprint", name=op.f("uq_client_key_principal_id")),
    )
    op.create_table(
        "used_assertion",
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("jti", sa.String(), nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("client_id", "jti", name=op.f("pk_used_assertion")),
    )
    op.create_index(op.f("ix_used_assertion_until"), "used_assertion", ["until"])
    op.create_table(
        "access_token",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("principal_id", sa.String(), nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["principal_id"], ["principal.id"], name=op.f("fk_access_token_principal_id_principal")
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_access_token")),
    )
    op.create_index(op.f("ix_access_token_until"), "access_token", ["until"])

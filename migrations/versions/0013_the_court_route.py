"""the court route: courts named by hand, joined cases, sittings, delivery of the dossier, higher appeal"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _at_court(name: str, *columns: sa.Column, unique: tuple[str, ...]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("court_appeal_id", sa.String(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["court_appeal_id"], ["court_appeal.id"], name=op.f(f"fk_{name}_court_appeal_id_court_appeal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint(*unique, name=op.f(f"uq_{name}_{unique[0]}")),
    )


def _text(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(), nullable=nullable)


def _day(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Date(), nullable=nullable)


def upgrade() -> None:
    with op.batch_alter_table("court_appeal", schema=None) as batch_op:
        batch_op.add_column(_day("forward_by", nullable=True))
    with op.batch_alter_table("ruling", schema=None) as batch_op:
        batch_op.add_column(_text("instance", nullable=True))
        batch_op.add_column(sa.Column("sanction_before_cents", sa.Integer(), nullable=True))
        batch_op.add_column(_day("higher_until", nullable=True))
        batch_op.add_column(sa.Column("explanation", sa.JSON(), nullable=True))
        batch_op.drop_constraint(op.f("uq_ruling_court_appeal_id"), type_="unique")
        batch_op.create_index(op.f("ix_ruling_court_appeal_id"), ["court_appeal_id"])
    _at_court(
        "court_assignment",
        sa.Column("number", sa.Integer(), nullable=False),
        _text("court"),
        _text("reason"),
        _text("assigned_by"),
        _day("assigned_on"),
        unique=("court_appeal_id", "number"),
    )
    _at_court(
        "joinder",
        _text("lead_id"),
        _text("joined_by"),
        _day("joined_on"),
        sa.ForeignKeyConstraint(["lead_id"], ["court_appeal.id"], name=op.f("fk_joinder_lead_id_court_appeal")),
        unique=("court_appeal_id",),
    )
    _at_court(
        "sitting",
        sa.Column("number", sa.Integer(), nullable=False),
        _text("instance"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _text("place"),
        _text("recorded_by"),
        _day("recorded_on"),
        unique=("court_appeal_id", "number"),
    )
    _at_court(
        "dossier_delivery",
        _text("channel"),
        _day("delivered_on"),
        sa.Column("receipt", sa.JSON(), nullable=False),
        _text("court_number", nullable=True),
        _day("acknowledged_on", nullable=True),
        unique=("court_appeal_id",),
    )
    _at_court(
        "higher_appeal",
        _text("ruling_id"),
        _text("filed_by"),
        _day("filed_on"),
        _text("grounds"),
        sa.Column("in_time", sa.Boolean(), nullable=False),
        sa.Column("explanation", sa.JSON(), nullable=False),
        _text("recorded_by"),
        sa.ForeignKeyConstraint(["ruling_id"], ["ruling.id"], name=op.f("fk_higher_appeal_ruling_id_ruling")),
        unique=("ruling_id",),
    )
    for table, column in (("joinder", "lead_id"), ("higher_appeal", "court_appeal_id")):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])

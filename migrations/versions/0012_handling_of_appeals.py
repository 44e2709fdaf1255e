"""what is asked, heard and told on the way to the decision on an appeal; what is owed for being late"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _of_appeal(name: str, *columns: sa.Column) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("appeal_id", sa.String(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f(f"fk_{name}_appeal_id_appeal")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint(
            "appeal_id", *(["number"] if columns[0].name == "number" else []), name=op.f(f"uq_{name}_appeal_id")
        ),
    )


def _text(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(), nullable=nullable)


def _day(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Date(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def upgrade() -> None:
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        for column in ("ground", "channel"):
            batch_op.add_column(_text(column, nullable=True))
        batch_op.add_column(sa.Column("representative", sa.JSON(), nullable=True))
        for column in ("wants_hearing", "lateness_excused"):
            batch_op.add_column(sa.Column(column, sa.Boolean(), nullable=True))
        batch_op.add_column(_day("decide_until", nullable=True))
        batch_op.add_column(sa.Column("adjourned", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("letters", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE appeal SET decide_until = decide_by")
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.alter_column("decide_until", existing_type=sa.Date(), nullable=False)
        batch_op.drop_index(op.f("ix_appeal_state"))
        open_ = sa.text("state IN ('filed', 'in_handling', 'awaiting_repair', 'proposed')")
        batch_op.create_index("ix_appeal_open", ["decide_until", "id"], sqlite_where=open_, postgresql_where=open_)
        for column in ("ground", "handler_id"):
            batch_op.create_index(op.f(f"ix_appeal_{column}"), [column])
    with op.batch_alter_table("appeal_decision", schema=None) as batch_op:
        batch_op.add_column(_text("unheard", nullable=True))
        batch_op.add_column(sa.Column("award", sa.JSON(), nullable=True))
    with op.batch_alter_table("ruling", schema=None) as batch_op:
        batch_op.add_column(sa.Column("award", sa.JSON(), nullable=True))
    _of_appeal(
        "repair_request",
        _number("number"),
        sa.Column("missing", sa.JSON(), nullable=False),
        _day("asked_on"),
        _day("until"),
        _text("asked_by"),
        _day("ended_on", nullable=True),
        _text("state"),
    )
    _of_appeal(
        "hearing",
        _number("number"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _text("place"),
        _day("invited_on"),
        _text("invited_by"),
        _text("report", nullable=True),
        _text("state"),
    )
    _of_appeal(
        "inquiry",
        _number("number"),
        _text("asked_of"),
        _text("question"),
        _day("asked_on"),
        _text("asked_by"),
        _day("expected_on"),
        _number("reminders"),
        _text("answer", nullable=True),
        _day("answered_on", nullable=True),
        _text("state"),
    )
    _of_appeal(
        "appeal_proposal",
        _number("number"),
        sa.Column("verdict", sa.JSON(), nullable=False),
        _text("proposed_by"),
        _day("proposed_on"),
    )
    _of_appeal(
        "default_notice",
        _day("received_on"),
        _day("payable_from"),
        sa.Column("explanation", sa.JSON(), nullable=False),
        _number("penalty_cents", nullable=True),
        _day("settled_on", nullable=True),
        sa.Column("penalty_explanation", sa.JSON(), nullable=True),
    )
    for table, columns in (
        ("repair_request", ("until", "state")),
        ("hearing", ("at", "state")),
        ("inquiry", ("expected_on", "state")),
    ):
        for column in columns:
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    with op.batch_alter_table("payout", schema=None) as batch_op:
        batch_op.add_column(_text("account", nullable=True))

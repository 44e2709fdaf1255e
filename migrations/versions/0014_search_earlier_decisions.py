"""earlier decisions on appeals can be searched by their words"""

import sqlalchemy as sa
from alembic import op

from core import fulltext

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    fulltext.create_index(connection, "precedent")
    connection.execute(
        sa.text(
            "INSERT INTO search_precedent (id, text) "
            "SELECT appeal.id, appeal.grounds || ' ' || appeal_decision.motivation "
            "FROM appeal JOIN appeal_decision ON appeal_decision.appeal_id = appeal.id"
        )
    )

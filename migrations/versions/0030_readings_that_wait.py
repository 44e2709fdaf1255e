"""readings that wait for a person are found in their order by an index of their own"""

import sqlalchemy as sa
from alembic import op

from migrations import online

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    waits = sa.text("state IN ('in_review', 'in_second_review', 'disputed')")
    online.create_index("ix_reading_waits", "reading", ["id"], waits)


def downgrade() -> None:
    op.drop_index("ix_reading_waits", "reading")

"""Who acts at the command line: whoever has a shell on the machine, in the role that the command needs."""

from core.unit_of_work import Actor

OPERATOR = Actor("system", "command-line", frozenset({"operator", "system"}))
BOOKKEEPER = Actor("system", "command-line", frozenset({"cashier", "system"}))

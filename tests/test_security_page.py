"""The security page answers every item of the standard's levels 1 and 2, and names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text()
ITEMS = (Path(__file__).parent / "asvs-5.0.0-level-2.txt").read_text().split()
ROW = re.compile(r"^\| ([0-9., ]+) \| (\S+) \| (.+) \|$", re.MULTILINE)


def answers() -> list[tuple[str, str, str]]:
    return [(item, answer, how) for items, answer, how in ROW.findall(PAGE) for item in items.split(", ")]


def test_every_item_has_one_answer() -> None:
    assert len(ITEMS) == len(set(ITEMS)) == 253
    assert sorted(item for item, _, _ in answers()) == sorted(ITEMS)


def test_an_answer_is_met_not_applicable_or_open_and_says_how() -> None:
    assert {answer for _, answer, _ in answers()} == {"met", "n/a", "open"}
    assert [item for item, _, how in answers() if len(how) < 4] == []


def test_the_tests_and_files_that_it_names_are_there() -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    tests = set(re.findall(r"`(test_\w+)`", PAGE))
    assert sorted(name for name in tests if f"def {name}(" not in sources) == []
    files = set(re.findall(r"`((?:api|core|fines|imaging|appeals|docs|scripts|tests)/[\w./-]+)`", PAGE))
    assert sorted(name for name in files if not (ROOT / name).exists()) == []

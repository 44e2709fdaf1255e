"""The stack at scale under faults without end: what was acknowledged is there once, sound, and finishes."""

from pathlib import Path

import pytest

from bench import chaos


def test_three_minutes_of_faults_lose_nothing_and_do_nothing_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # This seed draws every kind of fault, and a kill of every process.
    assert chaos.survived(tmp_path, seconds=180, captures_per_second=0.3, seed=391), capsys.readouterr().out

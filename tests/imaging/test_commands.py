"""`flitsketen read` and `flitsketen redact` on files, as a user runs them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import flitsketen
from tests.imaging.test_reading_and_redaction import PIPELINE, decoded, plates_on
from tests.world import drawn, jpeg

PROGRAM = Path(sys.executable).with_name("flitsketen")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg("GB-001-B", other="X-885-FH"))
    return path


def redacted(*arguments: object) -> dict:
    code, said = flitsketen("redact", *map(str, arguments), "--json")
    assert code == 0, said
    return json.loads(said)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """A photo, a broken one and one that is not there, read by one command."""
    folder = tmp_path_factory.mktemp("photos")
    photo, broken = folder / "photo.jpg", folder / "broken.jpg"
    photo.write_bytes(jpeg("GB-001-B", other="X-885-FH"))
    broken.write_bytes(jpeg()[:5000])
    paths = (photo, broken, folder / "missing.jpg")
    done = subprocess.run([PROGRAM, "read", *paths, "--json"], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_read_prints_one_object_per_photo_in_order(answers: list[dict]) -> None:
    assert [Path(answer["file"]).name for answer in answers] == ["photo.jpg", "broken.jpg", "missing.jpg"]
    assert set(answers[0]) == {"file", "plate", "country", "confidence", "decision", "reasons", "box", "ms"}
    assert (answers[0]["plate"], answers[0]["country"]) == ("GB001B", "NL")
    assert answers[0]["ms"] > 0
    assert (answers[1]["plate"], answers[1]["decision"], answers[1]["reasons"]) == (None, "reject", ["jpeg-truncated"])
    assert (answers[2]["decision"], answers[2]["reasons"]) == ("reject", ["file-unreadable"])


def test_the_box_lies_on_the_plate(answers: list[dict]) -> None:
    x, y, w, h = answers[0]["box"]
    left, top, wide, high = drawn("GB-001-B", other="X-885-FH").plate_box
    shared = (min(x + w, left + wide) - max(x, left)) * (min(y + h, top + high) - max(y, top))
    assert shared > 0.6 * (w * h + wide * high - shared)


def test_read_without_json_prints_a_table(photo: Path) -> None:
    code, said = flitsketen("read", str(photo))
    assert (code, "GB001B" in said) == (0, True)


def test_redact_writes_the_copy_and_prints_the_regions(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy.jpg"
    answer = redacted(photo, "--out", out, "--keep-plate", "gb-001-b")
    assert {"plate", "face"} <= {region["kind"] for region in answer["regions"]}
    assert answer["kept"] is not None
    assert plates_on(decoded(out.read_bytes())) == {"GB001B"}


def test_redact_without_a_plate_to_keep_hides_them_all(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy.jpg"
    answer = redacted(photo, "--out", out)
    assert answer["kept"] is None
    assert plates_on(decoded(out.read_bytes())) == set()


def test_redact_of_a_broken_photo_writes_nothing_and_says_why(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(jpeg()[:5000])
    code, said = flitsketen("redact", str(broken), "--out", str(tmp_path / "copy.jpg"))
    assert (code, "jpeg-truncated" in said) == (1, True)
    assert not (tmp_path / "copy.jpg").exists()


def test_the_pipeline_names_the_time_of_each_stage() -> None:
    _, [frame] = PIPELINE.read([jpeg()])
    assert list(frame.ms) == ["decode", "validate", "locate", "rectify", "read"]

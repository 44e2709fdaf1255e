"""What is inside can be listed for whoever has to know: every pinned package with its version and digest."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_bill_of_materials_names_every_pinned_package_with_its_digest(tmp_path: Path) -> None:
    tool = Path(sys.executable).with_name("cyclonedx-py")
    made = tmp_path / "sbom.json"
    subprocess.run(
        [tool, "requirements", "requirements.lock", "--pyproject", "pyproject.toml", "--of", "JSON", "-o", made],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    document = json.loads(made.read_text())
    listed = {(one["name"], one.get("version")) for one in document["components"]}
    pinned = set(
        re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ]+)", (ROOT / "requirements.lock").read_text(), re.M)
    )
    assert pinned - listed == set()
    assert len(pinned) > 100
    assert all(one["externalReferences"][0]["hashes"] for one in document["components"])
    assert document["metadata"]["component"]["name"] == "flitsketen"

"""The alerts fire when they should, ask for what is measured, and each has its runbook."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY

from tests.world import World
from workers.exposition import InstallationCollector

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "prometheus"
RULES = yaml.safe_load((FOLDER / "rules.yml").read_text())


def promtool(*arguments: str) -> None:
    tool = shutil.which("promtool")
    assert tool, "promtool comes with Prometheus: scripts/system-packages --tests"
    done = subprocess.run([tool, *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rules_and_configuration_are_sound() -> None:
    promtool("check", "config", "prometheus.yml")


def test_each_alert_fires_on_what_it_is_for_and_not_before() -> None:
    promtool("test", "rules", "rules.test.yml")


@pytest.mark.parametrize("file", ["rules.yml", "consoles/flitsketen.html"])
def test_what_is_asked_for_is_measured(file: str, world: World) -> None:
    families = [*InstallationCollector(world.system.services).collect(), *REGISTRY.collect()]
    measured = {family.name for family in families} | {f"{family.name}_total" for family in families}
    recorded = {rule["record"] for group in RULES["groups"] for rule in group["rules"] if "record" in rule}
    asked = set(re.findall(r"flitsketen[_:][a-z_:]+", (FOLDER / file).read_text()))
    assert {re.sub(r"_(sum|count|bucket)$", "", name) for name in asked} - measured - recorded == set()


def test_each_alert_has_its_runbook() -> None:
    alerts = {rule["alert"] for group in RULES["groups"] for rule in group["rules"] if "alert" in rule}
    headings = set(re.findall(r"^### (\w+)$", (ROOT / "docs" / "operations.md").read_text(), re.M))
    assert alerts == headings

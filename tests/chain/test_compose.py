"""What docker-compose.yml starts is what the program asks for, with no more rights than it needs."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.settings import Settings
from workers.queues import QUEUES

ROOT = Path(__file__).parents[2]
STACK: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = STACK["services"]
OURS = {name: one for name, one in SERVICES.items() if one["image"].startswith("flitsketen")}


@pytest.mark.parametrize("name", OURS)
def test_a_process_of_ours_can_write_nowhere_but_where_it_must(name: str) -> None:
    service = OURS[name]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "USER 10001" in (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("name", sorted(set(OURS) - {"migrate"}))
def test_a_process_of_ours_says_whether_it_is_well(name: str) -> None:
    assert "http://127.0.0.1:" in OURS[name]["healthcheck"]["test"][-1]


def test_each_setting_exists() -> None:
    named = {name for one in OURS.values() for name in one["environment"] if name.startswith("FLITSKETEN_")}
    fields = {f"FLITSKETEN_{name.upper()}" for name in Settings.model_fields}
    assert named - fields == {"FLITSKETEN_SECRETS_DIR"}
    assert {name for name in STACK["secrets"] if name.startswith("flitsketen_")} <= {name.lower() for name in fields}


def test_no_secret_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for name in service.get("environment", {}):
            assert (
                name.endswith("_FILE")
                or not {"PASSWORD", "SECRET", "TOKEN"} & set(name.split("_"))
                or (name == "FLITSKETEN_SECRETS_DIR")
            )


def test_secrets_are_read_from_files(tmp_path: Path) -> None:
    (tmp_path / "flitsketen_s3_secret_key").write_text("from a file")
    assert Settings(_secrets_dir=tmp_path).s3_secret_key.get_secret_value() == "from a file"


def test_each_queue_has_a_worker_and_photos_hold_up_nothing_else() -> None:
    served = {
        name: [word for word in one["command"] if word in QUEUES] for name, one in OURS.items() if "worker" in name
    }
    assert sorted(queue for queues in served.values() for queue in queues) == sorted(QUEUES)
    assert served["worker-imaging"] == ["imaging"]
    assert served["worker-notifications"] == ["notifications"]


def test_every_process_of_ours_is_scraped_and_nothing_else_is_asked() -> None:
    scraped = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    [names] = [one["names"] for one in scraped["scrape_configs"][0]["dns_sd_configs"]]
    assert set(names) == set(OURS) - {"migrate"}


def test_database_and_store_cannot_be_reached_from_outside() -> None:
    assert STACK["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "redis", "objects"):
        assert SERVICES[name]["networks"] == ["inside"]
        assert "ports" not in SERVICES[name]


def test_the_try_outs_login_knows_this_program_and_each_group_has_a_role(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    subprocess.run([tmp_path / "scripts" / "try-out-secrets"], check=True, capture_output=True)
    realm = json.loads((tmp_path / "secrets" / "login_realm").read_text())
    [client] = realm["clients"]
    asked = OURS["api"]["environment"]
    assert client["clientId"] == asked["FLITSKETEN_OIDC_CLIENT_ID"]
    assert client["secret"] == (tmp_path / "secrets" / "flitsketen_oidc_client_secret").read_text()
    assert client["redirectUris"] == [f"{asked['FLITSKETEN_PUBLIC_URL']}/handlers/login/provider/return"]
    assert {group["name"] for group in realm["groups"]} == set(json.loads(asked["FLITSKETEN_OIDC_ROLES"]))
    assert asked["FLITSKETEN_OIDC_ISSUER"].endswith(f"/realms/{realm['realm']}")

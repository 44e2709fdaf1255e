"""The law's files: read from a folder or from a release, always as one set with one digest."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from core.errors import InvalidInput

SHIPPED = Path(__file__).parent / "law"
"""The rule data as it comes with the program."""

_KINDS = (".yaml", ".csv")
_RELEASE = "release.yaml"

RuleFiles = Mapping[str, str]
"""Path within the set, with forward slashes, to text."""


def read_folder(folder: Path) -> RuleFiles:
    """Every rule file under `folder`. Raises InvalidInput where it holds none."""
    files = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.suffix in _KINDS
    }
    if _RELEASE not in files:
        raise InvalidInput("no-rule-files", f"a folder of rule data holds {_RELEASE}; start from a copy of fines/law")
    return files


@cache
def shipped() -> RuleFiles:
    """The rule data as it comes with the program."""
    return read_folder(SHIPPED)


def parsed(files: RuleFiles, path: str) -> Any:
    """One YAML file of the set. Raises InvalidInput where it is missing or no YAML."""
    try:
        # In C: the law is read anew by every process and for every release that is looked at.
        return yaml.load(files[path], Loader=yaml.CSafeLoader)
    except KeyError as error:
        raise InvalidInput("rule-file-missing", f"{path} is missing") from error
    except yaml.YAMLError as error:
        raise InvalidInput("rule-file-unreadable", f"{path} is no YAML: {error}") from error


def version(files: RuleFiles) -> str:
    """The name that whoever entered the data gave it."""
    return str(parsed(files, _RELEASE)["version"])


def digest(files: RuleFiles) -> str:
    """SHA-256 over all rule files and their names."""
    total = hashlib.sha256()
    for path, text in sorted(files.items()):
        total.update(path.encode() + b"\0")
        total.update(hashlib.sha256(text.encode()).digest())
    return total.hexdigest()

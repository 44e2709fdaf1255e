"""The project's own plate recogniser: characters by place, country, and whether a crop shows a plate at all."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from imaging.frame import Photo
from imaging.networks.session import WEIGHTS, Array, Network, planar

ALPHABET = "_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ?"
"""Classes of one place: nothing, a character, or a character that is covered."""

NOTHING, HIDDEN = "_", "?"
SLOTS = 10
COUNTRIES = (
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IT", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip


@dataclass(frozen=True)
class Recognition:
    """Probabilities: characters (10, 38) in the order of ALPHABET, country (30,) of COUNTRIES, presence of a plate, and
    of something that lies over it or keeps an end of it out of sight (cover)."""

    characters: Array
    country: Array
    presence: float
    cover: float


class PlateRecogniser:
    """Reads crops of `imaging.stages.rectify.CROP_SIZE`. Beside its weights lies a YAML file with their temperature."""

    def __init__(self, weights: Path | None = None) -> None:
        path = weights or WEIGHTS / "recogniser.onnx"
        self.network = Network(path)
        card = yaml.safe_load(path.with_suffix(".yaml").read_text())
        self.temperature = float(card["temperature"])

    def read(self, crops: list[Photo]) -> list[Recognition]:
        """One recognition per crop (48, 192, 3) BGR uint8."""
        characters, country, presence, cover = self.network(planar(np.stack(crops)))
        seen = zip(characters, country, presence.reshape(-1), cover.reshape(-1), strict=True)
        return [Recognition(c, k, float(p), float(o)) for c, k, p, o in seen]

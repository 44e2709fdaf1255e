"""Writes YuNet as an onnx file that takes shades of grey: from the library libfacedetection, in the package yuface.

    python -m training.face_weights imaging/weights/faces.onnx

The package carries its weights as named arrays inside a shared library (3-clause BSD licence, (c) Shiqi Yu). Nothing is
trained here: the same numbers are laid into the same layers, without the heads for eyes, nose and mouth, and the first
layer's three colours are summed, since a grey photo has the same value in all of them.
"""

import argparse
import ctypes
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

_STAGES = ((16, 16, 32), (32, 32, 64), (64, 64, 64), (64, 64, 64), (64, 64, 64))
_HEADS = {"cls": 1, "obj": 1, "bbox": 4}


class _Unit(nn.Module):
    """A pointwise and a depthwise convolution."""

    def __init__(self, inside: int, outside: int, bent: bool = True) -> None:
        super().__init__()
        self.pw = nn.Conv2d(inside, outside, 1)
        self.dw = nn.Conv2d(outside, outside, 3, padding=1, groups=outside)
        self._bent = bent

    def forward(self, values: Tensor) -> Tensor:
        values = self.dw(self.pw(values))
        return torch.relu(values) if self._bent else values


class YuNet(nn.Module):
    """Grey (N, 1, H, W) from 0 to 255, H and W multiples of 32 -> for strides 8, 16 and 32 (N, 5, h, w).

    The five are the score from 0 to 1, the middle's offset from the cell's corner in cells, and the logarithms of
    width and height in cells.
    """

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 16, 3, stride=2, padding=1)
        self.second = _Unit(16, 16)
        self.stages = nn.ModuleList(nn.Sequential(_Unit(a, b), _Unit(b, c)) for a, b, c in _STAGES)
        self.necks = nn.ModuleList(_Unit(64, 64) for _ in range(3))
        self.heads = nn.ModuleDict(
            {name: nn.ModuleList(_Unit(64, wide, bent=False) for _ in range(3)) for name, wide in _HEADS.items()}
        )

    def forward(self, grey: Tensor) -> tuple[Tensor, ...]:
        values = nn.functional.max_pool2d(self.second(torch.relu(self.first(grey))), 2)
        values = nn.functional.max_pool2d(self.stages[1](self.stages[0](values)), 2)
        fine = self.stages[2](values)
        middle = self.stages[3](nn.functional.max_pool2d(fine, 2))
        coarse = self.necks[2](self.stages[4](nn.functional.max_pool2d(middle, 2)))
        middle = self.necks[1](middle + nn.functional.interpolate(coarse, scale_factor=2))
        fine = self.necks[0](fine + nn.functional.interpolate(middle, scale_factor=2))
        return tuple(self._answer(level, values) for level, values in enumerate((fine, middle, coarse)))

    def _answer(self, level: int, values: Tensor) -> Tensor:
        kind, presence, box = (self.heads[name][level](values) for name in _HEADS)
        return torch.cat([torch.sqrt(torch.sigmoid(kind) * torch.sigmoid(presence)), box], dim=1)


def fill(network: YuNet) -> None:
    """Lay the library's weights into the layers."""
    library = ctypes.CDLL(str(distribution("yuface").locate_file("yuface/libfacedetection.so")))

    def numbers(name: str, count: int) -> Tensor:
        return torch.from_numpy(np.array((ctypes.c_float * count).in_dll(library, name), np.float32))

    def unit(target: _Unit, name: str) -> None:
        wide = target.pw.out_channels
        target.pw.weight.data = numbers(f"{name}_pw_weight", target.pw.weight.numel()).reshape(target.pw.weight.shape)
        target.pw.bias.data = numbers(f"{name}_pw_bias", wide)
        target.dw.weight.data = numbers(f"{name}_dw_weight", 9 * wide).reshape(3, 3, 1, wide).permute(3, 2, 0, 1)
        target.dw.bias.data = numbers(f"{name}_dw_bias", wide)

    # The library lays each 3 x 3 x 3 filter out as rows, columns, colours, and fills it up to 32 numbers.
    filters = numbers("backbone__model0_pw_weight", 16 * 32).reshape(16, 32)[:, :27].reshape(16, 3, 3, 3)
    network.first.weight.data = filters.sum(dim=3)[:, None]
    network.first.bias.data = numbers("backbone__model0_pw_bias", 16)
    unit(network.second, "backbone__model0_dp")
    for number, stage in enumerate(network.stages, 1):
        unit(stage[0], f"backbone__model{number}_dp1")
        unit(stage[1], f"backbone__model{number}_dp2")
    for level in range(3):
        unit(network.necks[level], f"neck__lateral_convs__{level}")
        for name, layers in network.heads.items():
            unit(layers[level], f"bbox_head__multi_level_{name}__{level}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    network = YuNet().eval()
    fill(network)
    names = ["fine", "middle", "coarse"]
    free = {name: {2: f"{name}_height", 3: f"{name}_width"} for name in ("photo", *names)}
    torch.onnx.export(
        network,
        (torch.zeros(1, 1, 256, 320),),
        str(parser.parse_args().out),
        input_names=["photo"],
        output_names=names,
        dynamic_axes=free,
        opset_version=17,
        dynamo=False,
    )


if __name__ == "__main__":
    main()

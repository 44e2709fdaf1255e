"""Takes up training again from weights that the product ships, so that no other file has to be kept.

An exported network has its batch normalisations folded into its convolutions and its matrices turned over; here both
are undone. What a network of today has and the file has not, keeps its first random values.
"""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn


def resume(model: nn.Module, features: nn.Sequential, path: Path, sample: Tensor) -> list[str]:
    """Fill `model` from the onnx file; returns the names of the parameters that it does not have.

    `features` are the model's convolutions, in the file's order, each followed by its normalisation. Their statistics
    come from `sample`, a batch of input to `features`.
    """
    graph = onnx.load(path).graph
    stored = {value.name: torch.from_numpy(np.array(numpy_helper.to_array(value))) for value in graph.initializer}
    prefix = next(name for name in stored if name.startswith("model.")).split(".")[0] + "."
    values = {name.removeprefix(prefix): value for name, value in stored.items() if name.startswith(prefix)}
    biases = {n.input[i]: n.input[1 - i] for n in graph.node if n.op_type == "Add" for i in (0, 1)}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in stored:
            bias = biases[node.output[0]]
            values[bias.removeprefix(prefix).replace(".bias", ".weight")] = stored[node.input[1]].T
    own = model.state_dict()
    taken = {name: value.clone() for name, value in values.items() if name in own and own[name].shape == value.shape}
    model.load_state_dict(taken, strict=False)
    folded = [[stored[name] for name in node.input[1:3]] for node in graph.node if node.op_type == "Conv"]
    for block, (weight, bias) in zip(features, folded, strict=True):
        sample = _unfold(block, weight, bias, sample)
    normal = {name for name in own if name.startswith("features.")}
    return sorted(set(own) - set(taken) - normal)


@torch.no_grad()
def _unfold(block: nn.Module, weight: Tensor, bias: Tensor, sample: Tensor) -> Tensor:
    """A normalisation that does nothing to what the sample shows; returns what the block makes of the sample."""
    convolution, normalisation, activation = block.children()
    convolution.weight.copy_(weight)
    seen = convolution(sample)
    mean, variance = seen.mean(dim=(0, 2, 3)), seen.var(dim=(0, 2, 3))
    normalisation.running_mean.copy_(mean)
    normalisation.running_var.copy_(variance)
    normalisation.weight.copy_((variance + normalisation.eps).sqrt())
    normalisation.bias.copy_(bias + mean)
    return activation(seen + bias[None, :, None, None])

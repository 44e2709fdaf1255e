"""A camera with its keys and all that may entitle it, remembered until anything about any camera changes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.metrology import Entitling, Metrology
from ingest.models import Camera, CameraKey, RegistryVersion


@dataclass(frozen=True)
class KnownCamera:
    """As it was at one version of the registry."""

    camera: Camera
    keys: Sequence[CameraKey]
    entitling: Entitling


class KnownCameras:
    """Asks the database for the version alone, where it knows the camera. One that is not there is not remembered."""

    def __init__(self) -> None:
        self._at: tuple[int, dict[str, KnownCamera]] = (-1, {})

    def find(self, session: Session, camera_id: str) -> KnownCamera | None:
        """As it is now."""
        version = session.scalars(select(RegistryVersion.number)).one()
        # What is read from here on may be newer than the version, never older.
        known_at, cameras = self._at
        if known_at != version:
            _, cameras = self._at = (version, {})
        known = cameras.get(camera_id)
        if known is None:
            camera = session.get(Camera, camera_id)
            if camera is None:
                return None
            keys = session.scalars(select(CameraKey).where(CameraKey.camera_id == camera_id)).all()
            known = cameras[camera_id] = KnownCamera(camera, keys, Metrology.entitling(session, camera))
        return known

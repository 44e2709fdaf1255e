"""Files in a form (multipart/form-data), checked before anything is done with them."""

from typing import Annotated, Any

from fastapi import Depends, File, UploadFile
from fastapi.responses import Response

from api.dependencies import ServicesDep
from api.problems import PROBLEM_RESPONSES
from api.services import Services
from appeals.service import OpenedFile
from core.uploads import CheckedFile


def checked(doors: Services, file: UploadFile) -> CheckedFile:
    """A file that was sent. Raises as `Uploads.check`."""
    return doors.uploads.check(file.filename or "", file.file.read())


def one_file(doors: ServicesDep, file: Annotated[UploadFile, File()]) -> CheckedFile:
    """The only file of a form."""
    return checked(doors, file)


FileDep = Annotated[CheckedFile, Depends(one_file)]

REFUSED_FILES: dict[int | str, dict[str, Any]] = {status: PROBLEM_RESPONSES[status] for status in (400, 413, 503)}

FILE_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {} for kind in ("application/pdf", "image/jpeg", "image/png")}, "description": "The file"}
}


def shown(found: OpenedFile | CheckedFile) -> Response:
    """Pictures to look at, a PDF to save: a browser opens it outside this site."""
    how = "inline" if found.media_type.startswith("image/") else "attachment"
    name = found.name.encode("ascii", "replace").decode().replace('"', "'").replace("\\", "_")
    return Response(
        found.content, media_type=found.media_type, headers={"Content-Disposition": f'{how}; filename="{name}"'}
    )

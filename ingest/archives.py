"""The files in a zip or tar archive on disk, looked at with suspicion: whoever packed it may want something else.

Nothing is unpacked to disk, and no more of a file is read than it said it has.
"""

import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from core.errors import InvalidInput, TooLarge

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}(/[A-Za-z0-9][A-Za-z0-9._-]{0,99}){0,3}")
_BLOCK = 512
_END_OF_ZIP = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\5\6"
_ENCRYPTED = 0x1


@dataclass(frozen=True)
class Member:
    """A file of an archive; `size` in bytes. `read` raises InvalidInput where what is there is not what was said."""

    name: str
    size: int
    read: Callable[[], bytes]


def members(file: IO[bytes], most: int, most_bytes: int) -> dict[str, Member]:
    """By name. Raises InvalidInput for what is no such archive or holds anything but plain files with plain names, and
    TooLarge for more files or bytes than allowed."""
    file.seek(0)
    start = file.read(4)
    listed = _zip_members(file, most) if start[:2] == b"PK" else _tar_members(file)
    found: dict[str, Member] = {}
    total = 0
    for member in listed:
        if not _NAME.fullmatch(member.name):
            raise InvalidInput(
                "archive-member-name", "a member has a name that is not allowed: letters, digits, . _ - /"
            )
        if member.name in found:
            raise InvalidInput("archive-member-twice", f"{member.name} is in it twice")
        total += member.size
        if len(found) >= most or total > most_bytes:
            raise TooLarge("archive-too-large", f"at most {most} files and {most_bytes} bytes, unpacked")
        found[member.name] = member
    return found


def _zip_members(file: IO[bytes], most: int) -> Iterator[Member]:
    file.seek(0, 2)
    if file.tell() < _END_OF_ZIP.size:
        raise InvalidInput("archive-unreadable", "the zip file is cut off")
    file.seek(-_END_OF_ZIP.size, 2)
    # The list is read into memory as a whole: how long it is, is looked at first. So no comment, and no zip64.
    signature, *_, count, _, _, comment = _END_OF_ZIP.unpack(file.read(_END_OF_ZIP.size))
    if signature != _END_SIGNATURE or comment:
        raise InvalidInput(
            "archive-unreadable", "the zip file does not end as it should: it is cut off, or has a comment"
        )
    if count > most:
        raise TooLarge("archive-too-large", f"at most {most} files")
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise InvalidInput("archive-unreadable", "the zip file's list of members cannot be read") from error
    for info in archive.infolist():
        if info.orig_filename.endswith("/"):
            continue
        if info.flag_bits & _ENCRYPTED or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InvalidInput("archive-member-kind", "members are stored or deflated, and not encrypted")
        if (info.external_attr >> 16) & 0o170000 not in (0, 0o100000):
            raise InvalidInput("archive-member-kind", "links and devices are not taken: plain files only")
        yield Member(info.orig_filename, info.file_size, _from_zip(archive, info))


def _from_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with archive.open(info) as member:
                return member.read(info.file_size)
        except (
            zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
        ) as error:  # fmt: skip
            raise InvalidInput("archive-member-broken", "a member is not what the list says of it") from error

    return read


def _tar_members(file: IO[bytes]) -> Iterator[Member]:
    """Headers are read one by one, so that none of them makes us read more (as extended headers would)."""
    at = 0
    while True:
        file.seek(at)
        block = file.read(_BLOCK)
        if block == bytes(_BLOCK):
            return
        try:
            info = tarfile.TarInfo.frombuf(block, "ascii", "strict")
        except (tarfile.HeaderError, UnicodeDecodeError, ValueError) as error:
            raise InvalidInput("archive-unreadable", "send a zip or tar file (ustar, not compressed)") from error
        if info.type not in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE) or info.size < 0:
            raise InvalidInput(
                "archive-member-kind", "links, devices and extended headers are not taken: plain files only"
            )
        if info.type != tarfile.DIRTYPE:
            yield Member(info.name, info.size, _from_tar(file, at + _BLOCK, info.size))
        at += _BLOCK + -(-info.size // _BLOCK) * _BLOCK


def _from_tar(file: IO[bytes], at: int, size: int) -> Callable[[], bytes]:
    def read() -> bytes:
        file.seek(at)
        content = file.read(size)
        if len(content) != size:
            raise InvalidInput("archive-member-broken", "the tar file is cut off")
        return content

    return read

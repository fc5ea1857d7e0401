"""The files in a zip, bounded in number and in what they unpack to."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from csr_tui.core.findings import InvalidError
from csr_tui.core.text import escaped

LARGEST = 4 << 20
"""Bytes of the zip, and of everything in it once it is unpacked."""

LARGEST_MEMBER = 1 << 20
MOST_MEMBERS = 200

_UNPACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_TROUBLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    RuntimeError,
)
"""What zipfile raises on broken, encrypted and odd archives."""


def members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of each; sizes are counted while unpacking, not believed. The name is safe to show."""
    if len(data) > LARGEST:
        raise InvalidError(f"It is larger than {LARGEST >> 20} MiB, too large for a certificate chain.")
    left = LARGEST
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = [one for one in archive.infolist() if not one.filename.endswith("/")]
            if len(found) > MOST_MEMBERS:
                raise InvalidError(f"This zip contains {len(found):,} files; a CA sends a few.")
            for member in found:
                name = escaped(member.filename[:100]) or "A file without a name"
                if member.flag_bits & 1:
                    raise InvalidError(f"{name} in this zip is encrypted. Unpack it with its password first.")
                if member.compress_type not in _UNPACKED:
                    raise InvalidError(f"{name} in this zip has an unsupported compression. Unpack the zip first.")
                with archive.open(member) as file:
                    content = file.read(min(LARGEST_MEMBER, left) + 1)
                left -= len(content)
                if len(content) > LARGEST_MEMBER or left < 0:
                    raise InvalidError(f"{name} in this zip is far too large to be a certificate.")
                yield name, content
    except _TROUBLE as error:
        raise InvalidError("This zip is damaged or incomplete. Download it again.") from error

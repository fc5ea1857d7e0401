"""Why a file or a folder cannot be used: which one it is about, whose that is, and the way out."""

from __future__ import annotations

import errno
import os
import shlex
import stat
from pathlib import Path

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


class NoFileError(OSError):
    """A path leads to something other than a plain file."""

    def __init__(self, kind: str) -> None:
        super().__init__(errno.EINVAL, f"{kind}, not a file")


def plain_only(path: str, flags: int) -> int:
    """An opener for `open` that refuses pipes, devices, sockets and folders without waiting for them; NoFileError."""
    try:
        descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise NoFileError("a socket") from error
        raise
    kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
    if kind != stat.S_IFREG:
        os.close(descriptor)
        raise NoFileError(_KINDS.get(kind, "a special file"))
    return descriptor


def why(path: Path, error: OSError, *, ours: bool = False) -> str:
    """A sentence about what refused `path`; with the commands that give it back where it is `ours` to own."""
    match error.errno:
        case errno.EROFS:
            return f"{path} is on a file system that is mounted read-only."
        case errno.ENOLCK:
            return f"The file system of {path} does not support locks, like some network shares. Use a local disk."
        case errno.EACCES | errno.EPERM:
            return _refused(path, ours=ours)
    return f"{path} cannot be used: {reason(path, error)}."


def blocker(path: Path) -> Path | None:
    """The first of the folders on the way to `path`, or `path` itself, that this process may not fully use."""
    for folder in reversed(path.parents):
        if not os.path.lexists(folder):  # nor can it be made
            return folder.parent
        if not _may(folder, os.X_OK):
            return folder
    try:
        mode = path.lstat().st_mode
    except OSError:  # it is not there, and cannot be made
        return path.parent if not _may(path.parent, os.W_OK) else None
    wanted = os.R_OK | os.W_OK | (os.X_OK if stat.S_ISDIR(mode) else 0)
    if not _may(path, wanted):
        return path
    return path.parent if not _may(path.parent, os.W_OK) else None


def reason(path: Path, error: OSError) -> str:
    """What the system reports of `path`, which calls a disk without inodes one without space."""
    return "no free inodes" if error.errno == errno.ENOSPC and lacks_inodes(path) else error.strerror or str(error)


def lacks_inodes(path: Path) -> bool:
    """Whether the disk under a path, or under the place for it, takes no more files."""
    disk = os.statvfs(nearest(path))
    return disk.f_files > 0 and not disk.f_favail


def nearest(path: Path) -> Path:
    """The path itself, or the first of the folders above it that is there."""
    return next((one for one in (path, *path.parents) if os.path.lexists(one)), path)


def may_create(path: Path) -> bool:
    """Whether a file could be made at `path`, with the folders that are missing on the way to it."""
    return _may(nearest(path.parent), os.W_OK | os.X_OK)


def _refused(path: Path, *, ours: bool) -> str:
    place = blocker(path)
    if place is None:
        return f"The system denied access to {path}."
    if os.statvfs(place).f_flag & os.ST_RDONLY:
        return why(path, OSError(errno.EROFS, ""))
    kind, usual = ("folder", 0o700) if place.is_dir() else ("file", 0o600)
    me, found = os.geteuid(), place.lstat()
    if found.st_uid == me and found.st_mode & usual == usual:
        return f"The system denied access to {place}."  # it is immutable, or a policy such as SELinux forbids it
    refusal = f"its mode {stat.S_IMODE(found.st_mode):04o} denies {_name(me)} access"
    if found.st_uid != me:
        refusal = f"{_name(me)} may not use it"
    sentence = f"The {kind} {place} belongs to {_name(found.st_uid)}, and {refusal}."
    if not ours or place not in (path, path.parent, path.parent.parent):  # a folder further up is the system's
        return sentence
    quoted = shlex.quote(str(place))
    chown = "" if found.st_uid == me else f"sudo chown -R {_name(me)} {quoted} && "
    return f"{sentence} To get it back: {chown}chmod -R u+rwX {quoted}"


def _may(path: Path, mode: int) -> bool:
    try:
        return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)
    except OSError:
        return False


def _name(user: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"

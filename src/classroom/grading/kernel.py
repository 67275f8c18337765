"""Calls to Linux that Python 3.11 has no name for. Each raises `OSError` where the system does not allow it."""

from __future__ import annotations

import ctypes
import errno
import importlib
import os
import platform
import signal
import socket
import struct
from contextlib import suppress
from pathlib import Path

_CLONE_NEW = {
    "mount": 0x20000,
    "uts": 0x4000000,
    "ipc": 0x8000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}
_MS_NOSUID, _MS_BIND, _MS_REC, _MS_PRIVATE = 0x2, 0x1000, 0x4000, 0x40000
_MNT_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID = 0x1, 0x2
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
_CAP_VERSION, _CAP_COUNT = 0x20080522, 64
_SYS_MOUNT_SETATTR = 442
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41, "ppc64le": 203, "s390x": 217}
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1


def unshare_all() -> None:
    """Enters new namespaces of all kinds; the new process namespace holds the children only."""
    _call("unshare", sum(_CLONE_NEW.values()))


def make_mounts_private() -> None:
    """Keeps what is mounted from here on within this namespace."""
    _call("mount", None, b"/", None, _MS_REC | _MS_PRIVATE, None)


def mount(kind: str, target: Path, options: str = "") -> None:
    """Mounts a file system that has no device: `tmpfs` or `proc`."""
    _call("mount", kind.encode(), os.fsencode(target), kind.encode(), _MS_NOSUID, options.encode())


def bind(source: Path, target: Path) -> None:
    """Shows a file or folder, with all that is mounted in it, at another place."""
    _call("mount", os.fsencode(source), os.fsencode(target), None, _MS_BIND | _MS_REC, None)


def make_read_only(target: Path, *, recursive: bool) -> None:
    """Forbids writing to a mount; recursive, also to those in it."""
    attributes = struct.pack("QQQQ", _MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID, 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    _call("syscall", _SYS_MOUNT_SETATTR, _AT_FDCWD, os.fsencode(target), flags, attributes, len(attributes))


def change_root(new: Path) -> None:
    """Makes a mount the root, and lets go of the old one."""
    number = _SYS_PIVOT_ROOT.get(platform.machine())
    if number is None:
        raise OSError(errno.ENOSYS, f"pivot_root: its number on {platform.machine()} is not known here")
    os.chdir(new)
    _call("syscall", number, b".", b".")
    _call("umount2", b".", _MNT_DETACH)
    os.chdir("/")


def raise_loopback() -> None:
    """Opens this namespace's own loopback: a check may start a server and call it."""
    fcntl = importlib.import_module("fcntl")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        answer = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, struct.pack("16sh14x", b"lo", 0))
        flags = struct.unpack("16sh14x", answer)[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))


def forgo_privileges() -> None:
    """Keeps this process and those that it starts from gaining a capability; to be called while it has all."""
    for capability in range(_CAP_COUNT):
        # the kernel knows fewer
        with suppress(OSError):
            _call("prctl", _PR_CAPBSET_DROP, capability, 0, 0, 0)
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def drop_privileges() -> None:
    """Gives up all capabilities."""
    _call("capset", struct.pack("Ii", _CAP_VERSION, 0), bytes(24))
    # as any process is that nobody became; init measures it
    _call("prctl", _PR_SET_DUMPABLE, 1, 0, 0, 0)


def die_with_parent() -> None:
    """Has this process killed when the one that started it ends; to be called again after a change of user."""
    _call("prctl", _PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def _call(name: str, *arguments: int | bytes | None) -> None:
    """Calls a function of the C library; raises what it reports."""
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    if function(*(ctypes.c_long(value) if isinstance(value, int) else value for value in arguments)) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")

"""Linux: shuts a process in with namespaces, so that it sees nothing but Python, the course's package and a scratch.

```
outer    the process that the grader started; waits, and ends as the inner one ends
└── init     first process of its own process namespace: builds the new root, watches the memory, reaps
    └── inner   the submission: no privileges, no network but a loopback of its own
```

When init ends, the kernel ends everything below it, however it hides. Works for root and for ordinary users, where
the system lets them have namespaces. Needs Linux 5.12.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from classroom.grading import kernel
from classroom.grading.limits import become_user

HOME = Path("/home/learner")
"""The scratch inside."""

_SCRATCH = "size=512m,nr_inodes=65536"
_DEVICES = ("null", "zero", "full", "random", "urandom")
_SYSTEM = (Path("/usr"), Path("/etc/ld.so.cache"), Path("/etc/alternatives"), Path("/nix/store"))
_TOP_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_WATCH_S = 0.1


def enter(mount_point: Path, visible: Sequence[Path], memory_mb: int, tell: Callable[[str], None], user: int) -> None:
    """Shuts this process in; returns in the inner process only, in `HOME`, without privileges.

    To be called before anything starts a thread.

    Args:
        mount_point: An empty folder, in which the new root is built; nothing appears there outside.
        visible: Files and folders that can be read inside, at the same place. Nothing else can.
        memory_mb: Memory that all processes inside may use together; more ends them.
        tell: Called with "memory" in that case.
        user: Becomes the user inside if this process is root.

    Raises:
        OSError: The system does not allow it.
    """
    is_root = os.getuid() == 0
    _enter_namespaces([0, user] if is_root else [os.getuid()], os.getgid(), user if is_root else None)
    init = os.fork()
    if init:
        os._exit(_wait_for(init))
    kernel.die_with_parent()
    _build_root(mount_point, visible, user if is_root else os.getuid())
    kernel.raise_loopback()
    inner = os.fork()
    if inner:
        os._exit(_supervise(inner, memory_mb << 20, tell))
    kernel.forgo_privileges()
    if is_root:
        become_user(user)
    kernel.drop_privileges()
    os.chdir(HOME)


def _enter_namespaces(users: Sequence[int], group: int, extra_group: int | None) -> None:
    """Enters new namespaces of all kinds; a helper, which still has the rights to do so, writes the users' map."""
    groups = [group] if extra_group is None else [group, extra_group]
    outer = os.getpid()
    ready, go = os.pipe()
    helper = os.fork()
    if helper == 0:
        os.close(go)
        os._exit(_write_maps(ready, Path(f"/proc/{outer}"), users, groups))
    kernel.unshare_all()
    os.write(go, b"1")
    os.close(ready)
    os.close(go)
    if os.waitpid(helper, 0)[1]:
        raise PermissionError("the users of the namespace cannot be set")
    kernel.die_with_parent()


def _write_maps(ready: int, process: Path, users: Sequence[int], groups: Sequence[int]) -> int:
    if not os.read(ready, 1):
        return 1
    try:
        (process / "setgroups").write_text("allow" if len(groups) > 1 else "deny", encoding="ascii")
        (process / "uid_map").write_text("".join(f"{user} {user} 1\n" for user in users), encoding="ascii")
        (process / "gid_map").write_text("".join(f"{group} {group} 1\n" for group in groups), encoding="ascii")
    except OSError:
        return 1
    return 0


def _wait_for(process: int) -> int:
    _, status = os.waitpid(process, 0)
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _supervise(inner: int, memory_bytes: int, tell: Callable[[str], None]) -> int:
    """Reaps what ends, until the inner process does or the memory is used up."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    while True:
        signal.sigtimedwait({signal.SIGCHLD}, _WATCH_S)
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == inner:
                    status = ended[1]
                    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        # the second is exact where pages are shared, as after a fork, and dear
        if _memory_in_use(_resident) > memory_bytes and _memory_in_use(_proportional) > memory_bytes:
            tell("memory")
            return 1


def _memory_in_use(measure: Callable[[Path], int]) -> int:
    """Counts the bytes of all processes inside but init."""
    total = 0
    for folder in Path("/proc").iterdir():
        # a process may end while it is looked at
        with suppress(OSError):
            if folder.name.isdigit() and folder.name != "1":
                total += measure(folder)
    return total


def _resident(process: Path) -> int:
    pages = (process / "statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _proportional(process: Path) -> int:
    """Counts the bytes of a process; of a page that three processes share, a third."""
    lines = (process / "smaps_rollup").read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)


def _build_root(new: Path, visible: Sequence[Path], user: int) -> None:
    kernel.make_mounts_private()
    kernel.mount("tmpfs", new, "size=16m,mode=755")
    _make_scratch(new, user)
    _make_devices(new)
    # after the scratch, as a course may lie in what is the scratch inside
    for path in _without_nested([*_SYSTEM, *visible]):
        _show(path, new)
    for name in _TOP_FOLDERS:
        _show_top(Path("/", name), new)
    (new / "proc").mkdir()
    kernel.mount("proc", new / "proc")
    # a namespace within would give back privileges, if only over itself
    (new / "proc/sys/user/max_user_namespaces").write_text("0", encoding="ascii")
    kernel.change_root(new)
    kernel.make_read_only(Path("/"), recursive=False)


def _without_nested(paths: Sequence[Path]) -> list[Path]:
    """Returns the paths that exist, as named and as they are after their links, without those below another."""
    found = {place for path in paths if path.exists() for place in (path, path.resolve())}
    return sorted(path for path in found if not any(parent in found for parent in path.parents))


def _show(path: Path, new: Path) -> None:
    target = new / path.relative_to("/")
    if path.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    kernel.bind(path, target)
    kernel.make_read_only(target, recursive=True)


def _show_top(path: Path, new: Path) -> None:
    if path.is_symlink():
        (new / path.name).symlink_to(path.readlink())
    elif path.is_dir():
        _show(path, new)


def _make_devices(new: Path) -> None:
    for name in _DEVICES:
        (new / "dev" / name).touch()
        kernel.bind(Path("/dev", name), new / "dev" / name)
    (new / "dev/fd").symlink_to("/proc/self/fd")


def _make_scratch(new: Path, user: int) -> None:
    home = new / HOME.relative_to("/")
    home.mkdir(parents=True)
    kernel.mount("tmpfs", home, f"{_SCRATCH},mode=700,uid={user}")
    for name in ("tmp", "dev/shm"):
        inside = home / Path(name).name
        inside.mkdir()
        os.chown(inside, user, -1)
        (new / name).mkdir(parents=True)
        kernel.bind(inside, new / name)
    (new / "etc").mkdir()
    (new / "etc/hosts").write_text("127.0.0.1 localhost\n", encoding="ascii")
    (new / "etc/passwd").write_text(f"learner:x:{user}:{user}::{HOME}:/bin/false\n", encoding="ascii")

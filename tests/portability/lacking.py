"""Run a command of `srgan` as if this were Windows or macOS, as far as Python tells the program:

    python -m tests.portability.lacking win32 upscale photo.jpg -o large.png

Modules of `srgan` then import an `os`, `signal`, `socket`, `sys` and `ctypes` without what Python
has on Unix or Linux alone (its documentation says so under "Availability"), and no module that is
not there at all. What other packages use stays as it is, and so do the system's own ways.
"""

import builtins
import importlib.abc
import importlib.machinery
import sys
from types import ModuleType
from typing import Any

LINUX_ALONE = {
    "os": "sched_getaffinity sched_setaffinity memfd_create O_PATH posix_fadvise splice eventfd "
    "pidfd_open copy_file_range getrandom",
    "signal": "pidfd_send_signal sigtimedwait sigwaitinfo SIGRTMIN SIGRTMAX SIGPOLL SIGPWR",
    "socket": "SO_PASSCRED SO_PEERCRED AF_NETLINK AF_VSOCK",
}
UNIX_ALONE = {
    "os": "fork forkpty register_at_fork getuid geteuid getgid getegid getgroups setuid setgid "
    "setsid getsid getpgid getpgrp setpgid killpg nice pread pwrite preadv pwritev readv "
    "writev statvfs fstatvfs sync fdatasync sysconf confstr uname chown lchown fchown fchmod "
    "lchmod mkfifo mknod openpty wait wait3 wait4 waitid posix_spawn posix_spawnp "
    "set_blocking get_blocking sendfile lockf posix_fallocate getloadavg getpriority "
    "setpriority sched_yield ttyname ctermid O_CLOEXEC O_NOFOLLOW O_DIRECTORY O_NONBLOCK "
    "O_SYNC O_NOATIME WNOHANG P_PID RTLD_NOW chroot initgroups pathconf fpathconf getresuid "
    "fchdir tcgetpgrp WIFSIGNALED WTERMSIG WIFEXITED",
    "signal": "SIGKILL SIGALRM SIGHUP SIGPIPE SIGCHLD SIGQUIT SIGUSR1 SIGUSR2 SIGPROF SIGVTALRM "
    "SIGSTOP SIGCONT SIGTSTP SIGXCPU SIGXFSZ SIGBUS SIGSYS SIGTRAP alarm pause setitimer getitimer "
    "siginterrupt pthread_kill pthread_sigmask sigpending sigwait ITIMER_REAL ITIMER_PROF "
    "ITIMER_VIRTUAL",
    "socket": "AF_UNIX SO_REUSEPORT SCM_RIGHTS CMSG_LEN CMSG_SPACE send_fds recv_fds",
}
UNIX_MODULES = {"fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios"}


class Lacking(ModuleType):
    """A module without some of its names, and with other values of some."""

    def __init__(self, whole: ModuleType, without: set[str], **other: Any) -> None:
        super().__init__(whole.__name__)
        vars(self).update(_whole=whole, _without=without, **other)

    def __getattr__(self, name: str) -> Any:
        if name in self._without:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r} there")
        return getattr(self._whole, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._whole, name, value)


class Imports(importlib.abc.MetaPathFinder):
    """Loads the program's own modules with an `import` that gives them modules that lack names."""

    def __init__(self, system: str) -> None:
        import ctypes
        import os
        import signal
        import socket

        windows = system == "win32"
        self._modules = UNIX_MODULES if windows else set()
        other: dict[str, dict[str, Any]] = {
            "os": {"name": "nt"} if windows else {},
            "ctypes": {"CDLL": _no_library if windows else ctypes.CDLL},
            "sys": {"platform": system},
        }
        self._fakes = {}
        for whole in (os, signal, socket, sys, ctypes):
            name = whole.__name__
            without = set(LINUX_ALONE.get(name, "").split())
            if windows:
                without |= set(UNIX_ALONE.get(name, "").split())
            self._fakes[name] = Lacking(whole, without, **other.get(name, {}))

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name.partition(".")[0] != "srgan":
            return None
        found = importlib.machinery.PathFinder.find_spec(name, path, target)
        if found is not None and isinstance(found.loader, importlib.machinery.SourceFileLoader):
            found.loader = _Loader(found.loader.name, found.loader.path, self.import_)
        return found

    def import_(self, name: str, *others: Any) -> Any:
        """In place of `__import__`."""
        if name.partition(".")[0] in self._modules:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        found = builtins.__import__(name, *others)
        return self._fakes.get(found.__name__, found)


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, import_: Any) -> None:
        super().__init__(name, path)
        self._import = import_

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = vars(builtins) | {"__import__": self._import}
        super().exec_module(module)


def _no_library(name: str | None, *others: Any, **named: Any) -> Any:
    import ctypes

    if name is None:
        raise TypeError("argument of type 'NoneType' is not iterable")  # as on Windows
    return ctypes.CDLL(name, *others, **named)


if __name__ == "__main__":
    system, *arguments = sys.argv[1:]
    sys.meta_path.insert(0, Imports(system))
    from srgan.cli import main

    sys.exit(main(arguments))

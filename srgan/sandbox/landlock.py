"""A thread to which the machine's files, network and processes are shut (Linux 5.13 and later).

Landlock lets a process give up rights for good, without being root:
https://docs.kernel.org/userspace-api/landlock.html
"""

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

# The same on all of Linux's architectures.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_TELL_VERSION, _PATH_BENEATH, _NO_NEW_PRIVILEGES = 1, 1, 38

# What a version of Landlock can take away: rights to files, TCP, and processes outside.
_EXECUTE, _READ_FILE, _READ_FOLDER = 1 << 0, 1 << 2, 1 << 3
_READING = _EXECUTE | _READ_FILE | _READ_FOLDER
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # so many bits, by the version
_TCP_FROM, _BIND_AND_CONNECT = 4, 0b11
_SCOPES_FROM, _ABSTRACT_SOCKETS_AND_SIGNALS = 6, 0b11

# A kernel without it, one in which it is off, and a container that forbids the call.
_NOT_THERE = {errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM}


def version() -> int:
    """The version of Landlock that the system has, from 1; 0 where it has none."""
    if sys.platform != "linux":
        return 0
    found = _call(_CREATE_RULESET, None, 0, _TELL_VERSION)
    if found < 1 and ctypes.get_errno() not in _NOT_THERE:
        _checked(found)
    return max(0, found)


def shut_out() -> None:
    """Leave this thread, and all that it starts, nothing but to read what programs consist of.

    That is the system's libraries and Python's. What is open stays so. Later versions take away
    more: TCP (4, Linux 6.7), and signals to other processes (6, Linux 6.12). Where there is no
    Landlock everything stays as it is. Raises OSError where there is, and it refuses.
    """
    if sys.platform != "linux":
        return
    found = version()
    if not found:
        return
    handled = struct.pack(
        "QQQ",
        (1 << _FILE_RIGHTS.get(found, max(_FILE_RIGHTS.values()))) - 1,
        _BIND_AND_CONNECT if found >= _TCP_FROM else 0,
        _ABSTRACT_SOCKETS_AND_SIGNALS if found >= _SCOPES_FROM else 0,
    )
    known = 8 if found < _TCP_FROM else 16 if found < _SCOPES_FROM else 24  # bytes
    rules = _checked(_call(_CREATE_RULESET, handled, known, 0))
    try:
        for folder in _of_programs():
            place = os.open(folder, os.O_PATH | os.O_CLOEXEC)
            try:
                rule = struct.pack("=Qi", _READING, place)
                _checked(_call(_ADD_RULE, rules, _PATH_BENEATH, rule, 0))
            finally:
                os.close(place)
        _checked(_libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
        _checked(_call(_RESTRICT_SELF, rules, 0))
    finally:
        os.close(rules)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(number: int, *arguments: int | bytes | None) -> int:
    wide = (ctypes.c_long(it) if isinstance(it, int) else it for it in arguments)
    return int(_libc().syscall(ctypes.c_long(number), *wide))


def _of_programs() -> Iterable[Path]:
    named = ["/usr", "/lib", "/lib64", sys.prefix, sys.base_prefix, *sys.path]
    return {Path(name) for name in named if name and Path(name).is_dir()} - {Path("/")}


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result

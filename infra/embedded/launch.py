"""Start one command so that it ends with its parent, and not as root where it must not run as root.

Runs as a script of its own (`python -I -S launch.py PARENT_PID SIGNAL USER COMMAND…`) and then becomes
the command. A `preexec_fn` would do the same inside a forked copy of a process with threads, where a
lock held elsewhere blocks for ever.
"""

from __future__ import annotations

import os
import sys

PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS = 28
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
SECBIT_NO_SETUID_FIXUP = 1 << 2  # capabilities outlive setuid, and access() counts them
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522


def main(arguments: list[str]) -> None:
    """Become the command; never returns. `USER` may be empty: the user stays. A lost parent exits 1."""
    parent, number, user, *command = arguments
    if user:
        become(user)
    if sys.platform == "linux":
        # After the change of user, which clears it.
        _prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != int(parent):
            sys.exit("the process that started this one is gone")
    os.execv(command[0], command)  # noqa: S606 - becoming the command is what this file is for


def become(user: str) -> None:
    """Drop root for `user`, who on Linux may still reach files below folders closed to others.

    A checkout under /root is closed to everybody else. Rather than opening it for the whole machine,
    the one capability to pass closed folders is handed on; without it (not granted to this container,
    or not Linux) the command works as long as its folders are open.
    """
    import pwd

    entry = pwd.getpwnam(user)
    if sys.platform == "linux":
        _prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    if sys.platform == "linux" and _keep_capability(CAP_DAC_OVERRIDE):
        _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE)


def _keep_capability(capability: int) -> bool:
    """Reduce the permitted, effective and inheritable capabilities to one; whether it was granted."""
    import ctypes

    bit = 1 << capability
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    words = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    return ctypes.CDLL(None, use_errno=True).capset(header, words) == 0  # type: ignore[no-any-return]


def _prctl(option: int, first: int, second: int = 0) -> None:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    if libc.prctl(option, ctypes.c_ulong(first), ctypes.c_ulong(second), zero, zero) != 0:
        sys.stderr.write(f"prctl {option}: {os.strerror(ctypes.get_errno())}\n")


if __name__ == "__main__":
    main(sys.argv[1:])

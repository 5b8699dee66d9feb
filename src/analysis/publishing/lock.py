"""One run at a time in an output folder: a lock that a crash lets go of, also on a disk that several machines share."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from analysis.errors import LockedError
from analysis.folders import refused

LOCK, LEASE = ".lock", ".lease"
#: Seconds after which a lease that nobody renews is another's to take.
DURATION = 60.0
#: What a disk says that has no locks of the system.
_NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK}


@contextmanager
def locked(
    out: Path, *, wait: bool = True, told: Callable[[str], None] = lambda _: None
) -> Iterator[Callable[[], None]]:
    """Hold the lock on the output folder; give a function that raises where it was lost.

    A crash lets go of the lock of the system at once, but not every shared disk carries it from machine to machine. So
    there is a lease, too: a file that is renewed while the run lives. One that a process of this machine left is taken
    over at once, one of another machine after it was not renewed for a minute.

    Parameters
    ----------
    wait
        Wait that minute; else a lease of another machine is one that is held.
    told
        Called where there is something to wait for.

    Raises
    ------
    LockedError
        Another run holds it.
    UsageError, UnforeseenError
        It is not ours to lock; the disk is full.
    """
    from filelock import Timeout

    try:
        with ExitStack() as held:
            _lock(out, held)
            yield _lease(out, held, wait, told)
    except Timeout:
        raise LockedError(
            f"Another run is writing to {out}. Wait for it to end and run this again, or give another --out."
        ) from None


def _lock(out: Path, held: ExitStack) -> None:
    from filelock import FileLock, Timeout

    try:
        held.enter_context(FileLock(out / LOCK, timeout=0).acquire())
    except Timeout:
        raise
    except NotImplementedError:
        return  # the disk has no locks of the system; the lease does
    except OSError as fault:
        if fault.errno not in _NO_LOCKS:
            raise refused(out / LOCK, fault) from None


def _lease(out: Path, held: ExitStack, wait: bool, told: Callable[[str], None]) -> Callable[[], None]:
    from filelock import SoftFileLease, Timeout

    lease = SoftFileLease(out / LEASE, lease_duration=DURATION)
    try:
        try:
            held.enter_context(lease.acquire(timeout=0))
        except Timeout:
            if not wait:
                raise
            told(f"another machine may be writing to {out}: waiting for a minute to see whether it lives")
            held.enter_context(_taken_over(lease, out / LEASE))
    except Timeout:
        raise
    except OSError as fault:
        raise refused(out / LEASE, fault) from None
    return lambda: _stop_where_lost(lease, out)


def _taken_over(lease: Any, file: Path) -> Any:
    """Take the lease where nobody renews it, or nobody ever wrote into it, for as long as it lasts."""
    from filelock import Timeout

    blank = _blank(file)
    try:
        return lease.acquire(timeout=1.2 * DURATION, poll_interval=DURATION / 60)
    except Timeout:
        if blank is None or _blank(file) != blank:
            raise
    # A run was killed as it made the file, before it could write whose it is; the library takes that for held for ever.
    file.unlink(missing_ok=True)
    return lease.acquire(timeout=0)


def _blank(file: Path) -> tuple[int, int] | None:
    """Return which file it is and when it was touched, where there is nothing in it; else None."""
    try:
        found = file.stat()
    except OSError:
        return None
    return None if found.st_size else (found.st_ino, found.st_mtime_ns)


def _stop_where_lost(lease: Any, out: Path) -> None:
    if lease.compromise is not None:
        raise LockedError(
            f"This run stood still for so long that another may have begun in {out}. Nothing was published. "
            "Run it again."
        )

"""Work spread over processes, where it takes so long that starting Python again pays."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

_ending = threading.Event()


def end_after_this() -> None:
    """Say that this process ends with its command, and keeps nothing for another."""
    _ending.set()


def ending() -> bool:
    """Whether what this process builds is of no use to it later."""
    return _ending.is_set()


def spread[T, R](task: Callable[[T], R], parts: Sequence[T]) -> Iterator[R]:
    """Yield `task(part)` of each part, in order, computed by as many processes as there are cores.

    `task` is a function of a module; it, the parts and the results travel between processes. What
    a process that dies leaves undone, and everything where no process can be started safely, is
    computed here.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    workers = min(cores(), len(parts))
    if workers < 2 or not _main_may_be_imported():
        yield from map(task, parts)
        return
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        futures = [pool.submit(_done, task, part) for part in parts]
        for part, future in zip(parts, futures, strict=True):
            try:
                result = future.result()
            except BrokenProcessPool:
                result = task(part)
            yield result
    finally:
        pool.shutdown(cancel_futures=True)


def _done[T, R](task: Callable[[T], R], part: T) -> R:
    try:
        return task(part)
    finally:
        gc.freeze()  # so that the process need not look through all graphs when it ends


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _main_may_be_imported() -> bool:
    """Whether a new process may import this one's main module: ours, or that of a notebook.

    A script of somebody else's may do anything when it is imported a second time.
    """
    main = sys.modules["__main__"]
    spec, file = getattr(main, "__spec__", None), getattr(main, "__file__", None)
    if spec is not None:
        return str(spec.name).split(".")[0] in ("forecast", "tests", "pytest")
    return file is None or Path(file).stem in ("forecast", "pytest")

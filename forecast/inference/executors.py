"""Work spread over processes, for batches so large that starting Python again pays."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path


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
        futures = [pool.submit(task, part) for part in parts]
        for part, future in zip(parts, futures, strict=True):
            try:
                result = future.result()
            except BrokenProcessPool:
                result = task(part)
            yield result
    finally:
        pool.shutdown(cancel_futures=True)


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

"""Work spread over processes, where it takes so long that starting Python again pays."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

_one_command = ContextVar("one_command", default=False)


@contextmanager
def one_command() -> Iterator[None]:
    """Say that this process ends with what is done within, and what is built there with it."""
    said = _one_command.set(True)
    try:
        yield
    finally:
        _one_command.reset(said)


def serves_one_command() -> bool:
    """Whether this process was said to end with its command."""
    return _one_command.get()


def spread[T, R](task: Callable[[T], R], parts: Sequence[T]) -> Iterator[R]:
    """Yield `task(part)` of each part, in order, computed by as many processes as there are cores.

    `task` is a function of a module; it, the parts and the results travel between processes. What
    a process that dies leaves undone, and everything where no process can be started safely, is
    computed here. An interruption ends them all.
    """
    workers = min(cores(), len(parts))
    pool = _pool(workers) if workers > 1 and _main_may_be_imported() else None
    if pool is None:
        yield from map(task, parts)
        return
    from multiprocessing import active_children

    before = active_children()
    try:
        with _interrupts_held():
            futures = [_begun(pool, task, part) for part in parts]
        for part, future in zip(parts, futures, strict=True):
            yield _result(future, task, part)
    except BaseException:
        for process in active_children():
            if process not in before:
                process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Keep an interruption until after: processes begun within will not see any themselves."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _pool(workers: int) -> Executor | None:
    """Return processes to be, or None where the system has not what it takes to talk to them."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    try:
        return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    except (OSError, ImportError, NotImplementedError):
        return None


def _begun[T, R](pool: Executor, task: Callable[[T], R], part: T) -> Future[R] | None:
    from concurrent.futures.process import BrokenProcessPool

    try:
        return pool.submit(_run, task, part)
    except (OSError, BrokenProcessPool):  # no process more may be started
        return None


def _result[T, R](future: Future[R] | None, task: Callable[[T], R], part: T) -> R:
    from concurrent.futures.process import BrokenProcessPool

    if future is None:
        return task(part)
    try:
        return future.result()
    except BrokenProcessPool:
        return task(part)


def _run[T, R](task: Callable[[T], R], part: T) -> R:
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

"""Kernels that are forked ahead from the process that runs their notebook, where the system can fork.

A kernel spends most of a notebook's time on starting and importing. The process that runs a notebook is itself a fork
of one that has imported all of it (`drivers`), and forks the kernel before it has a thread or a socket; the kernel then
waits to be launched.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from analysis.publishing.drivers import can_fork
from analysis.publishing.family import end_with_parent

#: How the kernel that comes with this Python is started; any other one is started as it says.
OF_THIS_PYTHON = ["-m", "ipykernel_launcher"]


class Forked:
    """A fork of this process that waits to be a kernel; to Jupyter it has the face of `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self) -> None:
        self._asked, its = Pipe()
        self.process = get_context("fork").Process(target=_kernel, args=(its,), name="kernel")
        self.process.start()
        its.close()
        self.pid = self.process.pid

    def launch(self, arguments: list[str], environment: dict[str, str], folder: str) -> None:
        """Let it be a kernel, in this environment and folder."""
        self._asked.send((arguments, environment, folder))

    def poll(self) -> int | None:
        """Return the exit code; None while it runs."""
        return self.process.exitcode

    def wait(self) -> int | None:
        """Wait for its end and return the exit code."""
        self.process.join()
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        """Send a signal; one that has ended gets none."""
        if self.pid is not None and self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.process.terminate()

    def kill(self) -> None:
        """End it."""
        self.process.kill()


class ForkingProvisioner(LocalProvisioner):  # type: ignore[misc]
    """Launches the kernel that was forked ahead where it is this Python's; any other one as Jupyter does.

    Attributes
    ----------
    ahead
        The fork that waits; None: there is none, or it was launched.
    """

    ahead: ClassVar[Forked | None] = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launch a kernel and return where it is talked to."""
        fork = ForkingProvisioner.ahead
        if fork is None or cmd[0] != sys.executable or cmd[1:3] != OF_THIS_PYTHON:
            return await super().launch_kernel(cmd, **kwargs)
        ForkingProvisioner.ahead = None
        fork.launch(cmd[3:], kwargs["env"], str(kwargs.get("cwd") or Path.cwd()))
        self.process, self.pid = fork, fork.pid
        return self.connection_info


@contextmanager
def kernel_ahead() -> Iterator[None]:
    """Fork a kernel, to be launched later; where it never is, end it."""
    ForkingProvisioner.ahead = Forked() if can_fork() else None
    try:
        yield
    finally:
        if ForkingProvisioner.ahead:
            ForkingProvisioner.ahead.kill()


class ForkingKernelManager(AsyncKernelManager):  # type: ignore[misc]
    """A kernel manager whose kernels are forked."""

    kernel_id: str
    provisioner: Any

    async def _async_pre_start_kernel(self, **kwargs: Any) -> Any:
        self.kernel_id = self.kernel_id or kwargs.get("kernel_id") or str(uuid4())
        self.provisioner = self.provisioner or ForkingProvisioner(
            kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
        )
        return await super()._async_pre_start_kernel(**kwargs)


def _kernel(asked: Connection) -> None:
    """Wait to be launched, then be a kernel in the environment and folder that it is asked for."""
    import time

    import matplotlib as mpl
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    os.setsid()
    end_with_parent()
    arguments, environment, folder = asked.recv()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    time.tzset()
    np.random.seed()  # noqa: NPY002 - that of the global generator, which forks would share
    mpl.use(environment.get("MPLBACKEND", "agg"))
    # It ends when its notebook's process does, too, whatever else it is at.
    IPKernelApp.launch_instance(argv=[*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"])

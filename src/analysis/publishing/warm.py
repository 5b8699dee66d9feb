"""Kernels that are forked from a process which has imported what notebooks need, where the system can fork.

A kernel spends most of a notebook's time on starting and importing. Here a server imports all of it once
(`multiprocessing.forkserver`), and each kernel is a copy of that: it costs milliseconds, and one that breaks takes none
along. The server has no thread and no socket of a kernel, and ends with its run.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from analysis.publishing.family import end_with_parent

#: What kernels need before they run a line of a notebook, and what most notebooks need.
PRELOADED = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.inprocess", "IPython.core.interactiveshell"),
    *("pandas", "pyarrow.dataset", "pyarrow.parquet", "matplotlib.pyplot", "matplotlib.backends.backend_svg"),
    *("analysis.cli", "analysis.portfolio"),
)
#: How the kernel that comes with this Python is started; any other one is started as it says.
OF_THIS_PYTHON = ["-m", "ipykernel_launcher"]


def can_fork() -> bool:
    """Say whether kernels may be forked: on Linux, where the libraries that are loaded bear it."""
    return sys.platform == "linux"


def pages() -> list[str]:
    """Return the modules of the topics' pages."""
    package = Path(__file__).parents[1]
    files = sorted(package.glob("topics/*/page/*.py"))
    return [".".join(file.relative_to(package.parent).with_suffix("").parts) for file in files]


def warm_up() -> None:
    """Start to import what kernels need, beside whatever this process does next."""
    if can_fork():
        from multiprocessing import forkserver

        get_context("forkserver").set_forkserver_preload([*PRELOADED, *pages()])
        # Its socket's path is too long in a folder for temporary files with a long name: then kernels are plain ones.
        with suppress(OSError):
            forkserver.ensure_running()
            ForkingProvisioner.warm = True


class Forked:
    """A forked kernel with the face of `subprocess.Popen`, which a provisioner of Jupyter deals with."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess) -> None:
        process.start()
        self.process, self.pid = process, process.pid

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
    """Launches the kernel of this Python as a fork of the warm process, and any other one as Jupyter does.

    Attributes
    ----------
    warm
        Whether there is such a process.
    """

    warm: ClassVar[bool] = False

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launch a kernel and return where it is talked to."""
        if not self.warm or cmd[0] != sys.executable or cmd[1:3] != OF_THIS_PYTHON:
            return await super().launch_kernel(cmd, **kwargs)
        process = get_context("forkserver").Process(
            target=_kernel, args=(cmd[3:], kwargs["env"], str(kwargs.get("cwd") or Path.cwd())), name="kernel"
        )
        self.process = Forked(process)
        self.pid = self.process.pid
        return self.connection_info


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


def _kernel(arguments: list[str], environment: dict[str, str], folder: str) -> None:
    """Be a kernel, in the environment and folder that it was asked for."""
    import gc
    import time

    import matplotlib as mpl
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    gc.freeze()  # what was imported stays, and is not looked through again
    os.setsid()
    end_with_parent()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    time.tzset()
    np.random.seed()  # noqa: NPY002 - that of the global generator, which forks would share
    mpl.use(environment.get("MPLBACKEND", "agg"))
    # It ends when the server does, too, whatever else it is at.
    IPKernelApp.launch_instance(argv=[*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"])

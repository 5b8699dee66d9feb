"""A JupyterLab of its own for a test: fresh folders, a free port, a random token; opened in headless Chromium."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.pages import QUICK

#: These compute, with few draws; the others read a finished run.
OF_DATA = {"explore", "backtest"}
#: Seconds that Lab may take to answer, a notebook to run, and Lab to end before it is killed.
STARTS, RUNS, ENDS = 90, 300, 30
_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


_RUN = """() => {
    window.hasRun = false;
    window.jupyterapp.commands.execute("notebook:run-all-cells").then(() => { window.hasRun = true; });
}"""


class Lab:
    """A running Lab: `folder` holds its notebooks, `page` is the browser's."""

    def __init__(self, address: str, token: str, folder: Path, page: Any) -> None:
        self.address, self.token, self.folder, self.page = address, token, folder, page

    def open(self, name: str) -> None:
        """Open a notebook and wait until its kernel listens."""
        self.page.goto(f"{self.address}/lab/tree/{name}.ipynb?token={self.token}&reset")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=STARTS * 1000)
        self._wait(name, lambda kernel: kernel["execution_state"] == "idle" and kernel["connections"] > 0)
        # The session says idle before the page has heard of it, and what is run before that is lost.
        self.page.wait_for_timeout(1_500)

    def run_all(self, name: str) -> list[dict[str, Any]]:
        """Run all cells of the notebook that is open and return its cells, as saved, with what they show."""
        self.page.evaluate(_RUN)
        self.page.wait_for_function("window.hasRun", timeout=RUNS * 1000)
        self.page.wait_for_timeout(500)  # what the last cell shows arrives after its answer
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        cells: list[dict[str, Any]] = json.loads((self.folder / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
        return cells

    def troubles(self) -> list[str]:
        """Return what Lab shows instead of an output that it could not draw; no saved output tells."""
        shown: list[str] = self.page.locator(".jp-OutputArea-output", has_text="Javascript Error").all_inner_texts()
        return shown

    def close(self) -> None:
        """End all kernels."""
        for session in self._ask("sessions"):
            self._ask(f"sessions/{session['id']}", "DELETE")

    def _wait(self, name: str, holds: Any, seconds: float = STARTS) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            kernels = [one["kernel"] for one in self._ask("sessions") if one["path"] == f"{name}.ipynb"]
            if kernels and holds(kernels[0]):
                return
            time.sleep(0.3)
        raise TimeoutError(f"{name}.ipynb took more than {seconds} seconds.")

    def _ask(self, what: str, method: str = "GET") -> Any:
        asked = urllib.request.Request(  # noqa: S310 - to this machine
            f"{self.address}/api/{what}", headers={"Authorization": f"token {self.token}"}, method=method
        )
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
            text = answer.read()
        return json.loads(text) if text else None


def copy_of_the_notebooks(to: Path, data: Path, tables: str) -> Path:
    """Copy the notebooks with their first cell filled in."""
    shutil.copytree(ROOT / "notebooks", to, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for file in to.rglob("*.ipynb"):
        book = json.loads(file.read_text(encoding="utf-8"))
        for cell in book["cells"]:
            if "parameters" in cell["metadata"].get("tags", ()):
                text = "".join(cell["source"]).replace('"data/sample"', json.dumps(str(data)))
                own = "" if file.stem in OF_DATA else tables
                text = text.replace('tables = ""', f"tables = {json.dumps(own)}")
                text = text.replace("policy = {}", f"policy = {QUICK}" if file.stem in OF_DATA else "policy = {}")
                text = text.replace('first = ""', 'first = "2026-04-30"').replace('last = ""', 'last = "2026-04-30"')
                cell["source"] = text
        file.write_text(json.dumps(book), encoding="utf-8")
    return to


@contextmanager
def started(folder: Path, own: Path, browser: Any) -> Iterator[Lab]:
    """Start Lab on a folder, its own files in another, and end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token, names = secrets.token_hex(16), ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    kept = {f"JUPYTER_{name}": str(own / name.lower()) for name in names}
    settings = own / "settings"
    for plugin, values in _SETTINGS.items():
        scope, name = plugin.split(":")
        (settings / scope).mkdir(parents=True, exist_ok=True)
        (settings / scope / f"{name}.jupyterlab-settings").write_text(json.dumps(values), encoding="utf-8")
    kept |= {"JUPYTERLAB_SETTINGS_DIR": str(settings), "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces")}
    kept |= {"PYTHONPATH": str(ROOT / "src"), "IPYTHONDIR": str(own / "ipython")}
    options = ["--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0",
               f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}",
               "--LabApp.expose_app_in_browser=True"]  # fmt: skip
    with (own / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "jupyterlab", *options], env=os.environ | kept, stdout=log, stderr=log
        )
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        lab = Lab(f"http://127.0.0.1:{port}", token, folder, page)
        try:
            _listening(lab, process)
            yield lab
            lab.close()
        finally:
            page.close()
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End Lab, which on a busy machine may be long about its own end: that is not what is tested here."""
    process.terminate()
    try:
        process.wait(ENDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _listening(lab: Lab, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            lab._ask("status")
        except OSError:
            time.sleep(0.3)
        else:
            return
    raise TimeoutError("JupyterLab does not answer.")

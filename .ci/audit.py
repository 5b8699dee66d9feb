"""Look for known vulnerabilities in what requirements.txt pins, where pip-audit can reach its data.

Exit code 1: one was found. Where pip-audit or its data cannot be had this is said, and the code is 0.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

PINNED = Path(__file__).resolve().parents[1] / "requirements.txt"


def main() -> int:
    """Audit one package, to see whether there are data, then all."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        program = _installed(place)
        if program is None:
            return _not_done("pip-audit could not be installed")
        one = place / "one.txt"
        one.write_text(next(line for line in PINNED.read_text().splitlines() if line.startswith("click==")))
        if not any("vulns" in found for found in _audited(program, one)):
            return _not_done("its data could not be reached")
        found = _audited(program, PINNED)
    known = [(one["name"], one["version"], bug["id"]) for one in found for bug in one.get("vulns", [])]
    for name, version, bug in known:
        print(f"{name} {version}: {bug}", file=sys.stderr)
    audited = sum("vulns" in one for one in found)
    print(f"pip-audit: {audited} of {len(found)} packages audited, {len(known)} known vulnerabilities", file=sys.stderr)
    return 1 if known else 0


def _installed(place: Path) -> Path | None:
    """Install pip-audit in an environment of its own; None where that fails."""
    folder = place / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    install = [str(folder / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "pip-audit>=2.9"]
    try:
        venv.create(place / "venv", with_pip=True)
        subprocess.run(install, capture_output=True, check=True, timeout=600)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    return folder / "pip-audit"


def _audited(program: Path, requirements: Path) -> list[dict[str, Any]]:
    """Return what is told of each package: `vulns`, or `skip_reason`; nothing where the audit itself failed."""
    call = [str(program), "-r", str(requirements), "--no-deps", "--disable-pip", "--progress-spinner=off", "-f", "json"]
    try:
        done = subprocess.run(call, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603
        return list(json.loads(done.stdout)["dependencies"])
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return []


def _not_done(why: str) -> int:
    print(f"pip-audit: {why}; nothing was audited.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())

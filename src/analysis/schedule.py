"""Recipes for schedulers, filled in: what to paste so that a run starts by itself."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import UsageError


@dataclass(frozen=True)
class Plan:
    """What is to run, and when: at an hour of a day of each month."""

    data: Path
    out: Path
    day: int
    hour: int
    timeout: int
    user: str

    @property
    def command(self) -> list[str]:
        """The call, with the program's own place."""
        program = Path(sys.executable).with_name("mutual-value")
        called = [str(program)] if program.exists() else [sys.executable, "-m", "analysis"]
        given = ["run", "--data", str(self.data), "--out", str(self.out), "--timeout", str(self.timeout)]
        return [*called, *given, "--log", "json"]


def cron(plan: Plan) -> str:
    """Return a line for `crontab -e`; in it a percent sign would end the command."""
    command = shlex.join(plan.command).replace("%", r"\%")
    return "\n".join(
        [
            "# crontab -e",
            "# Exit codes and what to do: the README, 'For a scheduler'. cron mails what is printed to MAILTO.",
            "MAILTO=maintainers@example.com",
            f"0 {plan.hour} {plan.day} * *  {command}",
            "",
        ]
    )


def systemd(plan: Plan) -> str:
    """Return a service and its timer; the service may write to the folder of the reports and nowhere else."""
    command = " ".join(_for_systemd(word) for word in plan.command)
    return f"""\
# /etc/systemd/system/mutual-value.service
# Its user must be there and may read the data; the folder of the reports must be there and be that user's:
#   useradd --system {shlex.quote(plan.user)}; install -d -o {shlex.quote(plan.user)} {shlex.quote(str(plan.out))}
[Unit]
Description=Mutual Value: compute and publish the reports

[Service]
Type=oneshot
User={plan.user}
ExecStart={command}
# The command ends itself at --timeout; this is for the machine.
TimeoutStartSec={plan.timeout + 120}
# 75: another run is writing there.
SuccessExitStatus=75
UMask=0027
PrivateTmp=true
Environment=MUTUAL_VALUE_LOGS={_for_systemd("/var/log/mutual-value")}
LogsDirectory=mutual-value
ProtectSystem=strict
ReadWritePaths={_for_systemd(str(plan.out))}
NoNewPrivileges=true
PrivateDevices=true
ProtectKernelTunables=true
ProtectControlGroups=true
RestrictSUIDSGID=true
# Where dataset.toml names no database on another machine:
PrivateNetwork=true
MemoryMax=4G

# /etc/systemd/system/mutual-value.timer
[Unit]
Description=Mutual Value: each month

[Timer]
OnCalendar=*-*-{plan.day:02d} {plan.hour:02d}:00:00
Persistent=true
RandomizedDelaySec=5min

[Install]
WantedBy=timers.target
"""


def github(plan: Plan) -> str:
    """Return a workflow for GitHub Actions; data and reports are paths in the repository."""
    return f"""\
# .github/workflows/reports.yml, in a copy of this repository that holds the data, too
name: reports
on:
  schedule:
    - cron: "0 {plan.hour} {plan.day} * *" # UTC
  workflow_dispatch:
permissions:
  contents: read
concurrency: reports
jobs:
  run:
    runs-on: ubuntu-latest
    timeout-minutes: {plan.timeout // 60 + 10}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install -r requirements.txt && pip install --no-deps .
      - run: mutual-value run --data "$DATA" --out "$OUT" --timeout {plan.timeout} --log json
        env:
          DATA: {_for_yaml(str(plan.data))}
          OUT: {_for_yaml(str(plan.out))}
          # ERP_PASSWORD: ${{{{ secrets.ERP_PASSWORD }}}} # for ${{ERP_PASSWORD}} in dataset.toml
      # Who can read the repository can read this: keep that to those who may.
      - uses: actions/upload-artifact@v4
        with:
          name: reports
          path: {_for_yaml(str(plan.out))}
"""


def docker(plan: Plan) -> str:
    """Return a Dockerfile, and the call: an ordinary user, a read-only root, no network."""
    data, out = (shlex.quote(str(path)) for path in (plan.data, plan.out))
    return f"""\
# Dockerfile, beside pyproject.toml
FROM python:3.12-slim
# What is installed and nothing beside it: data, reports and .venv stay out of the image.
COPY LICENSE README.md pyproject.toml requirements.txt /app/
COPY notebooks /app/notebooks
COPY src /app/src
RUN pip install --no-cache-dir -r /app/requirements.txt && pip install --no-cache-dir --no-deps /app \\
    && useradd --uid 10001 --create-home reports
USER 10001
ENV HOME=/tmp MPLCONFIGDIR=/tmp/matplotlib
ENTRYPOINT ["mutual-value"]

# docker build -t mutual-value .
# The folder of the reports must be writable for uid 10001. --init passes signals on and reaps what ends.
# docker run --rm --init --read-only --tmpfs /tmp:size=2g --network none --cap-drop ALL --memory 4g \\
#   -v {data}:/data:ro -v {out}:/reports \\
#   mutual-value run --data /data --out /reports --timeout {plan.timeout} --log json
"""


def airflow(plan: Plan) -> str:
    """Return a DAG for Airflow 2.9 or newer, which tries again what may pass, as exit code 75 does; no bad input."""
    return f'''\
"""dags/mutual_value.py"""

from __future__ import annotations

import shlex
from datetime import datetime, timedelta

try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.operators.bash import BashOperator
try:
    from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
except ImportError:  # Airflow before 3.2
    from airflow.exceptions import AirflowFailException, AirflowSkipException

COMMAND = {plan.command!r}


class Run(BashOperator):
    def execute(self, context):
        try:
            return super().execute(context)
        except AirflowSkipException:  # what skip_on_exit_code names: failed at once
            raise AirflowFailException("The call, the policy or the data is wrong, as the log says.") from None


with DAG(
    dag_id="mutual_value",
    schedule="0 {plan.hour} {plan.day} * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
):
    # The command is idempotent: a retry of a run that was done changes nothing.
    Run(
        task_id="run",
        # What Jinja would take for its own stays as it is.
        bash_command="{{% raw %}}" + shlex.join(COMMAND) + "{{% endraw %}}",
        # 2: the call or the policy is wrong; 3: the data was rejected. A retry cannot mend these.
        skip_on_exit_code=[2, 3],
        retries=3,
        retry_delay=timedelta(minutes=20),
        execution_timeout=timedelta(seconds={plan.timeout + 120}),
    )
'''


def jupyter(plan: Plan) -> str:
    """Say what jupyter-scheduler can do with the notebooks, and what it cannot."""
    return f"""\
jupyter-scheduler (the "Notebook Jobs" of JupyterLab) runs one notebook at a time, in a copy, with parameters. It writes
what you type into a cell as it is, so it is Python: text stands in quotes, and whoever may add a job can run code.
  notebook    notebooks/executive.ipynb (or any other)
  data        {str(plan.data)!r}
  as_of       '' (the last whole month)
  policy      {{}} (a table, as {{'currency': 'USD'}})
  tables      {str(plan.out / "latest")!r}: the tables of a finished run; '': compute it all again, for each notebook
  schedule    0 {plan.hour} {plan.day} * *
Give whole paths: the copy lies in a folder of its own. The project must be installed where JupyterLab is.
What it does not do: it leaves out no cell that is for exploring (tag `explore`), checks no page, puts no run in place,
holds no lock, keeps no last good run, has no limit of time, and runs only while JupyterLab's server does. For reports
that others read, let a scheduler call `mutual-value run`.
"""


RECIPES: dict[str, Callable[[Plan], str]] = {
    "cron": cron,
    "systemd": systemd,
    "github": github,
    "docker": docker,
    "airflow": airflow,
    "jupyter": jupyter,
}


def recipe(kind: str, plan: Plan) -> str:
    """Return the recipe of a kind, filled in.

    Raises
    ------
    UsageError
        A path has a line end in it, which no scheduler takes.
    """
    for path in (plan.data, plan.out):
        if re.search(r"[\x00-\x1f\x7f]", str(path)):
            raise UsageError(f"{str(path)!r} has a control character in it; give it another name first.")
    return RECIPES[kind](plan)


def _for_systemd(word: str) -> str:
    r"""Return a word as systemd reads it: specifiers and variables stay text.

    Examples
    --------
    >>> _for_systemd("/srv/100% of $it")
    '"/srv/100%% of $$it"'
    """
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return text if re.fullmatch(r"[\w./%:=@+-]+", text) else f'"{text}"'


def _for_yaml(text: str) -> str:
    """Return a text as YAML reads it.

    Examples
    --------
    >>> _for_yaml("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"

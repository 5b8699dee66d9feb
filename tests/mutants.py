"""Turn the rules that judge people, one at a time, and see whether a test fails: `make mutants`.

Each mutant is one operator, number or word of a judging module turned round. A forked child takes the mutated code into
the functions that are already imported and runs the module's own tests. A mutant that no test notices has survived: a
test is missing, or it changes nothing (`EQUIVALENT`).
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import importlib
import os
import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

HERE = Path(__file__).parent
#: The judging modules, each with the tests that pin it.
PINNED = {
    "analysis.ledger.work": ("ledger/test_work_rules.py",),
    "analysis.ledger.statement": ("ledger/test_statement_rules.py",),
    "analysis.topics.service.judgement.over_served": ("judgement/test_over_served_rules.py",),
    "analysis.topics.difficulty.judgement.difficulty": ("judgement/test_difficulty_rules.py",),
    "analysis.topics.profitability.judgement.segments": ("judgement/test_segments_and_whale.py",),
    "analysis.topics.overview.judgement.overrides": ("judgement/test_overrides_rules.py",),
    "analysis.topics.actions.judgement.ladder": ("decision/test_ladder_rules.py",),
    "analysis.topics.actions.judgement.next_step": ("decision/test_next_step.py",),
    "analysis.topics.actions.judgement.recommend": ("decision/test_ladder_rules.py",),
}
#: Mutants that change nothing that can be told, by module, line and mutant, with the reason.
EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "recommend",
        'stuck = gains.index[~gains.proposed & beats & (best.action.reindex(gains.index) == "none")]',
        "~gains.proposed & beats -> ~gains.proposed | beats",
    ): "a gain beats doing nothing",
    (
        "recommend",
        'stuck = gains.index[~gains.proposed & beats & (best.action.reindex(gains.index) == "none")]',
        "~gains.proposed & beats & (best.action.reindex(gains.index) -> "
        "~gains.proposed & beats | (best.action.reindex(gains.index)",
    ): "who does nothing is beaten by any gain, and is told to end where that is proposed",
    ("over_served", "mine = mine.assign(failure_logged=0.0, failure_modelled=0.0)", "0.0 -> 1.0"): (
        "the failures are a term of their own that is not read"
    ),
    (
        "over_served",
        "there = known[known.customer_id.isin(mine.customer_id)].reset_index(drop=True)",
        "True -> False",
    ): "the old index would be a column that is not read",
    ("over_served", "size = max(1, BLOCK_CELLS // max(1, factors.shape[1]))", "1 -> 2"): "how many are drawn at once",
    (
        "over_served",
        "return over if sure is None else np.asarray(over & (chance <= 1 - sure))",
        "chance <= 1 - sure -> chance < 1 - sure",
    ): "no chance of a whole number of pieces is one less the policy's to the last digit",
    (
        "next_step",
        'any(asks(step) for step in in_plan) or single.get((own, "restore_service"), {}).get("value", -1.0) >= 0',
        "1.0 -> 1.5",
    ): "what is not weighed adds less than nothing, however much less",
    (
        "next_step",
        'if row["failed"] and single.get((own, "mend_our_failures"), {}).get("value", -1.0) >= 0:',
        "1.0 -> 1.5",
    ): "what is not weighed adds less than nothing, however much less",
    (
        "segments",
        "above: pd.Series[bool] = (accounts.service_demand > line * (1 + 1e-9)).where(",
        "1e-09 -> 1.5000000000000002e-09",
    ): "either is far more than a last binary digit and far less than a difference that counts",
    (
        "segments",
        'names = pd.Series([f"{p}_{d}_demand" for p, d in zip(profit, demand, strict=True)], '
        'accounts.index, dtype="str")',
        "True -> False",
    ): "both are as long as the accounts",
}
TOO_LONG = 600

_COMPARED = {
    ast.Gt: ast.LtE, ast.GtE: ast.Gt, ast.Lt: ast.GtE, ast.LtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_REACHED = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_NAMED = {
    "any": "all",
    "all": "any",
    "maximum": "minimum",
    "minimum": "maximum",
    "max": "min",
    "min": "max",
    "isna": "notna",
    "notna": "isna",
}


def turned(node: ast.AST) -> ast.AST | None:
    """Return a node turned round; None where there is nothing to turn."""
    new: Any = copy.deepcopy(node)
    if isinstance(new, ast.Compare) and type(new.ops[0]) in _COMPARED:
        new.ops[0] = _COMPARED[type(new.ops[0])]()
    elif isinstance(new, ast.BoolOp):
        new.op = ast.Or() if isinstance(new.op, ast.And) else ast.And()
    elif isinstance(new, (ast.BinOp, ast.AugAssign)) and type(new.op) in _REACHED:
        new.op = _REACHED[type(new.op)]()
    elif isinstance(new, ast.UnaryOp) and isinstance(new.op, (ast.Not, ast.Invert)):
        new = new.operand
    elif isinstance(new, ast.IfExp):
        new.body, new.orelse = new.orelse, new.body
    elif isinstance(new, ast.Constant) and isinstance(new.value, bool):
        new.value = not new.value
    elif isinstance(new, ast.Constant) and isinstance(new.value, (int, float)):
        new.value = new.value * 1.5 if isinstance(new.value, float) and new.value else new.value + 1
    elif isinstance(new, ast.Attribute) and new.attr in _NAMED:
        new.attr = _NAMED[new.attr]
    else:
        return None
    return new


def mutants(source: str) -> Iterator[tuple[int, str, str]]:
    """Yield each mutant of a module: its line, what was turned, and the mutated source."""
    tree = ast.parse(source)
    hints = {id(one) for node in ast.walk(tree) for hint in _hints(node) for one in ast.walk(hint)}
    places = [
        (parent, name, at, child)
        for parent in ast.walk(tree)
        for name, value in ast.iter_fields(parent)
        for at, child in enumerate(value if isinstance(value, list) else [value])
        if isinstance(child, ast.AST) and id(child) not in hints
    ]
    for parent, name, at, child in places:
        new = turned(child)
        if new is None:
            continue
        field = getattr(parent, name)
        what = f"{ast.unparse(child)[:60].strip()} -> {ast.unparse(new)[:60].strip()}"
        if isinstance(field, list):
            field[at] = new
        else:
            setattr(parent, name, new)
        yield getattr(child, "lineno", 0), what, ast.unparse(ast.fix_missing_locations(tree))
        if isinstance(field, list):
            field[at] = child
        else:
            setattr(parent, name, child)


def _hints(node: ast.AST) -> list[ast.expr]:
    """Return the types that a node names: they say nothing when it runs."""
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        args = node.args
        found = [arg.annotation for arg in (*args.args, *args.kwonlyargs, *args.posonlyargs)]
        found += [node.returns] if isinstance(node, ast.FunctionDef) else []
        return [hint for hint in found if hint is not None]
    return [node.annotation] if isinstance(node, ast.AnnAssign) else []


def take_in(module: ModuleType, source: str) -> None:
    """Take mutated code into the functions and constants of a module that others have imported."""
    space: dict[str, Any] = {"__name__": module.__name__}
    exec(compile(source, str(module.__file__), "exec", dont_inherit=True), space)  # noqa: S102 - our own source
    for name, new in space.items():
        old = module.__dict__.get(name)
        if isinstance(getattr(old, "__code__", None), CodeType) and old.__module__ == module.__name__:
            old.__code__, old.__defaults__ = new.__code__, new.__defaults__
            old.__kwdefaults__ = new.__kwdefaults__
        elif isinstance(old, type) and old.__module__ == module.__name__:
            _take_in_class(old, new)
        elif isinstance(old, (int, float, tuple, dict)) and not name.startswith("__"):
            module.__dict__[name] = new


def _take_in_class(old: type, new: type) -> None:
    for name, value in vars(new).items():
        mine = vars(old).get(name)
        for attribute in ("fget", "func", "__wrapped__", "__func__"):
            if mine is not None and hasattr(mine, attribute):
                mine, value = getattr(mine, attribute), getattr(value, attribute)
        if isinstance(getattr(mine, "__code__", None), CodeType):
            mine.__code__ = value.__code__  # type: ignore[union-attr]


def run(tests: tuple[str, ...], *more: str) -> int:
    """Run tests in this process."""
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *more, *tests]))


def collect(tests: tuple[str, ...]) -> None:
    """Load what the tests load, so that each child finds it there: nothing is run, and no thread starts."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        run(tests, "--collect-only")


def survives(module: ModuleType, source: str, tests: tuple[str, ...]) -> bool:
    """Return whether the tests pass on a mutant; a child does it, so that nothing of it stays."""
    child = os.fork()
    if child == 0:
        signal.alarm(TOO_LONG)
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        try:
            take_in(module, source)
            code = run(tests)
        except BaseException:
            code = 1
        os._exit(int(code != 0))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def telling(module: str, source: str) -> Iterator[tuple[str, str]]:
    """Yield a module's mutants that change something: where and what, and the mutated source."""
    lines = source.splitlines()
    keys = {(module, lines[line - 1].strip(), what) for line, what, _ in mutants(source)}
    if gone := [key for key in EQUIVALENT if key[0] == module and key not in keys]:
        sys.exit(f"listed as changing nothing, and not there: {gone}")
    for line, what, mutated in mutants(source):
        if (module, lines[line - 1].strip(), what) not in EQUIVALENT:
            yield f"{line}: {what}", mutated


def main() -> int:
    """Try the mutants; the exit code is 1 where fewer than nine in ten of a module are killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=list(PINNED))
    parser.add_argument("--most", type=int, default=0, help="so many of each module, by lot; 0: all")
    asked = parser.parse_args()
    killed, told, weak = 0, 0, False
    for name in asked.modules:
        module, tests = importlib.import_module(name), tuple(str(HERE / test) for test in PINNED[name])
        collect(tests)
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        every = list(telling(name.rpartition(".")[2], source))
        if asked.most and len(every) > asked.most:
            every = random.Random(7).sample(every, asked.most)  # noqa: S311 - no secret
        if not every or not survives(module, ast.unparse(ast.parse(source)), tests):
            sys.exit(f"{name}: its own tests fail, or it has nothing to turn")
        left = [what for what, mutated in every if survives(module, mutated, tests)]
        killed, told = killed + len(every) - len(left), told + len(every)
        weak = weak or len(left) > 0.1 * len(every)
        print(f"{name}: {len(every) - len(left)} of {len(every)} killed", flush=True)
        for what in left:
            print(f"    survived {what}", flush=True)
    print(f"{killed} of {told} killed ({killed / told:.0%})")
    return int(weak)


if __name__ == "__main__":
    sys.exit(main())

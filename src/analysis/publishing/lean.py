"""Import the libraries of notebooks without the part that takes longer than all the rest and that nobody here uses."""

import sys


def import_lean() -> None:
    """Keep jsonschema, which nbformat checks notebooks with, from compiling the grammar of web addresses: 3 seconds.

    For a process of ours alone; no field of a notebook is checked by that grammar.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

"""Where an account's page lies: a file name that is safe on every system, whatever the id holds."""

from __future__ import annotations

import hashlib
import re
import unicodedata

FOLDER = "accounts"
LONGEST = 40
_PLAIN = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,39}")
#: Windows opens a device of this name, whatever follows the dot.
_DEVICES = re.compile(r"(CON|PRN|AUX|NUL|COM\d|LPT\d)", re.IGNORECASE)


def file_name(customer_id: str) -> str:
    """Return the name of an account's page, without its ending; no two ids share one, not even where case is folded.

    An id of capitals and digits stays as it is; any other keeps its readable letters and takes a digest of itself.

    Examples
    --------
    >>> file_name("C00042"), file_name("../../x")
    ('C00042', 'x-9cdf6a5010')
    """
    if _PLAIN.fullmatch(customer_id) and not _DEVICES.fullmatch(customer_id):
        return customer_id
    letters = unicodedata.normalize("NFKD", customer_id).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-")[:LONGEST].strip("-")
    digest = hashlib.sha256(customer_id.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{words}-{digest}" if words else f"account-{digest}"


def address(customer_id: str) -> str:
    """Return the path of an account's page within a run's folder."""
    return f"{FOLDER}/{file_name(customer_id)}.html"

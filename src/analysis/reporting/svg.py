"""Turns a matplotlib figure into a small SVG that can stand in a page beside others.

Colours become the page's custom properties, ids are the figure's own, hover texts and links are added, and what
nobody needs is left out.
"""

from __future__ import annotations

import base64
import io
import re
from typing import TYPE_CHECKING, Any, cast
from xml.etree import ElementTree as ET

from analysis.reporting.palette import variables

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.collections import PathCollection
    from matplotlib.figure import Figure

SVG = "http://www.w3.org/2000/svg"
LINKS = "http://www.w3.org/1999/xlink"
XLINK = f"{{{LINKS}}}href"
PICTURE_DPI = 150
#: What SVG measures in, to the inch.
POINTS = 72
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "mutual-value",
    "text.parse_math": False,
    "font.family": "DejaVu Sans",
    "axes.unicode_minus": True,
    "path.simplify": True,
}


def to_svg(figure: Figure, prefix: str) -> ET.Element:
    """Draw the figure and return its SVG element, its ids starting with the prefix."""
    from matplotlib import rc_context

    drawn = io.BytesIO()
    with rc_context(STYLE):
        _write(figure, drawn)
    root = ET.fromstring(drawn.getvalue())  # noqa: S314 - what matplotlib has just written
    _drop(root, {"metadata", "style"})
    _add_marks(root, figure)
    _add_hovers(root, figure)
    _own_ids(root, prefix)
    _slim(root)
    return root


def _write(figure: Figure, file: io.BytesIO) -> None:
    """Write a figure as SVG with nothing behind it, as `savefig` does, which draws it twice: once to place things."""
    dpi, engine, canvas = figure.dpi, figure.get_layout_engine(), cast("FigureCanvasSVG", figure.canvas)
    for patch in (figure.patch, *(axes.patch for axes in figure.axes)):
        patch.set(facecolor="none", edgecolor="none")
    figure.dpi = POINTS
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine("none")
    figure.dpi = PICTURE_DPI
    canvas.print_svg(file, metadata={"Date": None})
    figure.dpi = dpi


def to_text(root: ET.Element) -> str:
    """Write an SVG element as text, without a prolog and without white space between tags."""
    for node in root.iter():
        node.tail = None
        if not (node.text or "").strip():
            node.text = None
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", LINKS)
    return ET.tostring(root, encoding="unicode")


def hover(artist: Artist, words: str) -> None:
    """Give a mark a text that shows when one points at it."""
    artist.set_gid(f"hover-{id(artist)}")
    artist.hover_words = words  # type: ignore[attr-defined]


def mark(points: PathCollection, shape: str, titles: list[str], links: list[str] | None = None) -> None:
    """Let scattered points be written as plain circles or squares, each with a hover text and perhaps a link."""
    points.set_gid(f"marks-{id(points)}")
    points.mark_shape = shape  # type: ignore[attr-defined]
    points.mark_titles = titles  # type: ignore[attr-defined]
    points.mark_links = links or []  # type: ignore[attr-defined]


def _drop(root: ET.Element, names: set[str]) -> None:
    for parent in list(root.iter()):
        for child in list(parent):
            if _local(child) in names:
                parent.remove(child)


def _add_marks(root: ET.Element, figure: Figure) -> None:
    """Replace what matplotlib wrote for marked points by one short element each."""
    groups = {node.get("id"): node for node in root.iter() if str(node.get("id")).startswith("marks-")}
    for points in figure.findobj(lambda artist: hasattr(artist, "mark_shape")):
        group = groups.get(points.get_gid())
        if group is not None:
            _write_marks(group, points, figure.get_figheight() * 72, 72 / figure.dpi)


def _write_marks(group: ET.Element, points: Any, height: float, scale: float) -> None:
    clip = next((node.get("clip-path") for node in group.iter() if node.get("clip-path")), None)
    for child in list(group):
        group.remove(child)
    group.set("style", _fill(points))
    if clip:
        group.set("clip-path", clip)
    places = points.get_offset_transform().transform(points.get_offsets()) * scale
    sizes = points.get_sizes()
    for place, (x, y) in enumerate(places):
        size = float(sizes[place % len(sizes)]) ** 0.5
        holder = _link(group, points.mark_links[place]) if points.mark_links else group
        shape = _shape(holder, points.mark_shape, x, height - y, size)
        if place < len(points.mark_titles):
            ET.SubElement(shape, f"{{{SVG}}}title").text = points.mark_titles[place]


def _fill(points: Any) -> str:
    from matplotlib.colors import to_hex

    fill, edge = to_hex(points.get_facecolor()[0]), to_hex(points.get_edgecolor()[0])
    opacity, width = float(points.get_facecolor()[0][3]), float(points.get_linewidths()[0])
    return f"fill: {fill}; fill-opacity: {opacity:.2f}; stroke: {edge}; stroke-width: {width:.2f}"


def _link(group: ET.Element, address: str) -> ET.Element:
    # JupyterLab writes to the `href` of every anchor that has one, which a drawing's anchor does not bear.
    return ET.SubElement(group, f"{{{SVG}}}a", {XLINK: address}) if address else group


def _shape(holder: ET.Element, shape: str, x: float, y: float, size: float) -> ET.Element:
    half = size / 2
    if shape == "square":
        side = f"{size:.1f}"
        places = {"x": f"{x - half:.1f}", "y": f"{y - half:.1f}", "width": side, "height": side}
        return ET.SubElement(holder, f"{{{SVG}}}rect", places)
    return ET.SubElement(holder, f"{{{SVG}}}circle", {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": f"{half:.1f}"})


def _add_hovers(root: ET.Element, figure: Figure) -> None:
    words = {str(a.get_gid()): a.hover_words for a in figure.findobj(lambda artist: hasattr(artist, "hover_words"))}  # type: ignore[attr-defined]
    for node in root.iter():
        if node.get("id") in words:
            title = ET.Element(f"{{{SVG}}}title")
            title.text = words[str(node.get("id"))]
            node.insert(0, title)


def _own_ids(root: ET.Element, prefix: str) -> None:
    """Keep only the ids that something refers to, and make them the figure's own."""
    whole = ET.tostring(root, encoding="unicode")
    used = set(re.findall(r"url\(#([^)]+)\)", whole)) | set(re.findall(r'href="#([^"]+)"', whole))
    names = {old: f"{prefix}-{place}" for place, old in enumerate(sorted(used))}
    for node in root.iter():
        old = node.attrib.pop("id", None)
        if old in names:
            node.set("id", names[old])
        for key, value in list(node.attrib.items()):
            if value.startswith("url(#"):
                node.set(key, f"url(#{names[value[5:-1]]})")
            elif key == XLINK and _local(node) != "a":
                node.attrib.pop(key)
                node.set("href", f"#{names[value[1:]]}" if value.startswith("#") else _smaller(value))


def _slim(root: ET.Element) -> None:
    colours = variables()
    for node in root.iter():
        for key in ("d", "x", "y", "width", "height", "transform", "points", "cx", "cy", "r"):
            if key in node.attrib:
                node.set(key, _rounded(node.attrib[key]))
        if "style" in node.attrib:
            node.set("style", _style(node.attrib["style"], colours))
        if node.get("transform", "").startswith("rotate(0 "):
            node.attrib.pop("transform")
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)


def _style(style: str, colours: dict[str, str]) -> str:
    style = re.sub(r"font-family:[^;]+;?", "", style)
    style = re.sub(r"#[0-9a-f]{6}", lambda found: colours.get(found[0], found[0]), style)
    parts = [part.strip().replace(": ", ":") for part in style.split(";")]
    return ";".join(_rounded(part, 2) for part in parts if part and part != "stroke-linejoin:miter")


def _rounded(numbers: str, digits: int = 1) -> str:
    numbers = re.sub(r"-?\d+\.\d+", lambda found: f"{round(float(found[0]), digits):g}", numbers)
    return re.sub(r"\s+", " ", numbers).strip().replace("-0 ", "0 ")


def _smaller(picture: str) -> str:
    """Reduce a picture to the few colours that it needs."""
    from PIL import Image

    head, _, coded = picture.partition("base64,")
    image: Any = Image.open(io.BytesIO(base64.b64decode(coded)))
    small = io.BytesIO()
    image.convert("RGBA").quantize(8, method=Image.Quantize.FASTOCTREE).save(small, format="PNG", optimize=True)
    return f"{head}base64,{base64.b64encode(small.getvalue()).decode()}"


def _local(node: ET.Element) -> str:
    return str(node.tag).rpartition("}")[2]

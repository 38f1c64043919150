"""Each scheme drawn as a grid in SVG, holes and overlaps marked with the passages that leave them.

    rows     what is observed: sites, lineage, residual disease
    columns  the clocks
    cells    the category; hatched where there is none, dotted where there are several

Rows and columns that no cell tells apart are one. A picture needs nothing beside itself, can be
read on light and on dark ground, and says in words what it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from textwrap import wrap

from queries.layout import Grid, Said, lay_out
from reasoner.certificate import DEFAULT, places
from reasoner.partition import (
    HOLE,
    IMPOSSIBLE,
    ONE,
    OUT,
    OVERLAP,
    Partition,
    partitions,
)
from reasoner.table import Table

# Sizes in pixels; text is measured by its number of letters, for no font is at hand.
LETTER, LINE, PAD, GAP = 6.8, 16, 8, 22
LABEL, BESIDE, NARROWEST, NOTES = 40, 21, 6, 100

STYLE = """
.scheme { --ground: #ffffff; --ink: #1b1f24; --faint: #57606a; --line: #c4cad1; --plain: #f2f4f7;
  --hole: #fff1c9; --hole-ink: #b07c00; --overlap: #ffd9d6; --overlap-ink: #b3261e; }
@media (prefers-color-scheme: dark) { .scheme { --ground: #14181d; --ink: #e8ebee;
  --faint: #a3adb8; --line: #434c56; --plain: #20262d; --hole: #3a2f10; --hole-ink: #e0ad33;
  --overlap: #4a1d1a; --overlap-ink: #ff8d84; } }
.scheme text { font: 12px system-ui, "Segoe UI", Roboto, sans-serif; fill: var(--ink); }
.scheme .ground { fill: var(--ground); }
.scheme .title { font-size: 17px; font-weight: 600; }
.scheme .faint { fill: var(--faint); }
.scheme .middle.more { font-size: 10.5px; fill: var(--faint); }
.scheme .middle { text-anchor: middle; }
.scheme .end { text-anchor: end; }
.scheme .one, .scheme .impossible, .scheme .head { stroke: var(--line); fill: var(--plain); }
.scheme .impossible { fill: none; stroke-dasharray: 2 3; }
.scheme .head { fill: none; }
.scheme .hole { fill: url(#hatched); stroke: var(--hole-ink); }
.scheme .overlap { fill: url(#dotted); stroke: var(--overlap-ink); }
.scheme .hole-ground { fill: var(--hole); } .scheme .overlap-ground { fill: var(--overlap); }
.scheme .hole-mark { stroke: var(--hole-ink); stroke-opacity: 0.35; }
.scheme .overlap-mark { fill: var(--overlap-ink); fill-opacity: 0.4; }
"""
PATTERNS = (
    '<defs><pattern id="hatched" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<rect class="hole-ground" width="8" height="8"/>'
    '<path class="hole-mark" d="M-2 2 2 -2M0 8 8 0M6 10 10 6"/></pattern>'
    '<pattern id="dotted" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<rect class="overlap-ground" width="8" height="8"/>'
    '<circle class="overlap-mark" cx="4" cy="4" r="1.1"/></pattern></defs>'
)


class Canvas:
    """Shapes one beneath the other; text is wrapped to a width."""

    def __init__(self, width: float) -> None:
        """Start at the top of an empty sheet."""
        self.width, self.y = width, float(GAP)
        self.shapes: list[str] = []

    def text(self, x: float, y: float, words: str, style: str) -> None:
        """Write one line."""
        self.shapes.append(f'<text x="{x:.1f}" y="{y:.1f}" class="{style}">{escape(words)}</text>')

    def box(self, x: float, width: float, height: float, style: str) -> None:
        """Draw a box at the present height."""
        self.shapes.append(
            f'<rect x="{x:.1f}" y="{self.y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'class="{style}"/>'
        )

    def paragraph(self, words: str, style: str) -> None:
        """Write wrapped lines, those after the first one indented, and go beneath them."""
        for n, line in enumerate(wrap(words, int((self.width - 2 * GAP) / LETTER))):
            self.y += LINE
            self.text(GAP + (PAD * 2 if n else 0), self.y, line, style)

    def lines(self, x: float, height: float, lines: Sequence[str], style: str) -> None:
        """Write lines about the middle of a height."""
        top = self.y + (height - LINE * len(lines)) / 2 + LINE * 0.8
        for n, line in enumerate(lines):
            self.text(x, top + n * LINE, line, style if n == 0 else f"{style} more")


def draw_all(table: Table) -> dict[str, str]:
    """Return the picture of every scheme under the default readings, by the scheme's name."""
    return {name: draw(partition) for name, partition in partitions(table.view()).items()}


def draw(partition: Partition) -> str:
    """Return one scheme as the text of an SVG."""
    grid = lay_out(partition)
    notes = _notes(partition, grid)
    marks = {name: number for number, name in enumerate(notes, 1)}
    texts = [[_cell_text(said, marks) for said in row] for row in grid.cells]
    labels = [[line for box in row for line in wrap(box, LABEL)] for row in grid.rows]
    left = _width([*(title for title, _ in grid.heads), *(w for row in labels for w in row)])
    heads = [w[: -(-len(w) // span)] for _, head in grid.heads for w, span in head]
    width = _width([*heads, *(line for row in texts for lines in row for line in lines)])
    whole = max(left + width * len(grid.cells[0]), LETTER * NOTES) + GAP * 2
    canvas = Canvas(whole)
    canvas.paragraph(partition.entry["label"], "title")
    canvas.y += PAD / 2
    canvas.paragraph(_statement(partition), "faint")
    canvas.y += GAP
    _draw_heads(canvas, grid, GAP + left, width)
    for label, cells, row in zip(labels, grid.cells, texts, strict=True):
        height = LINE * max(len(label), *map(len, row)) + PAD * 1.5
        canvas.lines(GAP + left - PAD, height, label, "end")
        for number, (said, words) in enumerate(zip(cells, row, strict=True)):
            x = GAP + left + number * width
            canvas.box(x, width, height, said[0].partition(" ")[0])
            canvas.lines(x + width / 2, height, words, "middle")
        canvas.y += height
    canvas.y += PAD
    for name, number in marks.items():
        canvas.paragraph(f"{number}  {notes[name]}", "faint")
    if notes:
        canvas.y += PAD
        canvas.paragraph("Hatched: in no category. Dotted: in several.", "faint")
    return _svg(partition, canvas)


def _draw_heads(canvas: Canvas, grid: Grid, left: float, width: float) -> None:
    height = LINE + PAD
    for title, head in grid.heads:
        canvas.lines(left - PAD, height, [title], "faint end")
        x = left
        for words, span in head:
            canvas.box(x, width * span, height, "head")
            canvas.lines(x + width * span / 2, height, [words], "middle")
            x += width * span
        canvas.y += height


def _svg(partition: Partition, canvas: Canvas) -> str:
    """Return the file: title, words for those who do not see it, style, shapes."""
    size = f"{canvas.width:.0f}", f"{canvas.y + GAP:.0f}"
    words = f"{_statement(partition)} {_description(partition)}".strip()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="scheme" role="img" '
        f'aria-labelledby="title text" width="{size[0]}" height="{size[1]}" '
        f'viewBox="0 0 {size[0]} {size[1]}">\n'
        f'<title id="title">{escape(partition.entry["label"])}: holes and overlaps</title>\n'
        f'<desc id="text">{escape(words)}</desc>\n'
        f"<style>{STYLE}</style>\n{PATTERNS}\n"
        '<rect class="ground" width="100%" height="100%"/>\n'
        + "\n".join(canvas.shapes)
        + "\n</svg>\n"
    )


def _width(texts: Sequence[str]) -> float:
    """Return the width that the longest of some texts takes, with room on both sides."""
    return PAD * 2 + LETTER * max(NARROWEST, *map(len, texts))


# -- words ----------------------------------------------------------------------------------------


def _notes(partition: Partition, grid: Grid) -> dict[str, str]:
    """Return what is said beneath the picture of each passage that is at work in it."""
    named = {name for row in grid.cells for _, _, causes in row for name in causes}
    return {
        p["name"]: f"{p['label']} ({p['locator'] or p['source']}). {p['definition']}"
        for p in partition.passages
        if p["name"] in named
    }


def _cell_text(said: Said, marks: dict[str, int]) -> list[str]:
    kind, categories, causes = said
    if kind in (OUT, IMPOSSIBLE):
        return ["cannot occur" if kind == IMPOSSIBLE else ""]
    if kind == ONE:
        return [categories[0]]
    numbers = ", ".join(str(marks[c]) for c in causes)
    if kind == OVERLAP:
        return [f"{' + '.join(categories)}", f"see {numbers}"]
    beside = wrap(f"beside {' / '.join(categories)}", BESIDE) if categories else []
    return ["none", *beside, f"see {numbers}"]


def _statement(partition: Partition) -> str:
    one = sum(kind == ONE for kind, _ in partition.said)
    holes, overlaps = partition.count(HOLE), partition.count(OVERLAP)
    if not holes and not overlaps:
        return f"Exhaustive and exclusive: each of {one} cases is in exactly one category."
    return (
        f"Of {one + holes + overlaps} cases {one} are in exactly one category, {holes} in none, "
        f"{overlaps} in several."
    )


def _description(partition: Partition) -> str:
    """Say in words where holes and overlaps are."""
    words = {HOLE: "in no category", OVERLAP: "in several categories"}
    return " ".join(f"{p.criteria}: {words[p.kind]}." for p in places(DEFAULT, partition))

"""A dot plot as SVG: one line per input, one mark per program, a logarithmic axis. Readable on light and dark pages."""

import math
from xml.sax.saxutils import escape

LEFT, RIGHT, TOP, LINE = 230, 30, 84, 24
WIDTH = 960
COLOURS = ["#d1242f", "#2f81f7", "#bf8700", "#1a7f37", "#57ab5a", "#8250df", "#db61a2", "#0f8a8a", "#8c959f", "#b35900"]
SHAPES = ["circle", "square", "diamond", "triangle"]
STYLE = """
.page { fill: #ffffff } .text { fill: #1f2328; font: 12px system-ui, sans-serif } .title { font-size: 15px; font-weight: 600 }
.grid { stroke: #d0d7de; stroke-width: 1 } .minor { stroke: #eaeef2 } .edge { stroke: #ffffff; stroke-width: 1 }
@media (prefers-color-scheme: dark) {
  .page { fill: #0d1117 } .text { fill: #e6edf3 } .grid { stroke: #30363d } .minor { stroke: #1c2128 } .edge { stroke: #0d1117 }
}
"""


def mark(shape, x, y, size, colour):
    if shape == "circle":
        return f'<circle class="edge" cx="{x:.1f}" cy="{y:.1f}" r="{size}" fill="{colour}"/>'
    corners = {
        "square": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        "diamond": [(0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)],
        "triangle": [(0, -1.1), (1.1, 0.9), (-1.1, 0.9)],
    }[shape]
    points = " ".join(f"{x + size * dx:.1f},{y + size * dy:.1f}" for dx, dy in corners)
    return f'<polygon class="edge" points="{points}" fill="{colour}"/>'


def looks_of(names):
    """(shape, size, colour) by name; the first is ours and stands out."""
    looks = {}
    for number, name in enumerate(names):
        shape = SHAPES[0] if number == 0 else SHAPES[1 + (number - 1) % 3]
        looks[name] = (shape, 6.5 if number == 0 else 4.5, COLOURS[number % len(COLOURS)])
    return looks


def decades(series):
    """The powers of ten that hold all values above 0."""
    values = [v for column in series.values() for v in column if v is not None and v > 0] or [1.0]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def tick_text(exponent):
    return f"{10**exponent:g}" if -4 <= exponent <= 5 else f"1e{exponent}"


def legend(looks):
    """Two lines of names under the title."""
    parts, per_line = [], math.ceil(len(looks) / 2)
    step = (WIDTH - 40) / per_line
    for number, (name, look) in enumerate(looks.items()):
        x, y = 26 + number % per_line * step, 44 + number // per_line * 18
        parts += [mark(look[0], x, y, look[1], look[2]), f'<text class="text" x="{x + 12:.0f}" y="{y + 4}">{escape(name)}</text>']
    return parts


def dots(title, axis, labels, series):
    """axis: what the values are; labels: one per line; series: {program: a value, or None, per line}, ours first.

    Zeros stand at the left edge.
    """
    low, high = decades(series)
    bottom = TOP + LINE * len(labels)
    scale = (WIDTH - LEFT - RIGHT) / (high - low)

    def position(value):
        return LEFT + (max(math.log10(value), low) - low) * scale if value > 0 else LEFT

    looks = looks_of(list(series))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 46}" role="img" aria-label="{escape(title)}">',
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{bottom + 46}"/>',
        f'<text class="text title" x="20" y="24">{escape(title)}</text>',
        *legend(looks),
        f'<text class="text" x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{bottom + 38}" text-anchor="middle">{escape(axis)}</text>',
    ]
    for exponent in range(low, high + 1):
        x = position(10.0**exponent)
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}"/>')
        parts.append(f'<text class="text" x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{tick_text(exponent)}</text>')
    for number, label in enumerate(labels):
        y = TOP + LINE * (number + 0.5)
        parts.append(f'<line class="grid minor" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>')
        parts.append(f'<text class="text" x="{LEFT - 12}" y="{y + 4:.1f}" text-anchor="end">{escape(label)}</text>')
        for name in reversed(series):  # ours last, on top
            if series[name][number] is not None:
                shape, size, colour = looks[name]
                parts.append(mark(shape, position(series[name][number]), y, size, colour))
    return "\n".join([*parts, "</svg>"]) + "\n"

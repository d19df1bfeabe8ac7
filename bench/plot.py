"""SVG plots: bars on a logarithmic or linear scale, and lines."""

from html import escape
from math import ceil, floor, log10

WIDTH, LABEL, ROW = 860, 210, 20
COLOURS = ["#2a78d6", "#eb6834", "#1baf7a", "#8a63d2"]
STYLE = """
  svg { font: 12px system-ui, sans-serif; background: #fff }
  text { fill: #333 } .title { font-weight: 600; font-size: 14px } .grid { stroke: #ddd }
  @media (prefers-color-scheme: dark) { svg { background: #1b1b1b } text { fill: #ddd } .grid { stroke: #444 } }
"""


def number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


class Scale:
    """Maps a value to a coordinate between LABEL and WIDTH."""

    def __init__(self, values: list[float], logarithmic: bool):
        self.logarithmic = logarithmic
        if logarithmic:
            self.low, self.high = floor(log10(min(values))), ceil(log10(max(values)))
            self.high = max(self.high, self.low + 1)
            self.ticks = [10.0**power for power in range(self.low, self.high + 1)]
        else:
            step = 10 ** floor(log10(max(values)))
            step = next(s for s in (step / 5, step / 2, step, step * 2) if max(values) / s <= 8)
            self.low, self.high = 0, step * ceil(max(values) / step)
            self.ticks = [step * n for n in range(round(self.high / step) + 1)]

    def __call__(self, value: float) -> float:
        value = log10(value) if self.logarithmic else value
        return LABEL + (value - self.low) / (self.high - self.low) * (WIDTH - LABEL - 80)


def document(title: str, height: int, parts: list[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
    return "\n".join([
        head, f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>",
        f'<text class="title" x="10" y="20">{escape(title)}</text>', *parts, "</svg>", "",
    ])


def legend(names: list[str], y: int) -> list[str]:
    parts, x = [], LABEL
    for name, colour in zip(names, COLOURS):
        parts.append(f'<rect x="{x}" y="{y - 10}" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 17}" y="{y}">{escape(name)}</text>')
        x += 40 + 7 * len(name)
    return parts


def grid(scale: Scale, top: int, bottom: int) -> list[str]:
    parts = []
    for tick in scale.ticks:
        x = scale(tick)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 15}" text-anchor="middle">{number(tick)}</text>')
    return parts


def bars(title: str, series: list[str], rows: list[tuple[str, list[float]]], logarithmic: bool) -> str:
    """One group of bars per row, one bar per series."""
    scale = Scale([value for _, values in rows for value in values], logarithmic)
    thick = 14 if len(series) == 1 else 11
    group = thick * len(series) + 9
    top, bottom = 50, 50 + group * len(rows)
    parts = legend(series, 40) + grid(scale, top, bottom)
    for place, (name, values) in enumerate(rows):
        y = top + place * group + 4
        middle = y + thick * len(values) / 2 + 4
        parts.append(f'<text x="{LABEL - 8}" y="{middle:.1f}" text-anchor="end">{escape(name)}</text>')
        for value, colour in zip(values, COLOURS):
            width = scale(value) - LABEL
            parts.append(f'<rect x="{LABEL}" y="{y}" width="{width:.1f}" height="{thick - 1}" fill="{colour}"/>')
            parts.append(f'<text x="{LABEL + width + 4:.1f}" y="{y + thick - 2}" font-size="10">{number(value)}</text>')
            y += thick
    return document(title, bottom + 30, parts)


def lines(title: str, series: dict[str, list[tuple[float, float]]]) -> str:
    """One line per series, with both axes logarithmic."""
    points = [point for line in series.values() for point in line]
    across, up = Scale([x for x, _ in points], True), Scale([y for _, y in points], True)
    top, bottom = 50, 350

    def y(value: float) -> float:
        return bottom - (log10(value) - up.low) / (up.high - up.low) * (bottom - top)

    parts = legend(list(series), 40) + grid(across, top, bottom)
    for tick in up.ticks:
        parts.append(f'<line class="grid" x1="{LABEL}" x2="{WIDTH - 80}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>')
        parts.append(f'<text x="{LABEL - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{number(tick)}</text>')
    for line, colour in zip(series.values(), COLOURS):
        path = " ".join(f"{across(px):.1f},{y(py):.1f}" for px, py in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{across(px):.1f}" cy="{y(py):.1f}" r="3" fill="{colour}"/>' for px, py in line]
    return document(title, bottom + 30, parts)

"""Writes docs/performance.md and its plots from the measurements."""

from statistics import median

import costs
import plot
from build import HERE, ROOT

DOCS = ROOT / "docs"
PLOTS = DOCS / "performance"
OPERATIONS = {
    "current": "Get the current user",
    "get": "Get a user by ID",
    "list": "List 50 of 1,000 users",
    "create": "Create a user with a password",
    "login": "Log in",
}
NAMES = {"ours": "this service", "fastapi-users": "FastAPI Users", "better-auth": "Better Auth"}


def table(head: list[str], rows: list[list]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


def spread(values: list[float], digits: int = 2) -> str:
    """The median, with minimum and maximum in parentheses."""
    low, middle, high = min(values), median(values), max(values)
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def megabytes(count: float) -> str:
    return f"{count / 1e6:.1f}"


def measured_on(part: dict) -> str:
    about = part["about"]
    mode = "quick run, " if about["quick"] else ""
    return (
        f"*Measured {about['at']} ({mode}{about['cores']} cores of {about['processor']}, Linux {about['kernel']}, "
        f"Rust {about['rustc']}; load average before: {about['load_before']:.1f}).*\n"
    )


def picture(name: str, title: str, svg: str) -> str:
    PLOTS.mkdir(exist_ok=True)
    (PLOTS / f"{name}.svg").write_text(svg)
    return f"![{title}](performance/{name}.svg)\n"


def column(entry: dict, name: str) -> list[float]:
    return [start[name] for start in entry["starts"] if name in start]


def cold(part: dict) -> list[str]:
    found = part["found"]
    baseline, functions = found["baseline"], found["functions"]
    baseline_poll, baseline_answer = (median(column(baseline, name)) for name in ("poll_ms", "answer_ms"))
    rows = [["hello world", spread(column(baseline, "poll_ms")), "", spread(column(baseline, "answer_ms")), "",
             spread(column(baseline, "poll_cpu_ms")), megabytes(max(column(baseline, "peak_bytes"))),
             megabytes(baseline["bytes"])]]
    bars = [("hello world", [baseline_poll, baseline_answer])]
    for name, entry in sorted(functions.items()):
        poll, answer = median(column(entry, "poll_ms")), median(column(entry, "answer_ms"))
        both = (poll + answer) / (baseline_poll + baseline_answer)
        rows.append([name, spread(column(entry, "poll_ms")), f"{poll / baseline_poll:.2f}", spread(column(entry, "answer_ms")),
                     f"{both:.2f}", spread(column(entry, "poll_cpu_ms")),
                     megabytes(max(column(entry, "peak_bytes"))), megabytes(entry["bytes"])])
        bars.append((name, [poll, answer]))
    head = ["Function", "`exec` to first poll, ms", "× baseline", "Event to response, ms",
            "`exec` to response, × baseline", "CPU to first poll, ms", "Peak memory, MB", "Binary, MB"]
    hashes = found.get("hashes")
    title = "Cold start: milliseconds to the first poll, and from event to response"
    text = [
        "## Cold start\n", measured_on(part), *first_poll(found), "### Each function\n", table(head, rows),
        picture("cold", title, plot.bars(title, ["to the first poll", "event to response"], bars, False)),
    ]
    if hashes:
        text.append(
            f"{hashes['count']:,} logins in one `login` process: peak memory {megabytes(hashes['peak_bytes'])} MB, "
            f"median time {hashes['median_ms']:.1f} ms.\n"
        )
    return text


def first_poll(found: dict) -> list[str]:
    """The start-up time without the warm-up, and the cost of root certificates."""
    polls = found["first_polls"]
    names = {
        "baseline": "hello world (baseline)",
        "loopback": "`get-user` without warm-up, engine on loopback",
        "amazon": "`get-user` without warm-up, AWS endpoint, Amazon's root certificates",
        "system": "`get-user` without warm-up, AWS endpoint, the system's root certificates",
    }
    least = median(polls["baseline"])
    rows = [[name, spread(polls[key]), f"{median(polls[key]) / least:.2f}"] for key, name in names.items()]
    cold_ms, warm_ms = (
        median(column(entry, "answer_ms")) for entry in (found["no_warmup"], found["functions"]["get-user"])
    )
    return [
        "### Time to first poll\n",
        f"{len(polls['baseline'])} interleaved starts of each, up to the first poll.\n",
        table(["Start", "`exec` to first poll, ms", "× baseline"], rows),
        "The warm-up reads one item before the first event, while Lambda provides a full core.\n"
        "This opens the connection, including TLS.\n"
        f"The first event takes {cold_ms:.2f} ms without the warm-up and {warm_ms:.2f} ms with it.\n"
        "On AWS, TLS and network latency add to the first event without the warm-up.\n"
        "With it, they add to the time before the first event.\n",
    ]


def work(part: dict, cold_part: dict | None) -> list[str]:
    rows = []
    budgets = costs.budgets()
    routes = {name: entry["route"] for name, entry in cold_part["found"]["functions"].items()} if cold_part else {}
    for name, entry in sorted(part["found"].items()):
        budget = budgets.get(routes.get(name), {})
        rows.append([
            name, f"{entry['request']:,}", f"{entry['start']:,}", f"{entry['sent_bytes']:,}",
            f"{entry['received_bytes']:,}", *(f"{budget[key]:g}" if key in budget else "" for key in
            ("requests", "read_units", "write_units", "allocations")),
        ])
    head = ["Function", "Instructions, warm request", "Instructions, start", "Bytes to DynamoDB", "Bytes from DynamoDB",
            "Requests", "Read units", "Write units", "Allocations"]
    return ["## Cost of a request\n", measured_on(part), table(head, rows)]


def cells(found: list[dict], service: str, operation: str, connections: int, key: str) -> list[float]:
    wanted = (service, operation, connections)
    return [row[key] for row in found if (row["service"], row["operation"], row["connections"]) == wanted]


def load(part: dict, cold_part: dict | None) -> list[str]:
    found = part["found"]
    connections = sorted({row["connections"] for row in found})
    text = ["## Throughput and latency\n", measured_on(part)]
    for operation, title in OPERATIONS.items():
        rows = []
        for count in connections:
            for service, name in NAMES.items():
                rows.append([count, name, spread(cells(found, service, operation, count, "per_second"), 0),
                             spread(cells(found, service, operation, count, "p50_ms")),
                             spread(cells(found, service, operation, count, "p99_ms"))])
        head = ["Connections", "Service", "Requests per second", "Median, ms", "p99, ms"]
        text += [f"### {title}\n", table(head, rows)]
    plots = (("per_second", "Requests per second", "throughput"), ("p99_ms", "p99 latency in milliseconds", "latency"))
    for key, unit, name in plots:
        title = f"{unit} at {connections[-1]} connections"
        bars = [(operation, [median(cells(found, service, operation, connections[-1], key)) for service in NAMES])
                for operation in OPERATIONS]
        text.append(picture(name, title, plot.bars(title, list(NAMES.values()), bars, True)))
    if cold_part and "hash" in cold_part["found"]:
        rate = cold_part["found"]["hash"]
        logins = max(median(cells(found, "ours", "login", count, "per_second")) for count in connections)
        text.append(
            f"One password hash takes {1000 / rate['alone_per_second']:.1f} ms alone.\n"
            f"{rate['cores']} cores together compute {rate['together_per_second']:.0f} hashes per second.\nThe service handles {logins:.0f} logins per second, "
            f"{100 * logins / rate['together_per_second']:.0f}% of this limit.\n"
        )
    return text


def scale(part: dict) -> list[str]:
    found = part["found"]
    operations = list(dict.fromkeys(row["operation"] for row in found))
    sizes = sorted({row["users"] for row in found})
    rows, series = [], {}
    for operation in operations:
        line = []
        for size in sizes:
            row = next(row for row in found if (row["operation"], row["users"]) == (operation, size))
            units = row["read_units"] + row["write_units"]
            line.append((size, units))
            rows.append([operation, f"{size:,}", row["status"], row["requests"], f"{row['read_units']:g}",
                         f"{row['write_units']:g}", f"{row['ms']:.1f}", f"{row['bytes']:,}"])
        series[operation] = [(x, max(y, 0.1)) for x, y in line]
    head = ["Request", "Users", "Status", "Requests", "Read units", "Write units", "ms", "Response bytes"]
    return ["## Scaling to a million users\n", measured_on(part), table(head, rows)]


def cost(cold_part: dict) -> list[str]:
    budgets = costs.budgets()
    rows, totals = [], {}
    for entry in cold_part["found"]["functions"].values():
        budget = budgets.get(entry["route"])
        if not budget:
            continue
        priced = costs.of_route(budget, {"memory_mb": entry["memory_mb"], "warm_cpu_ms": median(column(entry, "warm_cpu_ms"))})
        totals[entry["route"]] = priced["total"]
        parts = " + ".join(f"{value:.2f}" for value in priced["parts"].values())
        rows.append([entry["route"], f"{budget['read_units']:g}", f"{budget['write_units']:g}", priced["memory"],
                     f"{priced['billed']:.1f}", f"{parts} = {priced['total']:.2f}"])
    head = ["Route", "Read units", "Write units", "Memory, MB", "Billed ms",
            "Gateway + Lambda + reads + writes + logs, dollars per million"]
    return ["## Cost\n", (HERE / "text/cost.md").read_text(), table(head, sorted(rows)), *compared(totals)]


def money(dollars: float | None) -> str:
    return "" if dollars is None else f"{dollars:,.2f}"


def compared(totals: dict[str, float]) -> list[str]:
    login, read = totals["POST /api/session"], totals["GET /api/user/current"]
    user = costs.of_user(login, read)
    counts = (1_000, 10_000, 100_000, 1_000_000)
    rows = [["this service", *(f"{count * user:,.2f}" for count in counts)]]
    rows += [[name, *(money(price(count)) for count in counts)] for name, price in costs.OTHERS.items()]
    rows.append(["two containers and a load balancer, within their capacity", *[f"{costs.CONTAINERS:,.2f}"] * len(counts)])
    head = ["Dollars per month by monthly active users", *(f"{count:,}" for count in counts)]
    return [
        f"### Comparison with hosted services\n\nAn active user has {costs.LOGINS} logins and {costs.READS:,} reads of the "
        f"current user per month.\nThe price is {costs.LOGINS} × {login:.2f} + {costs.READS:,} × {read:.2f} dollars per million"
        f" = {user:.5f} dollars per month.\n",
        table(head, rows),
        (HERE / "text/compared.md").read_text().replace("EVEN", f"{costs.CONTAINERS / user:,.0f}"),
    ]


def of_starts(part: dict) -> list[list]:
    """Start-up times and sizes, compared with their targets."""
    found = part["found"]
    functions = found["functions"]
    middle = lambda entry, name: median(column(entry, name))
    baseline_poll, baseline_answer = (middle(found["baseline"], name) for name in ("poll_ms", "answer_ms"))
    one = [functions[name] for name in ("get-user", "current-user", "list-users")]
    polls = found["first_polls"]
    poll = median(polls["loopback"]) / median(polls["baseline"])
    answer = median(
        (middle(entry, "poll_ms") + middle(entry, "answer_ms")) / (baseline_poll + baseline_answer) for entry in one
    )
    reads = max(max(column(entry, "peak_bytes")) for entry in one)
    hashing = max([*(max(column(entry, "peak_bytes")) for entry in functions.values()), found["hashes"]["peak_bytes"]])
    return [
        ["`exec` to first poll of a read, without warm-up", "1.3 × baseline", f"{poll:.2f} ×"],
        ["`exec` to first response, median of three reads", "2.5 × baseline", f"{answer:.2f} ×"],
        ["Peak memory of these reads", "under 8 MB", f"{megabytes(reads)} MB"],
        [f"Peak memory of any function, and of {found['hashes']['count']:,} logins", "under 36 MB", f"{megabytes(hashing)} MB"],
        ["Largest binary", "under 7.2 MB", f"{megabytes(max(entry['bytes'] for entry in functions.values()))} MB"],
    ]


def of_load(part: dict, cold_part: dict | None) -> list[list]:
    """Reads and logins, compared with the other services."""
    found, rows = part["found"], []
    for peer in ("fastapi-users", "better-auth"):
        ratios = {key: [] for key in ("per_second", "p99_ms")}
        for operation in ("current", "get", "list"):
            for key, ratio in ratios.items():
                ours, theirs = (median(cells(found, name, operation, 64, key)) for name in ("ours", peer))
                ratio.append(ours / theirs if key == "per_second" else theirs / ours)
        ranges = {key: f"{min(ratio):.1f} to {max(ratio):.1f} ×" for key, ratio in ratios.items()}
        rows.append([f"Reads per second at 64 connections, compared with {NAMES[peer]}", "10 ×", ranges["per_second"]])
        rows.append([f"p99 latency of these reads, compared with {NAMES[peer]}", "5 × lower", ranges["p99_ms"]])
    if cold_part:
        rate = cold_part["found"]["hash"]["together_per_second"]
        logins = median(cells(found, "ours", "login", 8, "per_second"))
        rows.append(["Logins at 8 connections, as a share of the hash limit of these cores", "90%", f"{100 * logins / rate:.0f}%"])
    return rows


def goals(found: dict) -> list[str]:
    cold_part = found.get("cold")
    rows = of_starts(cold_part) if cold_part else []
    rows += of_load(found["load"], hash_part(found)) if "load" in found else []
    return [table(["Metric", "Target", "Measured"], rows), (HERE / "text/goals.md").read_text()]


def hash_part(found: dict) -> dict | None:
    """The part with the rate of hashes, if it was measured on the day of the load. The speed of a
    virtual machine differs between days.
    """
    cold_part, load_part = found.get("cold"), found.get("load")
    days = [part["about"]["at"][:10] for part in (cold_part, load_part) if part]
    return cold_part if len(days) == 2 and days[0] == days[1] else None


def write(found: dict) -> None:
    cold_part = found.get("cold")
    text = [(HERE / "text/introduction.md").read_text(), *goals(found)]
    if cold_part:
        text += cold(cold_part)
    text.append((HERE / "text/packages.md").read_text())
    if "work" in found:
        text += work(found["work"], cold_part)
    if "load" in found:
        text += load(found["load"], hash_part(found))
        text.append((HERE / "text/load.md").read_text())
    if "scale" in found:
        text += scale(found["scale"])
    text.append((HERE / "text/scale.md").read_text())
    if cold_part:
        text += cost(cold_part)
    (DOCS / "performance.md").write_text("\n".join(part.rstrip("\n") + "\n" for part in text))

"""docs/performance.md and its plots, from what was measured."""

from statistics import median

import costs
import plot
from build import HERE, ROOT

DOCS = ROOT / "docs"
PLOTS = DOCS / "performance"
OPERATIONS = {
    "current": "the caller's own account",
    "get": "an account by its id",
    "list": "a page of 50 accounts of 1,000",
    "create": "create an account with a password",
    "login": "log in",
}
NAMES = {"ours": "this service", "fastapi-users": "FastAPI Users", "better-auth": "Better Auth"}


def table(head: list[str], rows: list[list]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


def spread(values: list[float], digits: int = 2) -> str:
    """The median, and the least and the most."""
    low, middle, high = min(values), median(values), max(values)
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def megabytes(count: float) -> str:
    return f"{count / 1e6:.1f}"


def taken(part: dict) -> str:
    about = part["about"]
    how = "quick run, " if about["quick"] else ""
    return (
        f"*Measured {about['at']} ({how}{about['cores']} cores of {about['processor']}, Linux {about['kernel']}, "
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
    floor, functions = found["floor"], found["functions"]
    floor_poll, floor_answer = (median(column(floor, name)) for name in ("poll_ms", "answer_ms"))
    rows = [["hello world", spread(column(floor, "poll_ms")), "", spread(column(floor, "answer_ms")), "",
             spread(column(floor, "poll_cpu_ms")), megabytes(max(column(floor, "peak_bytes"))),
             megabytes(floor["bytes"])]]
    bars = [("hello world", [floor_poll, floor_answer])]
    for name, entry in sorted(functions.items()):
        poll, answer = median(column(entry, "poll_ms")), median(column(entry, "answer_ms"))
        both = (poll + answer) / (floor_poll + floor_answer)
        rows.append([name, spread(column(entry, "poll_ms")), f"{poll / floor_poll:.2f}", spread(column(entry, "answer_ms")),
                     f"{both:.2f}", spread(column(entry, "poll_cpu_ms")),
                     megabytes(max(column(entry, "peak_bytes"))), megabytes(entry["bytes"])])
        bars.append((name, [poll, answer]))
    head = ["Function", "`exec` to first poll, ms", "× floor", "event to answer, ms",
            "`exec` to answer × floor", "CPU until the poll, ms", "Peak, MB", "Binary, MB"]
    hashes = found.get("hashes")
    title = "Cold start: milliseconds to the first poll, and from the event to the answer"
    text = [
        "## Cold start\n", taken(part), *unwarmed(found), "### Each function\n", table(head, rows),
        picture("cold", title, plot.bars(title, ["to the first poll", "event to answer"], bars, False)),
    ]
    if hashes:
        text.append(
            f"`login` after {hashes['count']:,} logins in one process: {megabytes(hashes['peak_bytes'])} MB at the most, "
            f"{hashes['median_ms']:.1f} ms each.\n"
        )
    return text


def unwarmed(found: dict) -> list[str]:
    """What a start takes without the request that opens the connection, and what TLS adds to it."""
    polls = found["first_polls"]
    names = {
        "floor": "hello world",
        "loopback": "`get-user` that opens no connection ahead, engine on loopback",
        "amazon": "the same at AWS's own endpoint, which trusts Amazon's authorities",
        "system": "the same, which trusts all that the system trusts",
    }
    least = median(polls["floor"])
    rows = [[what, spread(polls[key]), f"{median(polls[key]) / least:.2f}"] for key, what in names.items()]
    bare, warmed = (median(column(entry, "answer_ms")) for entry in (found["unwarmed"], found["functions"]["get-user"]))
    return [
        "### The way to the first poll\n",
        f"{len(polls['floor'])} starts of each, in turn, with nothing in between.\n",
        table(["Start", "`exec` to first poll, ms", "× floor"], rows),
        f"Without the warm-up the first event waits {bare:.2f} ms for its answer, with it {warmed:.2f}; in the cloud TLS and a "
        "way of milliseconds come on top of the one, and of the time before the first event of the other.\n",
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
    head = ["Function", "Instructions, warm", "Instructions, start", "Bytes to DynamoDB", "Bytes back", "Requests",
            "Read units", "Write units", "Allocations"]
    return ["## Work of a request\n", taken(part), table(head, rows)]


def cells(found: list[dict], service: str, operation: str, connections: int, key: str) -> list[float]:
    wanted = (service, operation, connections)
    return [row[key] for row in found if (row["service"], row["operation"], row["connections"]) == wanted]


def load(part: dict, cold_part: dict | None) -> list[str]:
    found = part["found"]
    connections = sorted({row["connections"] for row in found})
    text = ["## Throughput and latency\n", taken(part)]
    for operation, meaning in OPERATIONS.items():
        rows = []
        for count in connections:
            for service, name in NAMES.items():
                rows.append([count, name, spread(cells(found, service, operation, count, "per_second"), 0),
                             spread(cells(found, service, operation, count, "p50_ms")),
                             spread(cells(found, service, operation, count, "p99_ms"))])
        head = ["Connections", "Service", "Requests a second", "Median, ms", "p99, ms"]
        text += [f"### {meaning.capitalize()}\n", table(head, rows)]
    for key, unit, name in (("per_second", "requests a second", "throughput"), ("p99_ms", "p99 in milliseconds", "latency")):
        title = f"{unit.capitalize()} at {connections[-1]} connections"
        bars = [(operation, [median(cells(found, service, operation, connections[-1], key)) for service in NAMES])
                for operation in OPERATIONS]
        text.append(picture(name, title, plot.bars(title, list(NAMES.values()), bars, True)))
    if cold_part and "hash" in cold_part["found"]:
        rate = cold_part["found"]["hash"]
        logins = max(median(cells(found, "ours", "login", count, "per_second")) for count in connections)
        text.append(
            f"A hash is {1000 / rate['alone_per_second']:.1f} ms alone; {rate['cores']} cores at once make "
            f"{rate['together_per_second']:.0f} a second, and the service {logins:.0f} logins: "
            f"{100 * logins / rate['together_per_second']:.0f}% of what the hash allows.\n"
        )
    return text


def scale(part: dict) -> list[str]:
    found = part["found"]
    operations = list(dict.fromkeys(row["operation"] for row in found))
    sizes = sorted({row["accounts"] for row in found})
    rows, series = [], {}
    for operation in operations:
        line = []
        for size in sizes:
            row = next(row for row in found if (row["operation"], row["accounts"]) == (operation, size))
            units = row["read_units"] + row["write_units"]
            line.append((size, units))
            rows.append([operation, f"{size:,}", row["status"], row["requests"], f"{row['read_units']:g}",
                         f"{row['write_units']:g}", f"{row['ms']:.1f}", f"{row['bytes']:,}"])
        series[operation] = [(x, max(y, 0.1)) for x, y in line]
    head = ["Request", "Accounts", "Status", "Requests", "Read units", "Write units", "ms", "Bytes of the answer"]
    return ["## Many accounts\n", taken(part), table(head, rows)]


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
    head = ["Route", "Read units", "Write units", "MB", "Billed ms", "Gateway + Lambda + reads + writes + logs, dollars a million"]
    return ["## Cost\n", (HERE / "text/cost.md").read_text(), table(head, sorted(rows)), *compared(totals)]


def money(dollars: float | None) -> str:
    return "" if dollars is None else f"{dollars:,.2f}"


def compared(totals: dict[str, float]) -> list[str]:
    login, read = totals["POST /api/session"], totals["GET /api/user/current"]
    person = costs.of_person(login, read)
    counts = (1_000, 10_000, 100_000, 1_000_000)
    rows = [["this service", *(f"{count * person:,.2f}" for count in counts)]]
    rows += [[name, *(money(price(count)) for count in counts)] for name, price in costs.OTHERS.items()]
    rows.append(["two containers and a load balancer, as long as they suffice", *[f"{costs.CONTAINERS:,.2f}"] * len(counts)])
    head = ["Dollars a month for so many active people", *(f"{count:,}" for count in counts)]
    return [
        f"### Beside others\n\nOf somebody who logs in {costs.LOGINS} times a month and makes {costs.READS:,} requests for "
        f"their own account: {costs.LOGINS} × {login:.2f} + {costs.READS:,} × {read:.2f} dollars a million = {person:.5f} a month.\n",
        table(head, rows),
        (HERE / "text/compared.md").read_text().replace("EVEN", f"{costs.CONTAINERS / person:,.0f}"),
    ]


def of_starts(part: dict) -> list[list]:
    """What the starts and sizes come to, beside what is wanted of them."""
    found = part["found"]
    functions = found["functions"]
    middle = lambda entry, name: median(column(entry, name))
    floor_poll, floor_answer = middle(found["floor"], "poll_ms"), middle(found["floor"], "answer_ms")
    one = [functions[name] for name in ("get-user", "current-user", "list-users")]
    polls = found["first_polls"]
    poll = median(polls["loopback"]) / median(polls["floor"])
    answer = median((middle(entry, "poll_ms") + middle(entry, "answer_ms")) / (floor_poll + floor_answer) for entry in one)
    reads = max(max(column(entry, "peak_bytes")) for entry in one)
    hashing = max([*(max(column(entry, "peak_bytes")) for entry in functions.values()), found["hashes"]["peak_bytes"]])
    return [
        ["`exec` to the first poll of a read, without the warm-up", "1.3 × the floor", f"{poll:.2f} ×"],
        ["`exec` to the first answer of three reads", "2.5 × the floor", f"{answer:.2f} ×"],
        ["memory of the same", "under 12 MB", f"{megabytes(reads)} MB"],
        ["memory of any function, and of a thousand logins", "under 36 MB", f"{megabytes(hashing)} MB"],
        ["the largest binary", "under 6 MB", f"{megabytes(max(entry['bytes'] for entry in functions.values()))} MB"],
    ]


def of_load(part: dict, cold_part: dict | None) -> list[list]:
    """How reads and logins compare."""
    found, rows = part["found"], []
    for peer in ("fastapi-users", "better-auth"):
        ratios = {key: [] for key in ("per_second", "p99_ms")}
        for operation in ("current", "get", "list"):
            for key, ratio in ratios.items():
                ours, theirs = (median(cells(found, name, operation, 64, key)) for name in ("ours", peer))
                ratio.append(ours / theirs if key == "per_second" else theirs / ours)
        told = {key: f"{min(ratio):.1f} to {max(ratio):.1f} ×" for key, ratio in ratios.items()}
        rows.append([f"reads a second at 64 connections, beside {NAMES[peer]}", "10 ×", told["per_second"]])
        rows.append([f"p99 of the same, beside {NAMES[peer]}", "5 × less", told["p99_ms"]])
    if cold_part:
        rate = cold_part["found"]["hash"]["together_per_second"]
        logins = median(cells(found, "ours", "login", 8, "per_second"))
        rows.append(["logins at 8 connections, of what the hash allows on these cores", "90%", f"{100 * logins / rate:.0f}%"])
    return rows


def goals(found: dict) -> list[str]:
    cold_part = found.get("cold")
    rows = of_starts(cold_part) if cold_part else []
    rows += of_load(found["load"], cold_part) if "load" in found else []
    return [table(["What", "Wanted", "Measured"], rows), (HERE / "text/goals.md").read_text()]


def write(found: dict) -> None:
    cold_part = found.get("cold")
    text = [(HERE / "text/introduction.md").read_text(), *goals(found)]
    if cold_part:
        text += cold(cold_part)
    text.append((HERE / "text/tried.md").read_text())
    if "work" in found:
        text += work(found["work"], cold_part)
    if "load" in found:
        text += load(found["load"], cold_part)
        text.append((HERE / "text/load.md").read_text())
    if "scale" in found:
        text += scale(found["scale"])
    text.append((HERE / "text/scale.md").read_text())
    if cold_part:
        text += cost(cold_part)
    (DOCS / "performance.md").write_text("\n".join(part.rstrip("\n") + "\n" for part in text))

"""Measures an import from Metabase, a second one that finds nothing to do, and exports.

Usage: python3 bench/moving.py [<people>]. Writes the times and the peak memory of each run.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target" / "release" / "userctl"
GROUPS = 50
# The public test vector of Metabase's password hash.
HASH = "$2a$10$C6OAB3k6QgM6.0e8Jqo71udz14w2zMSVt4x.fdo9DmhnZkxs2yz4a"
SALT = "a4d9fe2a-fbd9-44c6-a1a1-de3bf8c3be86"
USER_COLUMNS = (
    "id, email, first_name, last_name, password, password_salt, date_joined, last_login, "
    "is_superuser, is_active, sso_source, locale, login_attributes"
)


def main(people: int) -> None:
    subprocess.run(
        ["cargo", "build", "--release", "--locked", "--quiet", "--package", "userctl"],
        cwd=ROOT,
        check=True,
    )
    with tempfile.TemporaryDirectory() as directory:
        dump, data = Path(directory, "dump.sql"), Path(directory, "data")
        write_dump(dump, people)
        table = ["--data", str(data)]
        for name, arguments in {
            "import": ["import", "metabase", str(dump), "--json", *table],
            "import again": ["import", "metabase", str(dump), "--json", *table],
            "export": ["export", "jsonl", str(Path(directory, "people.jsonl")), "--with-hashes", *table],
        }.items():
            seconds, megabytes = measure(arguments)
            print(json.dumps({"run": name, "people": people, "seconds": seconds, "MB": megabytes}))


def write_dump(path: Path, people: int) -> None:
    """People, and two of fifty groups for each."""
    with path.open("w") as out:
        out.write(f"COPY public.core_user ({USER_COLUMNS}) FROM stdin;\n")
        for number in range(1, people + 1):
            is_admin, is_active = ("t" if number == 1 else "f"), ("f" if number % 10 == 0 else "t")
            out.write(
                f"{number}\tperson{number}@corp.example\tFirst{number % 977}\tLast{number}\t{HASH}\t"
                f"{SALT}\t2020-01-01 10:00:00+00\t2021-01-01 10:00:00+00\t{is_admin}\t{is_active}\t"
                "\\N\ten\t\\N\n"
            )
        out.write("\\.\nCOPY public.permissions_group (id, name) FROM stdin;\n")
        out.write("1\tAll Users\n2\tAdministrators\n")
        out.writelines(f"{group}\tGroup {group}\n" for group in range(3, GROUPS + 3))
        out.write("\\.\nCOPY public.permissions_group_membership (id, user_id, group_id) FROM stdin;\n")
        memberships = 0
        for number in range(1, people + 1):
            for group in [1, *(3 + (number * 7 + offset) % GROUPS for offset in (0, 13))]:
                memberships += 1
                out.write(f"{memberships}\t{number}\t{group}\n")
        out.write("\\.\n")


def measure(arguments: list[str]) -> tuple[float, float]:
    """The seconds of a run, and its peak memory in megabytes."""
    start = time.perf_counter()
    process = subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"failed: {' '.join(arguments)}")
    return round(time.perf_counter() - start, 1), round(kilobytes(usage) / 1_000, 1)


def kilobytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss * 1.024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)

"""Dumps real databases with every tool, and compares the rows. `scripts/test-dumps` runs it."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import expected
import exported
import servers
import tables


class Checks:
    """The results of all comparisons."""

    def __init__(self, reader: str, userctl: str):
        self.reader = reader
        self.userctl = userctl
        self.counts = {}
        self.failures = []

    def read(self, *inputs, environment: dict | None = None):
        """The rows of inputs, and the status of the reader."""
        result = subprocess.run(
            [self.reader, *map(str, inputs)], capture_output=True, text=True, env=environment
        )
        return [json.loads(line) for line in result.stdout.splitlines()], result.returncode

    def same(self, way: str, version: int, content: list, *inputs, environment=None) -> None:
        """Compares the rows of inputs with the rows of the tables."""
        found, status = self.read(*inputs, environment=environment)
        found = expected.ordered(found)
        for row in found:
            row.pop("location", None)
        wanted = expected.rows(content)
        self.counts[way] = self.counts.get(way, 0) + len(found)
        if status or found != wanted:
            different = [
                {key: (one.get(key), other.get(key)) for key in one if one[key] != other.get(key)}
                for one, other in zip(found, wanted) if one != other
            ][:1]
            detail = f"{len(found)} of {len(wanted)} rows, first difference {different}"
            self.failures.append(f"{way}, v{version}: status {status}, {detail[:600]}")

    def stable(self, way: str, url: str, change) -> None:
        """Checks that a second pass returns the same rows after a change by another connection."""
        reader = subprocess.Popen(
            [self.reader, "--count", "--twice", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True,
        )
        first = reader.stdout.readline()
        change()
        second, _ = reader.communicate("\n")
        found, _ = self.read("--count", url)
        self.counts[way] = json.loads(first)["rows"]
        if first != second or found[0]["rows"] != self.counts[way] - 1:
            self.failures.append(f"{way}: {first} then {second}, {found} afterwards")

    def refused(self, way: str, text: str, *inputs, environment=None) -> None:
        """Checks that inputs are refused with a text."""
        found, status = self.read(*inputs, environment=environment)
        message = found[-1].get("error", "") if found else ""
        self.counts[way] = self.counts.get(way, 0) + 1
        if status == 0 or text not in message or servers.PASSWORD in message:
            self.failures.append(f"{way}: expected {text!r}, found {message!r}")


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def check_postgres(checks: Checks, directory: Path) -> None:
    with servers.postgres(directory) as server:
        for version in tables.VERSIONS:
            content = tables.tables(version)
            name = f"metabase{version}"
            server.create(name, "".join(tables.create(table, "postgres") for table in content))
            for way, options in {
                "pg_dump": [], "pg_dump --inserts": ["--inserts"],
                "pg_dump --column-inserts": ["--column-inserts"],
                "pg_dump --rows-per-insert": ["--rows-per-insert=7"],
                "pg_dump --data-only": ["--data-only"],
            }.items():
                file = write(directory / "dump.sql", server.tool("pg_dump", "-d", name, *options))
                checks.same(way, version, content, file)
            files = []
            for table in content:
                file = directory / f"{table.name}.csv"
                server.sql(name, f"\\copy {table.name} to '{file}' csv header\n")
                files.append(file)
            checks.same("psql \\copy", version, content, *files)
            checks.same("postgres://", version, content, server.url(name))
        check_postgres_options(checks, server, directory, content)
        exported.check(checks, checks.userctl, server, directory)


def check_postgres_options(checks: Checks, server, directory: Path, content: list) -> None:
    version = tables.VERSIONS[-1]
    name = f"metabase{version}"
    file = directory / "dump.pg"
    server.tool("pg_dump", "-Fc", "-d", name, "-f", file)
    checks.refused("pg_dump -Fc", "pg_restore", file)
    checks.same("pg_restore", version, content, restored(checks, server, directory, file))
    server.tool("pg_dump", "-Fd", "-d", name, "-f", directory / "dump.d")
    checks.refused("pg_dump -Fd", "pg_restore", directory / "dump.d")
    server.tool("pg_dump", "-Ft", "-d", name, "-f", directory / "dump.tar")
    checks.refused("pg_dump -Ft", "pg_restore", directory / "dump.tar")
    latin = server.tool("pg_dump", "-d", name, "--encoding=UTF8").replace("'UTF8'", "'LATIN1'")
    checks.refused("pg_dump --encoding", "LATIN1", write(directory / "latin.sql", latin))
    checks.refused("postgres:// wrong password", "password authentication failed",
                   server.url(name).replace("rd@", "rd1@"))
    url = server.url(name).replace(":pass'w%3Ao%40rd", "")
    checks.same("postgres:// PGPASSWORD", version, content, url, environment=server.environment)
    checks.refused("postgres:// no Metabase", "application database", server.url("postgres"))
    check_tls(checks, "postgres:// TLS", server, directory, content, name)
    checks.stable("postgres:// during a change", server.url(name),
                  lambda: server.sql(name, "DELETE FROM core_user WHERE id = 40"))


def check_tls(checks: Checks, way: str, server, directory: Path, content: list, name: str) -> None:
    """An unknown authority is refused. Its certificate makes the connection work."""
    checks.refused(f"{way}, unknown authority", "sslrootcert=FILE", server.url(name, "?sslmode=require"))
    url = server.url(name, f"?sslmode=verify-full&sslrootcert={directory / 'ca.crt'}")
    checks.same(way, tables.VERSIONS[-1], content, url)


def restored(checks: Checks, server, directory: Path, file: Path) -> Path:
    """The result of the command in the message of the reader."""
    message = checks.read(file)[0][-1]["error"]
    command = message.split("readable with: ")[1]
    servers.run(["sh", "-c", f"PATH={server.tools}:$PATH {command}"], cwd=directory)
    return directory / "dump.sql"


def check_mariadb(checks: Checks, directory: Path) -> None:
    with servers.mariadb(directory) as server:
        for version in tables.VERSIONS:
            content = tables.tables(version)
            name = f"metabase{version}"
            server.create(name, "".join(tables.create(table, "mysql") for table in content))
            for way, options in {
                "mysqldump": [], "mysqldump --hex-blob": ["--hex-blob"],
                "mysqldump --complete-insert": ["--complete-insert", "--hex-blob"],
                "mysqldump --compact": ["--compact"],
                "mysqldump --skip-extended-insert": ["--skip-extended-insert"],
                "mysqldump --compatible=ansi": ["--compatible=ansi", "--complete-insert"],
            }.items():
                file = directory / "dump.sql"
                server.tool("mariadb-dump", f"--result-file={file}", *options, name)
                checks.same(way, version, content, file)
            files = []
            for table in content:
                text = server.sql(name, f"SET time_zone = '+00:00'; SELECT * FROM {table.name};")
                files.append(write(directory / f"{table.name}.tsv", text))
            checks.same("mysql --batch", version, content, *files)
            checks.same("mysql://", version, content, server.url(name))
        checks.refused("mysql:// wrong password", "Access denied",
                       server.url(name).replace("rd@", "rd1@"))
        check_tls(checks, "mysql:// TLS", server, directory, content, name)
        server.tool("mariadb-dump", f"--result-file={file}", name)
        broken = file.read_bytes().replace(b"'\\0'", b"''").replace(b"'\x01'", b"''")
        (directory / "broken.sql").write_bytes(broken)
        checks.refused("mysqldump with empty bits", "--hex-blob", directory / "broken.sql")
        checks.stable("mysql:// during a change", server.url(name),
                      lambda: server.sql(name, "DELETE FROM core_user WHERE id = 40;"))
        exported.check(checks, checks.userctl, server, directory)


def check_h2(checks: Checks, directory: Path) -> None:
    options = ["COLUMNS", "NODATA NOSETTINGS", "SIMPLE", ""]
    for version in tables.VERSIONS:
        content = tables.tables(version)
        text = "".join(tables.create(table, "h2") for table in content)
        files = servers.h2_script(directory, f"metabase{version}", text, options)
        for option, file in files.items():
            way = f"H2 SCRIPT {option}".strip()
            checks.same(way, version, [] if "NODATA" in option else content, file)
    checks.refused("H2 .mv.db", "org.h2.tools.Script", directory / f"metabase{version}.mv.db")
    message = checks.read(directory / f"metabase{version}.mv.db")[0][-1]["error"]
    command = message.split("readable with: ")[1].split(" (h2.jar")[0]
    command = command.replace("h2.jar", servers.H2_JAR).replace("-user ''", "-user sa")
    servers.run(["sh", "-c", command], cwd=directory)
    checks.same("H2 .mv.db, converted", version, content, directory / "dump.sql")
    exported.check_h2(checks, checks.userctl, directory)


def certificates(directory: Path) -> None:
    """Makes an authority and a certificate for 127.0.0.1."""
    def openssl(*options):
        servers.run(["openssl", *options], cwd=directory)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    openssl("req", "-x509", *key, "-subj", "/CN=Test authority", "-keyout", "ca.key", "-out", "ca.crt")
    openssl("req", "-x509", *key, "-subj", "/CN=Test server", "-keyout", "server.key",
            "-out", "server.crt", "-CA", "ca.crt", "-CAkey", "ca.key",
            "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE")


def timed(name: str, check, checks: Checks, directory: Path) -> None:
    """Runs the checks of a database in a directory of their own."""
    home = directory / name
    home.mkdir()
    for file in directory.glob("*.*"):
        shutil.copy(file, home)
    start = time.monotonic()
    check(checks, home)
    print(f"{name}: {time.monotonic() - start:.1f} s", flush=True)


def main(reader: str, userctl: str) -> int:
    checks = Checks(str(Path(reader).resolve()), str(Path(userctl).resolve()))
    with tempfile.TemporaryDirectory(prefix="dumps-") as temporary:
        directory = Path(temporary)
        directory.chmod(0o755)
        certificates(directory)
        with ThreadPoolExecutor() as pool:
            runs = [pool.submit(timed, name, check, checks, directory)
                    for name, check in [("MariaDB", check_mariadb), ("PostgreSQL", check_postgres),
                                        ("H2", check_h2)]]
        for run in runs:
            run.result()
    for way, count in checks.counts.items():
        print(f"  {way:<34} {count:>4} rows")
    for failure in checks.failures:
        print(f"FAILED {failure}")
    versions = ", ".join(f"v{version}" for version in tables.VERSIONS)
    print(f"{len(checks.counts)} ways for {versions}: {len(checks.failures)} failures")
    return 1 if checks.failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

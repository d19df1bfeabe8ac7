"""PostgreSQL, MariaDB and H2 in a temporary directory, on free ports."""

import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "pass'w:o@rd"
H2_JAR = "/usr/share/java/h2.jar"


def run(command: list, text: str | None = None, **options) -> str:
    """Runs a command, and returns its output with all carriage returns."""
    result = subprocess.run(
        [str(part) for part in command], input=text and text.encode(), capture_output=True, **options
    )
    if result.returncode:
        raise RuntimeError(f"{command[0]} failed: {result.stderr.decode()[-2000:]}")
    return result.stdout.decode()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def demote() -> dict:
    """Options of a process that must not run as root: the user `nobody`."""
    if os.getuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def private(directory: Path) -> Path:
    """A directory of the user of the servers."""
    directory.mkdir()
    if not os.getuid():
        shutil.chown(directory, "nobody")
    return directory


@contextmanager
def process(command: list, directory: Path, end: signal.Signals = signal.SIGTERM):
    """A server, until the end of the block."""
    with (directory / "log").open("w") as log:
        server = subprocess.Popen(
            [str(part) for part in command], stdout=log, stderr=log, cwd=directory, **demote()
        )
    try:
        yield server
    finally:
        server.send_signal(end)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(20)


def wait(server: subprocess.Popen, directory: Path, is_ready) -> None:
    """Waits until a server accepts connections."""
    for _ in range(200):
        if server.poll() is not None:
            raise RuntimeError((directory / "log").read_text()[-2000:])
        try:
            is_ready()
            return
        except RuntimeError:
            time.sleep(0.1)
    raise RuntimeError(f"no connection: {(directory / 'log').read_text()[-2000:]}")


class Postgres:
    """A running PostgreSQL."""

    dialect = "postgres"

    def __init__(self, tools: Path, port: int):
        self.tools = tools
        self.port = port
        self.environment = os.environ | {
            "PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": "metabase", "PGPASSWORD": PASSWORD,
        }

    def tool(self, name: str, *options, text: str | None = None) -> str:
        return run([self.tools / name, *options], text, env=self.environment)

    def sql(self, database: str, text: str) -> str:
        return self.tool("psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", database, text=text)

    def create(self, database: str, text: str) -> None:
        self.sql("postgres", f'CREATE DATABASE "{database}"')
        self.sql(database, "CREATE EXTENSION citext;\n" + text)

    def url(self, database: str, options: str = "") -> str:
        return f"postgres://metabase:pass'w%3Ao%40rd@127.0.0.1:{self.port}/{database}{options}"


@contextmanager
def postgres(directory: Path):
    """Starts PostgreSQL. TLS uses the certificate of the directory."""
    tools = Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
    home = private(directory / "postgres")
    (home / "password").write_text(PASSWORD)
    for name in ("server.crt", "server.key"):
        shutil.copy(directory / name, home / name)
        (home / name).chmod(0o600)
        if not os.getuid():
            shutil.chown(home / name, "nobody")
    run([tools / "initdb", "--pgdata", home / "data", "--username=metabase", "--auth=scram-sha-256",
         f"--pwfile={home / 'password'}", "--encoding=UTF8", "--locale=C", "--no-sync"],
        cwd=home, **demote())
    port = free_port()
    command = [tools / "postgres", "-D", home / "data", "-p", port, "-k", home, "-c", "fsync=off",
               "-c", "ssl=on", "-c", f"ssl_cert_file={home / 'server.crt'}",
               "-c", f"ssl_key_file={home / 'server.key'}"]
    with process(command, home, signal.SIGINT) as server:
        database = Postgres(tools, port)
        wait(server, home, lambda: database.sql("postgres", "SELECT 1"))
        yield database


class MariaDb:
    """A running MariaDB."""

    dialect = "mysql"

    def __init__(self, home: Path, port: int):
        self.port = port
        self.options = home / "client.cnf"
        self.options.write_text(
            f"[client]\nhost=127.0.0.1\nport={port}\nuser=metabase\npassword=\"{PASSWORD}\"\n"
            "default-character-set=utf8mb4\n"
        )

    def tool(self, name: str, *options, text: str | None = None) -> str:
        return run([name, f"--defaults-file={self.options}", *options], text)

    def sql(self, database: str, text: str) -> str:
        return self.tool("mariadb", "--batch", "--binary-mode", database, text=text)

    def create(self, database: str, text: str) -> None:
        self.sql("", f"CREATE DATABASE `{database}` CHARACTER SET utf8mb4")
        self.sql(database, "SET time_zone = '+00:00';\n" + text)

    def url(self, database: str, options: str = "") -> str:
        return f"mysql://metabase:pass'w%3Ao%40rd@127.0.0.1:{self.port}/{database}{options}"


@contextmanager
def mariadb(directory: Path):
    """Starts MariaDB."""
    home = private(directory / "mariadb")
    for name in ("server.crt", "server.key"):
        shutil.copy(directory / name, home / name)
        if not os.getuid():
            shutil.chown(home / name, "nobody")
    run(["mariadb-install-db", "--no-defaults", f"--datadir={home / 'data'}",
         "--auth-root-authentication-method=normal", "--skip-test-db"], cwd=home, **demote())
    port = free_port()
    quoted = PASSWORD.replace("'", "''")
    (home / "init.sql").write_text(
        f"CREATE USER metabase@localhost IDENTIFIED BY '{quoted}';\n"
        "GRANT ALL ON *.* TO metabase@localhost;\n"
    )
    daemon = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
    command = [daemon, "--no-defaults", f"--datadir={home / 'data'}", f"--port={port}",
               "--bind-address=127.0.0.1", f"--socket={home / 'socket'}",
               f"--pid-file={home / 'pid'}", f"--init-file={home / 'init.sql'}",
               "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M",
               f"--ssl-cert={home / 'server.crt'}", f"--ssl-key={home / 'server.key'}"]
    with process(command, home) as server:
        database = MariaDb(home, port)
        wait(server, home, lambda: database.sql("", "SELECT 1"))
        yield database


def h2_script(directory: Path, name: str, text: str, options: list) -> dict:
    """Fills a database of H2, and returns its scripts by their options."""
    url = f"jdbc:h2:file:{directory / name}"
    (directory / f"{name}.create.sql").write_bytes(text.encode())
    java = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", H2_JAR]
    statements = [f"RUNSCRIPT FROM '{directory / name}.create.sql' CHARSET 'UTF-8'"]
    files = {}
    for number, option in enumerate(options):
        files[option] = directory / f"{name}.{number}.sql"
        statements.append(f"SCRIPT {option} TO '{files[option]}' CHARSET 'UTF-8'")
    run([*java, "org.h2.tools.Shell", "-url", url, "-user", "sa", "-password", "", "-sql",
         "; ".join(statements)])
    return files

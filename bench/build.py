"""Builds or installs the measured programs and the measuring tools."""

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
HERE = Path(__file__).parent
TOOLS = ROOT / "target/bench"


def run(*command, **rest) -> None:
    subprocess.run([str(part) for part in command], check=True, **rest)


def profile() -> list[str]:
    """The release profile of the workspace, as cargo options for a package outside it."""
    release = tomllib.loads((ROOT / "Cargo.toml").read_text())["profile"]["release"]
    return [part for name, value in flat("profile.release", release) for part in ("--config", f"{name}={value}")]


def flat(prefix: str, table: dict):
    for name, value in table.items():
        if isinstance(value, dict):
            yield from flat(f"{prefix}.{name}", value)
        else:
            yield f"{prefix}.{name}", f'"{value}"' if isinstance(value, str) else str(value).lower()


def functions() -> Path:
    """Builds all functions and returns their directory."""
    run("cargo", "build", "--release", "--locked", "--quiet", "--package", "functions", cwd=ROOT)
    return ROOT / "target/release"


def local() -> Path:
    """Builds the local service for speed and returns its path."""
    run("cargo", "build", "--profile", "server", "--locked", "--quiet", "--package", "local", cwd=ROOT)
    return ROOT / "target/server/local"


def baseline() -> Path:
    return outside("baseline", *profile())


def no_warmup() -> Path:
    return outside("no_warmup", *profile())


def harness() -> Path:
    return outside("harness")


def outside(package: str, *options: str) -> Path:
    """Builds a package of this directory in its own target directory and returns its binary."""
    target = TOOLS / package
    run("cargo", "build", "--release", "--locked", "--quiet", "--target-dir", target, *options, cwd=HERE / package)
    return target / "release" / package


def install_fastapi_users() -> Path:
    """Installs FastAPI Users and returns its Python interpreter."""
    home, wanted = TOOLS / "fastapi-users", HERE / "peers/fastapi-users/requirements.txt"
    if not same(wanted, home / "installed.txt"):
        run("python3", "-m", "venv", "--clear", home)
        run(home / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", wanted)
        shutil.copy(wanted, home / "installed.txt")
    return home / "bin/python"


def install_better_auth() -> Path:
    """Installs Better Auth and returns its directory."""
    home, wanted = TOOLS / "better-auth", HERE / "peers/better-auth/package.json"
    if not same(wanted, home / "installed.json"):
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        shutil.copy(wanted, home / "package.json")
        run("npm", "install", "--silent", "--no-audit", "--no-fund", cwd=home)
        shutil.copy(wanted, home / "installed.json")
    return home


def same(one: Path, other: Path) -> bool:
    return other.exists() and one.read_bytes() == other.read_bytes()


def wrk() -> tuple[str, dict[str, str]]:
    """The load generator and its environment.

    Unpacks Debian's packages without root if wrk is not installed.
    """
    found = shutil.which("wrk")
    if found:
        return found, dict(os.environ)
    home = TOOLS / "wrk"
    if not (home / "usr/bin/wrk").exists():
        home.mkdir(parents=True, exist_ok=True)
        run("apt-get", "download", "--quiet=2", "wrk", "libluajit-5.1-2", cwd=home)
        for package in home.glob("*.deb"):
            run("dpkg", "--extract", package, home)
    libraries = ":".join(str(directory) for directory in (home / "usr/lib").glob("*-linux-gnu"))
    return str(home / "usr/bin/wrk"), os.environ | {"LD_LIBRARY_PATH": libraries}

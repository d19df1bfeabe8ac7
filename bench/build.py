"""What the benchmark measures and measures with: built here, or installed from the registries."""

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
    """The release profile of the workspace, as options of cargo for a package outside of it."""
    release = tomllib.loads((ROOT / "Cargo.toml").read_text())["profile"]["release"]
    return [part for name, value in flat("profile.release", release) for part in ("--config", f"{name}={value}")]


def flat(prefix: str, table: dict):
    for name, value in table.items():
        if isinstance(value, dict):
            yield from flat(f"{prefix}.{name}", value)
        else:
            yield f"{prefix}.{name}", f'"{value}"' if isinstance(value, str) else str(value).lower()


def functions() -> Path:
    """Every function."""
    run("cargo", "build", "--release", "--locked", "--quiet", "--package", "functions", cwd=ROOT)
    return ROOT / "target/release"


def local() -> Path:
    """The local service, as it is built where it has much to do."""
    run("cargo", "build", "--profile", "server", "--locked", "--quiet", "--package", "local", cwd=ROOT)
    return ROOT / "target/server/local"


def floor() -> Path:
    return outside("floor", *profile())


def unwarmed() -> Path:
    return outside("unwarmed", *profile())


def harness() -> Path:
    return outside("harness")


def outside(package: str, *options: str) -> Path:
    """A package of this folder, in a target folder of its own."""
    target = TOOLS / package
    run("cargo", "build", "--release", "--locked", "--quiet", "--target-dir", target, *options, cwd=HERE / package)
    return target / "release" / package


def install_fastapi_users() -> Path:
    """Its Python."""
    home, wanted = TOOLS / "fastapi-users", HERE / "peers/fastapi-users/requirements.txt"
    if not same(wanted, home / "installed.txt"):
        run("python3", "-m", "venv", "--clear", home)
        run(home / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", wanted)
        shutil.copy(wanted, home / "installed.txt")
    return home / "bin/python"


def install_better_auth() -> Path:
    """Its folder."""
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
    """The load generator and its environment; from Debian's packages, without root, where it is not installed."""
    found = shutil.which("wrk")
    if found:
        return found, dict(os.environ)
    home = TOOLS / "wrk"
    if not (home / "usr/bin/wrk").exists():
        home.mkdir(parents=True, exist_ok=True)
        run("apt-get", "download", "--quiet=2", "wrk", "libluajit-5.1-2", cwd=home)
        for package in home.glob("*.deb"):
            run("dpkg", "--extract", package, home)
    libraries = ":".join(str(folder) for folder in (home / "usr/lib").glob("*-linux-gnu"))
    return str(home / "usr/bin/wrk"), os.environ | {"LD_LIBRARY_PATH": libraries}

"""Makes a checked release archive of all functions for each architecture. `scripts/release` runs it."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import archive
import sbom
import starts
from stage import ROOT, Problem

OUTPUT = ROOT / "target/release-archives"
TARGETS = {"arm64": "aarch64-unknown-linux-gnu", "x86_64": "x86_64-unknown-linux-gnu"}
# Files next to the functions, if they exist: the templates, and all that scripts/deploy needs.
FILES = (
    "template.yaml", "rest-api.yaml", "samconfig.toml", "LICENSE", "CHANGELOG.md",
    "functions/assets/docs/licences.txt", "scripts/deploy", "scripts/install-tools", "scripts/lock-tools", "scripts/lib/archive.py",
    "scripts/lib/deploy.py", "scripts/lib/lock_tools.py", "scripts/lib/preflight.py", "scripts/lib/stage.py",
    "scripts/tools/sam.txt",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/release", description=__doc__)
    parser.add_argument("--no-build", action="store_true", help="take target/lambda as built before, for one architecture")
    parser.add_argument("architectures", nargs="*", help=f"{' and '.join(TARGETS)} by default")
    options = parser.parse_args()
    architectures = options.architectures or list(TARGETS)
    if unknown := set(architectures) - set(TARGETS):
        parser.error(f"no such architecture: {', '.join(sorted(unknown))}")
    if options.no_build and len(architectures) != 1:
        parser.error("--no-build needs one architecture: target/lambda contains one")
    require_clean_tree()
    version, seconds = version_of_tree(), int(os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct"))
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for name in architectures:
        if not options.no_build:
            shutil.rmtree(ROOT / archive.FUNCTIONS, ignore_errors=True)
            build = subprocess.run([ROOT / "scripts/build"], env=os.environ | {"ARCHITECTURE": name}, check=False)
            if build.returncode != 0:
                raise Problem(f"The functions for {name} cannot be built.")
        make(name, f"users-{version}-{name}", version, seconds)
    # A build of a changed tree is not a release.
    require_clean_tree()
    write_sums(version)


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def require_clean_tree() -> None:
    changed = git("status", "--porcelain").splitlines()
    if changed:
        raise Problem(f"The tree has uncommitted changes ({changed[0].strip()}): commit or remove them.")


def version_of_tree() -> str:
    """The version of Cargo.toml at its tag. Elsewhere the commit follows, so no other tree has its name."""
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    tags = git("tag", "--points-at", "HEAD").splitlines()
    return version if f"v{version}" in tags else f"{version}-{git('rev-parse', '--short=12', 'HEAD')}"


def functions() -> list[str]:
    """The functions packaged by template.yaml."""
    return sorted(set(re.findall(rf"^\s*CodeUri: {archive.FUNCTIONS}/([a-z0-9-]+)/?$", (ROOT / "template.yaml").read_text(), re.M)))


def make(architecture: str, name: str, version: str, seconds: int) -> None:
    """Writes and checks the archive of an architecture, and its bill of materials."""
    files = {path: ROOT / path for path in FILES if (ROOT / path).exists()}
    for function in functions():
        binary = ROOT / archive.FUNCTIONS / function / "bootstrap"
        if not binary.exists():
            raise Problem(f"{function} is not built: run scripts/release without --no-build.")
        if archive.machine(binary) != architecture:
            raise Problem(f"{function} in target/lambda is built for {archive.machine(binary)} instead of {architecture}.")
        files[f"{archive.FUNCTIONS}/{function}/bootstrap"] = binary
    packages = sbom.linked(TARGETS[architecture])
    bill = OUTPUT / f"{name}.cdx.json"
    bill.write_text(json.dumps(sbom.document(packages, "users", version, seconds), indent=2) + "\n")
    validate(bill)
    with tempfile.TemporaryDirectory() as own:
        licenses, listed = Path(own) / "THIRD-PARTY.txt", Path(own) / archive.SUMS
        licenses.write_text(sbom.licenses(packages))
        files |= {"THIRD-PARTY.txt": licenses, "sbom.cdx.json": bill}
        listed.write_text(archive.sums(files))
        archive.pack(files | {archive.SUMS: listed}, name, seconds, OUTPUT / f"{name}.tar.gz")
    check(OUTPUT / f"{name}.tar.gz", architecture)


def validate(bill: Path) -> None:
    """Validates a bill of materials with the schema of CycloneDX."""
    tools = subprocess.run([ROOT / "scripts/install-tools", "sbom"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    program = (
        "import sys; from cyclonedx.schema import SchemaVersion; from cyclonedx.validation.json import JsonStrictValidator; "
        "sys.exit(str(JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read()) or '') or None)"
    )
    done = subprocess.run([f"{tools}/python", "-c", program, bill], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Problem(f"{bill.name} does not match the schema of CycloneDX: {done.stderr.strip()[-400:]}")


def check(path: Path, architecture: str) -> None:
    """Unpacks an archive, verifies the checksums, and passes an event to each function."""
    with tempfile.TemporaryDirectory() as folder:
        # The list next to the archives does not contain this archive yet.
        with archive.tarfile.open(path) as tar:
            top = archive.extract(tar, Path(folder))
        archive.verify_content(top, path.name)
        if archive.architecture(top) != architecture:
            raise Problem(f"{path.name} contains functions of another architecture.")
        binaries = archive.binaries(top)
        command = starts.runner(architecture)
        statuses: dict[int, int] = {}
        for function, binary in binaries.items() if command is not None else ():
            code = starts.status(command, binary, (ROOT / f"events/{function}.json").read_bytes())
            statuses[code] = statuses.get(code, 0) + 1
    size = path.stat().st_size / 1e6
    started = (
        f"every function responds to an event ({', '.join(f'{count} with {code}' for code, count in sorted(statuses.items()))})"
        if command is not None
        else f"the functions were not started, because this machine cannot run {architecture}"
    )
    print(f"{path.relative_to(ROOT)}: {len(binaries)} functions, {size:.1f} MB, checksums match, {started}", flush=True)


def write_sums(version: str) -> None:
    """Lists the checksums of all archives of a version."""
    names = [path for path in OUTPUT.iterdir() if path.name.startswith(f"users-{version}-")]
    (OUTPUT / archive.SUMS).write_text(archive.sums({path.name: path for path in names}))


if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        sys.exit(f"scripts/release: {problem}")

"""Release archives: their content, checksums and architecture.

Usage: python3 scripts/lib/archive.py <archive> <empty folder>
Verifies an archive, unpacks it and prints the folder of its content.
"""

import gzip
import hashlib
import io
import struct
import sys
import tarfile
from pathlib import Path, PurePosixPath

from stage import Problem

SUMS = "SHA256SUMS"
FUNCTIONS = "target/lambda"
# Machines in the header of an ELF file.
MACHINES = {62: "x86_64", 183: "arm64"}


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def sums(files: dict[str, Path]) -> str:
    """The lines of `sha256sum` for files by name."""
    return "".join(f"{sha256(path)}  {name}\n" for name, path in sorted(files.items()))


def read_sums(text: str) -> dict[str, str]:
    pairs = (line.split(maxsplit=1) for line in text.splitlines() if line.strip())
    return {name.lstrip("*"): digest for digest, name in pairs}


def pack(files: dict[str, Path], top: str, seconds: int, archive: Path) -> None:
    """Writes an archive. The same files, names and time give the same bytes."""
    with archive.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=seconds) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for name, path in sorted(files.items()):
                entry = tarfile.TarInfo(f"{top}/{name}")
                content = path.read_bytes()
                entry.size, entry.mtime = len(content), seconds
                entry.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
                tar.addfile(entry, io.BytesIO(content))


def verify_archive(archive: Path) -> None:
    """Compares an archive with the list of checksums in its folder, if there is one."""
    if not archive.is_file():
        raise Problem(f"The release {archive} does not exist.")
    listed = archive.parent / SUMS
    if not listed.exists():
        print(f"There is no {SUMS} next to {archive.name}: only the checksums within it are verified.", file=sys.stderr)
        return
    wanted = read_sums(listed.read_text()).get(archive.name)
    if not wanted:
        raise Problem(f"{listed} does not list {archive.name}: download the list of this release.")
    if wanted != sha256(archive):
        raise Problem(f"{archive.name} does not match its checksum in {listed}: download it again.")


def unpack(archive: Path, folder: Path) -> Path:
    """Verifies and unpacks an archive, and returns the folder of its content."""
    verify_archive(archive)
    try:
        with tarfile.open(archive, "r:gz") as tar:
            top = extract(tar, folder)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise Problem(f"{archive.name} is not a release archive: {error}.") from None
    verify_content(top, archive.name)
    return top


def extract(tar: tarfile.TarFile, folder: Path) -> Path:
    """Unpacks regular files below one folder, and nothing else."""
    tops = set()
    for entry in tar:
        path = PurePosixPath(entry.name)
        if not entry.isreg() or path.is_absolute() or ".." in path.parts or len(path.parts) < 2:
            raise Problem(f"The archive contains {entry.name!r}, and may contain only files below one folder.")
        tops.add(path.parts[0])
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(tar.extractfile(entry).read())
        target.chmod(0o755 if entry.mode & 0o100 else 0o644)
    if len(tops) != 1:
        raise Problem("The archive is empty, or has more than one folder.")
    return folder / tops.pop()


def verify_content(top: Path, name: str) -> None:
    """Compares each file with the list of checksums in the archive."""
    if not (top / SUMS).is_file():
        raise Problem(f"{name} contains no {SUMS}: it is not a release archive.")
    wanted = read_sums((top / SUMS).read_text())
    found = {path.relative_to(top).as_posix(): sha256(path) for path in top.rglob("*") if path.is_file() and path != top / SUMS}
    different = sorted(path for path in wanted.keys() | found.keys() if wanted.get(path) != found.get(path))
    if different:
        raise Problem(f"{name} does not match its checksums: {', '.join(different[:5])}. Download it again.")


def binaries(top: Path) -> dict[str, Path]:
    """The binary of each function."""
    return {path.parent.name: path for path in sorted((top / FUNCTIONS).glob("*/bootstrap"))}


def machine(binary: Path) -> str:
    """The architecture in the header of a binary."""
    with binary.open("rb") as file:
        header = file.read(20)
    if header[:6] != b"\x7fELF\x02\x01" or len(header) < 20:
        raise Problem(f"{binary.parent.name}/bootstrap is not a program for 64-bit Linux.")
    code = struct.unpack_from("<H", header, 18)[0]
    return MACHINES.get(code, f"machine {code}")


def architecture(top: Path) -> str:
    """The architecture of all functions."""
    found = {machine(binary) for binary in binaries(top).values()}
    if len(found) != 1:
        raise Problem(f"The functions have no common architecture: {', '.join(sorted(found)) or 'there are none'}.")
    return found.pop()


if __name__ == "__main__":
    try:
        print(unpack(Path(sys.argv[1]), Path(sys.argv[2])))
    except Problem as problem:
        sys.exit(f"scripts/deploy: {problem}")

"""A software bill of materials of the functions, in CycloneDX 1.6, and the licenses of its crates.

Contains the crates linked into functions: no build dependencies, procedural macros or test
dependencies. `cargo tree` resolves them for one architecture.
"""

import json
import subprocess
import tomllib
import uuid
from datetime import datetime, timezone
from pathlib import Path

from stage import ROOT

LICENSE_FILES = ("license", "licence", "copying", "notice", "unlicense", "copyright")


def output(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


def linked(target: str) -> list[dict]:
    """The packages linked into the functions, as in `cargo metadata`, with their dependencies as IDs."""
    metadata = json.loads(output("cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target))
    lines = output(
        "cargo", "tree", "--locked", "--package", "functions", "--edges", "normal,no-proc-macro", "--target", target,
        "--prefix", "none", "--format", "{p}",
    )
    names = {tuple(line.split()[:2]) for line in lines.splitlines() if line}
    packages = [package for package in metadata["packages"] if (package["name"], f"v{package['version']}") in names]
    assert len(packages) == len(names), "cargo tree and cargo metadata differ"
    ids = {package["id"] for package in packages}
    needs = {
        node["id"]: [
            need["pkg"] for need in node["deps"]
            if need["pkg"] in ids and any(kind["kind"] is None for kind in need["dep_kinds"])
        ]
        for node in metadata["resolve"]["nodes"]
    }
    return [package | {"needs": sorted(needs[package["id"]])} for package in packages]


def checksums() -> dict[tuple[str, str], str]:
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    return {(item["name"], item["version"]): item["checksum"] for item in lock["package"] if "checksum" in item}


def purl(package: dict) -> str:
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(package: dict, digests: dict) -> dict:
    found = {"type": "library", "bom-ref": purl(package), "name": package["name"], "version": package["version"], "purl": purl(package)}
    if package["description"]:
        found["description"] = " ".join(package["description"].split())
    if package["license"]:
        # "MIT/Apache-2.0" is an old spelling of OR.
        found["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    digest = digests.get((package["name"], package["version"]))
    if digest:
        found["hashes"] = [{"alg": "SHA-256", "content": digest}]
    if package["repository"]:
        found["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    return found


def others() -> list[dict]:
    """Components that are no crates: Rust's standard library and the files of Swagger UI."""
    rustc = output("rustc", "--version").split()[1]
    swagger = json.loads((ROOT / "scripts/tools/docs/package-lock.json").read_text())
    version = swagger["packages"]["node_modules/swagger-ui-dist"]["version"]
    return [
        {"type": "library", "bom-ref": f"pkg:generic/rust-std@{rustc}", "name": "rust-std", "version": rustc,
         "purl": f"pkg:generic/rust-std@{rustc}", "licenses": [{"expression": "MIT OR Apache-2.0"}]},
        {"type": "library", "bom-ref": f"pkg:npm/swagger-ui-dist@{version}", "name": "swagger-ui-dist", "version": version,
         "purl": f"pkg:npm/swagger-ui-dist@{version}", "licenses": [{"expression": "Apache-2.0"}]},
    ]


def document(packages: list[dict], name: str, version: str, seconds: int) -> dict:
    """The bill of materials. The same packages, name and time give the same text."""
    digests = checksums()
    by_id = {package["id"]: purl(package) for package in packages}
    additional = others()
    root = f"pkg:generic/{name}@{version}"
    components = sorted([component(package, digests) for package in packages] + additional, key=lambda part: part["bom-ref"])
    (functions,) = (purl(package) for package in packages if package["name"] == "functions")
    dependencies = [{"ref": purl(package), "dependsOn": sorted(by_id[need] for need in package["needs"])} for package in packages]
    dependencies.append({"ref": root, "dependsOn": sorted([functions, *(part["bom-ref"] for part in additional)])})
    content = json.dumps(components, sort_keys=True)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, root + content)}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application", "bom-ref": root, "name": name, "version": version, "purl": root,
                "licenses": [{"expression": "Apache-2.0"}],
            },
        },
        "components": components,
        "dependencies": sorted(dependencies, key=lambda entry: entry["ref"]),
    }


def licenses(packages: list[dict]) -> str:
    """The license files of the crates, each text once, with the crates containing it."""
    texts: dict[str, list[str]] = {}
    without = []
    for package in sorted((package for package in packages if package["source"]), key=purl):
        label = f"{package['name']} {package['version']} ({package['license'] or 'see the text'})"
        folder = Path(package["manifest_path"]).parent
        found = sorted(path for path in folder.iterdir() if path.is_file() and path.name.lower().startswith(LICENSE_FILES))
        for path in found:
            texts.setdefault(path.read_text(errors="replace").strip(), []).append(label)
        if not found:
            without.append(f"{label}, {package['repository'] or 'without a repository'}")
    line = "-" * 80
    parts = ["Licenses of the crates linked into the functions. Swagger UI has its own list in the docs function."]
    parts += [f"{line}\n{chr(10).join(dict.fromkeys(labels))}\n{line}\n{text}" for text, labels in sorted(texts.items(), key=lambda pair: pair[1])]
    if without:
        parts.append(f"{line}\nCrates without a license file; their license is stated in parentheses.\n{line}\n" + "\n".join(without))
    return "\n\n".join(parts) + "\n"

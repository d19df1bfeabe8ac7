"""Opens the page at /api/docs in a browser. `scripts/test-docs-page` runs it."""

import subprocess
import sys

import service


def main(packages: str) -> None:
    with service.running() as users:
        command = ["node", "e2e/docs.mjs", packages, users.url, users.email, users.password, "target/docs-page"]
        subprocess.run(command, cwd=service.ROOT, check=True)


if __name__ == "__main__":
    main(sys.argv[1])

"""Uses the pages for people in a browser. `scripts/test-pages` runs it."""

import subprocess
import sys

import service


def main(packages: str) -> None:
    with (
        service.running() as users,
        service.running("documented", "--no-admin") as empty,
        service.running("metabase") as metabase,
    ):
        services = [users.url, users.email, users.password, users.session, empty.url, service.TOKEN]
        services += [metabase.url, metabase.email, metabase.password, metabase.session]
        command = ["node", "e2e/pages/main.mjs", packages, "target/pages", *services]
        subprocess.run(command, cwd=service.ROOT, check=True)


if __name__ == "__main__":
    main(sys.argv[1])

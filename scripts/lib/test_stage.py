"""Tests of the checks before a deployment and of release archives. `scripts/test-scripts` runs them."""

import re
import tempfile
import unittest
from pathlib import Path

import archive
import preflight
from stage import LONGEST, ROOT, Problem, check_name, derived, given_parameters, parameters, simple_section

CONFIG = """
[dev.deploy.parameters]
stack_name = "users-dev"
region = "eu-west-1" # Dublin
confirm_changeset = true

[default.deploy.parameters]
profile = "work"
"""


class Stages(unittest.TestCase):
    def test_names(self):
        for name in ("dev", "a", "pr-17", "x" * LONGEST):
            check_name(name)
        for name in ("", "Dev", "1a", "a_b", "a-", "-a", "x" * (LONGEST + 1), "default", "global", "a\n"):
            with self.assertRaises(Problem, msg=name):
                check_name(name)

    def test_function_names_fit_the_limit_of_lambda(self):
        functions = re.findall(r"FunctionName: !Sub \$\{AWS::StackName\}-(\S+)", (ROOT / "template.yaml").read_text())
        self.assertTrue(functions)
        self.assertLessEqual(len(f"users-{'x' * LONGEST}-{max(functions, key=len)}"), 64)

    def test_a_section_of_its_own_and_the_default(self):
        self.assertEqual(simple_section(CONFIG, "dev"), {"stack_name": "users-dev", "region": "eu-west-1"})
        self.assertEqual(simple_section(CONFIG, "other"), {"profile": "work"})
        with self.assertRaises(Problem):
            simple_section("", "dev")

    def test_parameters_in_all_forms(self):
        expected = {"A": "1", "B": "x y"}
        self.assertEqual(parameters(["A=1", "B=x y"]), expected)
        self.assertEqual(parameters('A=1 B="x y"'), expected)
        self.assertEqual(parameters({"A": 1, "B": "x y"}), expected)
        self.assertEqual(parameters(["ParameterKey=A,ParameterValue=1", "B=x y"]), expected)

    def test_parameters_of_options_end_at_the_next_option(self):
        self.assertEqual(given_parameters(["--parameter-overrides", "A=1", "B=2 C=3", "--debug"]), {"A": "1", "B": "2", "C": "3"})
        self.assertEqual(given_parameters(["--parameter-overrides=A=1 B=2"]), {"A": "1", "B": "2"})
        self.assertIsNone(given_parameters(["--debug"]))

    def test_a_derived_section(self):
        section = derived({"resolve_s3": True, "parameter_overrides": ["A=1"], "tags": "service=users environment=x"}, "pr-17")
        self.assertEqual(section["stack_name"], "users-pr-17")
        self.assertEqual(section["parameter_overrides"], ["A=1", "SetupTokenSecret=users-pr-17/setup-token"])
        self.assertEqual(section["tags"], ["service=users", "environment=pr-17"])
        self.assertTrue(section["resolve_s3"])


class Credentials(unittest.TestCase):
    def check(self, environment: dict, profiles: dict, profile: str | None = None, has_role: bool = False) -> None:
        preflight.check_credentials(environment, profiles, profile, lambda _: has_role)

    def problem(self, *arguments, **named) -> str:
        with self.assertRaises(Problem) as caught:
            self.check(*arguments, **named)
        return str(caught.exception)

    def test_each_source(self):
        keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
        self.check(keys, {})
        self.check(keys | {"AWS_CREDENTIAL_EXPIRATION": "2999-01-01T00:00:00Z"}, {})
        self.check({}, {"default": {"sso_session": "work"}})
        self.check({"AWS_PROFILE": "work"}, {"work": {"role_arn": "arn"}})
        self.check({"AWS_WEB_IDENTITY_TOKEN_FILE": "/token"}, {})
        self.check({}, {}, has_role=True)

    def test_each_problem(self):
        self.assertIn("no AWS credentials", self.problem({}, {"default": {"region": "us-east-1"}}))
        self.assertIn("without AWS_SECRET_ACCESS_KEY", self.problem({"AWS_ACCESS_KEY_ID": "a"}, {}))
        self.assertIn("profile home", self.problem({}, {"work": {"role_arn": "arn"}}, "home"))
        keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00+00:00"}
        self.assertIn("expired", self.problem(keys, {}))

    def test_regions(self):
        self.assertEqual(preflight.region({"AWS_REGION": "eu-central-1"}, {}, None, None), "eu-central-1")
        self.assertEqual(preflight.region({"AWS_REGION": "eu-central-1"}, {}, "us-gov-west-1", None), "us-gov-west-1")
        self.assertEqual(preflight.region({}, {"default": {"region": "us-east-1"}}, None, None), "us-east-1")
        self.assertEqual(preflight.region({}, {"work": {"region": "us-east-2"}}, None, "work"), "us-east-2")
        for environment in ({}, {"AWS_REGION": "Frankfurt"}, {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-2"}):
            with self.assertRaises(Problem, msg=environment):
                preflight.region(environment, {}, None, None)


class Archives(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.archive = self.folder / "users-1-arm64.tar.gz"
        self.files = {}
        for name, content in {"template.yaml": b"t", "target/lambda/a/bootstrap": self.elf(183)}.items():
            self.add(name, content)
        (self.folder / "sums").write_text(archive.sums(self.files))

    @staticmethod
    def elf(machine: int) -> bytes:
        return b"\x7fELF\x02\x01" + bytes(12) + machine.to_bytes(2, "little")

    def add(self, name: str, content: bytes) -> None:
        path = self.folder / name.replace("/", "_")
        path.write_bytes(content)
        path.chmod(0o755)
        self.files[name] = path

    def pack(self, top: str = "users-1-arm64") -> bytes:
        archive.pack(self.files | {archive.SUMS: self.folder / "sums"}, top, 1_700_000_000, self.archive)
        return self.archive.read_bytes()

    def unpack(self) -> Path:
        target = self.folder / "target"
        target.mkdir(exist_ok=True)
        return archive.unpack(self.archive, target)

    def test_the_same_files_give_the_same_bytes_and_content(self):
        self.assertEqual(self.pack(), self.pack())
        (self.folder / archive.SUMS).write_text(archive.sums({self.archive.name: self.archive}))
        top = self.unpack()
        self.assertEqual((top / "template.yaml").read_bytes(), b"t")
        self.assertTrue((top / "target/lambda/a/bootstrap").stat().st_mode & 0o100)
        self.assertEqual(archive.architecture(top), "arm64")

    def test_a_changed_archive_is_rejected(self):
        self.pack()
        (self.folder / archive.SUMS).write_text(f"{'0' * 64}  {self.archive.name}\n")
        self.assertRaisesRegex(Problem, "does not match its checksum", self.unpack)
        (self.folder / archive.SUMS).write_text(f"{'0' * 64}  other.tar.gz\n")
        self.assertRaisesRegex(Problem, "does not list", self.unpack)

    def test_changed_missing_and_additional_files_are_rejected(self):
        self.add("template.yaml", b"changed")
        self.pack()
        self.assertRaisesRegex(Problem, "template.yaml", self.unpack)

    def test_an_additional_file_is_rejected(self):
        self.add("more", b"x")
        self.pack()
        self.assertRaisesRegex(Problem, "more", self.unpack)

    def test_paths_outside_the_folder_are_rejected(self):
        for top in ("..", "/tmp", "a/../.."):
            self.pack(top)
            self.assertRaisesRegex(Problem, "may contain only files", self.unpack)

    def test_other_files_are_rejected(self):
        self.archive.write_bytes(b"no archive")
        self.assertRaisesRegex(Problem, "is not a release archive", self.unpack)
        self.archive.write_bytes(self.pack()[:-40])
        self.assertRaisesRegex(Problem, "is not a release archive", self.unpack)

    def test_mixed_architectures_are_rejected(self):
        self.add("target/lambda/b/bootstrap", self.elf(62))
        (self.folder / "sums").write_text(archive.sums(self.files))
        self.pack()
        top = self.unpack()
        self.assertRaisesRegex(Problem, "no common architecture", archive.architecture, top)


if __name__ == "__main__":
    unittest.main()

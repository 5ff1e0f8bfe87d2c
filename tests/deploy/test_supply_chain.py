"""What is told of the audit, and what goes into the image."""

import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.serving import ROOT

sys.path.insert(0, str(ROOT / "deploy"))
import audit

SCRIPTS = sorted(map(str, ROOT.glob("deploy/**/*.sh")))


def package(*advisories, **more):
    return {"name": "pillow", "version": "1.0", "vulns": list(advisories), **more}


def test_an_audit_without_findings_passes():
    sentence, code = audit.verdict({"dependencies": [package(), package()]}, "")
    assert (sentence, code) == ("No known vulnerabilities in 2 of 2 packages.", 0)


def test_a_known_vulnerability_fails_and_says_where_it_is_mended():
    advisory = {"id": "PYSEC-1", "fix_versions": ["1.1"]}
    sentence, code = audit.verdict({"dependencies": [package(), package(advisory)]}, "")
    assert code == 1
    assert "pillow 1.0: PYSEC-1, mended in 1.1" in sentence


def test_a_service_that_knows_nothing_is_no_clean_bill():
    skipped = {"name": "pillow", "skip_reason": "Dependency not found on PyPI"}
    sentence, code = audit.verdict({"dependencies": [skipped, skipped]}, "")
    assert code == 0
    assert sentence.startswith("Not audited")


def test_a_service_out_of_reach_is_said():
    sentence, code = audit.verdict(None, "requests.exceptions.ConnectionError: …")
    assert code == 0
    assert sentence.startswith("Not audited")


def test_an_audit_that_breaks_off_fails():
    assert audit.verdict(None, "KeyError: 'x'")[1] == 1


def test_the_base_image_is_pinned_by_digest():
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    assert re.search(r"^ARG BASE_IMAGE=\S+/python@sha256:[0-9a-f]{64}$", dockerfile, re.M)
    stages = re.findall(r"^FROM (\S+)", dockerfile, re.M)
    assert set(stages) == {"${BASE_IMAGE}"}


def test_the_tools_are_locked_with_hashes():
    lock = (ROOT / "deploy" / "supply-chain.txt").read_text("utf-8").replace("\\\n", " ")
    pins = [line for line in lock.splitlines() if line and not line.lstrip().startswith("#")]
    assert {"cyclonedx-bom", "pip-audit", "pip-licenses"} <= {pin.split("==")[0] for pin in pins}
    assert all("--hash=sha256:" in pin for pin in pins)


def test_the_build_is_one_that_cloud_build_takes():
    pytest.importorskip("check_jsonschema", reason="no check-jsonschema to hold cloudbuild.yaml to")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.cloudbuild"]
    done = subprocess.run(
        [*command, ROOT / "cloudbuild.yaml"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout


def test_each_step_of_the_build_is_a_file():
    build = (ROOT / "cloudbuild.yaml").read_text("utf-8")
    files = re.findall(r"args: \[(\S+)\]", build)
    assert len(files) == build.count("- id: ")
    assert all((ROOT / file).is_file() for file in files)


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="no shellcheck on this machine")
def test_the_scripts_are_clean():
    done = subprocess.run(
        ["shellcheck", "-x", *SCRIPTS], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: Path(path).name)
def test_the_scripts_have_no_mistake_in_their_syntax(script):
    subprocess.run(["bash", "-n", script], check=True, timeout=10)


def test_the_build_gets_every_file_that_the_tests_may_read():
    asked = ["git", "-C", str(ROOT), "ls-files"]
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no checkout by git")
    files = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
    let_in = [
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if "!" in line
    ]
    left_out = {
        name
        for name in {file.split("/")[0] for file in files}
        if not any(fnmatch(name, pattern) for pattern in let_in)
    }
    assert left_out == set()

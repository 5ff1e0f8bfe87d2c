"""Look up the packages that serve in PyPI's list of known vulnerabilities.

audit.py PIP_AUDIT LOCK [ADVISORY …]: PIP_AUDIT is the program, LOCK the file of locked packages;
an ADVISORY is one that was judged and is let through. The exit code is 1 for any other. Where the
service cannot be asked, nothing is known, which is said, and the exit code is 0.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


def main() -> int:
    program, lock, *ignored = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "audit.json"
        command = [program, "--requirement", lock, "--require-hashes", "--disable-pip"]
        command += ["--progress-spinner", "off", "--format", "json", "--output", str(output)]
        command += [f"--ignore-vuln={advisory}" for advisory in ignored]
        told = subprocess.run(command, capture_output=True, text=True, check=False).stderr
        report = json.loads(output.read_text("utf-8")) if output.exists() else None
    sentence, code = verdict(report, told)
    print(sentence)
    return code


def verdict(report: dict[str, Any] | None, told: str) -> tuple[str, int]:
    """What `report` of pip-audit means, and the exit code; `told` is what it said besides."""
    if report is None:
        if "ConnectionError" in told or "Timeout" in told:
            return "Not audited: the service that knows vulnerabilities cannot be reached.", 0
        return f"The audit broke off:\n{told}", 1
    packages = report["dependencies"]
    known = [package for package in packages if "skip_reason" not in package]
    if not known:
        return "Not audited: the service knows none of the packages; a mirror stands before it.", 0
    found = [
        f"{package['name']} {package['version']}: {advisory['id']}, mended in "
        f"{', '.join(advisory['fix_versions']) or 'no version yet'}"
        for package in known
        for advisory in package["vulns"]
    ]
    if found:
        return "\n".join(["Known vulnerabilities:", *found]), 1
    return f"No known vulnerabilities in {len(known)} of {len(packages)} packages.", 0


if __name__ == "__main__":
    sys.exit(main())

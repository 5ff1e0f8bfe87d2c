"""Build the image and run it, without Docker's engine: `make image-test`.

Buildah builds the Dockerfile on a base that debootstrap makes (Debian bookworm, whose Python is
3.11 too) and runs it as the user that the image names. Then it must get ready, show the page,
upscale a picture 4x through the API, end with 0 on SIGTERM, and have written nothing outside /tmp.
Prints the image's size, the seconds until it is ready and its memory. Needs root on Debian; says so
and leaves elsewhere. The base is kept for a week in ~/.cache/srgan; nothing else is left behind.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "srgan"
MIRROR = "http://deb.debian.org/debian"
PACKAGES = "python3,python3-venv,ca-certificates"
BASE_DAYS = 7
BASE, IMAGE = "localhost/pixel-perfect-base", "localhost/pixel-perfect"
LIMIT_MB = 800
HANG_SECONDS = 300  # far above what it takes; it only ends a hang
WRITABLE = {"tmp", "proc", "sys", "dev"}  # the last three are the machine's own

PAGE_RUNS = """
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("app.py", default_timeout=60).run()
assert not page.exception, page.exception
assert page.title[0].value == "Pixel Perfect", page.title
"""


def main() -> int:
    if lacking := missing():
        print(f"The image is not tried: this needs {lacking}.")
        return 0
    with tempfile.TemporaryDirectory(prefix="image-test-") as folder:
        builder = Buildah(Path(folder))
        try:
            base = base_tarball(Path(folder))
            build(builder, base, Path(folder))
            try_it(builder)
        finally:
            builder.clean()
    return 0


def missing() -> str:
    """What is needed and not here, in words; "" if nothing."""
    if platform.system() != "Linux" or os.geteuid() != 0:
        return "root on Linux"
    programs = [name for name in ("buildah", "debootstrap", "tar") if not shutil.which(name)]
    return " and ".join(programs)


class Buildah:
    """Buildah with a storage of its own in `folder`, which goes when all is over."""

    def __init__(self, folder: Path) -> None:
        self.command = ["buildah", "--storage-driver", "vfs"]
        self.command += ["--root", str(folder / "store"), "--runroot", str(folder / "run")]

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run([*self.command, *arguments], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"buildah {arguments[0]} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout.strip()

    def clean(self) -> None:
        subprocess.run([*self.command, "rm", "--all"], check=False, stdout=subprocess.DEVNULL)


def base_tarball(folder: Path) -> Path:
    """Debian's minimal system with Python, made anew once a week."""
    kept = CACHE / f"base-bookworm-{platform.machine()}.tar"
    if kept.exists() and time.time() - kept.stat().st_mtime < BASE_DAYS * 86400:
        return kept
    with said("base made with debootstrap"):
        system = folder / "base"
        log = folder / "debootstrap.log"
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}"]
        with log.open("wb") as out:
            done = subprocess.run([*command, "bookworm", system, MIRROR], stdout=out, check=False)
        if done.returncode:
            sys.exit(f"debootstrap failed:\n{log.read_text()[-3000:]}")
        CACHE.mkdir(parents=True, exist_ok=True)
        left_out = ["./proc/*", "./var/cache/apt/*", "./var/lib/apt/lists/*", "./var/log/*"]
        exclusions = [f"--exclude={pattern}" for pattern in left_out]
        unfinished = kept.with_suffix(".new")
        subprocess.run(["tar", "-C", system, *exclusions, "-cf", unfinished, "."], check=True)
        unfinished.rename(kept)
        shutil.rmtree(system)
    return kept


def build(buildah: Buildah, base: Path, folder: Path) -> None:
    """Build the Dockerfile's runtime stage on the base. SystemExit if it is too large."""
    with said("image built"):
        container = buildah("from", "scratch")
        buildah("add", "--quiet", container, str(base), "/")
        buildah("commit", "--quiet", "--rm", container, BASE)
        arguments = ["--isolation", "chroot", "--format", "docker", "--target", "runtime"]
        arguments += ["--build-arg", f"BASE_IMAGE={BASE}", "--tag", IMAGE]
        buildah("build", *arguments, *pip_secrets(folder), str(ROOT))
    sizes = {image["names"][0].split(":")[0]: image for image in images(buildah)}
    added = (size_of(sizes[IMAGE]) - size_of(sizes[BASE])) / 1e6
    print(f"size: {added:.0f} MB in layers added to the base, uncompressed (limit {LIMIT_MB})")
    if added > LIMIT_MB:
        sys.exit("The image is too large.")


def images(buildah: Buildah) -> list[dict]:
    return json.loads(buildah("images", "--json"))


def size_of(image: dict) -> float:
    """Bytes of what Buildah prints as, say, "540 MB"."""
    number, unit = image["size"].split()
    return float(number) * {"KB": 1e3, "MB": 1e6, "GB": 1e9}[unit]


def pip_secrets(folder: Path) -> list[str]:
    """This machine's way to PyPI, for the build only: pip's index, and who may sign for it."""
    settings = dict(
        line.split("=", 1)
        for line in subprocess.run(
            [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True
        ).stdout.splitlines()
    )
    lines = ["[global]"]
    for name in ("index-url", "trusted-host", "timeout"):
        for place in (f":env:.{name}", f"global.{name}"):
            if place in settings:
                lines.append(f"{name} = {settings[place].strip(chr(39))}")
                break
    secrets = []
    certificate = os.environ.get("PIP_CERT") or settings.get("global.cert", "").strip("'")
    if certificate:
        lines.append("cert = /run/secrets/ca")
        secrets.append(f"--secret=id=ca,src={certificate}")
    configuration = folder / "pip.conf"
    configuration.write_text("\n".join(lines) + "\n")
    return [*secrets, f"--secret=id=pip,src={configuration}"]


def try_it(buildah: Buildah) -> None:
    """Run the image and ask everything of it. SystemExit if something is wrong."""
    container = buildah("from", IMAGE)
    system = Path(buildah("mount", container))
    config = json.loads(buildah("inspect", "--type", "image", IMAGE))["Docker"]["config"]
    port = str(free_port())
    run = [*buildah.command, "run", "--isolation", "chroot", "--env", f"PORT={port}", container]
    subprocess.run([*run, "--", "true"], check=True)  # Buildah's own files are there from now on
    before = files_below(system)

    subprocess.run([*run, "--", "python", "-c", PAGE_RUNS], check=True, stderr=subprocess.DEVNULL)
    check_packages(system)

    server = subprocess.Popen([*run, "--", *config["Cmd"]])
    try:
        begun = time.monotonic()
        address = f"http://127.0.0.1:{port}"
        smoke = [sys.executable, str(ROOT / "deploy" / "smoke.py"), address]
        wait_until_ready(address, server)
        process = server_below(server.pid)
        print(f"ready: {time.monotonic() - started(process):.1f} s after the server's start")
        print(f"       {time.monotonic() - begun:.1f} s after Buildah's")
        print(f"memory at rest: {memory(process)['Pss']} MB")
        check_user(process, config["User"])
        subprocess.run(smoke, check=True)
        subprocess.run([*run, "--", *config["Healthcheck"]["Test"][1:]], check=True)
        print(f"memory after a small picture: {memory(process)['Pss']} MB")

        begun = time.monotonic()
        os.kill(process, signal.SIGTERM)
        if code := server.wait(timeout=HANG_SECONDS):
            sys.exit(f"The server ended with {code} on SIGTERM.")
        stopped = time.monotonic() - begun
    finally:
        end(server)
    if written := sorted(files_below(system) ^ before):
        sys.exit(f"Written outside /tmp: {[path for path, *_ in written][:20]}")
    print(f"ended with 0, {stopped:.1f} s after SIGTERM; nothing was written outside /tmp")


def check_packages(system: Path) -> None:
    """The list in the image must name what is installed there, and only what is locked."""
    listed = json.loads((system / "app" / "sbom.cdx.json").read_text("utf-8"))["components"]
    names = {plain(component["name"]) for component in listed}
    installed = {
        plain(path.name.split("-")[0]) for path in system.glob("opt/srgan/lib/*/*/*.dist-info")
    }
    locked = {
        plain(line.split("==")[0])
        for line in (ROOT / "requirements-serve.txt").read_text("utf-8").splitlines()
        if "==" in line and not line.startswith((" ", "#"))
    }
    if names != installed or not names <= locked:
        sys.exit(f"sbom.cdx.json is wrong about {names ^ installed | names - locked}.")
    licences = (system / "app" / "licences.md").read_text("utf-8")
    if unlisted := {name for name in names if name not in plain(licences)}:
        sys.exit(f"licences.md does not have {unlisted}.")
    print(f"packages: {len(names)}, each in sbom.cdx.json and licences.md")


def plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def check_user(process: int, wanted: str) -> None:
    status = Path(f"/proc/{process}/status").read_text()
    uid, gid = (
        next(line.split()[1] for line in status.splitlines() if line.startswith(name))
        for name in ("Uid:", "Gid:")
    )
    if uid == "0" or uid != wanted.split(":")[0]:
        sys.exit(f"The server runs as user {uid}, not {wanted}.")
    look = ["cat", f"/proc/{process}/environ"]  # as a taken-over worker would
    if subprocess.run(look, capture_output=True, user=int(uid), group=int(gid)).returncode == 0:
        sys.exit(f"The server's memory is open to other processes of user {uid}.")


def wait_until_ready(address: str, server: subprocess.Popen) -> None:
    end_time = time.monotonic() + HANG_SECONDS
    while time.monotonic() < end_time and server.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/v1/health", timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.02)
    sys.exit("The server did not get ready.")


def files_below(system: Path) -> set[tuple[str, int, int]]:
    """Each file with its size and its time, but those where writing is allowed."""
    found = set()
    for folder, folders, files in os.walk(system):
        if Path(folder) == system:
            folders[:] = [name for name in folders if name not in WRITABLE]
        for name in files:
            status = os.lstat(os.path.join(folder, name))
            path = os.path.relpath(os.path.join(folder, name), system)
            found.add((path, status.st_size, status.st_mtime_ns))
    return found


def server_below(pid: int) -> int:
    """The first process below Buildah's, whose id is `pid`, that is no longer Buildah's own."""
    while Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"buildah"):
        tasks = Path(f"/proc/{pid}/task").iterdir()
        children = " ".join((task / "children").read_text() for task in tasks).split()
        if not children:
            break
        pid = int(children[0])
    return pid


def started(pid: int) -> float:
    """When the process started, on the clock of time.monotonic."""
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    since_boot = time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic() - (since_boot - ticks / os.sysconf("SC_CLK_TCK"))


def memory(pid: int) -> dict[str, int]:
    """What the process and all that it has started have in memory, in MB, by kind."""
    total: Counter[str] = Counter()
    for member in family(pid):
        lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()[1:]
        total.update({line.split(":")[0]: int(line.split()[1]) for line in lines})
    return {kind: round(kib * 1024 / 1e6) for kind, kib in total.items()}


def family(pid: int) -> Iterator[int]:
    """A process and all that it has started."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from family(int(child))


def end(server: subprocess.Popen) -> None:
    if server.poll() is None:
        os.kill(server_below(server.pid), signal.SIGKILL)
        server.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def said(what: str):
    begun = time.monotonic()
    yield
    print(f"{what} in {time.monotonic() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())

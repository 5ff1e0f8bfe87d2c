"""Plays `gcloud` and `docker` for the scripts in deploy/: `stand_in.py gcloud run deploy …`.

Each call is added to calls.jsonl in the folder $CLOUD. state.json there holds the revisions and
what shall go wrong; the service's traffic in it changes as Google's would. Docker's `run` of the
smoke test really runs it, against the address in state.json.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

DIGEST = "sha256:" + "5" * 64
FOUND, NOT_FOUND = 0, 1


def main() -> int:
    program, *arguments = sys.argv[1:]
    folder = Path(os.environ["CLOUD"])
    with (folder / "calls.jsonl").open("a", encoding="utf-8") as calls:
        calls.write(json.dumps([program, *arguments]) + "\n")
    state_file = folder / "state.json"
    state = json.loads(state_file.read_text("utf-8"))
    code = {"gcloud": gcloud, "docker": docker}[program](arguments, state)
    state_file.write_text(json.dumps(state), "utf-8")
    return code


def gcloud(arguments: list[str], state: dict) -> int:
    words = [argument for argument in arguments if not argument.startswith("-")]
    if "describe" in words or words[:2] == ["run", "revisions"]:
        if words[:3] == ["run", "services", "describe"]:
            print(json.dumps({"status": {"traffic": state["traffic"]}}))
        return FOUND if state["set_up"] else NOT_FOUND
    if words[:2] == ["run", "deploy"]:
        return deploy(arguments, state)
    if words[:3] == ["run", "services", "update-traffic"]:
        return update_traffic(arguments, state)
    if words[:2] == ["logging", "read"]:
        print(state["errors"])
    if words[:3] == ["config", "get-value", "project"]:
        print(state["project"])
    return 0


def deploy(arguments: list[str], state: dict) -> int:
    if "deploy" in state["broken"]:
        print("ERROR: (gcloud.run.deploy) Revision failed its startup probe.", file=sys.stderr)
        return 1
    assert "--no-traffic" in arguments, "visitors would get what nobody tried"
    new = {"revisionName": "new", "tag": option("--tag", arguments), "url": state["address"]}
    state["traffic"].append(new)
    if "race" in state["broken"]:
        state["traffic"][0] = {"revisionName": "other", "percent": 100}
    return 0


def update_traffic(arguments: list[str], state: dict) -> int:
    shares = dict(pair.split("=") for pair in option("--to-revisions", arguments).split(","))
    assert sum(map(int, shares.values())) == 100
    if "all" in state["broken"] and shares.get("new") == "100":
        return 1
    tagged = [{k: v for k, v in one.items() if k != "percent"} for one in state["traffic"]]
    tags = option("--set-tags", arguments)
    if tags:
        name, revision = tags.split("=")
        tagged = [{"revisionName": revision, "tag": name, "url": "https://previous.example"}]
    served = [{"revisionName": name, "percent": int(part)} for name, part in shares.items()]
    state["traffic"] = served + [one for one in tagged if "tag" in one]
    return 0


def docker(arguments: list[str], state: dict) -> int:
    if arguments[:2] == ["buildx", "build"]:
        target = option("--target", arguments) or arguments[arguments.index("--target") + 1]
        if target in state["broken"]:
            return 1
        if "--metadata-file" in arguments:
            file = arguments[arguments.index("--metadata-file") + 1]
            about = {"buildx.build.ref": "x", "containerimage.digest": DIGEST}
            Path(file).write_text(json.dumps(about, indent=2), "utf-8")
    elif arguments[0] == "run" and "--interactive" in arguments:
        command = [sys.executable, "-", state["image_address"]]
        return subprocess.run(command, check=False).returncode
    elif arguments[0] == "inspect":
        print(137 if "stop" in state["broken"] else 0)
    return 0


def option(name: str, arguments: list[str]) -> str:
    values = [it.partition("=")[2] for it in arguments if it.startswith(name + "=")]
    return values[0] if values else ""


if __name__ == "__main__":
    sys.exit(main())

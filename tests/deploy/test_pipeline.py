"""The steps of cloudbuild.yaml, run in their order until one fails, as Cloud Build runs them."""

import re
from dataclasses import dataclass

import pytest

from tests.deploy.stand_in import DIGEST

COMMIT = "0123456789abcdef0123456789abcdef01234567"
IMAGE = "europe-west1-docker.pkg.dev/a-project/pixel-perfect/pixel-perfect"


@dataclass(frozen=True)
class Build:
    steps: list[str]
    succeeded: bool
    told: str


@pytest.fixture
def push(cloud, server):
    """Build and deploy a commit; the image and the new revision are `server` if not said."""
    yaml = pytest.importorskip(
        "ruamel.yaml", reason="cloudbuild.yaml cannot be read (no ruamel.yaml)"
    )

    def build(image_address=server.address, address=server.address, **state):
        cloud.is_set(image_address=image_address, address=address, **state)
        content = (cloud.source / "cloudbuild.yaml").read_text("utf-8")
        config = yaml.YAML(typ="safe").load(content)
        known = config["substitutions"] | {"PROJECT_ID": "a-project", "COMMIT_SHA": COMMIT}
        known["_CANARY_SECONDS"] = "0"
        pairs = (filled(pair, known).split("=", 1) for pair in config["options"]["env"])
        environment = dict(pairs)
        steps, told = [], ""
        for step in config["steps"]:
            steps.append(step["id"])
            done = cloud.run([step["entrypoint"], *step["args"]], **environment)
            told += done.stdout + done.stderr
            if done.returncode:
                return Build(steps, False, told)
        return Build(steps, True, told)

    return build


def filled(text, known):
    return re.sub(r"\$\{(\w+)\}", lambda match: known[match[1]], text)


def test_when_all_is_well_visitors_move_in_steps_to_what_was_tried(push, cloud):
    build = push()
    assert build.succeeded, build.told
    assert build.steps == ["test", "audit", "image", "smoke-image", "release"]
    assert cloud.serving == {"new": 100}
    moves = cloud.called("gcloud", "run", "services", "update-traffic")
    assert [move[-1] for move in moves] == [
        "--to-revisions=new=10,old=90",
        "--set-tags=previous=old",
    ]
    assert "--to-revisions=new=100" in moves[1]


def test_the_image_is_pushed_by_commit_and_deployed_by_digest_without_visitors(push, cloud):
    push()
    (built,) = (call for call in cloud.called("docker", "buildx", "build") if "--push" in call)
    assert f"{IMAGE}:{COMMIT}" in built
    (ran,) = cloud.called("docker", "run", "--detach")
    assert ran[-1] == f"{IMAGE}@{DIGEST}"
    (deployed,) = cloud.called("gcloud", "run", "deploy")
    assert f"--image={IMAGE}@{DIGEST}" in deployed
    assert {"--no-traffic", f"--tag=c-{COMMIT[:12]}"} <= set(deployed)


def test_the_flags_fit_a_page_with_open_tabs(push, cloud):
    push()
    (deployed,) = cloud.called("gcloud", "run", "deploy")
    assert {"--timeout=3600", "--session-affinity", "--cpu-boost"} <= set(deployed)
    probes = [flag for flag in deployed if "probe=" in flag]
    assert len(probes) == 2
    assert all("httpGet.path=/v1/health," in probe for probe in probes)
    given = {flag.partition("=")[0] for flag in deployed}
    assert {
        "--cpu",
        "--memory",
        "--concurrency",
        "--min",
        "--max-instances",
        "--service-account",
    } <= given


@pytest.mark.parametrize("stage", ["test", "audit", "runtime"])
def test_nothing_is_deployed_when_tests_audit_or_build_fail(push, cloud, stage):
    build = push(broken=[stage])
    assert not build.succeeded
    assert not cloud.called("gcloud")


def test_nothing_is_deployed_when_the_image_fails_its_smoke_test(push, cloud, server):
    server.fails()
    build = push()
    assert build.steps[-1] == "smoke-image"
    assert not build.succeeded
    assert "answers 500" in build.told
    assert "nothing is deployed" in build.told
    assert cloud.called("docker", "logs")
    assert cloud.called("docker", "rm", "--force")
    assert not cloud.called("gcloud")


def test_nothing_is_deployed_when_the_server_does_not_stop_as_it_should(push, cloud):
    build = push(broken=["stop"])
    assert not build.succeeded
    assert "ended with 137" in build.told
    assert not cloud.called("gcloud")


def test_a_failed_deployment_leaves_the_old_revision_serving(push, cloud):
    build = push(broken=["deploy"])
    assert not build.succeeded
    assert "no traffic was moved, old goes on serving" in build.told
    assert cloud.serving == {"old": 100}
    assert not cloud.called("gcloud", "run", "services", "update-traffic")


def test_no_traffic_moves_when_the_tagged_revision_fails(push, cloud, broken_server):
    build = push(address=broken_server.address)
    assert not build.succeeded
    assert "no traffic was moved, no rollback is needed" in build.told
    assert "old goes on serving all visitors" in build.told
    assert cloud.serving == {"old": 100}
    assert not cloud.called("gcloud", "run", "services", "update-traffic")


def test_errors_of_the_new_revision_at_10_per_cent_move_everybody_back(push, cloud):
    build = push(errors="2026-11-23T01:00:00Z projects/a-project/logs/run")
    assert not build.succeeded
    assert "logged errors" in build.told
    assert "Rolled back: old serves all visitors" in build.told
    assert cloud.serving == {"old": 100}


def test_everybody_moves_back_when_the_last_step_fails(push, cloud):
    build = push(broken=["all"])
    assert not build.succeeded
    assert "Rolled back" in build.told
    assert cloud.serving == {"old": 100}


def test_another_deployment_in_between_keeps_its_traffic(push, cloud):
    build = push(broken=["race"])
    assert not build.succeeded
    assert "Another deployment" in build.told
    assert cloud.serving == {"other": 100}


def test_without_a_service_the_set_up_is_asked_for(push, cloud):
    build = push(traffic=[])
    assert not build.succeeded
    assert "deploy/setup.sh" in build.told
    assert not cloud.called("gcloud", "run", "deploy")

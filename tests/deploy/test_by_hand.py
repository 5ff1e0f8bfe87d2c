"""The scripts for people: setting up, deploying a commit, going back."""

import re
import shlex
import subprocess
import tarfile

import pytest

from tests.serving import ROOT

CHANGING = {
    "create",
    "enable",
    "deploy",
    "add-iam-policy-binding",
    "set-cleanup-policies",
    "submit",
}


def changing(calls):
    return [call for call in calls if CHANGING & set(call)]


def test_setup_creates_nothing_that_is_there(cloud):
    done = cloud.run(["deploy/setup.sh", "--repository", "github/pixel-perfect"])
    assert done.returncode == 0, done.stderr
    assert cloud.called("gcloud", "services", "enable")
    assert not [call for call in cloud.calls if "create" in call or call[1:3] == ["run", "deploy"]]


def test_setup_creates_what_is_not_there(cloud):
    cloud.is_set(set_up=False)
    # the stand-in for deploying insists on --no-traffic, which the first revision cannot have
    stand_in = cloud.folder / "bin" / "gcloud"
    stand_in.write_text(stand_in.read_text().replace('gcloud "$@"', 'gcloud "$@" --no-traffic'))
    done = cloud.run(["deploy/setup.sh", "--repository", "github/pixel-perfect"])
    assert done.returncode == 0, done.stderr
    created = [" ".join(call[1:5]) for call in cloud.calls if "create" in call]
    assert [text.partition(" create")[0] for text in created] == [
        "artifacts repositories",
        "storage buckets",
        "iam service-accounts",
        "iam service-accounts",
        "builds triggers",
    ]
    (greeting,) = cloud.called("gcloud", "run", "deploy")
    assert "--allow-unauthenticated" in greeting
    (trigger,) = cloud.called("gcloud", "builds", "triggers", "create")
    where = (
        "projects/a-project/locations/europe-west1/connections/github/repositories/pixel-perfect"
    )
    assert f"--repository={where}" in trigger


def test_the_building_account_gets_the_least_roles_where_they_are_needed(cloud):
    cloud.run(["deploy/setup.sh"])
    granted = {
        (call[1], flag.partition("=")[2])
        for call in cloud.calls
        if "add-iam-policy-binding" in call
        for flag in call
        if flag.startswith("--role=")
    }
    assert granted == {
        ("projects", "roles/logging.logWriter"),
        ("projects", "roles/logging.viewer"),
        ("artifacts", "roles/artifactregistry.writer"),
        ("storage", "roles/storage.objectViewer"),
        ("run", "roles/run.developer"),
        ("iam", "roles/iam.serviceAccountUser"),
    }


@pytest.mark.parametrize(
    "command",
    [
        ["deploy/setup.sh", "--dry-run"],
        ["deploy/setup.sh", "--repository", "github/pixel-perfect", "--dry-run"],
        ["deploy/deploy.sh", "--dry-run"],
        ["deploy/deploy.sh", "--dry-run", "HEAD"],
        ["deploy/deploy.sh", "HEAD", "--dry-run"],
    ],
    ids=" ".join,
)
def test_a_dry_run_changes_nothing_and_shows_what_would_be_done(cloud, command):
    git_there(cloud)
    done = cloud.run(command)
    assert done.returncode == 0, done.stderr
    assert not changing(cloud.calls)
    shown = [shlex.split(line) for line in done.stdout.splitlines() if line.startswith("gcloud ")]
    assert changing(shown)


def test_deploying_sends_the_commit_and_nothing_else(cloud):
    commit = git_there(cloud)
    (cloud.source / "deploy" / "smoke.py").write_text("not committed")
    kept = cloud.folder / "sent.tar.gz"
    stand_in = cloud.folder / "bin" / "gcloud"
    stand_in.write_text(stand_in.read_text().replace("exec", f'cp "$3" {kept} 2>/dev/null; exec'))
    done = cloud.run(["deploy/deploy.sh"])
    assert done.returncode == 0, done.stderr
    (sent,) = cloud.called("gcloud", "builds", "submit")
    assert f"COMMIT_SHA={commit}," in sent[-1]
    with tarfile.open(kept) as source:
        script = source.extractfile("deploy/smoke.py")
        assert script is not None
        assert b"not committed" not in script.read()


def test_deploying_a_commit_that_is_not_there_is_refused(cloud):
    git_there(cloud)
    done = cloud.run(["deploy/deploy.sh", "no-such-commit"])
    assert done.returncode == 1
    assert "There is no commit no-such-commit." in done.stderr
    assert not changing(cloud.calls)


@pytest.mark.parametrize("script", ["setup.sh", "deploy.sh", "rollback.sh"])
def test_a_project_is_asked_for(cloud, script):
    cloud.is_set(project="")
    done = cloud.run([f"deploy/{script}"])
    assert done.returncode == 1
    assert "Say which project" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["setup.sh", "HEAD"],
        ["setup.sh", "--dry"],
        ["deploy.sh", "--dry"],
        ["deploy.sh", "HEAD", "HEAD"],
        ["rollback.sh", "--dry"],
        ["rollback.sh", "old", "older"],
    ],
    ids=" ".join,
)
def test_what_is_not_understood_is_told_and_nothing_done(cloud, command):
    git_there(cloud)
    script, *words = command
    done = subprocess.run(
        [f"./{script}", *words],  # the usage is found from any folder
        cwd=cloud.source / "deploy",
        env=cloud.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert f"  deploy/{script} [--dry-run]" in done.stderr
    assert not cloud.calls


RELEASED = [
    {"revisionName": "new", "percent": 100},
    {"revisionName": "old", "tag": "previous", "url": "https://previous.example"},
]


def test_rolling_back_goes_to_what_served_before(cloud):
    cloud.is_set(traffic=RELEASED)
    done = cloud.run(["deploy/rollback.sh"])
    assert done.returncode == 0, done.stderr
    assert cloud.serving == {"old": 100}
    assert "deploy/rollback.sh new" in done.stdout
    again = cloud.run(["deploy/rollback.sh"])
    assert "old serves already" in again.stdout
    assert len(cloud.called("gcloud", "run", "services", "update-traffic")) == 1


def test_rolling_back_to_a_named_revision(cloud):
    cloud.is_set(traffic=RELEASED)
    cloud.run(["deploy/rollback.sh", "older"])
    assert cloud.serving == {"older": 100}


@pytest.mark.parametrize(
    ("words", "revision"),
    [
        (["--dry-run"], "old"),
        (["--dry-run", "older"], "older"),
        (["older", "--dry-run"], "older"),
    ],
)
def test_a_dry_run_of_rolling_back_moves_nobody(cloud, words, revision):
    cloud.is_set(traffic=RELEASED)
    done = cloud.run(["deploy/rollback.sh", *words])
    assert f"--to-revisions={revision}=100" in done.stdout
    assert cloud.serving == {"new": 100}


def test_rolling_back_before_the_first_release_says_what_to_do(cloud):
    done = cloud.run(["deploy/rollback.sh"])
    assert done.returncode == 1
    assert "revisions list" in done.stderr


def git_there(cloud):
    """Make the source a repository of one commit; returns its hash."""
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "A"]):
        subprocess.run([*git, *command], cwd=cloud.source, check=True)
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=cloud.source, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_names_in_the_scripts_are_those_of_the_build():
    scripts = (ROOT / "deploy" / "common.sh").read_text("utf-8")
    build = (ROOT / "cloudbuild.yaml").read_text("utf-8")
    for name, value in re.findall(r'^: "\$\{(REGION|REPOSITORY|SERVICE):=(.*)\}"$', scripts, re.M):
        assert f"_{name}: {value}\n" in build
    assert "pixel-perfect-builder@" in scripts
    assert "/serviceAccounts/pixel-perfect-builder@" in build

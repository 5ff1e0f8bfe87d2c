# make run    the page, from nothing but Python 3.11
# make test   every check but the slow tests, from nothing but Python 3.11
# make test-batch  the checks of `srgan batch`, which has an environment of its own
# make test-slow   the slow tests: whole benchmark sets, whole pictures
# make image-test  builds the container's image and runs it: root on Debian, no Docker engine
PYTHON ?= python3.11
ADDRESS ?= localhost
PORT ?= 8501

SERVE := .venv-serve
ALL := .venv
BATCH := .venv-batch
PIP_INSTALL = bin/python -m pip install --quiet --disable-pip-version-check

.PHONY: run test test-batch test-slow image-test lint format lock clean

run: $(SERVE)/.ready
	$(SERVE)/bin/python -m srgan serve --address $(ADDRESS) --port $(PORT)

# These start servers and browsers of their own, and wait for them.
ALONE := tests/browser tests/faults tests/load

test: lint
	$(ALL)/bin/python -m pytest --numprocesses 2 --dist loadfile $(ALONE:%=--ignore %)
	$(ALL)/bin/python -m pytest $(ALONE)

test-batch: $(BATCH)/.ready
	$(BATCH)/bin/python -m pytest -m "slow or not slow" tests/scale_out tests/commands/test_batch.py

test-slow: $(ALL)/.ready
	$(ALL)/bin/python -m pytest -m slow $(BUT)

image-test:
	$(PYTHON) tests/deploy/try_image.py

# What a person starts; mypy follows it to all that is used on the other systems, and no further.
USED := app.py srgan/__main__.py srgan/cli.py srgan/commands

lint: $(ALL)/.ready
	$(ALL)/bin/ruff check .
	$(ALL)/bin/ruff format --check .
	$(ALL)/bin/mypy
	$(ALL)/bin/mypy --platform darwin --cache-dir .mypy_cache/darwin $(USED)
	$(ALL)/bin/mypy --platform win32 --cache-dir .mypy_cache/win32 $(USED)
	PYTHONPATH=. $(ALL)/bin/lint-imports

format: $(ALL)/.ready
	$(ALL)/bin/ruff check --fix .
	$(ALL)/bin/ruff format .

$(SERVE)/.ready: requirements-serve.txt pyproject.toml
$(ALL)/.ready: requirements.txt pyproject.toml
$(BATCH)/.ready: requirements-batch.txt pyproject.toml
$(BATCH)/.ready: SOURCES := --no-binary google-apitools --no-build-isolation  # it has no wheel
# The package is installed in place, so that edits count at once; --no-build-isolation and --no-deps
# keep that step from downloading anything that is not locked. --no-deps with the locks, too: they
# name everything, and the pip of Python 3.11 takes `name[extra]` among what a package wants for not
# locked, once there is a newer release of it. The locked setuptools comes first:
# what is built from source is built with it, and the one that comes with Python 3.11 (65.5) can
# make no wheel without a package of its own.
%/.ready:
	$(PYTHON) -m venv $*
	sed -n '/^setuptools==/,/# via/p' $(filter requirements%,$^) > $*/setuptools.txt
	$*/$(PIP_INSTALL) --require-hashes --only-binary :all: -r $*/setuptools.txt
	$*/$(PIP_INSTALL) --no-deps --require-hashes --only-binary :all: $(SOURCES) -r $(filter requirements%,$^)
	$*/$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# Both locks from one resolution: the serving one is a subset, version by version.
UV ?= uv
LOCK = $(UV) --no-config pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock"
lock:
	$(LOCK) requirements.in --output-file requirements.txt
	$(LOCK) requirements-serve.in --constraint requirements.txt --output-file requirements-serve.txt
	$(LOCK) deploy/supply-chain.in --constraint requirements.txt \
		--output-file deploy/supply-chain.txt
	$(LOCK) requirements-batch.in --output-file requirements-batch.txt

clean:
	rm -rf $(SERVE) $(ALL) $(BATCH) build dist *.egg-info .hypothesis .import_linter_cache \
		.mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

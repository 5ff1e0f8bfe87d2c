# syntax=docker/dockerfile:1
# Stages: build (locked packages, networks checked), test (every fast check), runtime (what serves).

# python:3.11-slim-bookworm, 3.11.16. docs/deployment.md says how to move to a newer one.
ARG BASE_IMAGE=docker.io/library/python@sha256:0bee7276f83efd4a1ee05bbbf4281d95ed28e079220a9457f25a93e3f1e3c31b

FROM ${BASE_IMAGE} AS build
# Where pip must go through a mirror, its configuration and that mirror's certificate come as the
# secrets pip and ca; without them pip goes to PyPI.
ENV PIP_CONFIG_FILE=/run/secrets/pip \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /build

COPY deploy/supply-chain.txt ./
RUN --mount=type=secret,id=pip --mount=type=secret,id=ca \
    python3 -m venv /opt/tools \
    && /opt/tools/bin/pip install --quiet --no-deps --require-hashes --only-binary :all: -r supply-chain.txt

# What serves has no pip: the tools' one installs into it. Setuptools is locked for `pip install .`.
COPY requirements-serve.txt deploy/slim.sh ./
RUN --mount=type=secret,id=pip --mount=type=secret,id=ca \
    python3 -m venv --without-pip /opt/srgan \
    && /opt/tools/bin/pip --python /opt/srgan/bin/python install --quiet --no-compile \
        --no-deps --require-hashes --only-binary :all: -r requirements-serve.txt \
    && /opt/tools/bin/pip --python /opt/srgan/bin/python uninstall --quiet --yes setuptools \
    && /opt/tools/bin/cyclonedx-py environment --output-reproducible --output-file sbom.cdx.json \
        /opt/srgan/bin/python \
    && /opt/tools/bin/pip-licenses --python /opt/srgan/bin/python --format markdown --with-urls \
        --order license --output-file licences.md \
    && sh slim.sh /opt/srgan

WORKDIR /app
COPY app.py LICENSE ./
COPY .streamlit .streamlit
COPY srgan srgan
COPY models/manifest.json models/*.tflite models/
RUN mv /build/sbom.cdx.json /build/licences.md . \
    && /opt/srgan/bin/python -c "from srgan.zoo import load_zoo; [network.read() for network in load_zoo().networks.values()]" \
    && /opt/srgan/bin/python -m compileall -q --invalidation-mode unchecked-hash srgan app.py

# Not FROM build: a stage that is a base is stored whole, which takes Buildah as long as the rest.
FROM ${BASE_IMAGE} AS audit
COPY --from=build /opt/tools /opt/tools
COPY deploy/audit.py requirements-serve.txt ./
ARG IGNORED_ADVISORIES=""
RUN --mount=type=secret,id=ca \
    if [ -f /run/secrets/ca ]; then export REQUESTS_CA_BUNDLE=/run/secrets/ca; fi \
    && python3 audit.py /opt/tools/bin/pip-audit requirements-serve.txt ${IGNORED_ADVISORIES}

FROM ${BASE_IMAGE} AS test
RUN apt-get update && apt-get install --yes --no-install-recommends git make shellcheck \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Makefile pyproject.toml requirements.txt ./
COPY . .
RUN --mount=type=secret,id=pip --mount=type=secret,id=ca \
    PIP_CONFIG_FILE=/run/secrets/pip make test PYTHON=python3

FROM ${BASE_IMAGE} AS runtime
COPY --from=build /opt/srgan /opt/srgan
COPY --from=build /app /app
WORKDIR /app
# Nothing is written but temporary files, and those below /tmp.
ENV ADDRESS=0.0.0.0 \
    HOME=/tmp \
    PATH=/opt/srgan/bin:/usr/local/bin:/usr/bin:/bin \
    PORT=8080 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SRGAN_LOG=json
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/v1/health\", timeout=4)"]
CMD ["python", "-m", "srgan", "serve"]

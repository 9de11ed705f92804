# Two commands for a newcomer: `make run` and `make test`. Each makes its own .venv; the second call is quick.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test fmt lint types layers docs bench evidence sbom lock clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

# What is installed is pinned, with hashes: requirements/ is made from pyproject.toml by `make lock`.
$(VENV)/installed: requirements/run.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --no-deps -e .
	touch $@

$(VENV)/installed-dev: requirements/dev.txt $(VENV)/installed
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	touch $@

run: $(VENV)/installed  ## the live system with the reference hospital; Ctrl-C stops it (RUN='--port 8090' for options)
	$(BIN)/twinward run $(RUN)

test: $(VENV)/installed-dev  ## every test and doctest; data tests run where TWINWARD_DATA points to the data
	$(BIN)/python -m pytest -q -n 2

fmt: $(VENV)/installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/installed-dev
	$(BIN)/mypy

layers: $(VENV)/installed-dev
	$(BIN)/lint-imports

docs: $(VENV)/installed-dev
	$(BIN)/mkdocs build --strict --quiet

evidence: $(VENV)/installed
	$(BIN)/twinward evidence

bench: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.hospital
	$(BIN)/python -m benchmarks.engines
	$(BIN)/python -m benchmarks.live --quick

sbom: $(VENV)/installed-dev  ## CycloneDX bill of what runs
	$(BIN)/cyclonedx-py requirements requirements/run.txt --pyproject pyproject.toml --of JSON -o sbom.json

LOCK := $(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	--strip-extras --allow-unsafe --no-header --annotation-style=line --extra postgres --extra trial
lock: | $(BIN)/python  ## pin what pyproject.toml asks for
	$(BIN)/python -m pip install --quiet pip-tools
	$(LOCK) -o requirements/run.txt pyproject.toml
	$(LOCK) --extra dev --extra docs --extra peers -c requirements/run.txt -o requirements/dev.txt pyproject.toml

clean:  ## also forgets what numba compiled
	rm -rf $(VENV) build dist site report.html sbom.json .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Two commands for a newcomer: `make run` and `make test`. Each makes its own .venv; the second call is quick.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test fmt lint types layers docs bench evidence clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet -e .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet -e '.[dev,docs]'
	touch $@

$(VENV)/installed-peers: $(VENV)/installed-dev
	$(BIN)/python -m pip install --quiet -e '.[peers]'
	touch $@

run: $(VENV)/installed  ## three days of the reference hospital, mirrored and forecast; ends with report.html
	$(BIN)/twinward demo

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

bench: $(VENV)/installed-peers
	$(BIN)/python -m benchmarks.hospital
	$(BIN)/python -m benchmarks.engines

clean:  ## also forgets what numba compiled
	rm -rf $(VENV) build dist site report.html .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Two commands do everything on a fresh Debian with Python 3.11 and make: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Compiled once, started fast: some environments switch that off.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test lint unit unit-world unit-rest packages bench fuzz clean

demo: $(VENV)/.demo
	$(BIN)/zlcp demo

test: packages $(VENV)/.dev lint unit

# ---- set-up

$(VENV)/.demo: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV) || { sh tests/install-packages.sh python3-venv && $(PYTHON) -m venv --clear $(VENV); }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(BIN)/python -m compileall -q daemon rules storage
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.demo
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

# The real servers of the tests. Without root or sudo their tests are skipped, and say so.
packages:
	@sh tests/install-packages.sh tests

# ---- checks

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/.dev
	$(BIN)/coverage erase
	$(MAKE) --no-print-directory -j2 --output-sync=line unit-world unit-rest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --include='rules/*,storage/*' --fail-under=100
	$(BIN)/coverage report --fail-under=90

# Two halves side by side, on two cores, each about as long: what reaches servers and documents; and everything else, with the daemons that share a mailbox.
SHARING = tests/live/test_sharing.py

unit-world:
	$(BIN)/coverage run -m pytest tests/daemon tests/live --ignore=$(SHARING)

unit-rest:
	$(BIN)/coverage run -m pytest $(filter-out tests/daemon/ tests/live/,$(sort $(wildcard tests/*/))) $(wildcard tests/test_*.py) $(SHARING)

bench: $(VENV)/.dev
	$(BIN)/python -m bench.intake

# FUZZ_SECONDS=600 make fuzz, and FUZZ_SEED=7 for the same mails again.
fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.fuzz $(or $(FUZZ_SECONDS),60) $(FUZZ_SEED)

clean:
	rm -rf $(VENV) demo-out fuzz-out .mypy_cache .ruff_cache .pytest_cache

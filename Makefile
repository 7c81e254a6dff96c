# Each target bootstraps what is missing; `python3` (3.11 or newer) and `make` are enough.

VENV := .venv
UV := $(VENV)/bin/uv
RUN := $(UV) run --locked --no-sync
BENCHMARKS := hold_pay one_seat lost_race hundred_seats charges strategies flow sellout batch \
  release relay polling intervals concert_list indexes rejected growth services reports seat_list counter \
  startup attach
# What the kept results were measured with, where it is not what a benchmark takes by itself.
GIVEN_sellout := --buyers 30000 --seats 20000
GIVEN_batch := --memory-lines 100000
GIVEN_indexes := --rows 10000000
GIVEN_seat_list := --rounds 15
GIVEN_lost_race := --rounds 15
export UV_LINK_MODE ?= copy
export UV_COMPILE_BYTECODE ?= 1
export UV_SYSTEM_CERTS ?= 1
unexport VIRTUAL_ENV

.PHONY: help demo test portability faults check fix docs picture words bench reports clean
.DEFAULT_GOAL := help

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.ready  ## Play a booking on private servers, and leave a world to explore
	@$(RUN) boxoffice demo

test: $(VENV)/.ready  ## Run every test, on real Postgres and Valkey
	@# What failed is run once more, alone: a busy machine is no reason, and a fault fails again.
	@$(RUN) pytest -q -n 2 --dist worksteal || { \
	  [ $$? = 1 ] && $(RUN) pytest -q -n 0 --last-failed --last-failed-no-failures none; }

portability: $(VENV)/.ready  ## Only the tests behind a pooler, on a cluster and through a failover, with figures
	@$(RUN) pytest -q -n 0 -rP tests/portability

faults: $(VENV)/.ready  ## Attack a sale for ten minutes; SEED, MINUTES; writes faults-report/
	@FAULTS_FULL=1 FAULTS_SEED=$(or $(SEED),1) FAULTS_MINUTES=$(or $(MINUTES),0) \
	  FAULTS_REPORT=faults-report $(RUN) pytest -q -s -n 0 \
	  tests/faults tests/properties/test_booking_machine.py

check: $(VENV)/.ready  ## Run what CI runs beside the tests: format, lint, types, contracts, docs
	@$(RUN) ruff format --check .
	@$(RUN) ruff check .
	@$(RUN) mypy
	@$(RUN) lint-imports
	@$(RUN) python -m boxoffice.commands.reference | diff -u docs/cli.md -
	@$(RUN) python -m boxoffice.tui.reference | diff -u docs/counter.md -
	@$(RUN) python benchmarks/tables.py --check
	@$(UV) lock --check

fix: $(VENV)/.ready  ## Format and mend what a tool can mend
	@$(RUN) ruff format .
	@$(RUN) ruff check --fix .

docs: $(VENV)/.ready  ## Write docs/cli.md and docs/counter.md anew
	@$(RUN) python -m boxoffice.commands.reference > docs/cli.md
	@$(RUN) python -m boxoffice.tui.reference > docs/counter.md

words: $(VENV)/.ready  ## Bring the translations' catalogues up to date, and name what is missing
	@$(RUN) python -m boxoffice.locale

picture: $(VENV)/.ready  ## Draw docs/counter.svg anew
	@$(RUN) python docs/pictures.py

bench: $(VENV)/.ready  ## Measure for two hours against what Postgres, Valkey and Python can do themselves; keep the results
	@$(foreach name,$(BENCHMARKS),$(RUN) python benchmarks/$(name).py $(GIVEN_$(name)) \
	  --out benchmarks/results/$(name).json &&) true

reports: $(VENV)/.ready  ## Put the tables and plots of kept results into docs/reports
	@$(RUN) python benchmarks/tables.py
	@$(UV) run --locked --group bench python benchmarks/draw.py

clean:  ## Remove what was installed here (not the data of the embedded servers)
	rm -rf $(VENV) faults-report .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.ready: uv.lock pyproject.toml
	@test -x $(VENV)/bin/python || python3 -m venv $(VENV) || { \
	  echo "make: python3 cannot make a virtual environment here (Debian: apt install python3-venv)" >&2; exit 1; }
	@test -x $(UV) || $(VENV)/bin/python -m pip install --quiet 'uv>=0.13,<0.14'
	@$(UV) sync --quiet --locked
	@touch $@

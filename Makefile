# Two targets do everything on a fresh machine with Python 3.11, pip and make: `make run` and `make test`.

PYTHON ?= python3
PIP ?= $(shell command -v pip3 || command -v pip || echo $(PYTHON) -m pip)
# One more than the cores of a small machine, for many tests wait for other programs.
JOBS ?= 3
BIN := .venv/bin
EPOCH = $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct))

.PHONY: run test check format faults fuzz steps monkey live acme-peers screenshots recording bench dist dist-check lock clean

run: .venv/run
	@$(BIN)/csr-tui

test: .venv/test
	$(BIN)/python -m pytest -n $(JOBS)

check: .venv/test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict csr_tui benchmarks screenshots scripts tests
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest tests/test_startup.py

format: .venv/test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Kills real processes twenty times at each crash point and at random moments, fills disks, and writes
# tests/faults/RESULTS.md; then orders, commands of CAs and keys on tokens, twenty times too. Takes twenty minutes on two cores.
KILLED := tests/lifecycle/obtain/check_killed.py tests/lifecycle/obtain/test_lost.py tests/lifecycle/test_command.py \
	tests/cli/test_token_new_keys.py::test_a_key_that_a_killed_process_left_is_named_at_the_next_start_and_by_doctor
faults: .venv/test
	$(BIN)/python tests/faults/run.py
	for round in $$(seq 20); do $(BIN)/python -m pytest -n $(JOBS) $(KILLED) || exit 1; done

# Feeds 100,000 wrong inputs to each parser and rule, the same ones each time; what is found is kept in tests/fuzz/corpus.
fuzz: .venv/test
	$(BIN)/python tests/fuzz/run.py

# 20,000 quick keys each, on real desks: Ctrl+N and Ctrl+B held down in the wizard, and anything anywhere. None may crash.
steps monkey: .venv/test
	$(BIN)/python tests/monkey.py $@

# Against the real Tencent Cloud, with your own API key: makes one draft there, reads it back, and deletes it.
live: .venv/test
	$(BIN)/python tests/live.py

# Orders at ACME servers that are too large for each run: OpenBao and acme2certifier, installed with pip once (75 MB).
acme-peers: .venv/test
	PATH=$(CURDIR)/$(BIN):$$PATH tests/acme_peers.sh $(CURDIR)/.venv/peers

screenshots: .venv/test
	$(BIN)/python screenshots/take.py

recording: .venv/test
	$(BIN)/python screenshots/recording.py

# Every figure as a ratio, from runs that take turns, into benchmarks/README.md; the largest store takes minutes to make.
bench: .venv/test
	$(BIN)/python benchmarks/run.py

# The files of a release, in dist/; CSR_TUI_REPOSITORY names the address of the source, if it is public.
dist: .venv/test build/tools/ready
	SOURCE_DATE_EPOCH=$(EPOCH) PATH="$(CURDIR)/build/tools/bin:$$PATH" $(BIN)/python scripts/make_dist.py dist

# Tries each of these files in an empty home without network, and builds them a second time.
dist-check: dist
	SOURCE_DATE_EPOCH=$(EPOCH) $(BIN)/python -m pytest -n0 --durations=10 tests/dist/check_dist.py

# The venv is made without pip, which Debian's python3 cannot put there; any pip of 22.3 or later fills it from outside.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "csr-tui needs Python 3.11 or later; say where it is: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv --without-pip .venv

.venv/run: .venv/bin/python pyproject.toml
	@echo "Installing csr-tui into .venv; this takes a moment, once."
	$(PIP) --python .venv install --quiet --editable .
	@touch $@

# The tests run on the very versions of the lock, so that the pictures they compare are the same everywhere. The lock is whole:
# with --no-deps nothing is resolved again, which some pips do wrongly for a requirement with extras once a newer one is out.
.venv/test: .venv/bin/python pyproject.toml requirements.lock
	@echo "Installing csr-tui and what its tests need into .venv; this takes a moment, once."
	$(PIP) --python .venv install --quiet --require-hashes --no-deps --requirement requirements.lock
	$(PIP) --python .venv install --quiet --no-deps --editable .
	@touch .venv/run $@

COMPILE := uv pip compile --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
	--python-version 3.11

# For maintainers: needs uv.
lock:
	$(COMPILE) --extra test --output-file requirements.lock pyproject.toml
	$(COMPILE) --group dist --constraints requirements.lock --output-file requirements-dist.lock

# The tools that make a release; they stay out of the venv of the tests.
build/tools/ready: .venv/bin/python requirements-dist.lock
	$(PYTHON) -m venv --without-pip build/tools
	$(PIP) --python build/tools install --quiet --require-hashes --no-deps --requirement requirements-dist.lock
	@touch $@

clean:
	rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis

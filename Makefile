PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN = .venv/bin
PHOTOS ?=

.PHONY: demo test check setup setup-dev setup-bench serve pictures bench bench-imaging bench-year bench-appeals bench-citizen bench-ingest fuzz fuzz-money fuzz-appeals fuzz-dossier fuzz-intake fuzz-kills client sbom audit stack bench-chain bench-growth bench-restore bench-retention chaos lock clean

demo: setup  ## the whole chain on photographs; PHOTOS=folder for your own, SERVE=1 to stay up
	$(BIN)/flitsketen demo $(if $(PHOTOS),--photos "$(PHOTOS)")

# One process more than there are processors: some tests wait for servers and browsers.
test: setup-dev check  ## everything: checks, then the whole suite with real servers and browser
	PYTEST_XDIST_AUTO_NUM_WORKERS=$$(($$(nproc) + 1)) $(BIN)/pytest

check: setup-dev  ## format, lint, types, dependency rule, migrations that stop nobody
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -W ignore -m scripts.lint_migrations
	$(BIN)/hadolint Dockerfile

serve: setup  ## the service on the embedded default
	$(BIN)/flitsketen serve

pictures: setup-dev  ## make the pictures of the README anew from a demo run
	$(BIN)/python scripts/pictures.py

stack: setup-dev  ## everything at scale on this machine, without containers; IMAGING=2 workers for photos
	$(BIN)/python -W ignore -m scripts.stack --imaging $(or $(IMAGING),1)

bench-chain: setup-dev  ## signed captures from push to printed decision on such a stack; CAPTURES=2000 IMAGING="1 2" workers
	$(BIN)/python -W ignore -m bench.throughput --captures $(or $(CAPTURES),2000) --imaging $(or $(IMAGING),1 2)

bench-growth: setup-dev  ## the same captures, pages and calls among no other cases and among many; CASES=1000000
	$(BIN)/python -W ignore -m bench.growth --captures $(or $(CAPTURES),2000) --cases 0 $(or $(CASES),1000000)

bench-restore: setup-dev  ## a disaster under load: recovery point and time; CASES=20000
	$(BIN)/python -W ignore -m bench.restore --cases $(or $(CASES),20000)

bench-retention: setup-dev  ## how many cases retention destroys in a second; CASES=5000
	$(BIN)/python -W ignore -m bench.retention --cases $(or $(CASES),5000)

chaos: setup-dev  ## faults without end on such a stack, and whether all is there afterwards; MINUTES=30
	$(BIN)/python -W ignore -m bench.chaos --minutes $(or $(MINUTES),30) --rate $(or $(RATE),0.7) --seed $(or $(SEED),1)

bench: setup-dev  ## speed of this project against its floor, as ratios
	$(BIN)/python -m bench.chain

bench-imaging: setup-bench  ## reading, redaction and speed of imaging beside its peers
	$(BIN)/python -W ignore -m bench.reading --failures docs/images/unread-plates.jpg
	$(BIN)/python -W ignore -m bench.redaction --failures docs/images/redaction-failures.jpg
	$(BIN)/python -W ignore -m bench.imaging

bench-appeals: setup-dev  ## the list of appeals among a thousand and a hundred thousand open ones
	$(BIN)/python -W ignore -m bench.work_list

bench-citizen: setup-dev  ## a citizen's case page and photo among a million cases, beside the framework's floor
	$(BIN)/python -W ignore -m bench.citizen

bench-ingest: setup-dev  ## captures taken in a second beside the disk's floor; FILLED=10000000 for a full database too
	$(BIN)/python -W ignore -m bench.ingest --filled $(or $(FILLED),0)

bench-year: setup-dev  ## a year of decisions and their money on PostgreSQL; CASES=1000000
	$(BIN)/python -W ignore -m bench.daily_run
	$(BIN)/python -W ignore -m bench.year --cases $(or $(CASES),1000000)

fuzz: setup-dev  ## ten thousand spoilt photos through a whole installation
	$(BIN)/python -W ignore -m bench.fuzz

fuzz-money: setup-dev  ## three thousand random sequences of payments, appeals, plans, reversals and refunds
	$(BIN)/python -m pytest -q --hypothesis-profile thousands tests/fines/test_sequences.py

fuzz-appeals: setup-dev  ## a thousand random walks over an appeal, beside a model of the law
	$(BIN)/python -m pytest -q --hypothesis-profile thousands tests/appeals/test_walks.py

fuzz-dossier: setup-dev  ## three thousand changed bytes of a dossier, before the verifier
	$(BIN)/python -m pytest -q --hypothesis-profile thousands tests/ingest/test_verifier.py

fuzz-kills: setup-dev  ## five hundred kills of server, worker and agent while five thousand captures come in
	FLITSKETEN_TEST_CAPTURES=5000 FLITSKETEN_TEST_KILLS=500 $(BIN)/pytest -n0 tests/chain/test_camera_kill.py

fuzz-intake: setup-bench  ## five minutes of coverage-guided fuzzing of metadata, photos and archives
	$(BIN)/python -W ignore -m bench.fuzz_intake --seconds $(or $(SECONDS),300)

client: setup-dev  ## the typed Python client of the API, generated into build/client
	$(BIN)/python -m scripts.client build/client

sbom: setup-dev  ## what is inside, in build/sbom.json (CycloneDX)
	mkdir -p build
	$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible --of JSON -o build/sbom.json

audit: setup-dev  ## known weaknesses of what is inside; asks the registry's database, and fails where it cannot
	$(BIN)/pip-audit --strict --no-deps --disable-pip -r requirements.lock

lock: setup-dev  ## pin the dependencies anew
	scripts/lock

setup: .venv/runtime
setup-dev: .venv/development
setup-bench: .venv/benches

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/runtime: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	scripts/system-packages
	touch $@

.venv/development: requirements-dev.lock tests/api/linter/package-lock.json .venv/runtime
	scripts/system-packages --tests
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	npm ci --prefix tests/api/linter --silent --ignore-scripts --no-audit --no-fund
	touch $@

.venv/benches: requirements-bench.lock .venv/development
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	touch $@

clean:
	rm -rf .venv demo-data build *.egg-info

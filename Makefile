# Thin targets over the real commands; `make help` lists them. Everything they need is installed into .venv.

ifeq ($(filter undefine,$(.FEATURES)),)
$(error This Makefile needs GNU make 3.82 or newer, and this is $(MAKE_VERSION). On macOS: brew install make, then gmake)
endif

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

ENVIRONMENT ?= production
INVENTORY := inventories/$(ENVIRONMENT)
BIN := .venv/bin
PYTHON := $(BIN)/python
EMULATOR := $(PYTHON) -m trading_platform.emulator
# Arguments for ansible-playbook or a report: make plan ARGS="--limit us-east-1", make capacity ARGS=--json
ARGS ?=
# Tests side by side: one more than there are cores, as a test often waits for a server of its own.
JOBS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

# Set here, because Ansible ignores an ansible.cfg that it finds in a folder others may write to.
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
# Images of containers switch Python's bytecode cache off; every process of the hundreds that are started would compile anew.
unexport PYTHONDONTWRITEBYTECODE
# Ansible refuses to start without a UTF-8 locale.
ifeq ($(findstring UTF-8,$(LC_ALL)$(LC_CTYPE)$(LANG)),)
export LC_ALL := C.UTF-8
endif

with_emulator = eval "$$($(EMULATOR) env)" &&
# First, because YAML that cannot be read stops Ansible before a role could say which file and line it is.
validate_files = $(PYTHON) -m trading_platform.preflight $(INVENTORY)
ansible_lint = PATH="$(CURDIR)/$(BIN):$$PATH" scripts/with-dots $(BIN)/ansible-lint --offline -q

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: ## Install everything into .venv (the other targets do it when needed)
	@scripts/setup

.PHONY: up
up: setup ## Build the estate of ENVIRONMENT (production) on the embedded AWS
	@$(validate_files)
	@$(EMULATOR) status > /dev/null || $(EMULATOR) start --background --inventory $(INVENTORY)
	@$(with_emulator) $(BIN)/ansible-playbook playbooks/site.yml -i $(INVENTORY) $(ARGS)

.PHONY: plan
plan: setup ## Show what `make up` would change, and change nothing
	@$(validate_files)
	@$(EMULATOR) status > /dev/null || $(EMULATOR) start --background --inventory $(INVENTORY)
	@$(with_emulator) $(BIN)/ansible-playbook playbooks/site.yml -i $(INVENTORY) --check --diff $(ARGS)

.PHONY: down
down: setup ## Stop the embedded AWS; what was built in it is gone
	@$(EMULATOR) stop

# Refuses without CONFIRM; in a real account leave make out: docs/runbooks/teardown.md.
.PHONY: teardown
teardown: setup ## Remove the estate from the embedded AWS: make teardown CONFIRM=production
	@$(validate_files)
	@$(with_emulator) $(BIN)/ansible-playbook playbooks/teardown.yml -i $(INVENTORY) $(if $(CONFIRM),-e confirm=$(CONFIRM)) $(ARGS)

.PHONY: env
env: ## Print exports that point the aws CLI and boto3 at it: eval "$(make -s env)"
	@$(EMULATOR) env

.PHONY: validate
validate: setup ## Check the inventory without any AWS call
	@$(validate_files)
	@$(BIN)/ansible-playbook playbooks/validate.yml -i $(INVENTORY) $(ARGS)

.PHONY: cidr
cidr: setup ## Print the address plan and draw build/<environment>/cidr.svg
	@mkdir -p build/$(ENVIRONMENT)
	@$(PYTHON) -m trading_platform.cidr_report $(INVENTORY) --svg build/$(ENVIRONMENT)/cidr.svg

.PHONY: capacity
capacity: setup kube-tools ## Print what each region holds at minimum, typical and full scale, and what gives out first
	@$(PYTHON) -m trading_platform.capacity_report $(INVENTORY) $(ARGS)

.PHONY: lifecycle
lifecycle: setup ## Print until when the versions in use are supported, and what comes next
	@$(PYTHON) -m trading_platform.lifecycle_report $(INVENTORY) $(ARGS)

.PHONY: cost
cost: setup ## What ENVIRONMENT costs a month: make cost [FORMAT=markdown] [DIFF=main]; draws build/<environment>/cost.html
	@$(PYTHON) -m trading_platform.cost $(INVENTORY) --html build/$(ENVIRONMENT)/cost.html \
		$(if $(FORMAT),--format $(FORMAT)) $(if $(DIFF),--diff $(DIFF)) $(ARGS)

.PHONY: cost-all
cost-all: setup ## What all environments cost a month, by region and together: make cost-all [FORMAT=json]
	@$(PYTHON) -m trading_platform.cost.environments $(patsubst %/hosts.yml,%,$(wildcard inventories/*/hosts.yml)) \
		$(if $(FORMAT),--format $(FORMAT)) $(ARGS)

# Asks AWS itself; the embedded one has no price list. Narrower: make prices ARGS="--only ec2 --check"
.PHONY: prices
prices: setup ## Refresh the price catalogue from AWS's Price List (any account's credentials), and say what changed
	@$(PYTHON) -m trading_platform.refresh_prices $(ARGS)

.PHONY: kube-tools
kube-tools: setup
	@$(PYTHON) -m trading_platform.kube_tools

.PHONY: tools
tools: setup ## Build the programs that tests run: promtool, kubeconform, ... (once: about 5 minutes)
	@$(PYTHON) -m trading_platform.toolbox test

.PHONY: test
test: setup kube-tools tools lint-python ## Run the linters and the tests, those of YAML among them
	@# In the order of tests/conftest.py, the longest first, and not by how many tests a file has.
	@$(PYTHON) -m pytest -n $(JOBS) --dist loadgroup --no-loadscope-reorder -m "not e2e"

.PHONY: e2e
e2e: setup kube-tools ## Run the chart's monitoring and tracing for real, and test them
	@$(PYTHON) -m trading_platform.toolbox test e2e
	@# One after the other: these tests look at the clock.
	@$(PYTHON) -m pytest -m e2e tests/e2e tests/charts

.PHONY: long
long: setup ## Run each role alone, killed runs, staging, the teardown, both connections: twenty minutes and more
	@echo "ansible-lint, with molecule's scenarios"; $(ansible_lint)
	@$(PYTHON) -m pytest -n $(JOBS) --dist loadgroup -m e2e tests/integration

.PHONY: molecule
molecule: setup ## Test roles alone: make molecule [ROLE=vpc]
	@$(PYTHON) -m pytest -n $(if $(ROLE),0,$(JOBS)) --dist loadgroup -m e2e \
		"tests/integration/test_molecule.py$(if $(ROLE),::test_role[$(ROLE)])"

.PHONY: lint
lint: setup ## Run the linters and the type checker
	@+$(MAKE) -j2 lint-ansible lint-python lint-yaml

.PHONY: lint-python lint-yaml lint-ansible
lint-python:
	@# Without its cache, which knows nothing of a module that moved.
	@echo "ruff";         $(BIN)/ruff check --no-cache --quiet && $(BIN)/ruff format --no-cache --quiet --check
	@echo "mypy";         scripts/with-dots $(BIN)/mypy --no-error-summary

# Six seconds and half a minute, so they are not repeated while nothing that they read has changed since their last success
# began. mypy's cache does the same; make -B lint-yaml lint-ansible lints all the same.
lint-yaml: $(BIN)/.yamllint-passed
lint-ansible: $(BIN)/.ansible-lint-passed

YAMLLINT_READS := $(shell find . \( -path './.[!c]*' -o -path ./.cache -o -path ./build \) -prune -o -name '*.y*ml' -print) \
	.ansible-lint.yml .yamllint.yml .yamllintignore .gitignore Makefile

$(BIN)/.yamllint-passed: $(YAMLLINT_READS)
	@touch $@.began
	@echo "yamllint";     scripts/with-dots $(BIN)/yamllint --strict .
	@mv $@.began $@

ANSIBLE_LINT_READS := $(sort $(shell find playbooks roles inventories plugins src \( -name __pycache__ -o -name '*.egg-info' \) -prune \
	-o -type f -print) $(wildcard requirements/*) .ansible-lint.yml .yamllint.yml ansible.cfg Makefile)

# A file that is gone makes nothing newer, so they are listed in one that is written when the list changes. The folders' times
# would not do: Python puts its bytecode beside modules.
$(BIN)/.ansible-lint-reads: FORCE
	@printf '%s\n' $(ANSIBLE_LINT_READS) > $@.now
	@if cmp -s $@.now $@; then rm $@.now; else mv $@.now $@; fi

.PHONY: FORCE
FORCE:

$(BIN)/.ansible-lint-passed: $(BIN)/.ansible-lint-reads $(ANSIBLE_LINT_READS)
	@# Files and not roles, of each of which ansible-lint would check the syntax in an ansible-playbook of its own, as long
	@# as all the rest together: site.yml has them all. Molecule's scenarios take three times as long; `make long` has them.
	@touch $@.began
	@echo "ansible-lint"; $(ansible_lint) $$(find playbooks roles inventories -name '*.yml' -not -path '*/molecule/*')
	@mv $@.began $@

.PHONY: docs
docs: setup kube-tools ## Write what is generated: READMEs of roles and chart, who may connect to whom, SLO rules, dashboards
	@$(PYTHON) scripts/role_readmes.py
	@$(PYTHON) -m trading_platform.slo
	@$(PYTHON) scripts/dashboards.py
	@$(PYTHON) scripts/chart_docs.py

.PHONY: lock
lock: setup ## Pin what pyproject.toml asks for, with hashes: make lock ARGS=--upgrade
	@scripts/lock $(ARGS)

.PHONY: clean
clean: ## Remove .venv, build/ and what the emulator left
	@if [ -x $(PYTHON) ]; then $(EMULATOR) stop > /dev/null 2>&1 || true; fi
	@rm -rf .venv .run build .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .ansible

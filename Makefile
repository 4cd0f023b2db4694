# Everything a newcomer needs. The virtual environment is made, and mended when it is stale, by itself.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
.DEFAULT_GOAL := help
.PHONY: help up demo test check bench chaos docs lock clean

help: ## Show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(STAMP) ## Start everything on this machine; stays until Ctrl-C
	@$(BIN)/easymo up

demo: $(STAMP) ## The same, plays conversations, prints them and ends
	@$(BIN)/easymo demo

test: $(STAMP) ## Run the tests, against a real Kafka and PostgreSQL
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

check: $(STAMP) ## Style, types, the direction of imports, tidiness
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest -q tests/unit/test_tidy.py
	@$(BIN)/easymo schemas check
	@$(BIN)/easymo schemas review --quiet

bench: $(STAMP) ## Measure this machine; takes minutes
	@$(BIN)/easymo bench

chaos: $(STAMP) ## Break the whole system for a quarter of an hour, and check that nothing was lost
	@$(BIN)/easymo chaos

docs: $(STAMP) ## Build the site: events, topics, settings, AsyncAPI, OpenAPI, and all that is written
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.txt
	@$(BIN)/python -m scripts.documents

lock: $(STAMP) ## Lock the newest versions that pyproject.toml allows, and Kafka's jars
	@$(BIN)/python -m pip install --quiet uv
	@./requirements/lock $(BIN)/uv
	@$(BIN)/python -m infra.embedded.jars_lock

clean: ## Remove what was built; the data in .easymo stays
	rm -rf $(VENV) build dist site *.egg-info .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A changed lock or pyproject.toml installs anew into the environment that is there.
$(STAMP): requirements/dev.txt pyproject.toml
	@./requirements/install $(VENV)
	@touch $@

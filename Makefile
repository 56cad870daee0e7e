# Lianxin: `make run` is all there is to begin with. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
BOOT := @$(PYTHON) -m cli.bootstrap
.DEFAULT_GOAL := help
.PHONY: help run call town doctor test test-unit lint types web-check clean

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

run: ## install what is missing, then start everything (Ctrl-C stops it)
	$(BOOT) run && exec $(BIN)/lianxin run

call: ## place a call: make call FROM=13912345678 SAY="路灯不亮" (also TO, WAV, SECONDS, KEYS)
	@exec $(BIN)/lianxin call --from "$${FROM:-13912345678}" $${TO:+--to "$$TO"} $${SAY:+--say "$$SAY"} \
		$${WAV:+--wav "$$WAV"} $(if $(SECONDS),--seconds "$(SECONDS)") $${KEYS:+--keys "$$KEYS"}

town: ## play everybody the hotline can call: agencies, 110, citizens (Ctrl-C stops it)
	@exec $(BIN)/lianxin town

doctor: ## check every part and say what is wrong
	@exec $(BIN)/lianxin doctor

test: ## every test, on real parts, two suites at a time: PostgreSQL, Asterisk, Chromium, SIPp
	$(BOOT) test && $(BIN)/lianxin prepare
	@$(BIN)/python -m pytest -n 2 --no-loadscope-reorder; status=$$?; [ $$status = 1 ] || exit $$status; \
		echo "Once more by itself, what failed: a starved machine fails a test now and then, a fault fails it twice."; \
		exec $(BIN)/python -m pytest --last-failed --last-failed-no-failures none

test-unit: ## the tests that need nothing, in seconds
	$(BOOT) dev && exec $(BIN)/python -m pytest -m "not db and not pbx and not browser and not fault"

lint: ## ruff, import rules, the house's own rules
	$(BOOT) dev && $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports && $(BIN)/python .ci/rules.py

types: ## mypy --strict
	$(BOOT) dev && exec $(BIN)/mypy

web-check: ## types, lint and unit tests of the web pages
	$(BOOT) test && exec $(BIN)/python -m cli.bootstrap.web run check

clean: ## remove what was built (data in var/ stays)
	rm -rf .venv web/node_modules web/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './var/*' -prune -exec rm -rf {} +

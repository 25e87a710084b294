# Parley's commands: `make` alone lists them. They bootstrap what they need (config/bootstrap); settings are environment
# variables, also as arguments: make run PORT=9000 MODEL=none

PYTHON ?= python3
BOOTSTRAP := $(PYTHON) -m config.bootstrap
BIN := .venv/bin
export PATH := $(CURDIR)/.tools/node:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help run test lint format model lock

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

run: ## Start Parley on http://localhost:8000 (PORT, HOST, DATA_DIR, MODEL=none)
	@$(BOOTSTRAP) app
	@exec $(BIN)/python -m config.serve

test: ## Run all tests, or those that ARGS names (ARGS="tests/chat -x")
	@$(BOOTSTRAP) test $(ARGS)

lint: ## Check format, style, types, layers, templates, JavaScript and migrations
	@$(BOOTSTRAP) dev
	@$(BOOTSTRAP) node
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint templates
	config/vendor/node_modules/.bin/eslint static/js tests/js
	$(BIN)/python manage.py makemigrations --check --dry-run

format: ## Format the code, and fix what can be fixed
	@$(BOOTSTRAP) dev
	@$(BOOTSTRAP) node
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	config/vendor/node_modules/.bin/eslint --fix static/js tests/js

model: ## Fetch the local model's file now, or check it
	@$(BOOTSTRAP) app
	@$(BIN)/python -m agents.local_model.weights

lock: ## Compile the requirement files again (ARGS=--upgrade for newer versions)
	@$(BOOTSTRAP) lock $(ARGS)

# `make help` lists the targets. A target is one line here and one script under scripts/ where it is more than that.
.DEFAULT_GOAL := help
.PHONY: help run serve stop test bench check fmt clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z%-]+:.*## /{sub("%", "JOB", $$1); printf "make %-11s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: ## Bring up a private PostgreSQL with real data, all jobs at work on it, and the page that shows them
	@scripts/run

serve: ## Serve the API and the operator's page on http://127.0.0.1:8080 until Ctrl-C
	@scripts/serve

stop: ## Stop the page and the private PostgreSQL; its data stays
	@scripts/server stop
	@scripts/cluster stop

test: ## Run every test, against PostgreSQL servers that the tests start themselves
	@scripts/test

bench: ## Run every benchmark; the last line of each is its ratio
	@scripts/bench

bench-%: ## Run one benchmark: make bench-metrics-rollup
	@scripts/bench $*

check: ## Lint format, scripts, file sizes and generated files
	@scripts/check

fmt: ## Rewrite the Swift sources in the house format
	@swift format --in-place --recursive --parallel Package.swift Sources Tests

clean: ## Delete what was built, and the private PostgreSQL with its data
	@scripts/server stop
	@scripts/cluster remove
	@rm -rf .build .cygni

# Index of what can be done here; each target is short and the work stands in scripts/.
SHELL := /bin/bash
ONEFOLD_SHARED ?= ../shared
CARGO_TARGET_DIR ?= $(CURDIR)/target
PYTHON := $(CURDIR)/.venv/bin/python
export ONEFOLD_SHARED CARGO_TARGET_DIR
# One build for the demo, the tests and the binary: the same packages, profile and features, so DataFusion is built once.
BUILD := cargo build --workspace --all-targets --locked

.DEFAULT_GOAL := help
.PHONY: help demo test check bench soak setup compiler build binary dictionaries

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: build ## From nothing to answers: generate a company, run the pipeline, ask ten questions
	@bash scripts/demo.sh $(CARGO_TARGET_DIR)/debug/onefold

test: setup build ## All tests; ends by listing what was skipped
	@bash scripts/test.sh $(PYTHON)

check: setup ## Format, lints, licences and duplicates of dependencies, documentation
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked
	bash scripts/deny.sh

bench: setup build ## Speed and accuracy, written to benches/RESULTS.md
	$(PYTHON) scripts/bench.py $(CARGO_TARGET_DIR)/debug/onefold

soak: build ## What is long: a hundred nights of the demonstration company
	bash scripts/soak.sh $(CARGO_TARGET_DIR)/debug/onefold

setup: ## What the tests need besides Rust: a pinned Python environment with an independent reader
	@bash scripts/setup.sh

compiler: # What a build needs besides Rust
	@bash scripts/setup.sh compiler

build: compiler ## Build everything
	$(BUILD)

binary: compiler ## Build, then print the path of the program
	@$(BUILD) 1>&2
	@echo $(CARGO_TARGET_DIR)/debug/onefold

dictionaries: ## Build name-dictionaries/seed again from the name sources
	python3 scripts/build_name_dictionaries.py $(ONEFOLD_SHARED)/data/name-sources

# What a newcomer runs: `make demo`, then `make test`. Everything else is listed by `make help`.

SHELL := /bin/bash
SWIFT ?= swift
PHOTOGRAPHS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/image-embedder/photographs-0.26.0
PROGRAM := .build/release/image-embedder
# A program that needs no Swift on the machine that runs it; lld, of the same toolchain, links it quietly.
RELEASE := -c release --static-swift-stdlib -Xswiftc -use-ld=lld

.PHONY: help setup build demo test test-all bench benchmark fuzz hostile sanitize soak lint format goldens clean

help: ## Lists what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

setup: ## Installs what the build needs, once
	@scripts/setup

build: setup ## Builds the command line
	$(SWIFT) build $(RELEASE) --product image-embedder

demo: build ## Compares three photographs
	@echo
	@echo "Two views of one motorcycle, then the motorcycle and a cat (1 is the same, 0 unrelated):"
	@$(PROGRAM) similarity $(PHOTOGRAPHS)/motorcycle_left.png $(PHOTOGRAPHS)/motorcycle_right.png
	@$(PROGRAM) similarity $(PHOTOGRAPHS)/motorcycle_left.png $(PHOTOGRAPHS)/chelsea.png

test: setup lint ## Runs the tests
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --disable-xctest

test-all: test build ## Runs the tests and what needs more time or more tools
	python3 -m unittest discover -s Benchmarks/comparison
	scripts/check-output-folder $(PROGRAM)

bench: setup ## Measures what embedding costs beyond the runtime
	cd Benchmarks && $(SWIFT) run -c release overhead

benchmark: build .build/comparison/roofline ## Compares speed with other libraries, 15 minutes: make benchmark QUICK=1
	python3 Benchmarks/comparison $(if $(QUICK),--quick)

.build/comparison/roofline: Benchmarks/comparison/roofline.c $(wildcard Benchmarks/Sources/CBaseline/*.c)
	@mkdir -p $(@D)
	clang -std=c2x -O2 -Wall -Wextra -Werror -IBenchmarks/Sources/CBaseline/include $^ \
		-lturbojpeg -lspng -lyuv -lm -ldl -lpthread -o $@

fuzz: setup ## Fuzzes what reads untrusted input: make fuzz SECONDS=60
	scripts/fuzz $(or $(SECONDS),60)

hostile: build ## Breaks models in three ways and embeds with each, isolated and not: make hostile COUNT=10000
	scripts/hostile-models/campaign.py --count $(or $(COUNT),10000)

sanitize: setup ## Runs the tests under the address, undefined-behaviour and thread sanitizers
	scripts/sanitize

soak: build ## Embeds 10,000 files, half of them broken, in one process and watches its memory
	scripts/soak $(PROGRAM)

lint: ## Checks the formatting of all Swift code
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Snippets Tests

format: ## Formats all Swift code
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Snippets Tests

clean: ## Removes what was built
	rm -rf .build

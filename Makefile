# What a newcomer runs: `make demo`, then `make test`. Everything else is listed by `make help`.

SHELL := /bin/bash
SWIFT ?= swift
PHOTOGRAPHS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/image-embedder/photographs-0.26.0
PROGRAM := .build/release/image-embedder
# A program that needs no Swift on the machine that runs it; lld, of the same toolchain, links it quietly.
RELEASE := -c release --static-swift-stdlib -Xswiftc -use-ld=lld

# The library for C and C++ also needs no Swift; it exports what its header declares and nothing else.
LIBRARY := -c release --scratch-path .build/library -Xswiftc -static-stdlib -Xswiftc -use-ld=lld \
  -Xlinker --version-script=Packaging/exports.map -Xlinker -soname=libimageembedder.so.0 \
  -Xlinker --as-needed
export PREFIX ?= /usr/local
export DESTDIR ?=

.PHONY: help setup build library wheel demo install uninstall test test-all test-heavy bench bench-search instructions benchmark fuzz hostile sanitize soak faults lint format goldens clean

help: ## Lists what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

setup: ## Installs what the build needs, once
	@scripts/setup

build: setup ## Builds the command line
	$(SWIFT) build $(RELEASE) --product image-embedder

library: setup ## Builds the library for C and C++
	$(SWIFT) build $(LIBRARY) --product imageembedder

install: build library ## Installs all of it below PREFIX, which is /usr/local
	scripts/install

# What checks, tests and packs the Python package.
PYTHON := .build/python/bin/python
PYTHON_TOOLS := .build/python/ready
$(PYTHON_TOOLS): python/requirements.txt
	python3 -m venv --clear .build/python
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

wheel: setup $(PYTHON_TOOLS) ## Packs the Python package for every Python: .build/wheel/*.whl
	SWIFT="$(SWIFT)" PROGRAM_OPTIONS="$(RELEASE)" LIBRARY_OPTIONS="$(LIBRARY)" scripts/wheel

uninstall: ## Removes what was installed below PREFIX
	scripts/install --remove

demo: build ## Compares three photographs
	@echo
	@echo "Two views of one motorcycle, then the motorcycle and a cat (1 is the same, 0 unrelated):"
	@$(PROGRAM) similarity $(PHOTOGRAPHS)/motorcycle_left.png $(PHOTOGRAPHS)/motorcycle_right.png
	@$(PROGRAM) similarity $(PHOTOGRAPHS)/motorcycle_left.png $(PHOTOGRAPHS)/chelsea.png

test: setup lint $(PYTHON_TOOLS) build library ## Runs the tests
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --disable-xctest
	$(PYTHON) -m mypy --config-file python/pyproject.toml python/src
	IMAGE_EMBEDDER_LIBRARY=$(CURDIR)/.build/debug/libimageembedder.so PYTHONPATH=python/src \
	  $(PYTHON) -m pytest --config-file python/pyproject.toml python/tests
	@scripts/setup tools
	scripts/test-install

test-all: build wheel ## Runs what needs more time or more tools, beside make test
	python3 -m unittest discover -s Benchmarks/comparison
	scripts/check-output-folder $(PROGRAM)
	scripts/resume-memory $(PROGRAM)
	scripts/faults/campaign.py $(PROGRAM) --seconds 60
	scripts/test-headers
	scripts/test-client
	scripts/test-annotating $(PROGRAM)
	scripts/test-pages $(PROGRAM)
	scripts/test-kernels
	scripts/test-accelerators $(PROGRAM)
	scripts/test-python

# Converts models of every operator family, which takes TensorFlow and PyTorch: 10 GB below .build.
FAMILIES := scripts/model-families
FAMILIES_PYTHON := .build/model-families/venv/bin/python
FAMILIES_TOOLS := .build/model-families/venv/ready
$(FAMILIES_TOOLS): $(FAMILIES)/requirements.txt
	python3.11 -m venv --clear .build/model-families/venv
	$(FAMILIES_PYTHON) -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# What the page on models uses beside; all that these need is there already.
PAGE_TOOLS := .build/model-families/venv/page-ready
$(PAGE_TOOLS): $(FAMILIES)/requirements-page.txt $(FAMILIES_TOOLS)
	$(FAMILIES_PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --requirement $<
	@touch $@

# onnx2tf wants another TensorFlow: 3 GB.
ONNX_PYTHON := .build/model-families/onnx-venv/bin/python
ONNX_TOOLS := .build/model-families/onnx-venv/ready
$(ONNX_TOOLS): $(FAMILIES)/requirements-onnx.txt
	python3.11 -m venv --clear .build/model-families/onnx-venv
	$(ONNX_PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --requirement $<
	@touch $@

# Benchmarks come first: nothing else builds them.
test-heavy: build $(FAMILIES_TOOLS) $(PAGE_TOOLS) $(ONNX_TOOLS) ## Compares models of every operator family with the interpreter, breaks some (COUNT=2000), and ends runs in every way
	@scripts/setup tools
	cd Benchmarks && $(SWIFT) build -c release
	$(FAMILIES_PYTHON) $(FAMILIES)/make_models.py
	scripts/hostile-models/campaign.py --count $(or $(COUNT),2000)
	$(FAMILIES_PYTHON) $(FAMILIES)/compare.py $(PROGRAM)
	$(ONNX_PYTHON) $(FAMILIES)/onnx_models.py
	$(FAMILIES_PYTHON) $(FAMILIES)/compare.py --folder .build/model-families/onnx-models $(PROGRAM)
	$(FAMILIES_PYTHON) $(FAMILIES)/page.py $(PROGRAM)
	scripts/faults/campaign.py $(PROGRAM)

bench: setup ## Measures what embedding costs beyond the runtime
	@scripts/setup tools
	cd Benchmarks && $(SWIFT) run -c release overhead

SEARCH := .build/bench-search
SEARCH_PYTHON := $(SEARCH)/venv/bin/python

bench-search: build library ## Compares search among ROWS=1000000 vectors with FAISS and usearch, 5 minutes
	@scripts/setup tools
	test -x $(SEARCH_PYTHON) || python3 -m venv $(SEARCH)/venv
	$(SEARCH_PYTHON) -m pip install --quiet --requirement Benchmarks/search/requirements.txt
	test -e $(SEARCH)/rows/run.json || $(SEARCH_PYTHON) Benchmarks/search/make_store.py $(SEARCH)/rows \
	  --rows $(or $(ROWS),1000000) --program $(PROGRAM) --photographs $${XDG_CACHE_HOME:-$$HOME/.cache}/image-embedder/photographs-0.26.0
	IMAGE_EMBEDDER_LIBRARY=$(CURDIR)/.build/library/release/libimageembedder.so PYTHONPATH=python/src \
	  $(SEARCH_PYTHON) Benchmarks/search/compare.py $(SEARCH)/rows

instructions: library ## Counts the instructions that the C interface adds to the Swift one's
	cd Benchmarks && $(SWIFT) build -c release --product embed-frames
	Benchmarks/instructions/measure

benchmark: build library .build/comparison/roofline ## Compares speed with other libraries, 25 minutes: make benchmark QUICK=1
	@scripts/setup openvino || echo "Image Embedder takes part without OpenVINO"
	python3 Benchmarks/comparison $(if $(QUICK),--quick)

.build/comparison/roofline: Benchmarks/comparison/roofline.c $(wildcard Benchmarks/Sources/CBaseline/*.c)
	@scripts/setup tools
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

faults: build ## Ends runs in every way there is and looks for rows that are lost, 15 minutes: make faults SECONDS=60
	scripts/faults/campaign.py $(PROGRAM) --seconds $(or $(SECONDS),900)

# The faces for C and C++; the formatter is no part of the Swift toolchain.
C_FACES := $(wildcard Sources/CImageEmbedder/include/*.h* Sources/CImageEmbedder/include/*/* Examples/*.c* \
  Tests/CImageEmbedderTests/*.[ch]* Sources/CSearch/*.[ch] Sources/CSearch/include/*.h Tests/CSearchTests/*.c \
  Benchmarks/instructions/*.c)
CLANG_FORMAT ?= clang-format
PYTHON_FACE := python Examples/python
RUFF := .build/python/bin/ruff --config python/pyproject.toml

lint: $(PYTHON_TOOLS) ## Checks the formatting of all code
	@! command -v $(CLANG_FORMAT) >/dev/null || $(CLANG_FORMAT) --dry-run --Werror $(C_FACES)
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Snippets Tests
	$(RUFF) check --quiet $(PYTHON_FACE)
	$(RUFF) format --quiet --check $(PYTHON_FACE)

format: $(PYTHON_TOOLS) ## Formats all code
	@! command -v $(CLANG_FORMAT) >/dev/null || $(CLANG_FORMAT) -i $(C_FACES)
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Snippets Tests
	$(RUFF) format --quiet $(PYTHON_FACE)

clean: ## Removes what was built
	rm -rf .build

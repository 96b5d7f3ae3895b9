# What a person types. The two commands of a fresh Debian machine are `make demo` and `make test`; both install what is
# missing (scripts/install_packages.sh). Everything made lands in build/.

SHELL := /bin/bash
JOBS ?= $(shell nproc)

# A clean clone elsewhere gets the same objects out of the compiler cache.
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1

VENV := build/venv/installed

.PHONY: build demo check test bench format clean packages packages-test configure all-targets

build: configure
	cmake --build build -j $(JOBS) --target foraker

demo: build
	scripts/demo.sh build/foraker build/demo

# Unit and golden tests of the release build: what to run before a commit.
check: configure
	cmake --build build -j $(JOBS) --target foraker_unit_tests
	ctest --test-dir build -L 'unit|golden' -j $(JOBS) --output-on-failure

# Everything: the sanitizer and fuzz builds are tests of this one ctest run (tests/sanitizers, tests/fuzz).
test: packages-test all-targets $(VENV)
	ctest --test-dir build -j $(JOBS) --output-on-failure

# Real texts of the distribution (package descriptions, dictionaries, manual pages), indexed with the default settings
# and searched by the engine alone. docs/benchmarks.md has the comparisons with other engines.
BENCH := build/bench
bench: build
	@scripts/install_packages.sh scripts/packages-bench.txt
	mkdir -p $(BENCH)
	test -s $(BENCH)/queries.jsonl || python3 bench/make_texts.py $(BENCH)/texts.jsonl $(BENCH)/queries.jsonl
	build/foraker index --data $(BENCH)/data --collection texts --input $(BENCH)/texts.jsonl
	build/foraker bench --data $(BENCH)/data --collection texts --queries $(BENCH)/queries.jsonl

format: $(VENV)
	git ls-files '*.h' '*.cc' | xargs -r clang-format-14 -i
	git ls-files '*.py' | xargs -r build/venv/bin/ruff check --quiet --fix

clean:
	rm -rf build

packages:
	@scripts/install_packages.sh scripts/packages.txt

packages-test: packages
	@scripts/install_packages.sh scripts/packages-test.txt

configure: packages
	@mkdir -p build && cmake --preset release >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }

all-targets: configure
	cmake --build build -j $(JOBS)

$(VENV): tests/requirements.txt | packages-test
	python3 -m venv build/venv
	build/venv/bin/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@

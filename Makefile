# What contributors run. Each installs what it needs into .ci-venv, as the lock files say.
run = PATH="$$PWD/.ci-venv/env/bin:$$PATH"
# Seconds and harness of `make fuzz`: of tests/fuzz.
SECONDS = 60
NAME = parser

.PHONY: test all lint gen bench fuzz mutants lock
test: .environment  ## what shows within a minute and a half whether a change is sound
	$(run) pytest -q -n auto
all:  ## all that CI checks
	sh .ci/test
lint: .environment
	$(run) ruff check .
	$(run) ruff format --check .
	$(run) mypy
gen: .environment  ## man pages, schema, README blocks and picture, golden files
	$(run) pytest -q --regen tests/golden tests/cli/test_readme.py tests/cli/test_man.py \
		tests/unit/test_rulefile.py
bench: .environment  ## the table of speed and memory
	$(run) python -m tests.bench
fuzz: .ci-venv/fuzz  ## make fuzz NAME=rules SECONDS=600
	.ci-venv/fuzz/bin/python -m tests.fuzz $(NAME) --seconds $(SECONDS)
mutants: .environment  ## code that is weakened to see a test fail
	$(run) python -m tests.mutation.quoting
	$(run) python -m tests.mutation.follow
	$(run) python -m tests.mutation.outcome
	$(run) python -m tests.mutation.rendering
	$(run) python -m tests.mutation.again
lock: .environment  ## UPGRADE=--upgrade takes newer releases
	.ci-venv/env/bin/pip install -q --no-deps --require-hashes -r .ci/lock/lock.txt
	$(run) sh .ci/make_lock $(UPGRADE)

.PHONY: .environment
.environment:
	@sh .ci/environment
.ci-venv/fuzz: .ci/lock/fuzz.txt
	python3 -m venv --clear $@
	$@/bin/pip install -q --no-deps --require-hashes -r $<
	touch $@

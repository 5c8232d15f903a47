# make run [VIDEO=path]   install what is needed, open the window (no display: work off screen into out/)
# make test               lint, types, import contracts, all tests; off screen
# make sample             make the sample clip anew
# make clean              remove what make made

PYTHON ?= python3
BIN := .venv/bin
VIDEO ?= resources/sample/sample.mp4

.PHONY: run test sample clean

run: .venv/installed
	@sh packaging/run.sh "$(VIDEO)"

test: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist worksteal

sample: .venv/installed
	$(BIN)/python packaging/make_sample.py resources/sample/sample.mp4

.venv/installed: pyproject.toml constraints.txt packaging/setup.sh
	sh packaging/setup.sh "$(PYTHON)"

clean:
	rm -rf .venv out build dist *.egg-info

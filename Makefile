# Thin calls to installers/prepare.py, which also serves those who have no make (Windows, macOS).
# Words for the command go in ARGS:  make test ARGS="-k visits"   ·   the data folder in DATA:  make data DATA=FOLDER
.DEFAULT_GOAL := help
.NOTPARALLEL:
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11 python,$(shell command -v $(name) 2>/dev/null)))
DATA ?= ../shared/data
ARGS ?=
TARGETS := help demo run test lint bench torture data lock

.PHONY: $(TARGETS)
data: ARGS := $(DATA)
$(TARGETS):
	@test -n "$(PYTHON)" || { echo "Python manque. Tapez / Python is missing. Type: sudo apt-get install python3 python3-venv" >&2; exit 2; }
	@"$(PYTHON)" installers/prepare.py $@ $(ARGS)

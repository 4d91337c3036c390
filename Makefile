# The doors of the house. "make" lists them.

# python3.11 where there is one, else whatever python3 is; scripts/need says when that is too old.
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
# Stamps: a door that was opened once opens at once the second time.
RUNTIME := $(VENV)/.stamp-runtime
DEV := $(VENV)/.stamp-dev
MODULES := node_modules/.stamp
ASSETS := web/static/dist/.stamp
ASSET_SOURCES := $(wildcard web/islands/* web/islands/*/*) vite.config.js scripts/build.js

# Chinese in files and on the screen does not depend on the locale of the machine.
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench soak rehearse-all demo-reset backup restore stamp
.DELETE_ON_ERROR:

help: ## 显示本说明
	@echo '闭环：安全生产专项行动管理系统'
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20
	@echo
	@echo '配置用环境变量，例如：make run PORT=8001。说明见 docs/running.md。'

setup: stamp ## 安装依赖，准备数据库和演示城市（不启动）
	@$(PY) -m scripts.prepare

run: stamp ## 启动系统（首次自动安装），按 Ctrl-C 停止
	@exec scripts/serve

test: stamp $(DEV) ## 运行全部检查和测试（须 root，或按提示先装 Chromium 和中文字体）
	@scripts/system-packages
	@$(MAKE) --no-print-directory check
	$(PY) -m pytest

check: $(DEV) ## 只运行静态检查：格式、类型、分层
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()'

bench: stamp $(DEV) ## 性能测量
	@exec $(PY) -m bench

soak: stamp $(DEV) ## 长时间压力测试（网页写入与后台进程同时进行，随机杀进程）
	@exec $(PY) -m bench.soak

rehearse-all: $(RUNTIME) ## 把每个行动从头到尾各推演一遍
	@$(PY) -m scripts.rehearse_all

demo-reset: stamp ## 重建演示城市（现有数据先备份）
	@$(PY) -m scripts.demo_reset

backup: $(RUNTIME) ## 备份数据库、附件和密钥到 var/backups
	@$(PY) -m scripts.backup

restore: $(RUNTIME) ## 恢复备份：make restore FROM=var/backups/文件名
	@$(PY) -m scripts.restore "$(FROM)"

stamp: $(RUNTIME) $(ASSETS)

# A copied or moved folder, or a Python that is gone, leaves a .venv that is not its own: begin again.
ifneq ($(wildcard $(VENV)),)
ifneq ($(shell $(PY) -c 'print("ok")' 2>/dev/null && grep -cF '$(CURDIR)/$(VENV)' $(VENV)/pyvenv.cfg),ok 1)
$(shell rm -rf $(VENV))
endif
endif

$(RUNTIME): requirements.txt
	@scripts/need python "$(PYTHON)"
	@echo '正在安装 Python 依赖……'
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(PIP) -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	@echo '正在安装测试工具……'
	@$(PIP) -r requirements-dev.txt
	@touch $@

$(MODULES): package-lock.json package.json
	@scripts/need node
	@echo '正在安装前端依赖……'
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

$(ASSETS): $(MODULES) $(ASSET_SOURCES)
	@echo '正在构建前端……'
	@npm run --silent build
	@touch $@

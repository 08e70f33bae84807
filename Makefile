# WhoComply's everyday commands; `make help` lists them. Tools are pinned here and stay out of go.mod.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS   += --no-print-directory

GOLANGCI_LINT_VERSION := v2.15.0
GOFUMPT   := go run mvdan.cc/gofumpt@v0.12.0
VULNCHECK := go run golang.org/x/vuln/cmd/govulncheck@v1.8.0
LINT      := bin/golangci-lint-$(GOLANGCI_LINT_VERSION)

GOTEST   ?= go test
PKG      ?= ./...
BENCH    ?= .
FUZZTIME ?= 10s
STAGES   := format vet lint spec webhooks test

.PHONY: help run build test bench eval-monitoring eval-screening check format fmt vet lint fuzz golden spec vuln webhooks

help: ## Lists these targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Starts the server on 127.0.0.1:8080 with sample data in ./var.
	@bin/whocomply demo --data ./var --listen 127.0.0.1:8080

build: ## Builds the commands into ./bin, static.
	@CGO_ENABLED=0 go build -trimpath -o bin/ ./cmd/...

test: ## Installs what tests call, then runs them all with -race (PKG=./domain/... for some).
	@.ci/setup
	@CGO_ENABLED=1 $(GOTEST) -race $(PKG)

bench: build ## Measures the packages (PKG=, BENCH=regexp), then the whole way of the data.
	@go test -run '^$$' -bench '$(BENCH)' -benchmem $(PKG)
	@bin/whocomply bench

eval-monitoring: build ## Measures the typologies on labelled transactions (DATA=folder): tables and JSON.
	@bin/whocomply eval-monitoring --datasets '$(DATA)' --json

eval-screening: build ## Measures name matching on labelled files (DATA=folder, LISTS=folder of watchlists if others, ARGS=--json).
	@bin/whocomply eval-screening --datasets $(DATA) $(if $(LISTS),--lists $(LISTS)) $(ARGS)

check: ## What continuous integration runs: format, vet, lint, test; stops at the first failure.
	@for stage in $(STAGES); do \
		start=$$SECONDS; \
		echo "== $$stage"; \
		$(MAKE) $$stage || { echo "== $$stage failed after $$((SECONDS - start)) s"; exit 1; }; \
		echo "== $$stage passed in $$((SECONDS - start)) s"; \
	done

format: ## Lists files that are not formatted and fails if there are any.
	@files=$$($(GOFUMPT) -l .); \
	if [[ -n $$files ]]; then printf 'not formatted; make fmt mends it:\n%s\n' "$$files"; exit 1; fi

fmt: ## Formats every file.
	@$(GOFUMPT) -w .

vet: ## Runs go vet.
	@go vet $(PKG)

lint: $(LINT) ## Runs golangci-lint, installed once per version into ./bin.
	@$(LINT) run $(PKG)

$(LINT):
	@echo "installing $(@F); the first time takes minutes" >&2
	@GOBIN=$(CURDIR)/bin/.install CGO_ENABLED=0 go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
	@mv bin/.install/golangci-lint $@ && rmdir bin/.install

spec: ## Lints the API's OpenAPI document and compiles a TypeScript client's types from it (npm).
	@mkdir -p bin/spec && cp .ci/spec/* bin/spec/
	@cd bin/spec && npm ci --silent --no-audit --no-fund
	@cd bin/spec && REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true npx --no-install redocly lint ../../http/openapi.yaml
	@cd bin/spec && npx --no-install openapi-typescript ../../http/openapi.yaml -o api.ts && npx --no-install tsc --noEmit --strict api.ts

webhooks: ## Shows deliveries to verifiers that others wrote, and runs what receivers may copy (npm).
	@mkdir -p bin/webhooks && cp .ci/webhooks/* http/client/typescript/webhook.ts bin/webhooks/
	@cp http/docs/samples/verify.mjs bin/webhooks/verify.mjs.sample.mjs
	@cd bin/webhooks && npm ci --silent --no-audit --no-fund && npx --no-install tsc -p tsconfig.json
	@cd bin/webhooks && node verify.mjs ../..

fuzz: ## Runs every fuzz target for FUZZTIME (10s each).
	@targets=$$(go test -list '^Fuzz' $(PKG) | awk '/^Fuzz/ { names[++n] = $$1 } /^ok/ { for (i = 1; i <= n; i++) print $$2, names[i]; n = 0 }'); \
	while read -r pkg name; do \
		[[ -z $$name ]] || { echo "== $$pkg $$name"; go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$pkg" </dev/null; }; \
	done <<<"$$targets"

golden: ## Rewrites golden files with what the code says now, and shows what changed.
	@dirs=$$( (grep -rl --include='*_test.go' 'flag.Bool("update"' . || true) | xargs -r -n1 dirname | sort -u); \
	[[ -z $$dirs ]] || go test $$dirs -update
	@git status --short -- testdata

vuln: ## Checks dependencies against the Go vulnerability database; needs the network.
	@$(VULNCHECK) $(PKG)

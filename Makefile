# Outcry. `make help` lists what can be made.

GO    ?= go
ADDR  ?= 127.0.0.1:8080
ARGS  ?=
LINT  := $(GO) tool -modfile=.ci/tools.mod golangci-lint

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DEFAULT_GOAL := help

peers       := collectors/bluesky/peers
web_sources := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*')
go_sources  := $(shell find . -name '*.go' -not -path '*/node_modules/*')

## run: install what is missing, build, and serve on embedded defaults (ADDR=, ARGS=)
.PHONY: run
run: need-postgres build
	@dir=$$(.ci/data-dir) && exec ./bin/outcry serve --listen $(ADDR) --data "$$dir" $(ARGS)

## test: every test, with all its own set-up
.PHONY: test
test: need-postgres need-browser web
	cd web && npm test --silent --if-present
	$(GO) test -timeout 20m ./...

## check: everything a change must pass: format, vet, lint, drift, tests with the race detector
.PHONY: check
check: need-postgres need-browser need-cc web
	@bad=$$(gofmt -l $(go_sources)) && { [ -z "$$bad" ] || { echo "gofmt would change:"; echo "$$bad"; exit 1; }; }
	.ci/docs
	$(GO) mod verify
	$(GO) mod tidy -diff
	$(GO) vet ./...
	$(LINT) run
	cd web && npm test --silent --if-present
	$(GO) test -timeout 30m -race -shuffle=on ./...

## lint: the linter alone
.PHONY: lint
lint: web
	$(LINT) run

## eval: measure the thinking on recorded data, where ../shared holds it
.PHONY: eval
eval: need-postgres web
	@mkdir -p docs/results
	OUTCRY_EVAL=$(CURDIR)/docs/results/eval.txt OUTCRY_EVAL_SEALED=1 $(GO) test -count=1 -timeout 20m -run '^TestEvaluate$$' ./nlp/evaluation
	@cat docs/results/eval.txt

## train: build the models that tag posts from ../shared/data; the same data give the same bytes
.PHONY: train
train: web
	$(GO) run ./cmd/outcry train --data ../shared/data --out nlp/models

## test-peers: posts through a real Bluesky chain, PDS, PLC and Jetstream, against what is stored
.PHONY: test-peers
test-peers: need-postgres bin/jetstream $(peers)/node_modules/.installed
	$(GO) test -count=1 -v -timeout 20m -tags peers ./$(peers)

bin/jetstream: $(peers)/jetstream.mod
	@echo "building Jetstream; the first time takes some minutes"
	$(GO) build -modfile=$< -o $@ github.com/bluesky-social/jetstream/cmd/jetstream

$(peers)/node_modules/.installed: $(peers)/package-lock.json $(peers)/install
	$(peers)/install

## bench: posts a second from file to stored figures, and a change with many readers; kept in docs/results
.PHONY: bench
bench: need-postgres build
	@mkdir -p docs/results
	./bin/outcry bench ingest $(ARGS) | tee docs/results/bench-ingest.ndjson
	./bin/outcry bench fanout | tee docs/results/bench-fanout.ndjson

## bench-collect: ten minutes of all sources at 5,000 posts a second, cut each minute; kept in docs/results
.PHONY: bench-collect
bench-collect: need-postgres build
	@mkdir -p docs/results
	./bin/outcry bench collect $(ARGS) | tee docs/results/bench-collect.ndjson

## gallery: a few pictures of the pages, from the browser's test, into docs/gallery
.PHONY: gallery
gallery: need-postgres need-browser web
	@mkdir -p docs/gallery
	OUTCRY_GALLERY=$(CURDIR)/docs/gallery $(GO) test -count=1 -run '^TestBrowser$$' ./internal/cli

## build: the program, as bin/outcry
.PHONY: build
build: web
	$(GO) build -o bin/outcry ./cmd/outcry

## web: the dashboard, into web/dist
.PHONY: web
web: web/dist/.built

web/dist/.built: web/node_modules/.installed $(web_sources)
	cd web && npm run build --silent
	@touch $@

web/node_modules/.installed: web/package.json web/package-lock.json
	@.ci/need node
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

## generate: write docs/config.example.yaml from the comments in internal/app/config.go
.PHONY: generate
generate: web
	$(GO) test ./internal/app -run '^TestConfigExample' -update

## clean: remove what was built; ./data stays
.PHONY: clean
clean:
	rm -rf bin web/node_modules $(peers)/node_modules
	find web/dist -mindepth 1 -not -name .keep -delete

.PHONY: need-postgres need-browser need-cc
need-postgres need-browser need-cc:
	@.ci/need $(@:need-%=%)

## help: this list
.PHONY: help
help:
	@sed -n 's/^## //p' $(firstword $(MAKEFILE_LIST))

# Espace Membre. « make help » dit ce que fait chaque cible.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
PORT    ?= 8100
TOOL    := go tool -modfile=tools/go.mod
DIST    := internal/platform/web/static/dist
GEO     := internal/platform/geo/dist

.PHONY: help run test e2e check build migration assets generate setup lint fresh clean

help: ## Affiche cette aide
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

setup: ## Vérifie Go, Node et PostgreSQL, et installe ce qui manque
	@scripts/setup

assets: setup $(DIST)/dsfr/dsfr.min.css $(GEO)/communes.tsv.gz ## Copie le système de design, les polices et les communes (npm) là où le programme les embarque

$(DIST)/dsfr/dsfr.min.css: assets/package-lock.json $(wildcard internal/platform/web/static/gen/*.go)
	cd assets && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	go generate ./internal/platform/web/static

$(GEO)/communes.tsv.gz: $(DIST)/dsfr/dsfr.min.css $(wildcard internal/platform/geo/gen/*.go)
	go generate ./internal/platform/geo

build: assets ## Compile bin/espace-membre
	go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/espace-membre ./cmd/espace-membre

run: build ## Lance la démonstration : portail, base privée, services simulés, mails attrapés
	bin/espace-membre demo --port $(PORT)

test: setup ## Lance les tests (PostgreSQL privé, rien d’extérieur)
	go test -timeout 10m $$(go list ./... | grep -v /internal/testing/e2e)

e2e: assets ## Lance les tests de bout en bout : la vraie démonstration, un vrai navigateur
	go test -count=1 -timeout 10m ./internal/testing/e2e

generate: ## Régénère le code des gabarits
	$(TOOL) templ generate

fresh: generate ## Vérifie que ce qui est généré est à jour
	@git diff --exit-code --stat -- '*_templ.go' docs .env.example

lint: ## Formatage et règles de style
	@test -z "$$(gofmt -l $$(git ls-files '*.go' | grep -v _templ.go))" || { echo "gofmt :"; gofmt -l $$(git ls-files '*.go' | grep -v _templ.go); exit 1; }
	go vet ./...
	$(TOOL) golangci-lint run ./...

check: build fresh lint test e2e ## Tout ce que vérifie l’intégration continue

migration: ## Crée une migration : make migration name=ajoute_x
	go run ./cmd/espace-membre migrate create "$(name)"

clean: ## Efface ce qui est produit (garde la base de démonstration)
	rm -rf bin assets/node_modules
	find $(DIST) $(GEO) -mindepth 1 ! -name .gitkeep -delete

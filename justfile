# Tasks of this repository. `just` lists them, and `just <task>` runs one. A task without `just` is
# a cargo command or a program in scripts/.

_default:
    @just --list --unsorted

# Start the service on port 3000, with an in-memory table
run *options:
    cargo run -- --in-memory {{ options }}

# Run all Rust tests, or those with a name
test *filter:
    cargo test {{ filter }}

# Check formatting, lints and documentation
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- --deny warnings
    RUSTDOCFLAGS="--deny warnings" cargo doc --workspace --no-deps --lib --document-private-items --locked

# Regenerate the files derived from the routes
generate:
    cargo xtask generate

# Build the functions for Lambda, for arm64 or x86_64
build architecture="arm64":
    ARCHITECTURE={{ architecture }} scripts/build

# Deploy to AWS: stage, and options of sam deploy. `--release FILE` deploys a release
deploy stage *options:
    scripts/deploy {{ stage }} {{ options }}

# Make a checked archive of all functions for each architecture
release *arguments:
    scripts/release {{ arguments }}

# Run every check of CI, or one job
ci job="":
    .ci/run {{ job }}

# Run the fuzzers: seconds per fuzzer, names. `just fuzz pack` updates fuzz/corpus
fuzz *arguments:
    scripts/fuzz {{ arguments }}

# Check licenses, bans and sources of the dependencies
audit:
    scripts/audit

# Check with the minimum Rust version, if it is installed
check-msrv:
    scripts/check-msrv

# Lint template.yaml and rest-api.yaml
lint-template:
    scripts/lint-template

# Test the scripts for deployments, releases and measurements on AWS
test-scripts:
    scripts/test-scripts

# Write the hashes of the pinned tools, all or those named
lock-tools *sets:
    scripts/lock-tools {{ sets }}

# Test the OpenAPI documents: linter, generated client, Schemathesis
test-openapi:
    scripts/test-openapi

# Test the API reference in Chromium
test-docs-page:
    scripts/test-docs-page

# Test the pages for people in Chromium
test-pages:
    scripts/test-pages

# Dumps of real databases with every tool, read back and compared
test-dumps:
    scripts/test-dumps

# Run the commands of README.md and docs/tour.md
test-readme:
    scripts/test-readme

# Test every route through cargo lambda watch
test-lambda-watch:
    scripts/test-lambda-watch

# Run unmodified Metabase clients, all or those named
test-clients *clients:
    scripts/test-clients {{ clients }}

# Deploy to an AWS emulator and test every route and role
e2e:
    scripts/e2e

# Compare CPU instructions with docs/instructions.md; `--write` updates the page
count-instructions *arguments:
    scripts/count-instructions {{ arguments }}

# Run the randomized model tests for longer
soak factor="20":
    scripts/soak {{ factor }}

# Measure docs/performance.md, or with `cloud` the cold starts on AWS
bench *arguments:
    scripts/bench {{ arguments }}

# Copy the pinned Swagger UI to functions/assets/docs
update-swagger-ui:
    scripts/update-swagger-ui

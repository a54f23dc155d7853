# shellcheck shell=bash
# What every script here says, and how it gives up. Sourced, not run.

say() { printf '%s\n' "$*"; }

# fail STATUS MESSAGE: the statuses are those of the executables, listed in README.md.
fail() {
    local status=$1
    shift
    printf '%s\n' "$*" >&2
    exit "$status"
}

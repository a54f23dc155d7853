# shellcheck shell=bash
# Percent-encoding for URLs. Sourced, not run.

# percent TEXT [KEEP]: for the inside of a URL; the characters of KEEP stay, as in percent "$path" /
percent() {
    local LC_ALL=C index char
    for ((index = 0; index < ${#1}; index++)); do
        char=${1:index:1}
        if [[ $char == [a-zA-Z0-9._~-] || ${2:-} == *"$char"* ]]; then
            printf '%s' "$char"
        else
            printf '%%%02X' "'$char"
        fi
    done
}

# shellcheck shell=bash
# Where this checkout's cluster lives, and as which user it runs. Sourced by scripts/cluster, from scripts/.
#
# It lives in .cygni/cluster. PostgreSQL refuses to run as root, so for root it runs as user postgres; where that user
# may not enter the checkout (below a root-only folder, say), .cygni/cluster is a link to a folder elsewhere whose name
# carries a hash of the checkout's path. A socket's path is at most 107 bytes, so a deep checkout has its socket in /tmp.

checkout=$(cd .. && pwd -P)
state=$(readlink -m "$checkout/.cygni")
key=$(printf '%s' "$checkout" | sha256sum | cut -c 1-12)
server_user=$(id -un)
[[ $EUID -ne 0 ]] || server_user=postgres

elsewhere=/var/tmp/cygni-$key
[[ ! -d /var/lib/postgresql ]] || elsewhere=$(readlink -f /var/lib/postgresql)/cygni-$key

# From / since the server's user may not be let into the caller's folder.
as_server() (
    cd /
    if [[ $EUID -eq 0 ]]; then
        exec setpriv --reuid="$server_user" --regid="$(id -g "$server_user")" --init-groups -- env HOME=/ "$@"
    fi
    exec "$@"
)

use_home() {
    home=$1
    data=$home/data
    log=$home/postgres.log
    socket=$home/run
    [[ $(printf '%s/.s.PGSQL.5432' "$socket" | wc -c) -le 107 ]] || socket=/tmp/cygni-$key
}

if [[ -L $state/cluster ]]; then
    use_home "$elsewhere"
else
    use_home "$state/cluster"
fi

# own FOLDER: makes it, or takes it when it is ours; in /tmp anyone could have put it there first.
own() {
    [[ -d $1 && ! -L $1 ]] || mkdir -m 0700 "$1"
    if [[ $EUID -eq 0 && $(stat -c %U "$1") == root ]]; then
        chown "$server_user": "$1"
    fi
    [[ $(stat -c %U "$1") == "$server_user" ]] || fail 1 "$1 belongs to $(stat -c %U "$1"), not to $server_user"
    chmod 0700 "$1"
}

make_place() {
    id "$server_user" >/dev/null 2>&1 ||
        fail 69 "PostgreSQL refuses to run as root, and there is no user $server_user: adduser --system $server_user"
    if [[ ! -L $state/cluster ]]; then
        own "$state/cluster"
        if ! as_server test -w "$state/cluster"; then
            rmdir "$state/cluster" 2>/dev/null ||
                fail 1 "user $server_user may no longer enter $state/cluster: open the folders above it, or remove it"
            use_home "$elsewhere"
        fi
    fi
    own "$home"
    [[ $home != "$elsewhere" ]] || ln -sfn "$elsewhere" "$state/cluster"
    own "$socket"
}

# hold_lock: two starts, or a start and a stop, take turns.
hold_lock() {
    if ! mkdir -p "$state" 2>/dev/null || [[ ! -w $state ]]; then
        fail 1 "$(id -un) may not write to $state: try again as the user whose checkout this is"
    fi
    exec 9>"$state/lock"
    flock 9
}

url() {
    printf 'postgresql://cygni_owner@/cygni?host=%s&port=5432\n' "$(percent "$socket")"
}

remove() {
    stop
    rm -rf "$home" "$state/cluster" "$state/env" "$state/cygni.yaml" "$state/log-lines"
    [[ $socket != /tmp/cygni-$key ]] || rm -rf "$socket"
}

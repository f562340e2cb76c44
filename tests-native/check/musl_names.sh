#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# musl_names.sh FILE LIBC: checks that musl's LIBC has every undefined symbol of FILE. Weak ones (the
# transactional-memory and profiling hooks of GCC's start files) may stay unresolved.
set -eu
[ -r "$1" ]
[ -r "$2" ]
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$NM" -D --undefined-only "$1" | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' | sort -u >"$dir/wanted"
# NM is the cross one where FILE is for another CPU; LIBC is always the build machine's.
nm -D --defined-only "$2" | awk '{ print $NF }' | sort -u >"$dir/offered"
missing=$(comm -23 "$dir/wanted" "$dir/offered")
if [ -n "$missing" ]; then
	echo "$1: musl has no" $missing
	exit 1
fi

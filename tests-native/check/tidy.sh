#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tidy.sh BUILD ROOT [FILE...]: clang-tidy on these files, or on all of csrc and tests-native, as BUILD compiles them, with
# the next .clang-tidy above each.
set -eu
build=$1 root=$2
shift 2
command -v clang-tidy >/dev/null || {
	echo "no clang-tidy (cross-build/setup --dev)" >&2
	exit 77
}
commands=$(mktemp -d)
trap 'rm -rf "$commands"' EXIT
# Without what clang does not know.
unknown='-fno-tree-loop-distribute-patterns|-fanalyzer|-Wno-analyzer-[a-z-]+|-Wno-format-truncation'
sed -E "s/ ($unknown|-fprofile-update=atomic)//g" \
	"$build/compile_commands.json" >"$commands/compile_commands.json"
cd "$root"
if [ $# = 0 ]; then
	# Of a file that two programs have, once; none of another CPU. Tests that CMake has no command for (of clang, of musl)
	# are compiled like their neighbours.
	set -- $(sed -n 's/^ *"file": "\(.*\/csrc\/.*\.c\)",*$/\1/p' "$build/compile_commands.json" | sort -u) \
		$(find tests-native -name '*.c' -o -name '*.cpp' | LC_ALL=C sort)
fi
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p "$commands" 2>/dev/null

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tests lines.sh: it passes lines of 120 columns and finds those of 121, with and without tabs, in every kind of source.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/csrc/base" "$tree/include/cordon" "$tree/tests-native/unit"

# line COLUMNS PREFIX: a line that is that many columns wide, where each tab of the prefix is as wide as it can be.
line() {
	printf '%b' "$2"
	tabs=$(printf '%b' "$2" | tr -cd '\t' | wc -c)
	printf "%0$(($1 - 8 * tabs))d\n" 0
}

# expect MESSAGE...: exactly these are reported.
expect() {
	wanted=$(printf '%s\n' "$@")
	if out=$("$here/lines.sh" "$tree") || [ "$out" != "$wanted" ]; then
		printf 'wanted: %s\ngot:    %s\n' "$wanted" "$out"
		exit 1
	fi
}

expect 'no source files'
{ line 120 ''; line 120 '\t'; line 120 '\t\t\t'; } >"$tree/csrc/base/base.c"
line 500 '' >"$tree/csrc/base/notes.md"
"$here/lines.sh" "$tree" || { echo "lines of 120 columns were refused"; exit 1; }

line 121 '\t\t\t' >>"$tree/csrc/base/base.c"
expect 'csrc/base/base.c:4: 121 columns'
line 121 '' >"$tree/include/cordon/limits.def"
# After seven characters a tab is one column wide.
printf '0123456\t%0113d\n' 0 >"$tree/tests-native/unit/test_a.cpp"
line 122 '\t' >"$tree/tests-native/unit/test_a.h"
line 121 '' >"$tree/csrc/base/a.S"
expect 'csrc/base/a.S:1: 121 columns' 'csrc/base/base.c:4: 121 columns' 'include/cordon/limits.def:1: 121 columns' \
	'tests-native/unit/test_a.cpp:1: 121 columns' 'tests-native/unit/test_a.h:1: 122 columns'

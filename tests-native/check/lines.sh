#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# lines.sh ROOT: lists the lines of more than 120 columns in the C sources, and fails if there is one. clang-format
# leaves comments, texts and tables to the author.
set -eu
columns=$(cat "$(dirname "$0")/columns.awk")
cd "$1"
find csrc include tests-native -type f \( -name '*.[chS]' -o -name '*.cpp' -o -name '*.def' \) | LC_ALL=C sort |
	tr '\n' '\0' | xargs -0 awk "$columns"'
	# A tab is at most 8 columns.
	length > 15 && columns($0) > 120 {
		print FILENAME ":" FNR ": " columns($0) " columns"
		failed = 1
	}
	END {
		if (NR == 0)
			print "no source files"
		exit failed || NR == 0
	}'

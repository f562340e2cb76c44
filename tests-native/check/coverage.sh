#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# coverage.sh BUILD: the lines of each module of the library that the tests have run since the last "coverage.sh BUILD reset",
# in a build with -DCORDON_BUILD=coverage. Not counted: cordon-init, which has no libc to write its counters with, and what only a
# JVM runs (jni.c, bench, compat).
set -eu
build=$(cd "$1" && pwd)
# The files are named as seen from the root.
cd "$(dirname "$0")/../.."
if [ "${2-}" = reset ]; then
	find "$build" -name '*.gcda' -exec rm {} +
	exit 0
fi
# jni's files are tested as part of unit_request.
find "$build" -path '*/lib_*.dir/*.gcno' -o -path '*/unit_request.dir/*/jni/*.gcno' | LC_ALL=C sort | xargs -n 1 gcov -t 2>/dev/null | awk -F : '
	$3 == "Source" { file = $4; sub(/.*csrc\//, "", file); next }
	file !~ /\.c$/ { next }
	$1 ~ /^ *-$/ { next }
	{
		at = file ":" ($2 + 0)
		lines[at]
		if ($1 !~ /#####|=====/)
			run[at]
	}
	END {
		for (at in lines) {
			split(at, part, "/")
			n[part[1]]++
			all++
			if (at in run) {
				hit[part[1]]++
				hits++
			}
		}
		if (all == 0) {
			print "no counters: cmake -DCORDON_BUILD=coverage"
			exit 1
		}
		for (m in n)
			printf "%-12s %5d of %5d lines  %5.1f %%\n", m, hit[m], n[m], 100 * hit[m] / n[m] | "LC_ALL=C sort"
		close("LC_ALL=C sort")
		printf "%-12s %5d of %5d lines  %5.1f %%\n", "all", hits, all, 100 * hits / all
	}'

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows skipped scenarios at the end of a test run: ctest does not, if they are skipped in a program that passes.
#   skipped.sh begin FILE    makes the file, empty; tests of any user add a line for each skip (support/test.c)
#   skipped.sh show FILE     counts and names them
set -eu
case $1 in
begin)
	mkdir -p "$(dirname "$2")"
	: >"$2"
	chmod 666 "$2"
	;;
show)
	[ ! -s "$2" ] || {
		echo
		echo "Skipped ($(wc -l <"$2")), and what was missing:"
		sed 's/^/  /' "$2" | sort
	}
	;;
*) exit 2 ;;
esac

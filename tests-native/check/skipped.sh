#!/bin/sh
# What tests have skipped, at the end of a test run: a scenario that is skipped inside a program that passes is nowhere else to be seen.
#   skipped.sh begin FILE    makes the file that tests write a line to for each (support/test.c), empty, for tests of any user
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

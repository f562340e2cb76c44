#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# spdx.sh ROOT: every source file, and every script without an ending, has its license in one of its first three lines.
# Looks at what git knows; without git, at all but hidden folders, build folders and Maven's target.
set -eu
cd "$1"

files() {
	if [ -e .git ] && git ls-files 2>/dev/null; then
		return
	fi
	find . -type d ! -name . \( -name '.*' -o -path ./target -o -exec test -e '{}/CMakeCache.txt' \; \) -prune -o -type f -print
}

files | while IFS= read -r file; do
	case ${file##*/} in
	*.[chS] | *.cpp | *.def | *.map | *.java | *.sh | *.awk | *.cmake | CMakeLists.txt | *.xml | *.xsl) ;;
	*.*) continue ;;
	*) [ -x "$file" ] || continue ;;
	esac
	[ ! -f "$file" ] || printf '%s\n' "${file#./}"
done | tr '\n' '\0' | xargs -0 awk '
	FNR <= 3 && /SPDX-License-Identifier: Apache-2\.0/ { named[FILENAME] = 1 }
	END {
		for (i = 1; i < ARGC; i++) {
			if (!(ARGV[i] in named)) {
				print ARGV[i] ": no SPDX-License-Identifier in its first three lines"
				failed = 1
			}
		}
		if (ARGC == 1) {
			print "no source files"
			failed = 1
		}
		exit failed
	}'

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Which module may include which: modules.sh CSRC. Every #include "module/header.h" in CSRC/<module>/ must be allowed by the module's
# line in CSRC/modules.deps, and a line may only name modules of earlier lines, so that there is no circle.
set -eu
cd "$1"
find . -mindepth 2 -name '*.[chS]' | sed 's|^\./||' | LC_ALL=C sort | xargs awk '
	function complain(what) {
		print where ": " what
		bad = 1
	}
	BEGIN {
		while ((getline line < "modules.deps") > 0) {
			sub(/#.*|^\[.*/, "", line)
			n = split(line, word, /[: \t]+/)
			if (n == 0 || word[1] == "")
				continue
			where = "modules.deps"
			for (i = 2; i <= n; i++) {
				if (word[i] == "")
					continue
				if (!(word[i] in known))
					complain(word[1] " names " word[i] ", which is no earlier line")
				may[word[1], word[i]] = 1
			}
			known[word[1]] = 1
		}
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		where = FILENAME ":" FNR
		split(FILENAME, path, "/")
		split($0, quoted, "\"")
		header = quoted[2]
		split(header, target, "/")
		if (!(path[1] in known))
			complain(path[1] " has no line in modules.deps")
		else if (header ~ /\.\./ || header !~ /\//)
			complain("include \"" header "\" must be written as \"module/header.h\"")
		else if (target[1] != "cordon" && target[1] != path[1] && !((path[1], target[1]) in may))
			complain(path[1] " must not include " header)
	}
	END { exit bad }'

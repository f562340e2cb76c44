#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# files.sh CSRC EXCEPTIONS OBJECT...: checks that the files of a module form no circle. A .c file and the .h file of its
# name count as one. A file needs another if it includes its header, or uses its functions or data, as nm shows from the
# objects. In EXCEPTIONS a line "module" leaves out a module, a line "module/a module/b" that a needs b.
set -eu
csrc=$1
exceptions=$2
shift 2
{
	sed 's/#.*//; s/^/except /' "$exceptions"
	(cd "$csrc" && find . -mindepth 2 -name '*.[chS]' | LC_ALL=C sort | sed 's|^\./||' |
		xargs grep -H '^[[:space:]]*#[[:space:]]*include[[:space:]]*"') |
		sed 's/^\([^:]*\):.*"\(.*\)".*/include \1 \2/'
	for object; do
		"$NM" -P "$object" | sed "s|^|symbol $object |"
	done
} | LC_ALL=C awk '
	function unit(path) {
		sub(/^.*csrc\//, "", path)
		sub(/(\.[chS])?(\.o)?$/, "", path)
		return path
	}
	function module(u) {
		sub(/\/.*/, "", u)
		return u
	}
	function need(a, b, why) {
		if (a == b || module(a) != module(b))
			return
		if ((a, b) in except) {
			met[a, b] = 1
			return
		}
		if (!((a, b) in needs)) {
			from[++n] = a
			to[n] = b
			needs[a, b] = why
		}
	}
	$1 == "except" && NF == 2 { whole[$2] = 1 }
	$1 == "except" && NF == 3 { except[$2, $3] = $2 " " $3 }
	$1 == "include" { need(unit($2), unit($3), "includes") }
	# Of the same module and for the same program: objects of both are given.
	$1 == "symbol" {
		user[++nsymbols] = unit($2)
		program = $2
		sub(/csrc\/.*/, "", program)
		symbol[nsymbols] = program SUBSEP $3
		used[nsymbols] = $4 == "U"
		if ($4 ~ /[TDBRVW]/)
			definer[symbol[nsymbols]] = unit($2)
		seen = 1
	}
	END {
		for (i = 1; i <= nsymbols; i++)
			if (used[i] && symbol[i] in definer) {
				split(symbol[i], part, SUBSEP)
				need(user[i], definer[symbol[i]], "uses " part[2])
			}
		if (!seen) {
			print "no object was given"
			bad = 1
		}
		for (e in except)
			if (!(e in met)) {
				print "there is no such need any more: " except[e]
				bad = 1
			}
		# A need is in no circle if no file needs its user, or if the file that it needs needs none.
		do {
			split("", needy)
			split("", needed)
			for (i = 1; i <= n; i++)
				if (!gone[i]) {
					needy[from[i]] = 1
					needed[to[i]] = 1
				}
			again = 0
			for (i = 1; i <= n; i++)
				if (!gone[i] && (!(from[i] in needed) || !(to[i] in needy)))
					again = gone[i] = 1
		} while (again)
		for (i = 1; i <= n; i++)
			if (!gone[i] && module(from[i]) in whole) {
				circles[module(from[i])] = 1
			} else if (!gone[i]) {
				print "in a circle: " from[i] " " needs[from[i], to[i]] (needs[from[i], to[i]] == "includes" ? " " : " of ") to[i]
				bad = 1
			}
		for (m in whole)
			if (!(m in circles)) {
				print "there is no circle any more: " m
				bad = 1
			}
		exit bad
	}'

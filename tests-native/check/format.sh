#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The layout of C sources, by clang-format and .clang-format of the tree.
#   format.sh check ROOT    fails and shows the difference where a file is not laid out so
#   format.sh write ROOT    lays the files out
# Left to the author: tables (initialisers of several lines), macros, and the white space before a comment at the end of
# a line or before a backslash there. Their length is checked by lines.sh.
# One version, because each lays some things out differently.
set -eu
version=14
mode=$1
columns=$(cat "$(dirname "$0")/columns.awk")
cd "$2"

for tool in clang-format-$version clang-format none; do
	case $($tool --version 2>/dev/null) in
	*"version $version."*) break ;;
	esac
done
if [ $tool = none ]; then
	echo "no clang-format $version (cross-build/setup --dev)" >&2
	exit 77
fi

# The options --lines=FIRST:LAST of the lines that are laid out; none: no line is.
ranges() {
	awk "$columns"'
		function leave(from, to) {
			if (from > first)
				printf "--lines=%d:%d ", first, from - 1
			first = to + 1
		}
		function indent_of(line) {
			match(line, /^[ \t]*/)
			return substr(line, 1, RLENGTH)
		}
		BEGIN { first = 1 }
		macro { if (!/\\$/) { macro = 0; leave(start, NR) } next }
		table { if (index($0, indent "}") == 1 && !/\{$/) { table = 0; leave(start, NR) } next }
		remark { if (/\*\//) { remark = 0; leave(start, NR) } next }
		statement { if (/;$/) { statement = 0; leave(start, NR) } next }
		/^[ \t]*#[ \t]*define/ {
			start = NR
			if (/\\$/)
				macro = 1
			else
				leave(NR, NR)
			next
		}
		/enum[a-z_ ]* \{[^}]*$/ {
			table = 1
			start = NR
			indent = indent_of($0)
			next
		}
		(/__asm__/ || / =$/) && !/;$/ {
			statement = 1
			start = NR
			next
		}
		/(struct|union)[^;()]* \{[^}]*$/ { type = NR; type_indent = indent_of($0) }
		/(=|\)) ?\{/ && !/\}[^{]*$/ && !/^[ \t]*(\} else )?(if|for|while|switch) / {
			table = 1
			indent = indent_of($0)
			# The type stands before it, in lines of its own.
			start = $1 == "}" && type_indent == indent ? type : NR
			next
		}
		/[^ \t].*\/\*/ && !/\*\// {
			remark = 1
			start = NR
			next
		}
		# What this version would break worse than the author did.
		/\?.*\?|(enum|struct).*\{.*\}|case .*: case |__asm__|^\} \*/ || (/[^ \t].*\/\*/ && columns($0) > 120) { leave(NR, NR) }
		END { if (NR >= first) printf "--lines=%d:%d ", first, NR }' "$1"
}

# Puts back the white space of lines that differ in nothing else.
restore() {
	awk '
		function plain(line) {
			gsub(/[ \t]+\/\*/, " /*", line)
			sub(/[ \t]+\\$/, " \\", line)
			return line
		}
		FILENAME != "-" { key = plain($0); had[key, n[key]++] = $0; next }
		{ key = plain($0); print ((key, used[key] + 0) in had) ? had[key, used[key]++] : $0 }' "$1" -
}

sources() {
	find csrc include tests-native -name '*.[ch]' -o -name '*.cpp' | LC_ALL=C sort
}

laid=$(mktemp)
trap 'rm -f "$laid"' EXIT
bad=0
for file in $(sources); do
	# Once more where the new layout lets more lines be laid out.
	for round in 1 2 3; do
		# Options, one a word.
		$tool $(ranges "$file") "$file" | restore "$file" >"$laid"
		! cmp -s "$file" "$laid" || break
		if [ "$mode" = write ]; then
			cat "$laid" >"$file"
		else
			diff -u --label "$file" --label "$file, laid out" "$file" "$laid" || bad=1
			break
		fi
	done
done
[ $bad = 0 ] || echo "ninja -C build format-write lays the files out"
exit $bad

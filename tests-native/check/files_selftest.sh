#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tests files.sh: it passes a tree without a circle and finds circles of includes, of symbols and of both.
# files_selftest.sh CC
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/csrc/base" "$tree/csrc/wire"
: >"$tree/exceptions"

# file NAME TEXT: a source of the tree, and its object where it is one of C.
file() {
	printf '%b\n' "$2" >"$tree/csrc/$1"
	case $1 in
	*.c) "$compiler" -I "$tree/csrc" -c -o "$tree/csrc/$1.o" "$tree/csrc/$1" ;;
	esac
}

run() {
	"$here/files.sh" "$tree/csrc" "$tree/exceptions" "$tree"/csrc/*/*.o
}

# expect MESSAGE...: exactly these are reported.
expect() {
	wanted=$(printf '%s\n' "$@")
	if out=$(run) || [ "$out" != "$wanted" ]; then
		printf 'wanted: %s\ngot:    %s\n' "$wanted" "$out"
		exit 1
	fi
}

compiler=$1
file wire/a.h 'int a(void);'
file wire/b.h '#include "wire/a.h"\nint b(void);'
file wire/a.c '#include "wire/a.h"\nint a(void) { return 1; }'
file wire/b.c '#include "wire/b.h"\nint b(void) { return a(); }'
# One and the same name in another module, and in no module at all, joins nothing.
file base/a.c '#include "wire/a.h"\nint b(void) { return a(); }\nint puts(const char *);\nint c(void) { return puts(""); }'
run || { echo "a tree without a circle was refused"; exit 1; }

file wire/a.h '#include "wire/b.h"\nint a(void);'
expect 'in a circle: wire/a includes wire/b' 'in a circle: wire/b includes wire/a'
echo 'wire/a wire/b	# not yet' >"$tree/exceptions"
run || { echo "an exception was not heeded"; exit 1; }
echo 'wire' >"$tree/exceptions"
run || { echo "the exception of a module was not heeded"; exit 1; }

file wire/a.h 'int a(void);'
expect 'there is no circle any more: wire'
echo 'wire/a wire/b' >"$tree/exceptions"
expect 'there is no such need any more: wire/a wire/b'
: >"$tree/exceptions"

file wire/a.c 'int b(void);\nint a(void) { return b(); }'
expect 'in a circle: wire/b includes wire/a' 'in a circle: wire/a uses b of wire/b'
file wire/b.h 'int b(void);'
file wire/b.c 'int c(void);\nint b(void) { return c(); }'
file wire/c.c 'int a(void);\nint c(void) { return a(); }'
file wire/d.c 'int a(void);\nint d(void) { return a(); }'
expect 'in a circle: wire/a uses b of wire/b' 'in a circle: wire/b uses c of wire/c' 'in a circle: wire/c uses a of wire/a'

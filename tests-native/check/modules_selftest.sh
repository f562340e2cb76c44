#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tests modules.sh: it passes a clean tree and finds each kind of violation.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir "$tree/base" "$tree/wire"
printf '# comment\n[init]\nbase:\nwire: base\n' >"$tree/modules.deps"
printf '#include "base/base.h"\n#include "wire/wire.h"\n#include "cordon/error.h"\n#include <stdio.h>\n' >"$tree/wire/wire.c"
echo '#include "base/base.h"' >"$tree/base/base.c"

if ! "$here/modules.sh" "$tree"; then
	echo "a clean tree was refused"
	exit 1
fi

# expect MESSAGE FILE TEXT: with TEXT in FILE exactly MESSAGE is reported.
expect() {
	printf '%s\n' "$3" >"$tree/$2"
	if out=$("$here/modules.sh" "$tree") || [ "$out" != "$1" ]; then
		echo "wanted: $1"
		echo "got:    $out"
		exit 1
	fi
	rm "$tree/$2"
}

expect 'base/x.c:1: base must not include wire/wire.h' base/x.c '#include "wire/wire.h"'
expect 'base/x.c:1: include "../wire/wire.h" must be written as "module/header.h"' base/x.c '#  include "../wire/wire.h"'
expect 'base/x.h:1: include "base.h" must be written as "module/header.h"' base/x.h '#include "base.h"'
mkdir "$tree/stray"
expect 'stray/x.c:1: stray has no line in modules.deps' stray/x.c '#include "base/base.h"'
printf 'base: wire\nwire: base\n' >"$tree/modules.deps"
expect 'modules.deps: base names wire, which is no earlier line' base/x.c ''

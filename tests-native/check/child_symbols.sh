#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The vfork child shares its parent's memory: what child.c may call is this list and nothing else (csrc/forkexec/forkexec.h).
# child_symbols.sh OBJECT... takes the module's objects and reads the child's.
set -eu
allowed='bytes_copy
_GLOBAL_OFFSET_TABLE_'

for object; do
	case $object in
	*/child.c.o)
		undefined=$("$NM" -u "$object" | awk '{ print $NF }')
		extra=$(printf '%s\n' "$undefined" | grep -vxF "$allowed" | grep . || true)
		if [ -n "$extra" ]; then
			echo "$object uses what the vfork child may not:" $extra
			exit 1
		fi
		exit 0
		;;
	esac
done
echo "no child.c.o among: $*"
exit 1

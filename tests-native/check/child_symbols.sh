#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The vfork child shares its parent's memory: child.c uses no symbol of another file (csrc/forkexec/forkexec.h).
# child_symbols.sh OBJECT... takes the objects of the module and checks child.c's.
set -eu

for object; do
	case $object in
	*/child.c.o)
		undefined=$("$NM" -u "$object" | awk 'NF > 1 { print $NF }')
		if [ -n "$undefined" ]; then
			echo "$object uses what the vfork child may not:" $undefined
			exit 1
		fi
		exit 0
		;;
	esac
done
echo "no child.c.o among: $*"
exit 1

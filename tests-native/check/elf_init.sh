#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# elf_init.sh FILE CPU: checks that cordon-init is static and needs no loader, because its root has no libraries.
set -eu
file=$1
cpu=$2
bad=0

complain() {
	echo "$file: $*"
	bad=1
}

header=$("$READELF" -hW "$file")
segments=$("$READELF" -lW "$file")

case $cpu in
x86_64) machine='X86-64' ;;
aarch64) machine='AArch64' ;;
esac
echo "$header" | grep -q "Machine:.*$machine" || complain "is not for $cpu"
echo "$header" | grep -q 'Type:.*EXEC' || complain "is not a plain executable"
! echo "$segments" | grep -qE '^ *INTERP' || complain "asks for a program loader"
! echo "$segments" | grep -qE '^ *DYNAMIC' || complain "has a dynamic section"
! echo "$segments" | grep -qE '^ *TLS' || complain "has thread-local storage, which is not set up"
echo "$segments" | grep GNU_STACK | grep -q 'RW ' || complain "does not say that its stack is not executable"
! echo "$segments" | grep LOAD | grep -q 'RWE' || complain "has a segment that is writable and executable"
exit $bad

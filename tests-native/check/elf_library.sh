#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# elf_library.sh FILE CPU: checks the packaged libcordon.so. It must load on glibc 2.17 and newer, need only libc, be
# hardened, and export only JNI's two entry points.
set -eu
file=$1
cpu=$2
ceiling=2.17
bad=0

complain() {
	echo "$file: $*"
	bad=1
}

header=$("$READELF" -hW "$file")
segments=$("$READELF" -lW "$file")
dynamic=$("$READELF" -dW "$file")
symbols=$("$OBJDUMP" -T "$file")

case $cpu in
x86_64) machine='X86-64' ;;
aarch64) machine='AArch64' ;;
esac
echo "$header" | grep -q "Machine:.*$machine" || complain "is not for $cpu"

needed=$(echo "$dynamic" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
[ "$needed" = libc.so.6 ] || complain "needs" $needed "instead of libc.so.6 alone"
! echo "$dynamic" | grep -q TEXTREL || complain "has text relocations"
echo "$dynamic" | grep -qE 'BIND_NOW|FLAGS_1.*NOW' || complain "is not bound at load time"
! echo "$dynamic" | grep -qE 'RPATH|RUNPATH' || complain "has a run path"
echo "$segments" | grep -q GNU_RELRO || complain "has no RELRO segment"
echo "$segments" | grep GNU_STACK | grep -q 'RW ' || complain "does not say that its stack is not executable"
! echo "$segments" | grep LOAD | grep -q 'RWE' || complain "has a segment that is writable and executable"

newest=$(echo "$symbols" | grep -oE 'GLIBC_[0-9.]+' | sed 's/GLIBC_//' | sort -Vu | tail -n 1)
[ "$(printf '%s\n%s\n' "$newest" $ceiling | sort -V | tail -n 1)" = $ceiling ] ||
	complain "needs glibc $newest for:" $(echo "$symbols" | grep -F "GLIBC_$newest" | awk '{ print $NF }')
# GLIBC_PRIVATE, GLIBC_ABI_DT_RELR, GCC_...: any other version is one that an old glibc or musl has not.
other=$(echo "$symbols" | grep -oE '\(?[A-Z]+_[A-Za-z0-9_.]+\)? +' | tr -d '() ' | grep -vE '^GLIBC_[0-9.]+$' | sort -u || true)
[ -z "$other" ] || complain "uses the symbol versions" $other

# glibc 2.38 and newer rename these when compiling (__isoc23_*, with their own version): on such a build machine the file
# would need that glibc.
renamed=$("$NM" -D --undefined-only "$file" | awk '{ print $NF }' | sed 's/@.*//' |
	grep -xE '__isoc[0-9]+_.*|v?[fs]?scanf|strto(l|ul|ll|ull|imax|umax)' || true)
[ -z "$renamed" ] || complain "uses functions that newer compilers rename:" $renamed

exported=$("$NM" -D --defined-only "$file" | awk '{ print $NF }' | sed 's/@.*//')
for name in $exported; do
	case $name in
	JNI_OnLoad | JNI_OnUnload) ;;
	*) complain "exports $name" ;;
	esac
done
echo "$exported" | grep -qx JNI_OnLoad || complain "does not export JNI_OnLoad"
exit $bad

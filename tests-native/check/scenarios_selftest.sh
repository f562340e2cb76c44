#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tests that a scenario that hangs is named before ctest ends the program, and that a scenario skipped in a program that
# passes is counted and named at the end of the test run.
#   scenarios_selftest.sh CTEST PROGRAM FOLDER    PROGRAM is scenarios.c, FOLDER has the CTestCustom.cmake under test
set -eu
ctest=$1 program=$2 folder=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
skipped=$work/Testing/skipped

# As in CMakeLists.txt, except for the folder.
sed "s|$folder/Testing|$work/Testing|g" "$folder/CTestCustom.cmake" >"$work/CTestCustom.cmake"
grep -q "$skipped" "$work/CTestCustom.cmake"

# run SECONDS SCENARIO...: runs one ctest of these.
run() {
	seconds=$1
	shift
	{
		echo "add_test(scenarios \"$program\"$(printf ' "%s"' "$@"))"
		echo "set_tests_properties(scenarios PROPERTIES TIMEOUT $seconds SKIP_RETURN_CODE 77"
		echo "  ENVIRONMENT \"CORDON_TEST_SECONDS=$seconds;CORDON_TEST_SKIPPED=$skipped\")"
	} >"$work/CTestTestfile.cmake"
	"$ctest" --test-dir "$work" --output-on-failure >"$work/output" 2>&1
}

fail() {
	echo "$1"
	cat "$work/output"
	exit 1
}

must_say() {
	grep -q -e "$1" "$work/output" || fail "not said: $1"
}

must_not_say() {
	! grep -q -e "$1" "$work/output" || fail "said: $1"
}

run 60 passes || fail "a scenario that passes has failed"
must_not_say 'Skipped (.*and what'

run 60 passes is_skipped is_skipped_in_a_child || fail "a scenario that is skipped has failed"
must_say '100% tests passed'
must_say 'Skipped (2), and what was missing:'
must_say 'scenarios is_skipped: a-word: nothing is missing'
[ "$(grep -c 'scenarios is_skipped: ' "$work/output")" = 2 ] || fail "not both"

export CORDON_MUST_WORK="other a-word"
! run 60 is_skipped || fail "what must work was skipped"
must_say 'this must work here: a-word'
must_not_say 'Skipped (.*and what'
CORDON_MUST_WORK=all
! run 60 is_skipped || fail "what must work was skipped"
CORDON_MUST_WORK=other
run 60 is_skipped || fail "what need not work was not skipped"
unset CORDON_MUST_WORK

! run 3 passes hangs || fail "a scenario that hangs has passed"
must_say 'FAIL hangs: no end in sight'
must_not_say '[Tt]imeout'

! run 4 hangs_in_a_child || fail "a scenario that hangs in a child has passed"
must_say 'FAIL hangs: no end in sight'
must_say 'FAIL hangs_in_a_child'
must_not_say '[Tt]imeout'

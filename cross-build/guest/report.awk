# SPDX-License-Identifier: Apache-2.0
# Turns JUnit's report of single tests into the lines of cross-build/guest/main, one verdict for each class.

function class_ends() {
	if (class == "")
		return
	printf "@@ ended java_%s %d %d\n", class, failed ? 1 : passed ? 0 : 77, systime() - start
	printf "%s\n@@ shown java_%s\n", failed ? text : "", class
	fflush()
	class = ""
}

function class_begins(name) {
	class_ends()
	class = name
	failed = passed = 0
	text = ""
	start = systime()
}

/^JUnit Jupiter > .* :: (STARTED|SUCCESSFUL|FAILED|ABORTED|SKIPPED)$/ {
	split($0, part, " > ")
	name = part[2]
	sub(/ :: [A-Z]*$/, "", name)
	if (name != class)
		class_begins(name)
	if ($NF == "SUCCESSFUL")
		passed++
	if ($NF == "FAILED") {
		failed++
		text = text $0 "\n"
	}
	shown = $NF == "FAILED" ? 25 : 0
	next
}

# Prints the exception and the first lines of its stack trace, and a thread dump of the JVM.
class != "" && (shown-- > 0 || !/^\t/) { text = text $0 "\n" }

/^Test run finished after / {
	class_ends()
	finished = 1
}

END {
	if (!finished) {
		failed++
		text = text "the JVM ended before its tests did\n"
	}
	class_ends()
}

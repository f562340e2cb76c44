# SPDX-License-Identifier: Apache-2.0
# The width of a line. A tab goes to the next multiple of 8, as in .clang-format.
function columns(line,  tab, n) {
	n = 0
	while ((tab = index(line, "\t")) > 0) {
		n += tab - 1
		n += 8 - n % 8
		line = substr(line, tab + 1)
	}
	return n + length(line)
}

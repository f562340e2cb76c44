#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# spdx.sh ROOT: every source file, and every script without an ending, has its license in one of its first three lines.
set -eu
cd "$1"
find . -type d \( -name .git -o -name .cache -o -name target -o -name 'build*' \) -prune -o -type f \( \
	-name '*.[chS]' -o -name '*.cpp' -o -name '*.def' -o -name '*.map' -o -name '*.java' -o -name '*.sh' -o -name '*.awk' \
	-o -name '*.cmake' -o -name CMakeLists.txt -o -name '*.xml' -o -name '*.xsl' -o -perm -u+x ! -name '*.*' \) \
	-exec awk '
		FNR <= 3 && /SPDX-License-Identifier: Apache-2\.0/ { named[FILENAME] = 1 }
		END {
			for (i = 1; i < ARGC; i++) {
				if (!(ARGV[i] in named)) {
					print substr(ARGV[i], 3) ": no SPDX-License-Identifier in its first three lines"
					failed = 1
				}
			}
			exit failed
		}' {} +

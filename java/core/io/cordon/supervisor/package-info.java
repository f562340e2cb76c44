/** What is decided about a program while it runs: files, ports, single system calls, and what was noticed. */
@NullMarked
package io.cordon.supervisor;

import org.jspecify.annotations.NullMarked;

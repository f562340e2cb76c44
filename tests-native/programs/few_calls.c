/* SPDX-License-Identifier: Apache-2.0 */
/* few_calls: makes the system calls named by its arguments, one after the other, and prints "name=errno", 0 for
 * success. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

static long call(const char *name)
{
	struct utsname names;

	if (strcmp(name, "getppid") == 0)
		return syscall(SYS_getppid);
	if (strcmp(name, "uname") == 0)
		return syscall(SYS_uname, &names);
	if (strcmp(name, "socket-unix") == 0)
		return syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
	if (strcmp(name, "socket-inet") == 0)
		return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
	if (strcmp(name, "nobodys") == 0)
		return syscall(1000);
	errno = EINVAL;
	return -1;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		long ret = call(argv[i]);

		printf("%s=%d\n", argv[i], ret < 0 ? errno : 0);
		fflush(stdout);
	}
	return 0;
}

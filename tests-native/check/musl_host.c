/* SPDX-License-Identifier: Apache-2.0 */
/* A program built against musl that loads libcordon.so as a JVM on musl would: all symbols at once, then JNI_OnLoad. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	void *library;

	if (argc != 2)
		return 2;
	library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
	if (library == NULL || dlsym(library, "JNI_OnLoad") == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	return 0;
}

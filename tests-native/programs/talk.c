/* SPDX-License-Identifier: Apache-2.0 */
/* talk: one side of a conversation over stdin and stdout; its first argument says which. It prints results on stderr as
 * "name=value". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINGER_US 50000

/* Knows a number; answers each guess with <, > or =, and ends after the right one. */
static int interactor(int secret)
{
	int guesses = 0, guess;

	while (scanf("%d", &guess) == 1) {
		guesses++;
		puts(guess == secret ? "=" : guess > secret ? "<" : ">");
		fflush(stdout);
		if (guess == secret) {
			fprintf(stderr, "guesses=%d\n", guesses);
			return 0;
		}
	}
	fprintf(stderr, "guesses=-1\n");
	return 1;
}

/* Guesses by halving, and stays a little longer than the interactor does. */
static int solver(int low, int high)
{
	char answer = ' ';

	while (low <= high && answer != '=') {
		int guess = low + (high - low) / 2;

		printf("%d\n", guess);
		fflush(stdout);
		if (scanf(" %c", &answer) != 1)
			return 1;
		if (answer == '<')
			high = guess - 1;
		else
			low = guess + 1;
		if (answer == '=')
			fprintf(stderr, "found=%d\n", guess);
	}
	while (getchar() != EOF)
		;
	usleep(LINGER_US);
	return 0;
}

/* Reads to the end after a pause, and stays a little longer than the writer does. */
static int count(int pause_ms)
{
	static char block[65536];
	long total = 0;
	ssize_t n;

	usleep((useconds_t)pause_ms * 1000);
	while ((n = read(0, block, sizeof block)) > 0)
		total += n;
	fprintf(stderr, "bytes=%ld\n", total);
	usleep(LINGER_US);
	return n < 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "interactor") == 0)
		return interactor(atoi(argv[2]));
	if (argc == 4 && strcmp(argv[1], "solver") == 0)
		return solver(atoi(argv[2]), atoi(argv[3]));
	if (argc == 3 && strcmp(argv[1], "count") == 0)
		return count(atoi(argv[2]));
	return 101;
}

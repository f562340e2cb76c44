/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are copied in, with this process as init: the host has closed them when it asks for the program. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/base.h"
#include "host/run_state.h"
#include "socket/socket.h"
#include "test.h"

#define OPEN_ID 1
#define SCRIPT "#!/bin/sh\nexit 7\n"

/* As cordon_run_open leaves it when the OPEN of one file is sent. *ret_far = init's end. */
static struct cordon_run *run_new(int *ret_far)
{
	struct cordon_run *run = calloc(1, sizeof *run);
	int pair[2];

	REQUIRE(run != NULL && socket_pair(pair) == 0);
	run->epoll_fd = run->sync_fd = run->sync_far = -1;
	for (uint32_t i = 0; i < RUN_SOURCES; i++)
		run->watches[i].fd = -1;
	run->init = &run->own_init;
	init_process_init(&run->own_init);
	run->own_init.socket = pair[0];
	run->own_init.pid = getpid();
	for (uint32_t i = 0; i < ARRAY_LEN(run->streams); i++)
		stream_init(&run->streams[i]);
	run->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	run->watches[RUN_SOURCE_SOCKET] = (struct pollfd){ pair[0], POLLIN, 0 };
	run->oom_due_ns = run->deadline_ns = UINT64_MAX;
	run->expected_id = OPEN_ID;
	run->stage = RUN_OPENING;
	run->ncopy_in = 1;
	run->copy_in = calloc(1, sizeof *run->copy_in);
	run->execve.size = sizeof(struct cordon_msg_execve);
	run->execve.data = calloc(1, run->execve.size);
	REQUIRE(run->copy_in != NULL && run->execve.data != NULL);
	run->copy_in->fd = -1;
	run->copy_in->data = (unsigned char *)strdup(SCRIPT);
	run->copy_in->len = strlen(SCRIPT);
	*ret_far = pair[1];
	return run;
}

/* init's answer to the OPEN: a file that is open for writing, and then there nowhere else. */
static void answer_open(int far, int fd)
{
	struct {
		struct cordon_msg_items head;
		struct cordon_error error;
	} reply = {
		.head = {
			.head = { CORDON_PROTOCOL_VERSION, CORDON_MSG_ITEMS, 0, sizeof reply, OPEN_ID },
			.nitems = 1, .items = { sizeof reply.head, sizeof reply.error },
		},
	};

	REQUIRE(socket_send(far, &reply, sizeof reply, &fd, 1) == 0);
	close(fd);
}

/* The next message waits for room. */
static void fill(int socket)
{
	static const char junk[4096];

	while (send(socket, junk, sizeof junk, MSG_DONTWAIT) > 0)
		;
	CHECK_EQ(errno, EAGAIN);
}

static void *step(void *run)
{
	(void)cordon_run_step(run);
	return NULL;
}

/* The exit status, or the errno of its execve from 100 on. */
static int execute(const char *path)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)execl(path, path, (char *)NULL);
		_exit(100 + errno);
	}
	REQUIRE(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int execute_when_it_can(const char *path)
{
	const struct timespec pause = { .tv_nsec = NSEC_PER_MSEC };
	uint64_t end = clock_ns() + 10 * NSEC_PER_SEC;
	int status;

	while ((status = execute(path)) == 100 + ETXTBSY && clock_ns() < end)
		nanosleep(&pause, NULL);
	return status;
}

/* While the host is held up in asking for the program, which otherwise is a matter of who is quicker. */
static void test_closed_before_the_program(void)
{
	char path[] = "/tmp/cordon-files-XXXXXX", buf[65536];
	int far, fd = mkostemp(path, O_CLOEXEC);
	struct cordon_run *run = run_new(&far);
	pthread_t thread;

	REQUIRE(fd >= 0 && fchmod(fd, 0755) == 0);
	answer_open(far, fd);
	fill(run->own_init.socket);
	REQUIRE(pthread_create(&thread, NULL, step, run) == 0);
	CHECK_EQ(execute_when_it_can(path), 7);
	while (recv(far, buf, sizeof buf, 0) != sizeof(struct cordon_msg_execve))
		;
	pthread_join(thread, NULL);
	CHECK_EQ(run->stage, RUN_RUNNING);
	cordon_run_free(run);
	close(far);
	unlink(path);
}

int main(void)
{
	test_closed_before_the_program();
	return TEST_RESULT();
}

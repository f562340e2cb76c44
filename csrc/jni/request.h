/* request: the flat forms in which Java hands over what is to be done, and in which it gets the answers.
 *
 * Java and the library are built together; the first field is a version that must match. Numbers are native-endian and
 * unaligned; the fields stand one after the other without padding, in exactly this order:
 *   u32 i32 u64  numbers
 *   str          u32 length (without NUL), the bytes, one NUL byte; str? may be absent: length 0xFFFFFFFF and nothing else
 *   bytes        u64 length, the bytes;  bytes? may be absent: length 0xFFFFFFFFFFFFFFFF
 *   T[n]         u32 n, then n times T
 *
 * REQUEST
 *   u32 version (REQUEST_VERSION)          every request starts with it; what follows depends on the native
 *   CONFIG, COMMAND                        runOpen
 *   CONFIG                                 containerOpen
 *   POLICY                                 seccompNew
 *   COMMAND                                containerRunOpen
 *   FILES                                  containerFiles
 *
 * CONFIG
 *   mounts[n]: u32 type, u32 flags, str? source, str target, u64 size_bytes, u64 inodes, u32 mode
 *   u32 network; str? hostname; str? domainname; u32 uid; u32 gid; u32 host_uid; u32 host_gid
 *   u32 seccomp_kind; bytes? seccomp_bpf; u64 seccomp_policy (a handle of seccompNew, or 0); u64 require
 *   init_command[n]: str                   n = 0: none
 *   u32 use_cgroup; u32 namespaces; str? apparmor_profile; str? selinux_label
 *
 * COMMAND
 *   argv[n]: str        (str must not hold a NUL byte; Java refuses it, and the decoder again)
 *   envp[n]: str
 *   i32 exec_fd; u32 sync; u32 terminal; str? work_dir; str? cpuset
 *   three times (stdin, stdout, stderr): u32 kind, i32 fd, str? path, bytes? data, u64 limit_bytes
 *   fds[n]: i32 fd, i32 target
 *   rlimits[n]: u32 resource, u64 soft, u64 hard
 *   copy_in[n]: str name, str? path, bytes? data, u32 mode
 *   copy_out[n]: str name, str? path, u64 limit_bytes, u32 flags
 *   limits[n]: u64, for each row of cordon/limits.def, in their order
 *   u32 has_supervisor; where 1: u32 engine, u32 flags, u32 outside, i32 outside_errno, u64 ask_timeout_ns
 *     paths[n]: str path, u32 scope, u32 access
 *     syscalls[n]: str syscall, u32 decision, i32 err, u64 limit
 *     ports[n]: u32 port, u32 access
 *
 * POLICY (seccompNew)
 *   u32 arch; u32 default_action; u32 unknown_action
 *   rules[n]: str syscall, u32 action, args[n]: u32 index, u32 op, u64 value, u64 value_two
 *
 * FILES
 *   files[n]: str path, str? text, u32 flags, u32 mode
 *
 * ERROR (128 bytes): struct cordon_error as it is: i32 err, u16 step, u8 origin, u8 flags, i32 index, u32 detail_len,
 *   112 bytes of detail
 *
 * REPLY
 *   ERROR                                  step 0: a result follows; else nothing follows
 *   numbers[n]: i64, for each row of cordon/result.def, in their order
 *   twice (stdout, stderr): u64 total, u32 truncated, bytes? data
 *   copied[n]: ERROR, bytes? data
 *   i32 violation (index into events, or -1)
 *   events[n]: those that were kept; where the violation is none of them it follows as the last. struct cordon_event as it is, 272
 *     bytes: u32 kind, i32 syscall, i32 err, i32 pid, u64 time_ns, u64 ip, u64 x 6 args,
 *     u32 arch, u32 path_len, 184 bytes of path
 *   u32 ncounts; ncounts x u64 counts; ncounts x u64 setup_counts
 *
 * QUESTION
 *   i32 syscall; i32 pid; u64 x 6 args; u64 ip; u32 access; paths[n]: str
 *
 * FILES REPLY
 *   ERROR                                  step 0: for each file, in order:
 *   i32 fd; ERROR                          fd: the caller's, or -1
 *
 * FEATURES
 *   ERROR                                  step 0: the rest follows
 *   str release; str machine; u32 root; u32 proc_mountable; u64 kernel; u64 layers; i32 landlock_abi
 *   i32 namespace_err x 7; u64 max_user_namespaces (two's complement); i32 userns_clone; i32 apparmor_userns; i32 memfd_noexec
 *   three times (memory, pids, cpu): u32 version, u32 usable, str path
 *
 * NATIVES of io.cordon.internal.jni.Natives (all static; buffers are direct):
 *   String-free: every one takes and returns primitives and direct buffers only.
 *   int  version(ByteBuffer out)                         the library's version as ASCII into out, returns its length
 *   int  names(int table, int number, ByteBuffer out)    table 0 step 1 status 2 cause 3 source 4 layer 5 kernel feature
 *                                                        6 event kind 7 limit 8 result: the name's length, or -1 where the number is none
 *   long numbers(int table, int number)                  of limit `number`: table 0 kind 1 usual 2 least 3 most 4 none
 *                                                        (cordon/limits.def); INT64_MIN where there is none
 *   long runOpen(ByteBuffer request, int length, ByteBuffer error)   a handle > 0, or 0 with ERROR at the buffer's start
 *   int  runWait(long run)                               blocks; 1 = sync point, 2 = done, 3 = question (enum cordon_run_state)
 *   int  runQuestion(long run, ByteBuffer out)           at 3: QUESTION; its length, or -errno (ENOENT: none is open)
 *   void runAnswer(long run, int decision, int err)      at 3; by the thread that waits
 *   int  runPid(long run)
 *   void runRelease(long run, int go)
 *   void runCancel(long run)                             any thread, until runFree
 *   long runReplyLength(long run)                        after done
 *   int  runReply(long run, ByteBuffer reply)            writes REPLY from the buffer's start; 0, or -errno (ENOSPC)
 *   void runFree(long run)
 *   long loopOpen(ByteBuffer error)                      an event loop for the asynchronous form, or 0 with ERROR
 *   int  loopAdd(long loop, long run)                    0 or -errno; the loop's thread drives the run from now on
 *   long loopNext(long loop)                             blocks; the handle of a run that is done, which takes it out of the
 *                                                        loop, or has reached its sync point, which does not: runRelease,
 *                                                        then loopNext again; 0 = closed
 *   void loopClose(long loop)                            loopNext returns 0; then loopFree by the loop's thread
 *   void loopFree(long loop)
 *   int  features(ByteBuffer out)                        FEATURES; its length or -errno
 *
 *   long seccompNew(ByteBuffer request, int length, ByteBuffer error)     POLICY; a handle > 0, or 0 with ERROR
 *   int  seccompProgram(long policy, ByteBuffer out)     the BPF program, written where it fits; its length in bytes. policy 0 =
 *                                                        default; -errno where that can't be compiled
 *   int  seccompVerdict(long policy, int syscall, ByteBuffer args)        args: u64 x 6; SECCOMP_RET_* with data. policy 0 = default
 *   void seccompFree(long policy)                        no sandbox may use it any more
 *   int  syscallNumber(ByteBuffer name, int length, int arch)             or -1
 *   int  syscallName(int number, int arch, ByteBuffer out)                its length; 0 = unknown
 *
 *   long containerOpen(ByteBuffer request, int length, ByteBuffer error)   a handle > 0, or 0 with ERROR
 *   int  containerPing(long container, ByteBuffer error)  0, or -errno with ERROR; so the next one
 *   int  containerReset(long container, ByteBuffer error)
 *   long containerRunOpen(long container, ByteBuffer request, int length, int flags, ByteBuffer error)
 *                                                        as runOpen; flags: enum cordon_run_flag
 *   int  containerFiles(long container, int op, ByteBuffer request, int length, ByteBuffer reply)
 *                                                        op 0 open, 1 delete, 2 symlink. FILES REPLY; its length or
 *                                                        -ENOSPC, and then nothing was done
 *   int  containerPause(long container, int pause, ByteBuffer error)       any thread, until containerFree
 *   int  containerPid(long container)
 *   void containerFree(long container)                   no run of it may be left
 *
 *   int  fdPipe(ByteBuffer fds)                          two ints, the read end first; close-on-exec; 0 or -errno
 *   int  fdTerminal(ByteBuffer fds)                      two ints: a new terminal's master and its slave; 0 or -errno
 *   int  fdTerminalSession(int master)                   the session whose controlling terminal it is, or -errno
 *   int  fdRead(int fd, ByteBuffer buffer, int length)   read(2) to the buffer's start; the number of bytes, or -errno
 *   int  fdWrite(int fd, ByteBuffer buffer, int length)  write(2) from the buffer's start; the number of bytes, or -errno
 *   int  fdClose(int fd)
 *
 *   long pairOpen(long record_bytes, ByteBuffer fds, ByteBuffer error)     a handle > 0 with four ints (enum
 *                                                        cordon_pair_fd), or 0 with ERROR
 *   void pairStarted(long pair)
 *   int  pairWait(long pair, long run_a, long run_b)     blocks; 0 = a ended first, 1 = b
 *   long pairRecord(long pair, int direction, ByteBuffer out)              the record's length; written where it fits
 *   long pairRecordTotal(long pair, int direction)
 *   void pairFree(long pair)
 *
 *   int  benchTarget()                                   a descriptor of the tiny program, kept for ever, or -errno
 *   int  benchFloor(int iterations, ByteBuffer out)      the nanoseconds of each as u64, sorted; 0 or -errno
 *   int  benchOneShot(int iterations, ByteBuffer out)    the same
 */
#ifndef CORDON_JNI_REQUEST_H
#define CORDON_JNI_REQUEST_H

#include <stddef.h>
#include <stdint.h>
#include "cordon/command.h"
#include "cordon/container.h"
#include "cordon/error.h"
#include "cordon/features.h"
#include "cordon/result.h"
#include "cordon/runner.h"
#include "cordon/seccomp.h"

#define REQUEST_VERSION 6u
#define REQUEST_ABSENT32 UINT32_MAX
#define REQUEST_ABSENT64 UINT64_MAX

/* A decoded request. Strings and bytes are those of the message, which must stay as it is until request_done; the arrays
 * are our own. */
struct request {
	struct cordon_container_config config;
	struct cordon_command command;
	const struct cordon_file *files;
	uint32_t nfiles;
	uint32_t policy_arch;
	struct cordon_seccomp_policy policy;
	struct request_block *blocks;
};

/* What follows the version, in this order. */
enum request_part {
	REQUEST_CONFIG = 1 << 0,
	REQUEST_COMMAND = 1 << 1,
	REQUEST_FILES = 1 << 2,
	REQUEST_POLICY = 1 << 3,
};

/* Decodes a REQUEST of these parts (enum request_part): only its form; what the values mean is checked by the library. A part
 * that is not asked for is zero.
 * Returns 0 with *ret_request filled, to be ended by request_done; or -errno with *err set (step VALIDATE, detail
 * "request: field: what is wrong", index = item; or step MEMORY) and nothing to end. */
int request_decode(const void *message, size_t len, uint32_t parts, struct request *ret_request, struct cordon_error *err);

/* Frees the arrays. */
void request_done(struct request *request);

/* Write REPLY, QUESTION, FEATURES or FILES REPLY into buf of size bytes and return the length that it takes; where that is more
 * than size, what is in buf is incomplete. Where err->step is not 0, the other arguments are not looked at. fds NULL: -1 for each. */
uint64_t reply_encode(const struct cordon_error *err, const struct cordon_result *result, void *buf, uint64_t size);
uint64_t question_encode(const struct cordon_question *question, void *buf, uint64_t size);
uint64_t features_encode(const struct cordon_error *err, const struct cordon_features *features, void *buf, uint64_t size);
uint64_t files_encode(const struct cordon_error *err, const int *fds, const struct cordon_error *errors, uint32_t n, void *buf,
		      uint64_t size);

#endif

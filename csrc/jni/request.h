/* request: the flat form in which Java hands over a run, and in which it gets the answer.
 *
 * Java and the library are built together; the first field is a version that must match. Numbers are native-endian and
 * unaligned; the fields stand one after the other without padding, in exactly this order:
 *   u32 i32 u64  numbers
 *   str          u32 length (without NUL), the bytes, one NUL byte; str? may be absent: length 0xFFFFFFFF and nothing else
 *   bytes        u64 length, the bytes;  bytes? may be absent: length 0xFFFFFFFFFFFFFFFF
 *   T[n]         u32 n, then n times T
 *
 * REQUEST
 *   u32 version (REQUEST_VERSION)
 *   mounts[n]: u32 type, u32 flags, str? source, str target, u64 size_bytes, u64 inodes, u32 mode
 *   u32 network; str? hostname; str? domainname; u32 uid; u32 gid; u32 host_uid; u32 host_gid
 *   u32 seccomp_kind; bytes? seccomp_bpf; u64 require
 *   argv[n]: str        (str must not hold a NUL byte; Java refuses it, and the decoder again)
 *   envp[n]: str
 *   i32 exec_fd; u32 sync; str? work_dir
 *   three times (stdin, stdout, stderr): u32 kind, i32 fd, str? path, bytes? data, u64 limit_bytes
 *   fds[n]: i32 fd, i32 target
 *   rlimits[n]: u32 resource, u64 soft, u64 hard
 *   copy_in[n]: str name, str? path, bytes? data, u32 mode
 *   copy_out[n]: str name, str? path, u64 limit_bytes, u32 flags
 *   limits: nine u64 in the order of struct cordon_limits: cpu_time_ns wall_time_ns idle_time_ns memory_bytes stack_bytes
 *   processes output_bytes open_files core_bytes
 *
 * ERROR (128 bytes): struct cordon_error as it is: i32 err, u16 step, u8 origin, u8 flags, i32 index, u32 detail_len,
 *   112 bytes of detail
 *
 * REPLY
 *   ERROR                                  step 0: a result follows; else nothing follows
 *   u32 status; u32 cause; i32 exit_code; i32 signal
 *   u64 cpu_time_ns; u64 user_time_ns; u64 system_time_ns; u64 wall_time_ns; u64 setup_time_ns; u64 memory_peak_bytes
 *   u32 memory_source; u32 cpu_source; u32 oom_kills; i32 syscall; u64 layers
 *   twice (stdout, stderr): u64 total, u32 truncated, bytes? data
 *   copied[n]: ERROR, bytes? data
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
 *   int  names(int table, int number, ByteBuffer out)    table 0 step 1 status 2 cause 3 source 4 layer 5 kernel feature:
 *                                                        the name's length, or -1 where the number is none
 *   long runOpen(ByteBuffer request, int length, ByteBuffer error)   a handle > 0, or 0 with ERROR at the buffer's start
 *   int  runWait(long run)                               blocks; 1 = sync point, 2 = done (enum cordon_run_state)
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

#define REQUEST_VERSION 1u
#define REQUEST_ABSENT32 UINT32_MAX
#define REQUEST_ABSENT64 UINT64_MAX

/* A decoded request. Strings and bytes are those of the message, which must stay as it is until request_done; the arrays
 * are our own. */
struct request {
	struct cordon_container_config config;
	struct cordon_command command;
	struct request_block *blocks;
};

/* Decodes REQUEST: only its form; what the values mean is checked by cordon_run_open.
 * Returns 0 with *ret_request filled, to be ended by request_done; or -errno with *err set (step VALIDATE, detail
 * "request: field: what is wrong", index = item; or step MEMORY) and nothing to end. */
int request_decode(const void *message, size_t len, struct request *ret_request, struct cordon_error *err);

/* Frees the arrays. */
void request_done(struct request *request);

/* Write REPLY or FEATURES into buf of size bytes and return the length that it takes; where that is more than size, what
 * is in buf is incomplete. Where err->step is not 0, the other argument is not looked at. */
uint64_t reply_encode(const struct cordon_error *err, const struct cordon_result *result, void *buf, uint64_t size);
uint64_t features_encode(const struct cordon_error *err, const struct cordon_features *features, void *buf, uint64_t size);

#endif

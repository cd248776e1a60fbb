/*
 * LD_PRELOAD shim between lmdb and the disk, for the fault runs. It only looks at files named
 * data.mdb.
 *
 *   TALLYD_TRACE=file   appends every write, truncation and sync that succeeded (write-trace.ts):
 *                       u8 kind | u8 synchronous | u16 0 | u32 length | u64 offset | bytes
 *   TALLYD_STALL=file   while that file exists, writes and syncs hang
 *
 * Records are appended with one writev each, so their order is the order of the calls.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, TRUNCATE = 3 };
enum { FD_MAX = 4096 };

/* 1: data.mdb; 2: opened so that every write is synchronous. */
static unsigned char watched[FD_MAX];
static int trace_fd = -1;
static const char *stall;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_msync)(void *, size_t, int);

__attribute__((constructor)) static void start(void) {
  real_write = dlsym(RTLD_NEXT, "write");
  real_writev = dlsym(RTLD_NEXT, "writev");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_open = dlsym(RTLD_NEXT, "open64");
  real_close = dlsym(RTLD_NEXT, "close");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  real_msync = dlsym(RTLD_NEXT, "msync");
  const char *path = getenv("TALLYD_TRACE");
  if (path) trace_fd = real_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  stall = getenv("TALLYD_STALL");
}

static int state_of(int fd) { return fd >= 0 && fd < FD_MAX ? watched[fd] : 0; }

static void wait_out(int fd) {
  if (!stall || !state_of(fd)) return;
  while (access(stall, F_OK) == 0) usleep(2000);
}

static void record(int kind, int fd, uint64_t offset, const void *bytes, size_t length) {
  if (trace_fd < 0) return;
  struct { uint8_t kind, synchronous; uint16_t zero; uint32_t length; uint64_t offset; } head =
      { kind, state_of(fd) == 2, 0, (uint32_t)length, offset };
  struct iovec parts[2] = { { &head, sizeof head }, { (void *)bytes, length } };
  real_writev(trace_fd, parts, length ? 2 : 1);
}

static int opened(const char *path, int flags, int fd) {
  size_t length = strlen(path);
  int is_data = length >= 9 && strcmp(path + length - 9, "/data.mdb") == 0;
  if (fd >= 0 && fd < FD_MAX) watched[fd] = is_data ? (flags & (O_SYNC | O_DSYNC) ? 2 : 1) : 0;
  return fd;
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  return opened(path, flags, real_open(path, flags, mode));
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  return opened(path, flags, real_open(path, flags, mode));
}

int close(int fd) {
  if (fd >= 0 && fd < FD_MAX) watched[fd] = 0;
  return real_close(fd);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  wait_out(fd);
  off_t at = state_of(fd) ? lseek(fd, 0, SEEK_CUR) : 0;
  ssize_t done = real_write(fd, bytes, length);
  if (state_of(fd) && done > 0) record(WRITE, fd, at, bytes, done);
  return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at) {
  wait_out(fd);
  ssize_t done = real_pwrite(fd, bytes, length, at);
  if (state_of(fd) && done > 0) record(WRITE, fd, at, bytes, done);
  return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  wait_out(fd);
  off_t at = state_of(fd) ? lseek(fd, 0, SEEK_CUR) : 0;
  ssize_t done = real_writev(fd, parts, count);
  ssize_t rest = state_of(fd) ? done : 0;
  for (int i = 0; i < count && rest > 0; i++) {
    size_t length = (ssize_t)parts[i].iov_len < rest ? parts[i].iov_len : (size_t)rest;
    record(WRITE, fd, at, parts[i].iov_base, length);
    at += length;
    rest -= length;
  }
  return done;
}

int fsync(int fd) {
  wait_out(fd);
  int failed = real_fsync(fd);
  if (state_of(fd) && !failed) record(SYNC, fd, 0, NULL, 0);
  return failed;
}

int fdatasync(int fd) {
  wait_out(fd);
  int failed = real_fdatasync(fd);
  if (state_of(fd) && !failed) record(SYNC, fd, 0, NULL, 0);
  return failed;
}

int ftruncate64(int fd, off_t length) {
  wait_out(fd);
  int failed = real_ftruncate(fd, length);
  if (state_of(fd) && !failed) record(TRUNCATE, fd, length, NULL, 0);
  return failed;
}

int msync(void *from, size_t length, int flags) { return real_msync(from, length, flags); }

/*
 * The yardstick: receives datagrams with recvmmsg, 256 a call, and does nothing but count them.
 *
 *   udp-sink BUFFER_BYTES
 *
 * Prints `{"port":…,"inode":"…"}` at start, and `{"datagrams":…,"cpuUs":…}` at each SIGUSR1.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

#define BATCH 256
#define SLOT 2048

static volatile sig_atomic_t asked;
static void ask(int signal) {
  (void)signal;
  asked = 1;
}

int main(int argc, char **argv) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  int wanted = argc > 1 ? atoi(argv[1]) : 4 * 1024 * 1024;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
  struct sockaddr_in at = {.sin_family = AF_INET};
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t at_length = sizeof at;
  struct stat status;
  if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
      getsockname(fd, (struct sockaddr *)&at, &at_length) != 0 || fstat(fd, &status) != 0) {
    perror("udp-sink");
    return 1;
  }
  /* A signal just before recvmmsg blocks must not wait for the next datagram. */
  struct timeval patience = {.tv_usec = 20000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  struct sigaction action = {.sa_handler = ask};
  sigaction(SIGUSR1, &action, NULL);
  printf("{\"port\":%d,\"inode\":\"%llu\"}\n", ntohs(at.sin_port),
         (unsigned long long)status.st_ino);
  fflush(stdout);

  static char slots[BATCH][SLOT];
  static struct iovec parts[BATCH];
  static struct mmsghdr messages[BATCH];
  for (int i = 0; i < BATCH; i++) {
    parts[i] = (struct iovec){.iov_base = slots[i], .iov_len = SLOT};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  long long datagrams = 0;
  for (;;) {
    int got = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
    if (got > 0) datagrams += got;
    if (got < 0 && errno != EINTR && errno != EAGAIN) return 1;
    if (!asked) continue;
    asked = 0;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"datagrams\":%lld,\"cpuUs\":%lld}\n", datagrams,
           (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL +
               usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    fflush(stdout);
  }
}

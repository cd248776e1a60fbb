/*
 * Sends UDP datagrams of StatsD lines to 127.0.0.1 as fast as the machine goes. With UDP GSO one
 * system call carries up to 64 datagrams of equal length; where the kernel lacks it, sendmmsg does.
 *
 *   udp-blast PORT LINES SECONDS COUNT
 *
 * LINES = lines in one datagram (1 or 46), 30 bytes each and 31 with the newline between two. Stops
 * after SECONDS once at least COUNT datagrams are out, after ten times as long in any case, and
 * prints what was sent as JSON. 60 % of the lines are counters, 30 % timers, 10 % gauges, over 1000
 * names.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#define SEGMENTS_MAX 64
#define PAYLOAD_MAX 65000
#define BLOCKS 64
#define NAMES 1000

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

/* One line of exactly 30 bytes; the type follows from the name, the value from a running number. */
static void write_line(char *at, unsigned number) {
  unsigned name = (number * 2654435761u >> 8) % NAMES;
  unsigned kind = name % 10;
  const char *type = kind < 6 ? "c" : kind < 9 ? "ms" : "g";
  char line[40];
  int digits = kind < 6 || kind == 9 ? 3 : 2;
  snprintf(line, sizeof line, "web.app%03u.requests.%03u:%0*u|%s", name / 10, name, digits,
           digits == 3 ? 100 + number % 900 : 10 + number % 90, type);
  memset(at, 'x', 30);
  /* Shorter lines get a longer name: the filler goes in front. */
  size_t length = strlen(line);
  memcpy(at + 30 - length, line, length);
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: udp-blast PORT LINES SECONDS COUNT\n");
    return 2;
  }
  int lines = atoi(argv[2]);
  double seconds = atof(argv[3]);
  long long wanted = atoll(argv[4]);
  int length = lines * 31 - 1;
  int segments = PAYLOAD_MAX / length < SEGMENTS_MAX ? PAYLOAD_MAX / length : SEGMENTS_MAX;
  if (lines < 1 || segments < 1) return 2;

  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
    perror("udp-blast");
    return 1;
  }
  int gso = setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &length, sizeof length) == 0;

  size_t block = (size_t)segments * length;
  char *bytes = malloc(block * BLOCKS);
  if (bytes == NULL) return 1;
  unsigned number = 0;
  for (int i = 0; i < BLOCKS * segments; i++) {
    char *datagram = bytes + (size_t)i * length;
    for (int j = 0; j < lines; j++) {
      write_line(datagram + j * 31, number++);
      if (j + 1 < lines) datagram[j * 31 + 30] = '\n';
    }
  }

  struct mmsghdr messages[SEGMENTS_MAX];
  struct iovec parts[SEGMENTS_MAX];
  long long sent = 0;
  double start = now();
  for (unsigned turn = 0;; turn++) {
    double elapsed = now() - start;
    if (elapsed > 10 * seconds || (elapsed > seconds && sent >= wanted)) break;
    char *from = bytes + (turn % BLOCKS) * block;
    if (gso) {
      ssize_t done = send(fd, from, block, 0);
      if (done > 0) sent += done / length;
      else if (errno == EIO || errno == EINVAL) gso = 0;
      continue;
    }
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < segments; i++) {
      parts[i] = (struct iovec){.iov_base = from + (size_t)i * length, .iov_len = length};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    int done = sendmmsg(fd, messages, segments, 0);
    if (done > 0) sent += done;
  }
  double took = now() - start;
  printf("{\"sent\":%lld,\"seconds\":%.6f,\"bytes\":%d,\"gso\":%s}\n", sent, took, length,
         gso ? "true" : "false");
  return 0;
}

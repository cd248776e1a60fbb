/*
 * Datagram sockets as Linux has them and Node has not: many datagrams by one call (recvmmsg), with
 * their senders; what the kernel dropped at a socket; unix datagram sockets. Called by native.ts,
 * which says what each function takes and gives.
 *
 * A socket belongs to the thread that opened it, and has a descriptor of its own: whatever is done
 * with a closed one does nothing. Where its thread ends first, a cleanup hook closes it.
 *
 * Compiled by build.mjs without a C library: what is called here (libc's and libuv's functions, by
 * names that glibc and musl share) is found in the process, so that one file serves both.
 */
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Of libuv 1, whose functions Node exports; its header is not in node-api-headers. */
typedef struct uv_loop_s uv_loop_t;
typedef struct uv_poll_s uv_poll_t;
typedef struct uv_handle_s uv_handle_t;
enum { UV_POLL = 8, UV_READABLE = 1 };
extern const char *uv_handle_type_name(int type);
extern size_t uv_handle_size(int type);
extern void *uv_handle_get_data(const uv_handle_t *handle);
extern void uv_handle_set_data(uv_handle_t *handle, void *data);
extern int uv_poll_init(uv_loop_t *loop, uv_poll_t *handle, int descriptor);
extern int uv_poll_start(uv_poll_t *handle, int events, void (*onEvent)(uv_poll_t *, int, int));
extern int uv_poll_stop(uv_poll_t *handle);
extern void uv_close(uv_handle_t *handle, void (*onClosed)(uv_handle_t *));

extern int uv_ip4_addr(const char *text, int port, struct sockaddr_in *address);
extern int uv_ip6_addr(const char *text, int port, struct sockaddr_in6 *address);

/* Of linux/sock_diag.h, which a machine with musl may not have. */
#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif
enum { SK_MEMINFO_DROPS = 8, SK_MEMINFO_VARS = 9 };

/* Datagrams of one call, at most; their headers are on the stack: 16 KiB. */
enum { BATCH_MAX = 256, ADDRESS_BYTES = 32 };

typedef struct {
  napi_env env;
  int descriptor;
  /* Of the thread's loop, once somebody listens; freed when the loop has let it go. */
  uv_poll_t *poll;
  napi_ref onReadable;
  napi_async_context context;
  napi_async_cleanup_hook_handle hook;
  /* JavaScript has let it go; the other half of what must be over before it is freed. */
  bool forgotten;
} Socket;

static napi_value number(napi_env env, int64_t value) {
  napi_value result = NULL;
  napi_create_int64(env, value, &result);
  return result;
}

/* The arguments of a call; the rest of `values` is undefined. */
static bool arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values) {
  return napi_get_cb_info(env, info, &count, values, NULL, NULL) == napi_ok;
}

static Socket *socket_of(napi_env env, napi_value value) {
  void *socket = NULL;
  if (napi_get_value_external(env, value, &socket) == napi_ok) return socket;
  napi_throw_type_error(env, NULL, "expected a socket of this addon");
  return NULL;
}

/* The bytes of a typed array, at most 2 GiB; false, and an exception, where it is none. */
static bool bytes_of(napi_env env, napi_value value, void **bytes, size_t *byteLength) {
  napi_typedarray_type type;
  size_t length;
  if (napi_get_typedarray_info(env, value, &type, &length, bytes, NULL, NULL) != napi_ok) {
    napi_throw_type_error(env, NULL, "expected a typed array");
    return false;
  }
  *byteLength = type == napi_int32_array ? length * 4 : length;
  return true;
}

/* ---- A socket's life ------------------------------------------------------------------------ */

static void free_if_over(Socket *socket) {
  if (socket->forgotten && socket->poll == NULL) free(socket);
}

static void on_forgotten(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  Socket *socket = data;
  socket->forgotten = true;
  if (socket->poll == NULL && socket->descriptor >= 0) {
    close(socket->descriptor);
    socket->descriptor = -1;
  }
  free_if_over(socket);
}

/* What `listen` has made; also where it failed in the middle. */
static void stop_listening(Socket *socket) {
  napi_env env = socket->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) == napi_ok) {
    if (socket->context != NULL) napi_async_destroy(env, socket->context);
    if (socket->onReadable != NULL) napi_delete_reference(env, socket->onReadable);
    napi_close_handle_scope(env, scope);
  }
  free(socket->poll);
  socket->context = NULL;
  socket->onReadable = NULL;
  socket->poll = NULL;
  /* Its thread, where it ends, waits for this. */
  if (socket->hook != NULL) napi_remove_async_cleanup_hook(socket->hook);
  socket->hook = NULL;
}

/* Here, and not where it is closed: that may be inside of `onReadable`. */
static void on_closed(uv_handle_t *handle) {
  Socket *socket = uv_handle_get_data(handle);
  stop_listening(socket);
  free_if_over(socket);
}

/* Safe to call twice. */
static void close_socket(Socket *socket) {
  if (socket->descriptor < 0) return;
  if (socket->poll != NULL) {
    uv_poll_stop(socket->poll);
    uv_close((uv_handle_t *)socket->poll, on_closed);
  }
  close(socket->descriptor);
  socket->descriptor = -1;
}

static void on_thread_end(napi_async_cleanup_hook_handle hook, void *data) {
  Socket *socket = data;
  if (socket->descriptor >= 0) close_socket(socket);
  else if (socket->poll == NULL) napi_remove_async_cleanup_hook(hook);
}

static napi_value new_socket(napi_env env, int descriptor) {
  Socket *socket = calloc(1, sizeof *socket);
  napi_value result = NULL;
  if (socket == NULL) {
    close(descriptor);
    return number(env, -ENOMEM);
  }
  socket->env = env;
  socket->descriptor = descriptor;
  if (napi_create_external(env, socket, on_forgotten, NULL, &result) != napi_ok) {
    close(descriptor);
    free(socket);
  }
  return result;
}

static napi_value bind_to(napi_env env, const void *address, socklen_t length, bool reusePort) {
  const int one = 1;
  int family = ((const struct sockaddr *)address)->sa_family;
  int descriptor = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return number(env, -errno);
  if ((reusePort && setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) < 0) ||
      bind(descriptor, address, length) < 0) {
    int error = -errno;
    close(descriptor);
    return number(env, error);
  }
  return new_socket(env, descriptor);
}

static napi_value bind_udp(napi_env env, napi_callback_info info) {
  napi_value values[3];
  char text[128] = "";
  int port = 0;
  bool reusePort = false;
  struct sockaddr_in ipv4;
  struct sockaddr_in6 ipv6;
  if (!arguments(env, info, 3, values)) return NULL;
  napi_get_value_string_utf8(env, values[0], text, sizeof text, NULL);
  napi_get_value_int32(env, values[1], &port);
  napi_get_value_bool(env, values[2], &reusePort);
  if (uv_ip4_addr(text, port, &ipv4) == 0) return bind_to(env, &ipv4, sizeof ipv4, reusePort);
  if (uv_ip6_addr(text, port, &ipv6) == 0) return bind_to(env, &ipv6, sizeof ipv6, reusePort);
  return number(env, -EADDRNOTAVAIL);
}

/* A path, or a name in no folder that begins with NUL; its length, 0 where it is too long. */
static socklen_t unix_address(napi_env env, napi_value value, struct sockaddr_un *address) {
  size_t length = 0;
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok) return 0;
  if (length == 0 || length >= sizeof address->sun_path) return 0;
  napi_get_value_string_utf8(env, value, address->sun_path, sizeof address->sun_path, NULL);
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

static napi_value bind_unix(napi_env env, napi_callback_info info) {
  napi_value value;
  struct sockaddr_un address;
  if (!arguments(env, info, 1, &value)) return NULL;
  socklen_t length = unix_address(env, value, &address);
  if (length == 0) return number(env, -ENAMETOOLONG);
  return bind_to(env, &address, length, false);
}

static napi_value close_by_caller(napi_env env, napi_callback_info info) {
  napi_value value;
  if (!arguments(env, info, 1, &value)) return NULL;
  Socket *socket = socket_of(env, value);
  if (socket != NULL) close_socket(socket);
  return NULL;
}

/* ---- Waiting -------------------------------------------------------------------------------- */

static void on_event(uv_poll_t *poll, int status, int events) {
  (void)events;
  Socket *socket = uv_handle_get_data((uv_handle_t *)poll);
  napi_env env = socket->env;
  napi_handle_scope scope;
  napi_value onReadable, global, argument, error;
  if (socket->descriptor < 0 || napi_open_handle_scope(env, &scope) != napi_ok) return;
  if (napi_get_reference_value(env, socket->onReadable, &onReadable) == napi_ok &&
      napi_get_global(env, &global) == napi_ok &&
      napi_create_int32(env, status, &argument) == napi_ok) {
    /* As Node calls its own: what the callback left for ticks and promises runs behind it. */
    napi_make_callback(env, socket->context, global, onReadable, 1, &argument, NULL);
    bool thrown = false;
    napi_is_exception_pending(env, &thrown);
    if (thrown && napi_get_and_clear_last_exception(env, &error) == napi_ok)
      napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
  /* libuv stops where the socket has an error, which whoever reads it has taken from it. */
  if (status < 0 && socket->descriptor >= 0) uv_poll_start(poll, UV_READABLE, on_event);
}

static napi_value listen_to(napi_env env, napi_callback_info info) {
  napi_value values[2], name;
  uv_loop_t *loop;
  int error;
  if (!arguments(env, info, 2, values)) return NULL;
  Socket *socket = socket_of(env, values[0]);
  if (socket == NULL) return NULL;
  if (socket->descriptor < 0) return number(env, -EBADF);
  if (socket->poll != NULL) return number(env, -EALREADY);
  if (strcmp(uv_handle_type_name(UV_POLL), "poll") != 0) return number(env, -ENOSYS);
  socket->poll = calloc(1, uv_handle_size(UV_POLL));
  if (socket->poll == NULL) return number(env, -ENOMEM);
  if (napi_get_uv_event_loop(env, &loop) != napi_ok ||
      napi_create_string_utf8(env, "tallyd:socket", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_reference(env, values[1], 1, &socket->onReadable) != napi_ok ||
      napi_async_init(env, NULL, name, &socket->context) != napi_ok ||
      napi_add_async_cleanup_hook(env, on_thread_end, socket, &socket->hook) != napi_ok)
    error = -EINVAL;
  else error = uv_poll_init(loop, socket->poll, socket->descriptor);
  if (error < 0) {
    stop_listening(socket);
    return number(env, error);
  }
  uv_handle_set_data((uv_handle_t *)socket->poll, socket);
  error = uv_poll_start(socket->poll, UV_READABLE, on_event);
  if (error < 0) close_socket(socket);
  return number(env, error);
}

/* ---- Datagrams ------------------------------------------------------------------------------ */

static napi_value receive(napi_env env, napi_callback_info info) {
  napi_value values[5];
  void *slots, *lengths, *senders;
  size_t slotsBytes, lengthsBytes, sendersBytes;
  int64_t slotBytes = 0;
  if (!arguments(env, info, 5, values)) return NULL;
  Socket *socket = socket_of(env, values[0]);
  if (socket == NULL) return NULL;
  if (!bytes_of(env, values[1], &slots, &slotsBytes)) return NULL;
  napi_get_value_int64(env, values[2], &slotBytes);
  if (!bytes_of(env, values[3], &lengths, &lengthsBytes)) return NULL;
  if (!bytes_of(env, values[4], &senders, &sendersBytes)) return NULL;
  size_t count = lengthsBytes / sizeof(int32_t);
  if (count > BATCH_MAX) count = BATCH_MAX;
  if (slotBytes <= 0 || count > slotsBytes / (size_t)slotBytes) return number(env, -EINVAL);
  if (sendersBytes > 0 && count > sendersBytes / ADDRESS_BYTES) return number(env, -EINVAL);
  if (socket->descriptor < 0) return number(env, -EBADF);

  struct mmsghdr messages[BATCH_MAX];
  struct iovec parts[BATCH_MAX];
  memset(messages, 0, count * sizeof *messages);
  for (size_t i = 0; i < count; i++) {
    parts[i].iov_base = (char *)slots + i * (size_t)slotBytes;
    parts[i].iov_len = (size_t)slotBytes;
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    if (sendersBytes == 0) continue;
    messages[i].msg_hdr.msg_name = (char *)senders + i * ADDRESS_BYTES;
    messages[i].msg_hdr.msg_namelen = ADDRESS_BYTES;
  }
  int got;
  do {
    got = recvmmsg(socket->descriptor, messages, count, MSG_DONTWAIT | MSG_TRUNC, NULL);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return number(env, errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno);
  for (int i = 0; i < got; i++) ((int32_t *)lengths)[i] = (int32_t)messages[i].msg_len;
  return number(env, got);
}

static napi_value send_unix(napi_env env, napi_callback_info info) {
  napi_value values[2];
  struct sockaddr_un address;
  void *bytes;
  size_t byteLength;
  if (!arguments(env, info, 2, values)) return NULL;
  socklen_t length = unix_address(env, values[0], &address);
  if (length == 0) return number(env, -ENAMETOOLONG);
  if (!bytes_of(env, values[1], &bytes, &byteLength)) return NULL;
  int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return number(env, -errno);
  ssize_t sent = sendto(descriptor, bytes, byteLength, MSG_DONTWAIT | MSG_NOSIGNAL,
                        (struct sockaddr *)&address, length);
  int error = sent < 0 ? -errno : 0;
  close(descriptor);
  return number(env, error);
}

/* ---- What a socket says of itself ----------------------------------------------------------- */

static napi_value address_text(napi_env env, napi_callback_info info) {
  napi_value values[2], result = NULL;
  void *senders;
  size_t bytes;
  int64_t index = -1;
  char text[INET6_ADDRSTRLEN] = "";
  if (!arguments(env, info, 2, values)) return NULL;
  if (!bytes_of(env, values[0], &senders, &bytes)) return NULL;
  napi_get_value_int64(env, values[1], &index);
  if (index < 0 || (uint64_t)index >= bytes / ADDRESS_BYTES) return NULL;
  const char *sender = (const char *)senders + index * ADDRESS_BYTES;
  sa_family_t family;
  memcpy(&family, sender, sizeof family);
  if (family == AF_INET)
    inet_ntop(AF_INET, sender + offsetof(struct sockaddr_in, sin_addr), text, sizeof text);
  else if (family == AF_INET6)
    inet_ntop(AF_INET6, sender + offsetof(struct sockaddr_in6, sin6_addr), text, sizeof text);
  napi_create_string_latin1(env, text, NAPI_AUTO_LENGTH, &result);
  return result;
}

static napi_value local_address(napi_env env, napi_callback_info info) {
  napi_value values[2];
  void *bytes;
  size_t byteLength;
  if (!arguments(env, info, 2, values)) return NULL;
  Socket *socket = socket_of(env, values[0]);
  if (socket == NULL || !bytes_of(env, values[1], &bytes, &byteLength)) return NULL;
  socklen_t length = (socklen_t)byteLength;
  return number(env, getsockname(socket->descriptor, bytes, &length) < 0 ? -errno : 0);
}

static napi_value receive_buffer(napi_env env, napi_callback_info info) {
  napi_value values[2];
  int wanted = 0, granted = 0;
  socklen_t length = sizeof granted;
  if (!arguments(env, info, 2, values)) return NULL;
  Socket *socket = socket_of(env, values[0]);
  if (socket == NULL) return NULL;
  napi_get_value_int32(env, values[1], &wanted);
  if (wanted > 0) setsockopt(socket->descriptor, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
  if (getsockopt(socket->descriptor, SOL_SOCKET, SO_RCVBUF, &granted, &length) < 0)
    return number(env, -errno);
  return number(env, granted);
}

static napi_value drops(napi_env env, napi_callback_info info) {
  napi_value value;
  uint32_t memory[SK_MEMINFO_VARS] = {0};
  socklen_t length = sizeof memory;
  if (!arguments(env, info, 1, &value)) return NULL;
  Socket *socket = socket_of(env, value);
  if (socket == NULL) return NULL;
  if (getsockopt(socket->descriptor, SOL_SOCKET, SO_MEMINFO, memory, &length) < 0)
    return number(env, -errno);
  if (length < (SK_MEMINFO_DROPS + 1) * sizeof *memory) return number(env, -ENOSYS);
  return number(env, memory[SK_MEMINFO_DROPS]);
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      {"addressText", NULL, address_text, NULL, NULL, NULL, napi_enumerable, NULL},
      {"bindUdp", NULL, bind_udp, NULL, NULL, NULL, napi_enumerable, NULL},
      {"bindUnix", NULL, bind_unix, NULL, NULL, NULL, napi_enumerable, NULL},
      {"close", NULL, close_by_caller, NULL, NULL, NULL, napi_enumerable, NULL},
      {"drops", NULL, drops, NULL, NULL, NULL, napi_enumerable, NULL},
      {"listen", NULL, listen_to, NULL, NULL, NULL, napi_enumerable, NULL},
      {"localAddress", NULL, local_address, NULL, NULL, NULL, napi_enumerable, NULL},
      {"receive", NULL, receive, NULL, NULL, NULL, napi_enumerable, NULL},
      {"receiveBuffer", NULL, receive_buffer, NULL, NULL, NULL, napi_enumerable, NULL},
      {"sendUnix", NULL, send_unix, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions);
  return exports;
}

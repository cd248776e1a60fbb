/*
 * The hot path of src/ingest written in C: the same pass over the line, the same hash, the same
 * table of 64-byte records, the same timers (32 exact values in chunks of 8, then log-linear bins).
 * hot.ts compiles it with gcc -O3 and compares. Usage: hot FILE ENDS
 * METRICS-A-PACKET ROUNDS
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COUNTER, TIMER, GAUGE };
enum { SLICE = 200, CHUNK = 8, EXACT = 32, SHIFT = 13, WINDOW_MIN = 32, WINDOW_MAX = 4096 };

typedef struct {
  int32_t head, word1;
  double value[2];
  int32_t state[2];
  uint32_t name[8];
} Record;
typedef struct { int32_t length, first, last, bins; } Cell;
typedef struct { double total, sum, squares, min, max, zeros, spare[2]; } Totals;
typedef struct { double *weights; int32_t low, length; } Bins;
typedef struct { uint32_t key; int32_t entry; } Slot;

static Record *records; static int32_t used, capacity = 256;
static Slot *slots; static uint32_t mask = 511;
static Cell *cells; static Totals *totals; static int32_t used_cells, cap_cells = 256;
static double *chunks; static int32_t *next_chunk; static int32_t used_chunks, cap_chunks = 256;
static Bins *bins; static int32_t used_bins, cap_bins = 256;
static uint32_t secret = 0x1234567;
static const uint32_t TAIL[4] = { 0xffffffffu, 0xff, 0xffff, 0xffffff };
static double POWERS[23];
static uint64_t bad;

static inline uint32_t word_at(const uint8_t *p) { uint32_t w; memcpy(&w, p, 4); return w; }
static inline uint32_t mix(uint32_t h, uint32_t w) {
  uint32_t turned = ((w << 16) | (w >> 16)) + secret;
  return ((h ^ w) * 0x2c1b3c6du) ^ (turned * 0x297a2d39u);
}
static inline uint32_t finish(uint32_t h, uint32_t length) {
  h ^= length; h = (h ^ (h >> 16)) * 0x45d9f3bu; return h ^ (h >> 15);
}

static int same(const uint32_t *name, const uint8_t *p, uint32_t length) {
  uint32_t whole = length >> 2;
  for (uint32_t i = 0; i < whole; i++) if (name[i] != word_at(p + i * 4)) return 0;
  return (length & 3) == 0 || name[whole] == (word_at(p + whole * 4) & TAIL[length & 3]);
}

static void link_slot(uint32_t key, int32_t id) {
  uint32_t s = key & mask;
  while (slots[s].entry) s = (s + 1) & mask;
  slots[s].key = key; slots[s].entry = id + 1;
}

static int32_t add_record(const uint8_t *p, uint32_t length, uint32_t key, int kind) {
  if (used == capacity) { capacity *= 2; records = realloc(records, capacity * sizeof *records); }
  Record *r = &records[used];
  memset(r, 0, sizeof *r);
  r->head = length | kind << 16;
  memcpy(r->name, p, length < 32 ? length : 32);
  r->state[0] = r->state[1] = kind == TIMER ? -1 : 0;
  if ((uint32_t)(used + 1) * 2 > mask) {
    Slot *old = slots; uint32_t n = mask + 1;
    mask = mask * 2 + 1; slots = calloc(mask + 1, sizeof *slots);
    for (uint32_t i = 0; i < n; i++) if (old[i].entry) link_slot(old[i].key, old[i].entry - 1);
    free(old);
  }
  link_slot(key, used);
  return used++;
}

static int32_t find(const uint8_t *p, uint32_t length, uint32_t hash, int kind) {
  uint32_t key = hash ^ (uint32_t)(kind + 1) * 0x9e3779b1u;
  int32_t head = length | kind << 16;
  for (uint32_t s = key & mask;; s = (s + 1) & mask) {
    int32_t entry = slots[s].entry;
    if (entry == 0) return add_record(p, length, key, kind);
    if (slots[s].key != key) continue;
    Record *r = &records[entry - 1];
    if (r->head == head && same(r->name, p, length)) return entry - 1;
  }
}

static void add_bin(Bins *b, int32_t bin, double weight) {
  int32_t index = bin - b->low;
  if ((uint32_t)index < (uint32_t)b->length) { b->weights[index] += weight; return; }
  int32_t low = bin, high = bin;
  for (int32_t i = 0; i < b->length; i++) if (b->weights[i] != 0) {
    if (b->low + i < low) low = b->low + i;
    if (b->low + i > high) high = b->low + i;
  }
  if (low < high + 1 - WINDOW_MAX) low = high + 1 - WINDOW_MAX;
  int32_t size = WINDOW_MIN;
  while (size < high + 1 - low) size *= 2;
  double *next = calloc(size, sizeof *next);
  low -= (size - (high + 1 - low)) >> 1;
  if (low < 0) low = 0;
  for (int32_t i = 0; i < b->length; i++) if (b->weights[i] != 0) {
    int32_t at = b->low + i - low; next[at < 0 ? 0 : at] += b->weights[i];
  }
  free(b->weights);
  b->weights = next; b->low = low; b->length = size;
  index = bin - low; b->weights[index < 0 ? 0 : index] += weight;
}

static void add_to_bins(int32_t cell, double value, double weight) {
  Totals *t = &totals[cell];
  t->total += weight; t->sum += value * weight; t->squares += value * value * weight;
  if (value < t->min) t->min = value;
  if (value > t->max) t->max = value;
  if (value == 0) { t->zeros += weight; return; }
  uint64_t raw; memcpy(&raw, &value, 8);
  Bins *b = &bins[(cells[cell].bins - 1) * 2 + (value < 0)];
  add_bin(b, (int32_t)((raw >> 32) & 0x7fffffff) >> SHIFT, weight);
}

static void add_value(int32_t cell, double value) {
  Cell *c = &cells[cell];
  if (c->bins == 0 && c->length < EXACT) {
    int32_t within = c->length & (CHUNK - 1);
    if (within == 0) {
      if (used_chunks == cap_chunks) {
        cap_chunks *= 2;
        chunks = realloc(chunks, cap_chunks * CHUNK * sizeof *chunks);
        next_chunk = realloc(next_chunk, cap_chunks * sizeof *next_chunk);
      }
      int32_t chunk = used_chunks++;
      if (c->last < 0) c->first = chunk; else next_chunk[c->last] = chunk;
      c->last = chunk; next_chunk[chunk] = -1;
    }
    chunks[c->last * CHUNK + within] = value;
    c->length++;
    return;
  }
  if (c->bins == 0) {
    if (used_bins == cap_bins) { cap_bins *= 2; bins = realloc(bins, cap_bins * 2 * sizeof *bins); }
    memset(&bins[used_bins * 2], 0, 2 * sizeof *bins);
    c->bins = ++used_bins;
    totals[cell] = (Totals){ .min = 1e308 * 10, .max = -1e308 * 10 };
    int32_t chunk = c->first;
    for (int32_t i = 0; i < c->length; i++) {
      add_to_bins(cell, chunks[chunk * CHUNK + (i & (CHUNK - 1))], 1);
      if ((i & (CHUNK - 1)) == CHUNK - 1) chunk = next_chunk[chunk];
    }
    c->length = 0;
  }
  add_to_bins(cell, value, 1);
}

static int32_t take_cell(void) {
  if (used_cells == cap_cells) {
    cap_cells *= 2;
    cells = realloc(cells, cap_cells * sizeof *cells);
    totals = realloc(totals, cap_cells * sizeof *totals);
  }
  cells[used_cells] = (Cell){ 0, -1, -1, 0 };
  return used_cells++;
}

static void apply(int32_t id, int kind, double value, double weight, int relative) {
  Record *r = &records[id];
  int side = 1, epoch = 1;
  if (kind == COUNTER) { r->value[side] += value * weight; r->state[side] = epoch; }
  else if (kind == TIMER) {
    r->value[side] += weight;
    if (r->state[side] == -1) { r->state[side] = take_cell(); r->word1 = epoch; }
    add_value(r->state[side], value);
  } else {
    int first = r->state[side] != epoch;
    double stored = r->value[first ? 1 - side : side];
    r->value[side] = relative && (stored < 0 || stored > 0) ? stored + value : value;
    r->state[side] = epoch;
  }
}

/* One line; the next one's start, or NULL when it is not plain. */
static const uint8_t *line(const uint8_t *from, const uint8_t *to) {
  uint32_t hash = secret, word, colon;
  const uint8_t *p = from;
  for (;;) {
    if (p >= to) return NULL;
    word = word_at(p);
    uint32_t x = word ^ 0x3a3a3a3au;
    colon = (x - 0x01010101u) & ~x & 0x80808080u;
    if (colon) break;
    hash = mix(hash, word);
    p += 4;
  }
  uint32_t tail = __builtin_ctz(colon) >> 3;
  if (tail) hash = mix(hash, word & TAIL[tail]);
  p += tail;
  uint32_t length = p - from;
  hash = finish(hash, length);
  p++;
  uint8_t sign = *p;
  if (sign == '-' || sign == '+') p++;
  const uint8_t *start = p;
  int32_t mantissa = 0;
  while ((uint8_t)(*p - '0') <= 9) mantissa = mantissa * 10 + (*p++ - '0');
  int32_t digits = p - start, decimals = 0;
  if (*p == '.') {
    const uint8_t *point = p++;
    while ((uint8_t)(*p - '0') <= 9) mantissa = mantissa * 10 + (*p++ - '0');
    decimals = p - point - 1; digits += decimals;
  }
  if (digits == 0 || digits > 9 || *p != '|') return NULL;
  double value = decimals ? mantissa / POWERS[decimals] : mantissa;
  if (sign == '-') value = -value;
  int kind, relative = 0;
  double weight = 1;
  p++;
  if (*p == 'c') kind = COUNTER;
  else if (*p == 'g') { kind = GAUGE; relative = sign == '-' || sign == '+'; }
  else if (*p == 'm' && p[1] == 's' && sign != '-') { kind = TIMER; p++; }
  else return NULL;
  p++;
  if (p < to && *p == '|') {
    p++;
    if (*p++ != '@') return NULL;
    int32_t rate = 0, places = 0, dot = 0;
    for (;; p++) {
      if ((uint8_t)(*p - '0') <= 9) { rate = rate * 10 + (*p - '0'); places += dot; }
      else if (*p == '.' && !dot) dot = 1; else break;
    }
    if (rate <= 0) return NULL;
    weight = 1 / (places ? rate / POWERS[places] : rate);
  }
  if (p < to && *p != '\n') return NULL;
  apply(find(from, length, hash, kind), kind, value, weight, relative);
  return p < to ? p + 1 : p;
}

static void packet(const uint8_t *from, const uint8_t *to) {
  while (from < to) {
    if (*from == '\n') { from++; continue; }
    const uint8_t *next = line(from, to);
    if (next) { from = next; continue; }
    bad++;
    while (from < to && *from != '\n') from++;
  }
}

static double cpu_seconds(void) {
  struct timespec t; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static uint8_t *read_all(const char *path, long *size) {
  FILE *f = fopen(path, "rb");
  if (!f) { perror(path); exit(1); }
  fseek(f, 0, SEEK_END); *size = ftell(f); rewind(f);
  uint8_t *bytes = calloc(*size + 64, 1);
  if (fread(bytes, 1, *size, f) != (size_t)*size) exit(1);
  fclose(f);
  return bytes;
}

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  long size, ends_size;
  uint8_t *bytes = read_all(argv[1], &size);
  uint32_t *ends = (uint32_t *)read_all(argv[2], &ends_size);
  long packets = ends_size / 4, metrics = atol(argv[3]);
  for (int i = 0; i < 23; i++) { char text[8]; snprintf(text, 8, "1e%d", i); POWERS[i] = atof(text); }
  records = malloc(capacity * sizeof *records); slots = calloc(mask + 1, sizeof *slots);
  cells = malloc(cap_cells * sizeof *cells); totals = malloc(cap_cells * sizeof *totals);
  chunks = malloc(cap_chunks * CHUNK * 8); next_chunk = malloc(cap_chunks * 4);
  bins = malloc(cap_bins * 2 * sizeof *bins);
  double best = 1e9;
  for (int round = 0; round < atoi(argv[4]); round++) {
    uint32_t from = 0;
    for (long i = 0; i < packets;) {
      long first = i, stop = i + SLICE < packets ? i + SLICE : packets;
      double started = cpu_seconds();
      for (; i < stop; i++) { packet(bytes + from, bytes + ends[i]); from = ends[i]; }
      double ns = (cpu_seconds() - started) * 1e9 / ((i - first) * (double)metrics);
      if (i - first == SLICE && ns < best) best = ns;
    }
  }
  double sum = 0;
  for (int32_t i = 0; i < used; i++) if (records[i].head >> 16 == COUNTER) sum += records[i].value[1];
  printf("{\"ns\":%.2f,\"names\":%d,\"bad\":%llu,\"sum\":%.17g}\n", best, used, (unsigned long long)bad, sum);
  return 0;
}
